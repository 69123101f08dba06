"""Times as SMPP writes them: absolute with a zone in quarters of an hour, or relative (SMPP 3.4 §7.1.1)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_FORMAT = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9])([0-9]{2})([+\-R])")
_CENTURY = 2000
_MAX_QUARTERS = 48
_DAYS_A_YEAR, _DAYS_A_MONTH = 365, 30  # relative years and months are as long as the SMSC says


def read_time(written: str, now: datetime) -> datetime | None:
    """Return the moment meant; ``None`` for an empty field. Raises ValueError for one that means nothing."""
    if not written:
        return None
    found = _FORMAT.fullmatch(written)
    if found is None:
        raise ValueError("a time has 15 digits and +, - or R")
    *digits, sign = found.groups()
    years, months, days, hours, minutes, seconds, tenths, quarters = map(int, digits)
    if sign == "R":
        whole_days = years * _DAYS_A_YEAR + months * _DAYS_A_MONTH + days
        return now + timedelta(days=whole_days, hours=hours, minutes=minutes, seconds=seconds)
    if quarters > _MAX_QUARTERS:
        raise ValueError("a zone has at most 48 quarters of an hour")
    local = datetime(_CENTURY + years, months, days, hours, minutes, seconds, tenths * 100_000, tzinfo=UTC)
    offset = timedelta(minutes=15 * quarters)
    return local - offset if sign == "+" else local + offset


def write_time(moment: datetime) -> str:
    """Write a moment absolutely, in UTC."""
    at = moment.astimezone(UTC)
    return f"{at:%y%m%d%H%M%S}{at.microsecond // 100_000}00+"
