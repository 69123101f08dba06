"""Names for orders, lines and messages: 32 hex digits that sort by birth, so indexes grow at one end."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime


def new_id(born: datetime) -> str:
    """Return 12 digits of milliseconds and 20 of chance."""
    return f"{int(born.timestamp() * 1000):012x}{secrets.token_hex(10)}"


def first_id(born: datetime) -> str:
    """Return what sorts before every name given from then on, and after every earlier one."""
    return f"{max(0, int(born.timestamp() * 1000)):012x}"


def born(name: str) -> datetime:
    """Return when something was named, to the millisecond."""
    return datetime.fromtimestamp(int(name[:12], 16) / 1000, UTC)
