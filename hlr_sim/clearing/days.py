"""When a port is due: ``on`` is a day, which begins at midnight UTC here, or a moment with its offset."""

from __future__ import annotations

from datetime import UTC, datetime


def moment(on: str) -> datetime:
    """Return the moment meant. Raises ValueError when it is neither a day nor a moment with offset."""
    read = datetime.fromisoformat(on)
    if read.tzinfo is not None:
        return read
    if "T" in on or ":" in on or " " in on:
        raise ValueError("a moment needs its offset")
    return read.replace(tzinfo=UTC)


def stamp(now: datetime) -> str:
    """Write a moment that has been, in milliseconds."""
    return now.isoformat(timespec="milliseconds")
