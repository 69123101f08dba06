"""When elements are left alone: planned in configuration, or by an operator's hand; told to each element in time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from gateway.contract.table import Table

_NO_TIME = datetime.min.replace(tzinfo=UTC)  # what a table gives for one it could not read, and has complained of


@dataclass(frozen=True, slots=True)
class Window:
    """A time in which nobody is let through; ``until`` is ``None`` when somebody will say so."""

    since: datetime
    until: datetime | None
    why: str

    def holds(self, now: datetime) -> bool:
        """Tell whether the time is now."""
        return self.since <= now and (self.until is None or now < self.until)

    def over(self, now: datetime) -> bool:
        """Tell whether the time has passed."""
        return self.until is not None and self.until <= now


def current(windows: Iterable[Window], now: datetime) -> Window | None:
    """Return the window that holds longest of those that hold now."""
    held = [window for window in windows if window.holds(now)]
    endless = [window for window in held if window.until is None]
    return endless[0] if endless else max(held, key=lambda window: window.until or now, default=None)


def read_windows(table: Table) -> tuple[Window, ...]:
    """Read ``[….maintenance.<name>]`` tables: ``from``, ``until`` (times with offset) and ``why``."""
    return tuple(_window(each) for each in table.tables("maintenance", optional=True).values())


def _window(table: Table) -> Window:
    since, until = table.moment("from"), table.moment("until")
    if _NO_TIME not in (since, until) and since >= until:
        table.wrong("until", "must be later than from")
    return Window(since, until, table.text("why", "planned maintenance"))


Windows = Mapping[str, tuple[Window, ...]]
"""By element."""
