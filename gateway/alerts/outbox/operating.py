"""What an operator may do with one message: cancel it while it waits, decide about one that is in doubt."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from gateway.alerts.outbox import book
from gateway.alerts.outbox.claiming import over
from gateway.journal.journal import Conflict, Journal, Row, Unit
from gateway.orders.judgement import Clock
from gateway.orders.messages import MessageState


class NotMovable(Exception):
    """The message is not where this can be done; the text says what can."""


async def cancel(journal: Journal, row: Row, clock: Clock) -> None:
    """End a message that waits. Raises NotMovable."""
    wrong = NotMovable(f"the message is {row['state']}: only a queued one can be cancelled")
    if row["state"] != MessageState.QUEUED:
        raise wrong
    if not await book.end_queued(journal, [row], MessageState.WITHDRAWN, "cancelled by an operator", clock()):
        raise NotMovable("the message was sent, or ended, just now")


async def resend(journal: Journal, row: Row, clock: Clock) -> None:
    """Send a parked message again: the phone may get it twice. Raises NotMovable."""
    if over(row, clock()):
        raise NotMovable("the message's time is over: drop it, and ask for a new one")
    await _unpark(journal, row, clock, MessageState.QUEUED, None)


async def drop(journal: Journal, row: Row, clock: Clock) -> None:
    """Never send a parked message again. Raises NotMovable."""
    await _unpark(journal, row, clock, MessageState.WITHDRAWN, "dropped by an operator; it may have gone out")


async def _unpark(journal: Journal, row: Row, clock: Clock, state: MessageState, detail: str | None) -> None:
    if row["state"] != MessageState.PARKED:
        raise NotMovable(f"the message is {row['state']}: only a parked one can be sent again or dropped")
    unit = Unit()
    book.unpark(unit, row, state, detail, clock())
    try:
        await journal.commit(unit)
    except Conflict:
        raise NotMovable("the message was moved by somebody else just now") from None


VERBS: Final[Mapping[str, Callable[[Journal, Row, Clock], Awaitable[None]]]] = {
    "cancel": cancel,
    "resend": resend,
    "drop": drop,
}
