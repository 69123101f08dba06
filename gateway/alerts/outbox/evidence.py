"""Receipts in the journal: each is kept as it came, with what was made of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Text, bindparam, func, literal_column, select, update

from drivers.dialects.smpp.delivery import MessageState as Told
from gateway.journal.journal import Journal, Row, Unit
from gateway.journal.messaging import message_parts, messages, receipts
from gateway.journal.schema import insert_row, row_by
from gateway.orders.messages import MessageState

MOST_FOUND = 9  #: of parts with one id: an SMSC that gives more of them the same gives no ids

_PART = (
    message_parts.c.n,
    message_parts.c.smsc,
    message_parts.c.smsc_id,
    message_parts.c.reference,
    message_parts.c.receipt_state.label("part_state"),
)
_MESSAGE = tuple(
    messages.c[name]
    for name in ("message_id", "msisdn", "state", "kind", "line_id", "order_id", "external_id", "alert_key", "segments")
)
_FOUND = select(*_PART, *_MESSAGE).join(messages, messages.c.message_id == message_parts.c.message_id)
_BY_KEY = (
    _FOUND.where(message_parts.c.match_key == bindparam("key"))
    .order_by(message_parts.c.sent_at.desc())
    .limit(bindparam("most"))
)
_BY_REFERENCE = (
    _FOUND.where(message_parts.c.reference == bindparam("reference"), message_parts.c.sent_at >= bindparam("since"))
    .order_by(message_parts.c.sent_at.desc())
    .limit(bindparam("most"))
)
_NEW = insert_row(receipts)
_OUTCOME = (
    update(receipts)
    .where(receipts.c.seq == bindparam("where_seq"))
    .values(outcome=bindparam("outcome"), message_id=bindparam("message_id"), n=bindparam("n"))
)
_PARKED = select(receipts).where(receipts.c.outcome == literal_column("'parked'"), receipts.c.seq > bindparam("after"))
_PARKED_AFTER = _PARKED.order_by(receipts.c.seq)
_PART_STATE = (
    update(message_parts)
    .where(message_parts.c.message_id == bindparam("where_message_id"), message_parts.c.n == bindparam("where_n"))
    .values(receipt_state=bindparam("receipt_state"), receipt_at=bindparam("receipt_at"))
)
_END = (
    update(messages)
    .where(messages.c.message_id == bindparam("where_message_id"), messages.c.state == "sent")
    .values(state=bindparam("state"), receipt_state=bindparam("receipt_state"), receipt_at=bindparam("receipt_at"))
)
_RESOLVE = (
    update(messages)
    .where(
        messages.c.message_id == bindparam("where_message_id"),
        messages.c.state == bindparam("where_state", type_=Text),
    )
    .values(
        state=bindparam("state"),
        not_before=None,
        smsc_id=func.coalesce(messages.c.smsc_id, bindparam("smsc_id", type_=Text)),
        sent_at=func.coalesce(messages.c.sent_at, bindparam("sent_at", type_=Text)),
        receipt_state=bindparam("receipt_state"),
        receipt_at=bindparam("receipt_at"),
    )
)
_OF_MESSAGE = row_by(receipts, "message_id").order_by(receipts.c.seq)
_AT_MOST = 50  # parts of different phones with one 16-bit reference, within the days it is believed


async def by_key(journal: Journal, key: str) -> Sequence[Row]:
    """Return the newest parts with this canonical id, and their messages."""
    return await journal.rows(_BY_KEY, key=key, most=MOST_FOUND)


async def by_reference(journal: Journal, reference: int, since: datetime) -> Sequence[Row]:
    """Return the newest parts sent since then with this user_message_reference, and their messages."""
    return await journal.rows(_BY_REFERENCE, reference=reference, since=since.isoformat(), most=_AT_MOST)


async def parked(journal: Journal, after: int) -> Sequence[Row]:
    """Return the receipts that wait for their message, taken after that one."""
    return await journal.rows(_PARKED_AFTER, after=after)


async def of_message(journal: Journal, message_id: str) -> Sequence[Row]:
    """Return every receipt of a message, in the order they came."""
    return await journal.rows(_OF_MESSAGE, message_id=message_id)


def keep(unit: Unit, **values: object) -> None:
    """Write a receipt: at, smsc, smsc_id, reference, about, state, error, done_at, outcome, message_id, n."""
    unit.add(_NEW, **values)


def judge(unit: Unit, seq: int, outcome: str, message_id: str | None, n: int | None) -> None:
    """Write what was made of a receipt that was parked."""
    unit.add(_OUTCOME, where_seq=seq, outcome=outcome, message_id=message_id, n=n)


def set_part(unit: Unit, message_id: str, n: int, state: Told, at: datetime) -> None:
    """Write what has become of a part."""
    unit.add(_PART_STATE, where_message_id=message_id, where_n=n, receipt_state=state.value, receipt_at=at.isoformat())


def end(unit: Unit, message_id: str, state: MessageState, told: Told, at: datetime) -> None:
    """Write what has become of a sent message."""
    unit.add(
        _END,
        where_message_id=message_id,
        state=state.value,
        receipt_state=told.value,
        receipt_at=at.isoformat(),
    )


def resolve(unit: Unit, message_id: str, states: tuple[MessageState, MessageState], **values: object) -> None:
    """Move a message in doubt from one state to another; the unit conflicts ("moved") if somebody else did."""
    was, state = states
    unit.add(_RESOLVE, "moved", where_message_id=message_id, where_state=was.value, state=state.value, **values)
