"""Quantities of use: what was used and what limits it, as whole numbers; and the words customers are told them in.

Kept are bytes, seconds, pieces, and millionths of a currency unit: integers, so that no sum is ever a little off.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType


class Measure(StrEnum):
    """What a counter counts."""

    VOLUME = "volume"
    TIME = "time"
    PIECES = "pieces"
    AMOUNT = "amount"


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit records and limits are written in: ``factor`` of it are what is kept."""

    measure: Measure
    factor: int
    currency: str | None = None


class BadQuantity(ValueError):
    """A quantity that cannot be kept; the message says what to do."""


MILLIONTHS = 1_000_000
_MOST = 10**15  # a petabyte, a thousand million EUR: more than any line uses in a record
_LONGEST_DIGITS = 40
_FINEST = -30
_UNITS: Mapping[str, Unit] = MappingProxyType(
    {
        **{word: Unit(Measure.VOLUME, 1000**n) for n, word in enumerate(("B", "kB", "MB", "GB", "TB"))},
        **{word: Unit(Measure.VOLUME, 1024**n) for n, word in enumerate(("KiB", "MiB", "GiB"), start=1)},
        **{word: Unit(Measure.TIME, seconds) for word, seconds in (("s", 1), ("min", 60), ("h", 3600))},
        "count": Unit(Measure.PIECES, 1),
    }
)
_CURRENCY = re.compile(r"([A-Z]{3})(_cent)?")
_QUANTITY = re.compile(r"([0-9]{1,18}(?:\.[0-9]{1,6})?)(?: ([A-Za-z_]{1,8}))?")


def unit_named(word: str) -> Unit:
    """Return the unit of that name: B kB MB GB TB KiB MiB GiB, s min h, count, EUR or EUR_cent. Raises BadQuantity."""
    if word in _UNITS:
        return _UNITS[word]
    money = _CURRENCY.fullmatch(word)
    if money is None:
        raise BadQuantity(f"the unit must be one of: {', '.join(_UNITS)}, or a currency as EUR or EUR_cent")
    return Unit(Measure.AMOUNT, MILLIONTHS // 100 if money[2] else MILLIONTHS, money[1])


def whole(amount: int | Decimal, unit: Unit) -> int:
    """Return an amount as it is kept, exactly. Raises BadQuantity for one below zero, too great or too fine."""
    sign, digits, exponent = (amount if isinstance(amount, Decimal) else Decimal(amount)).as_tuple()
    if not isinstance(exponent, int) or (sign and any(digits)):
        raise BadQuantity("the amount must be a number, not below zero")
    if not any(digits):
        return 0
    if len(digits) > _LONGEST_DIGITS or exponent > _LONGEST_DIGITS or exponent < _FINEST:
        raise BadQuantity("the amount is too great, or too fine, to be true: check it")
    up, down = int("1" + "0" * exponent), int("1" + "0" * -exponent)
    kept, rest = divmod(int("".join(map(str, digits))) * unit.factor * up, down)
    if rest:
        raise BadQuantity("the amount is finer than what is kept (bytes, seconds, pieces, millionths): round it")
    if kept > _MOST:
        raise BadQuantity("the amount is too great to be true: check its unit")
    return kept


def quantity(text: str, measure: Measure, currency: str | None) -> int:
    """Read a limit as ``50 GB``, ``40 h``, ``1000`` or ``50 EUR``. Raises BadQuantity."""
    found = _QUANTITY.fullmatch(text)
    if found is None:
        raise BadQuantity(f"{text[:40]!r} must be a number and a unit, as 50 GB, 40 h, 50 EUR, or 1000 alone")
    unit = unit_named(found[2] or "count")
    if (unit.measure, unit.currency) != (measure, currency):
        raise BadQuantity(f"{text!r} must be in a unit of {currency or measure.value}")
    kept = whole(Decimal(found[1]), unit)
    if kept == 0:
        raise BadQuantity("a limit must be above zero")
    return kept


_FRENCH = "fr"
_VOLUMES: Mapping[str, tuple[str, ...]] = {_FRENCH: ("o", "ko", "Mo", "Go", "To")}
_VOLUMES_ELSEWHERE = ("B", "kB", "MB", "GB", "TB")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def say(kept: int, measure: Measure, currency: str | None, language: str) -> str:
    """Put a quantity into words, cut off and never rounded up: ``40 Go``, ``1,5 GB``, ``1 h 30``, ``12,50 EUR``."""
    match measure:
        case Measure.VOLUME:
            return _volume(kept, language)
        case Measure.TIME:
            return _time(kept, language)
        case Measure.PIECES:
            return str(kept)
        case Measure.AMOUNT:
            units, cents = divmod(kept // (MILLIONTHS // 100), 100)
            return f"{units}{f'{_point(language)}{cents:02d}' if cents else ''} {currency}"


def say_date(day: date, language: str) -> str:
    """Put a date into words: 30/11/2026 in French, 30 Nov 2026 elsewhere."""
    return f"{day:%d/%m/%Y}" if language == _FRENCH else f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def _point(language: str) -> str:
    return "," if language == _FRENCH else "."


def _volume(kept: int, language: str) -> str:
    words = _VOLUMES.get(language, _VOLUMES_ELSEWHERE)
    power = min((len(str(kept)) - 1) // 3, len(words) - 1)
    units, tenths = divmod(kept * 10 // 1000**power, 10)
    return f"{units}{f'{_point(language)}{tenths}' if tenths else ''} {words[power]}"


def _time(kept: int, language: str) -> str:
    hours, minutes = divmod(kept // 60, 60)
    if not hours:
        return f"{minutes} min"
    if not minutes:
        return f"{hours} h"
    return f"{hours} h {minutes:02d}" if language == _FRENCH else f"{hours} h {minutes:02d} min"
