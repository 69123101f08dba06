"""One template: what it says in each language, how its messages are treated, and what may be filled into it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Final

from drivers.dialects.smpp.text import Carriage, Policy, compose
from gateway.orders.messages import Handling, Kind
from gateway.texts.quiet import end_of_quiet

#: what templates may be filled with, by what their messages are about; each with the longest value it usually has
FILLED_WITH: Final[Mapping[Kind, Mapping[str, str]]] = {
    Kind.ALERT: {
        "msisdn": "+999999999999",
        "plan": "internet seul",
        "counter": "internet hors France",
        "percent": "100",
        "used": "999,9 Go",
        "limit": "999,9 Go",
        "left": "999,9 Go",
        "period_end": "30/11/2026",
    },
    Kind.WELCOME: {"msisdn": "+999999999999", "plan": "internet seul", "country": "Papouasie-Nouvelle-Guinée"},
    Kind.ANSWER: {
        "msisdn": "+999999999999",
        "plan": "internet seul",
        "balance": "internet 999,9 Go, appels 39 h 59, numéros appelés 150, SMS 1000, destinataires 50",
        "used": "internet 999,9 Go, appels 39 h 59, numéros appelés 150, SMS 1000, destinataires 50",
        "period_end": "30/11/2026",
    },
    Kind.APPLICATION: {"msisdn": "+999999999999"},
    Kind.PORT: {
        "msisdn": "+999999999999",
        "number": "+999999999999",
        "day": "30/11/2026",
        "reason": "dossier incomplet ou RIO erroné",
        "rio": "01P123456ABC",
        "ends": "30/11/2026",
    },
}
_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_LINK = re.compile(r"http|www\.|://", re.IGNORECASE)
_UNPRINTABLE = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_NO_LINK = "must hold no link: customers are told never to follow one in a message about their line"


class Unfilled(Exception):
    """A template cannot be filled as was asked; ``problems`` tells for each placeholder what to do."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name} {what}" for name, what in problems.items()))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Rendered:
    """A template filled in, in the characters it is sent in."""

    text: str = field(repr=False)
    kind: Kind
    handling: Handling
    template: str
    language: str
    quiet: bool = False

    def not_before(self, now: datetime, time_zone: str) -> datetime | None:
        """Return until when it must wait, as a promotional message at night must; ``None``: it may go at once."""
        return end_of_quiet(now, time_zone) if self.quiet else None


@dataclass(frozen=True, slots=True)
class Template:
    """A message in several languages. ``segments`` is how many it may have, ``quiet`` that it waits for the morning."""

    name: str
    kind: Kind
    texts: Mapping[str, str]
    handling: Handling = field(default_factory=Handling)
    segments: int = 1
    policy: Policy = Policy.TRANSLITERATE
    quiet: bool = False

    def render(self, language: str, values: Mapping[str, str]) -> Rendered:
        """Fill it in; values it has no place for are left out. Raises Unfilled."""
        text = self.texts[language]
        if problems := self._problems(placeholders(text), values):
            raise Unfilled(problems)
        composed = compose(fill(text, values), Carriage(), self.policy)
        return Rendered(composed.text, self.kind, self.handling, self.name, language, self.quiet)

    def _problems(self, names: tuple[str, ...], values: Mapping[str, str]) -> dict[str, str]:
        problems: dict[str, str] = {}
        for name in names:
            value = values.get(name, "")
            if not value:
                problems[name] = "is missing: the template has a place for it"
            elif _UNPRINTABLE.search(value):
                problems[name] = "must be printable text"
            elif (wrong := forbidden(self.kind, value)) is not None:
                problems[name] = wrong
        return problems


def placeholders(text: str) -> tuple[str, ...]:
    """Name the places of a text, each once."""
    return tuple(dict.fromkeys(_pieces(text)[1::2]))


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put values into their places; a value is never looked into for places of its own."""
    pieces = list(_pieces(text))
    pieces[1::2] = (values.get(name, f"{{{name}}}") for name in pieces[1::2])
    return "".join(pieces)


@lru_cache(maxsize=1024)
def _pieces(text: str) -> tuple[str, ...]:
    """Take a text apart, by turns what stands in it and the name of a place; a contract has some dozens of texts."""
    return tuple(_PLACEHOLDER.split(text))


def stray_brace(text: str) -> bool:
    """Tell whether a brace belongs to no placeholder."""
    rest = _PLACEHOLDER.sub("", text)
    return "{" in rest or "}" in rest


def forbidden(kind: Kind, text: str) -> str | None:
    """Tell what must not stand in a message of that kind; ``None`` when nothing is wrong."""
    # smishing: whoever gets used to links from the operator follows the next one too
    return _NO_LINK if kind is not Kind.APPLICATION and _LINK.search(text) else None
