"""Messages as orders and alerts ask for them: queued in the commit of what they tell, sent by somebody else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import IntEnum, StrEnum

from sqlalchemy import ColumnElement, Insert, Text, Update, and_, bindparam, exists, insert, literal, select, update

from drivers.subscription import Msisdn
from gateway.journal.journal import Journal, Row, Unit
from gateway.journal.messaging import messages
from gateway.journal.schema import events, insert_if_absent, insert_row, row_by

_NEW = insert_row(messages)
_NEW_ALERT = insert_if_absent(messages, "alert_key")
_OF_ORDER = row_by(messages, "order_id")
_OLDER = and_(
    messages.c.series == bindparam("of_series", type_=Text),
    messages.c.rank < bindparam("below"),
    messages.c.state == "queued",
)
_newer = messages.alias("newer")
_NOTHING_CAME_OF = ("failed", "expired", "withdrawn", "undeliverable")
_OVERTAKEN = and_(
    messages.c.message_id == bindparam("of_message", type_=Text),
    messages.c.state == "queued",
    exists(
        select(_newer.c.message_id).where(
            _newer.c.series == messages.c.series,
            _newer.c.rank > messages.c.rank,
            and_(*(_newer.c.state != state for state in _NOTHING_CAME_OF)),
        )
    ),
)


def _telling(of: ColumnElement[bool]) -> Insert:
    """Write the event of each message that is about to be withdrawn; who withdraws does not know which they are."""
    data = literal('{"message_id":"') + messages.c.message_id + '","msisdn":"' + messages.c.msisdn + '","about":"'
    told = select(
        bindparam("at", type_=Text),
        literal("message.withdrawn"),
        messages.c.line_id,
        messages.c.order_id,
        data + messages.c.kind + '"}',
    ).where(of)
    return insert(events).from_select(["at", "type", "line_id", "order_id", "data"], told)


def _withdrawing(of: ColumnElement[bool]) -> Update:
    return update(messages).where(of).values(state="withdrawn", not_before=None, detail=bindparam("why", type_=Text))


_TELL_OLDER, _WITHDRAW_OLDER = _telling(_OLDER), _withdrawing(_OLDER)
_TELL_OVERTAKEN, _WITHDRAW_OVERTAKEN = _telling(_OVERTAKEN), _withdrawing(_OVERTAKEN)


class MessageState(StrEnum):
    """Where a message is; the last seven are ends, and so is ``sent`` where no receipt was asked for."""

    QUEUED = "queued"  # also while it waits to be tried again
    SENDING = "sending"  # written to a line, or about to be: in doubt if we stop now
    SENT = "sent"  # the SMSC has every part
    PARKED = "parked"  # it may have gone out: only a human or a receipt decides
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"  # the SMSC had it, the phone did not get it
    FAILED = "failed"  # the SMSC refused it for good
    EXPIRED = "expired"  # its time was over before an SMSC had it
    WITHDRAWN = "withdrawn"  # a newer one of its series took its place
    UNDELIVERABLE = "undeliverable"  # the line gets no SMS, by design: never submitted


class Kind(StrEnum):
    """What a message is about."""

    CONFIRMATION = "confirmation"
    ALERT = "alert"
    WELCOME = "welcome"
    ANSWER = "answer"
    APPLICATION = "application"
    PORT = "port"  # a number that comes, and the RIO of one that may leave


class Priority(IntEnum):
    """Who goes first; within one priority the older message."""

    URGENT = 0
    NORMAL = 1
    BULK = 2


class OnDoubt(StrEnum):
    """What to do with a message that may or may not have gone out."""

    HOLD = "hold"
    RESEND = "resend"  # at least once: it is marked as possibly doubled


@dataclass(frozen=True, slots=True)
class Handling:
    """How a message is treated, as its template says. ``validity_s`` counts from its making."""

    priority: Priority = Priority.NORMAL
    on_doubt: OnDoubt = OnDoubt.HOLD
    validity_s: float | None = None


@dataclass(frozen=True, slots=True)
class AlertKey:
    """What makes an alert the only one of its kind: sent once for a line, counter, period and percentage."""

    line_id: str
    counter: str
    period: str
    percent: int

    @property
    def series(self) -> str:
        """Alerts of which a newer one makes the older ones worthless."""
        return f"{self.line_id}|{self.counter}|{self.period}"

    def __str__(self) -> str:
        return f"{self.series}|{self.percent}"


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message to be sent; ``undeliverable`` tells why it never will be, and keeps it as evidence only."""

    to: Msisdn
    sender: str
    text: str = field(repr=False)
    kind: Kind
    handling: Handling = field(default_factory=Handling)
    line_id: str | None = None
    order_id: str | None = None
    template: str | None = None
    language: str | None = None
    alert: AlertKey | None = None
    customer: str | None = None
    external_id: str | None = None
    not_before: datetime | None = None
    undeliverable: str | None = None


def queue_message(unit: Unit, message_id: str, new: NewMessage, now: datetime) -> None:
    """Queue one message; an alert withdraws the older ones of its series. The unit conflicts ("alert") on a repeat."""
    validity_s = new.handling.validity_s
    values: dict[str, object] = {
        "message_id": message_id,
        "order_id": new.order_id,
        "msisdn": new.to,
        "sender": new.sender,
        "text": new.text,
        "state": (MessageState.QUEUED if new.undeliverable is None else MessageState.UNDELIVERABLE).value,
        "detail": new.undeliverable,
        "created_at": now.isoformat(),
        "kind": new.kind.value,
        "line_id": new.line_id,
        "template": new.template,
        "language": new.language,
        "priority": int(new.handling.priority),
        "on_doubt": new.handling.on_doubt.value,
        "expires_at": None if validity_s is None else (now + timedelta(seconds=validity_s)).isoformat(),
        "not_before": None if new.not_before is None else new.not_before.astimezone(UTC).isoformat(),
        "alert_key": None if new.alert is None else str(new.alert),
        "series": None if new.alert is None else new.alert.series,
        "rank": None if new.alert is None else new.alert.percent,
        "customer": new.customer,
        "external_id": new.external_id,
    }
    if new.alert is None:
        unit.add(_NEW, **values)
        return
    unit.add(_NEW_ALERT, "alert", **values)
    if new.undeliverable is not None:
        return  # it takes nothing's place
    older = {"of_series": new.alert.series, "below": new.alert.percent}
    unit.add(_TELL_OLDER, at=now.isoformat(), **older)
    unit.add(_WITHDRAW_OLDER, why=f"an alert of {new.alert.percent} % took its place", **older)
    withdraw_if_overtaken(unit, message_id, now)


def withdraw_if_overtaken(unit: Unit, message_id: str, now: datetime) -> None:
    """Withdraw a queued alert when a newer one of its series is there: never 80 % after 100 %."""
    unit.add(_TELL_OVERTAKEN, of_message=message_id, at=now.isoformat())
    unit.add(_WITHDRAW_OVERTAKEN, of_message=message_id, why="a newer alert of its series came before it")


async def messages_of_order(journal: Journal, order_id: str) -> Sequence[Row]:
    """Return what was sent about an order."""
    return await journal.rows(_OF_ORDER, order_id=order_id)
