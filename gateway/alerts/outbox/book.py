"""Messages in the journal as the outbox moves them: queued, claimed, ended. Times are written as ``schema`` says."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Text, bindparam, func, select, update

from gateway.alerts.outbox.retrying import Fate
from gateway.journal.bulk import any_of, as_list
from gateway.journal.journal import Conflict, Journal, Row, Unit
from gateway.journal.messaging import DUE_LATER, DUE_NOW, EXPIRING, QUEUED, message_parts, messages
from gateway.journal.schema import insert_if_absent, row_by
from gateway.orders.messages import Kind, MessageState, withdraw_if_overtaken
from gateway.orders.records import add_notice

_READY = select(messages).where(DUE_NOW).order_by(messages.c.priority, messages.c.message_id).limit(bindparam("most"))
_NEXT_DUE = select(func.min(messages.c.not_before).label("at")).where(DUE_LATER)
_DUE = update(messages).where(DUE_LATER, messages.c.not_before <= bindparam("now", type_=Text)).values(not_before=None)
_REACHABLE = (
    update(messages)
    .where(DUE_LATER, messages.c.msisdn == bindparam("whose", type_=Text), messages.c.tries > 0)
    .values(not_before=None)
)
_CLAIM = (
    update(messages)
    .where(messages.c.message_id == bindparam("where_message_id"), QUEUED)
    .values(
        state="sending",
        tries=messages.c.tries + 1,
        reference=bindparam("reference"),
        segments=bindparam("segments"),
        smsc=bindparam("smsc"),
    )
)
_STATES = select(messages.c.message_id, messages.c.state).where(any_of(messages.c.message_id, "message_ids"))
_SETTLE = (
    update(messages)
    .where(messages.c.message_id == bindparam("where_message_id"), messages.c.state == "sending")
    .values(
        state=bindparam("state"),
        detail=bindparam("detail"),
        not_before=bindparam("not_before"),
        doubtful=messages.c.doubtful + bindparam("doubts"),
        smsc_id=func.coalesce(messages.c.smsc_id, bindparam("smsc_id", type_=Text)),
        sent_at=bindparam("sent_at"),
    )
)
_END_QUEUED = (
    update(messages)
    .where(messages.c.message_id == bindparam("where_message_id"), QUEUED)
    .values(state=bindparam("state"), detail=bindparam("detail"), not_before=None)
)
_UNPARK = (
    update(messages)
    .where(messages.c.message_id == bindparam("where_message_id"), messages.c.state == "parked")
    .values(state=bindparam("state"), detail=bindparam("detail"), not_before=None)
)
_OVERDUE = select(messages).where(EXPIRING, messages.c.expires_at <= bindparam("now")).limit(bindparam("most"))
_IN_STATE = row_by(messages, "state")
_BY_ID = row_by(messages, "message_id")
_IN_DOUBT = select(messages.c.message_id, messages.c.reference, messages.c.msisdn).where(
    messages.c.state == bindparam("state"), messages.c.doubtful > 0, messages.c.reference.is_not(None)
)
_PARTS = row_by(message_parts, "message_id").order_by(message_parts.c.n)
_NEW_PART = insert_if_absent(message_parts)  # a receipt may have proved it, while it was sent once more
_WAITING = (
    select(messages.c.priority, func.count().label("count"), func.min(messages.c.message_id).label("oldest"))
    .where(DUE_NOW)
    .group_by(messages.c.priority)
)
_LATER = select(func.count().label("count")).where(DUE_LATER)
_TOLD = ("message_id", "msisdn", "external_id", "order_id", "alert_key")
#: where a message may be that has perhaps gone out: its receipt tells the truth, whatever was decided meanwhile
UNPROVEN = (
    MessageState.WITHDRAWN,
    MessageState.EXPIRED,
    MessageState.FAILED,
    MessageState.PARKED,
    MessageState.QUEUED,
)
#: what is told of every message, not only of alerts
_ENDS = frozenset(MessageState) - {MessageState.QUEUED, MessageState.SENDING, MessageState.SENT}


async def ready(journal: Journal, most: int) -> Sequence[Row]:
    """Return messages that may go now, by priority, then age."""
    return await journal.rows(_READY, most=most)


async def next_due(journal: Journal) -> datetime | None:
    """Return when the first of those that wait may go."""
    at = (await journal.rows(_NEXT_DUE))[0]["at"]
    return None if at is None else datetime.fromisoformat(at)


def release_due(unit: Unit, now: datetime) -> None:
    """Let those whose time has come go."""
    unit.add(_DUE, now=now.isoformat())


def release_for(unit: Unit, msisdn: str) -> None:
    """Let those go that wait to be tried again for this phone."""
    unit.add(_REACHABLE, whose=msisdn)


def claim(unit: Unit, message_id: str, reference: int, segments: int, smsc: str) -> None:
    """Write that a queued message is about to be sent; from here on it is in doubt if we stop."""
    unit.add(_CLAIM, where_message_id=message_id, reference=reference, segments=segments, smsc=smsc)


async def claimed(journal: Journal, message_ids: Iterable[str]) -> frozenset[str]:
    """Return those whose claim held: a message may have been withdrawn just before."""
    rows = await journal.rows(_STATES, message_ids=as_list(message_ids))
    return frozenset(row["message_id"] for row in rows if row["state"] == MessageState.SENDING)


def settle(unit: Unit, row: Row, fate: Fate, now: datetime, smsc_id: str | None = None) -> None:
    """Write what a message that was being sent has become."""
    unit.add(
        _SETTLE,
        where_message_id=row["message_id"],
        state=fate.state.value,
        detail=fate.detail,
        not_before=None if fate.not_before is None else fate.not_before.isoformat(),
        doubts=fate.doubts,
        smsc_id=smsc_id,
        sent_at=now.isoformat() if fate.state is MessageState.SENT else row["sent_at"],
    )
    if fate.state is MessageState.QUEUED and row["series"] is not None:
        withdraw_if_overtaken(unit, row["message_id"], now)
    tell(unit, row, fate.state, now, fate.detail)


async def end_queued(journal: Journal, rows: Sequence[Row], state: MessageState, detail: str, now: datetime) -> int:
    """End messages that no SMSC ever had; return how many were still queued."""
    units = [Unit() for _ in rows]
    for unit, row in zip(units, rows, strict=True):
        unit.add(_END_QUEUED, "moved", where_message_id=row["message_id"], state=state.value, detail=detail)
        tell(unit, row, state, now, detail)
    results = await asyncio.gather(*(journal.commit(unit) for unit in units), return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException) and not isinstance(result, Conflict):
            raise result
    return sum(result is None for result in results)


def unpark(unit: Unit, row: Row, state: MessageState, detail: str | None, now: datetime) -> None:
    """Let a parked message be sent again, or end it; the unit conflicts ("moved") if it is parked no more."""
    unit.add(_UNPARK, "moved", where_message_id=row["message_id"], state=state.value, detail=detail)
    if state is MessageState.QUEUED and row["series"] is not None:
        withdraw_if_overtaken(unit, row["message_id"], now)
    tell(unit, row, state, now, detail)


def tell(unit: Unit, row: Row, state: MessageState, now: datetime, detail: str | None = None) -> None:
    """Write the event of an end; of alerts also that they were sent: both are evidence."""
    if state not in _ENDS and not (state is MessageState.SENT and row["kind"] == Kind.ALERT):
        return
    about = {name: row[name] for name in _TOLD if row[name] is not None}
    more = {} if detail is None else {"detail": detail}
    add_notice(unit, f"message.{state}", now, row["line_id"], about=row["kind"], **about, **more)


def add_part(unit: Unit, message_id: str, n: int, **values: object) -> None:
    """Write that an SMSC has a part: smsc, smsc_id as it wrote it, match_key, reference, sent_at."""
    unit.add(_NEW_PART, message_id=message_id, n=n, **values)


async def overdue(journal: Journal, now: datetime, most: int) -> Sequence[Row]:
    """Return queued messages whose time is over."""
    return await journal.rows(_OVERDUE, now=now.isoformat(), most=most)


async def being_sent(journal: Journal) -> Sequence[Row]:
    """Return what was being sent; after a start, all of it is in doubt."""
    return await journal.rows(_IN_STATE, state="sending")


async def in_doubt(journal: Journal) -> Sequence[Row]:
    """Return id, reference and recipient of what may have gone out unheard of, newest last."""
    return [row for state in UNPROVEN for row in await journal.rows(_IN_DOUBT, state=state.value)]


async def message(journal: Journal, message_id: str) -> Row | None:
    """Return one message."""
    rows = await journal.rows(_BY_ID, message_id=message_id)
    return rows[0] if rows else None


async def parts(journal: Journal, message_id: str) -> Sequence[Row]:
    """Return the parts that an SMSC has, in order."""
    return await journal.rows(_PARTS, message_id=message_id)


async def waiting(journal: Journal) -> Sequence[Row]:
    """Return count and oldest message of those that may go now, by priority."""
    return await journal.rows(_WAITING)


async def waiting_for_later(journal: Journal) -> int:
    """Return how many wait for their time."""
    return int((await journal.rows(_LATER))[0]["count"])
