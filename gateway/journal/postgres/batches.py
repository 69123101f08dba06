"""Units as they wait to be written: already in the database's words, and how many of them go into one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from gateway.journal.journal import Unit, Write
from gateway.journal.postgres import literals
from gateway.journal.postgres.statements import PreparedWrite, Statements

MAX_UNITS: Final = 1000
MAX_CHARACTERS: Final = 1 << 20  #: a batch must leave time for the round trips that keep the lease
_CHANNELS: Final = {"orders": "linegate_orders", "errands": "linegate_orders", "events": "linegate_events"}
CHANNELS: Final = tuple(dict.fromkeys(_CHANNELS.values()))


@dataclass(frozen=True, slots=True)
class Waiting:
    """One unit: its calls, what they call, whom to tell that it was written, and who waits for it."""

    text: str
    calls: tuple[PreparedWrite, ...]
    channels: frozenset[str]
    done: asyncio.Future[None]

    def succeed(self) -> None:
        """Answer whoever asked, if they still wait."""
        if not self.done.done():
            self.done.set_result(None)

    def fail(self, failure: Exception) -> None:
        """Tell whoever asked, if they still wait."""
        if not self.done.done():
            self.done.set_exception(failure)


def waiting(unit: Unit, statements: Statements) -> Waiting:
    """Put a unit into words. Raises TypeError, ValueError or KeyError for values that cannot be stored."""
    calls, texts = [], []
    for write in unit.writes:
        call = statements.write(write.statement, guarded=bool(write.conflict))
        calls.append(call)
        texts.append(call.executing(write.values, _guard(write)))
    text = ";".join(texts)
    text.encode()  # half of a surrogate pair is refused here, to whoever asked
    told = frozenset(_CHANNELS[call.inserts] for call in calls if call.inserts in _CHANNELS)
    done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    return Waiting(text, tuple(calls), told, done)


def nothing() -> Waiting:
    """Make a unit that changes nothing: when it is done, so is all before it."""
    return Waiting("SELECT 1", (), frozenset(), asyncio.get_running_loop().create_future())


def next_batch(queue: Sequence[Waiting]) -> int:
    """Tell how many of those that wait are written together, at least one."""
    size = 0
    for count, unit in enumerate(queue[:MAX_UNITS]):
        size += len(unit.text)
        if count and size > MAX_CHARACTERS:
            return count
    return min(len(queue), MAX_UNITS)


def channels(units: Sequence[Waiting]) -> list[str]:
    """Return where other instances are told of what is new in these units."""
    return sorted(frozenset[str]().union(*(unit.channels for unit in units)))


def _guard(write: Write) -> tuple[str, ...]:
    return (literals.text(write.conflict),) if write.conflict else ()
