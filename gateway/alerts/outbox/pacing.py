"""How fast each customer's application may send: a slot for every message, given when it is queued."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select

from gateway.journal.journal import Journal, Row
from gateway.journal.messaging import messages
from gateway.orders.messages import MessageState
from gateway.sending import CustomerPace

_MINUTE = timedelta(minutes=1)
_MOST_IDLE = 10_000  # customers; beyond it those are forgotten whose slots lie behind
_LATE_ONES = (
    select(messages.c.customer, messages.c.not_before, messages.c.sent_at, messages.c.created_at)
    .where(
        messages.c.state == bindparam("state"),
        messages.c.created_at >= bindparam("since"),
        messages.c.customer.is_not(None),
    )
    .order_by(messages.c.created_at)
)


class TooFast(Exception):
    """The next slot lies too far ahead; ask again after ``retry_after_s``."""

    def __init__(self, customer: str, retry_after_s: float) -> None:
        super().__init__(f"more messages of customer {customer!r} wait than it may send in the longest wait")
        self.retry_after_s = retry_after_s


class Pacing:
    """Slots by customer. They are durable as the ``not_before`` of the messages that have them."""

    def __init__(self, pace: CustomerPace) -> None:
        self._pace = pace
        self._gap = timedelta(seconds=1) / pace.per_s
        self._longest = timedelta(seconds=pace.longest_wait_s)
        self._slots: OrderedDict[str, deque[datetime]] = OrderedDict()  # who was given one last comes last

    async def start(self, journal: Journal, now: datetime) -> None:
        """Know again the slots that were given before we stopped."""
        since = (now - self._longest - _MINUTE).isoformat()
        found: list[tuple[datetime, str]] = []
        for state in MessageState:
            found += _slots(await journal.rows(_LATE_ONES, state=state.value, since=since))
        for at, customer in sorted(found):
            self._of(customer).append(at)

    def take(self, customer: str, now: datetime) -> datetime:
        """Give the next slot; ``now`` when there is no need to wait. Raises TooFast, and then none is given."""
        slots = self._of(customer)
        at = max([now, *self._bounds(slots)])
        if at - now > self._longest:
            raise TooFast(customer, (at - now - self._longest).total_seconds())
        slots.append(at)
        self._forget_idle(now)
        return at

    def give_back(self, customer: str, at: datetime) -> None:
        """The message with this slot was not queued after all."""
        slots = self._slots.get(customer)
        if slots is not None and at in slots:
            slots.remove(at)

    def _bounds(self, slots: deque[datetime]) -> Iterable[datetime]:
        if slots:
            yield slots[-1] + self._gap
        if len(slots) == self._pace.per_min:
            yield slots[0] + _MINUTE

    def _of(self, customer: str) -> deque[datetime]:
        slots = self._slots.get(customer)
        if slots is None:
            slots = self._slots[customer] = deque(maxlen=self._pace.per_min)
        self._slots.move_to_end(customer)
        return slots

    def _forget_idle(self, now: datetime) -> None:
        while len(self._slots) > _MOST_IDLE:
            _, slots = oldest = next(iter(self._slots.items()))
            if slots and slots[-1] > now - _MINUTE:
                return
            del self._slots[oldest[0]]


def _slots(rows: Iterable[Row]) -> Iterable[tuple[datetime, str]]:
    for row in rows:
        yield datetime.fromisoformat(row["not_before"] or row["sent_at"] or row["created_at"]), row["customer"]
