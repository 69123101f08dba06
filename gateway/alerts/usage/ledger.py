"""Reading and writing usage in the journal: the only file that knows the columns of its tables.

A counter is changed only from the value it was read at, a record and a crossing are written only where there is none:
else the unit conflicts, nothing of it is written, and whoever made it looks again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    bindparam,
    delete,
    select,
    update,
)

from gateway.alerts.usage.counting import Key, Reached
from gateway.journal.bulk import any_of, as_list
from gateway.journal.journal import Journal, Row, Unit
from gateway.journal.schema import insert_if_absent, row_by, update_row
from gateway.journal.usage import crossings, line_alerting, usage_counters, usage_records

LineKey = tuple[str, str, str]
"""A line, a counter or threshold of its own, and a period."""


_KNOWN = select(usage_records.c.record_id, usage_records.c.digest).where(any_of(usage_records.c.record_id, "ids"))
_NEW_RECORD = insert_if_absent(usage_records)
_USED = select(usage_counters.c.used).where(
    usage_counters.c.line_id == bindparam("line_id"),
    usage_counters.c.counter == bindparam("counter"),
    usage_counters.c.period == bindparam("period"),
)
_USED_BY_ANY = select(usage_counters).where(
    any_of(usage_counters.c.line_id, "line_ids"),
    any_of(usage_counters.c.counter, "counters"),
    any_of(usage_counters.c.period, "periods"),
)
_NEW_COUNTER = insert_if_absent(usage_counters)
_SET_COUNTER = (
    update(usage_counters)
    .where(
        usage_counters.c.line_id == bindparam("of_line"),
        usage_counters.c.counter == bindparam("of_counter"),
        usage_counters.c.period == bindparam("of_period"),
        usage_counters.c.used == bindparam("was", type_=BigInteger),
    )
    .values(used=bindparam("becomes", type_=BigInteger), updated_at=bindparam("at"))
)
_CROSSINGS = (
    row_by(crossings, "line_id")
    .where(crossings.c.threshold == bindparam("threshold"), crossings.c.period == bindparam("period"))
    .order_by(crossings.c.percent)
)
_CROSSED_BY_ANY = select(crossings.c.line_id, crossings.c.threshold, crossings.c.period, crossings.c.percent).where(
    any_of(crossings.c.line_id, "line_ids"),
    any_of(crossings.c.threshold, "thresholds"),
    any_of(crossings.c.period, "periods"),
)
_NEW_CROSSING = insert_if_absent(crossings)
_THIS_CROSSING = (
    crossings.c.line_id == bindparam("of_line"),
    crossings.c.threshold == bindparam("of_threshold"),
    crossings.c.period == bindparam("of_period"),
    crossings.c.percent == bindparam("of_percent"),
)
_DROP_CROSSING = delete(crossings).where(*_THIS_CROSSING)
_SET_ACTION = update(crossings).where(*_THIS_CROSSING).values(action=bindparam("does"), order_id=bindparam("by_order"))
_AGREED = row_by(line_alerting, "line_id")
_AGREED_BY_ANY = select(line_alerting.c.line_id, line_alerting.c.body).where(
    any_of(line_alerting.c.line_id, "line_ids")
)
_SET_AGREED = update_row(line_alerting, "line_id", "body", "updated_at")
_NEW_AGREED = insert_if_absent(line_alerting)
_OLD = select(usage_records.c.record_id).where(usage_records.c.taken_at < bindparam("before")).limit(bindparam("most"))
_FORGET = delete(usage_records).where(usage_records.c.record_id.in_(_OLD))
_HAS_OLD = select(usage_records.c.record_id).where(usage_records.c.taken_at < bindparam("before")).limit(1)


async def known(journal: Journal, ids: Sequence[str]) -> dict[str, str]:
    """Return the digests of the records that were counted before, by id."""
    return {row["record_id"]: row["digest"] for row in await journal.rows(_KNOWN, ids=as_list(ids))}


async def used(journal: Journal, line_id: str, key: Key) -> int | None:
    """Return what a counter stands at; ``None`` when nothing was counted yet."""
    rows = await journal.rows(_USED, line_id=line_id, counter=key[0], period=key[1])
    return rows[0]["used"] if rows else None


async def used_by(journal: Journal, keys: Collection[LineKey]) -> dict[LineKey, int]:
    """Return what many counters stand at; one in which nothing was counted yet is left out."""
    which = {"line_ids": as_list(key[0] for key in keys), "counters": as_list(key[1] for key in keys)}
    rows = await journal.rows(_USED_BY_ANY, **which, periods=as_list(key[2] for key in keys))
    return {(row["line_id"], row["counter"], row["period"]): row["used"] for row in rows}


async def crossed_by(journal: Journal, keys: Collection[LineKey]) -> dict[LineKey, set[int]]:
    """Return the percentages of many lines' thresholds, each in its period, that were reached."""
    which = {"line_ids": as_list(key[0] for key in keys), "thresholds": as_list(key[1] for key in keys)}
    found: defaultdict[LineKey, set[int]] = defaultdict(set)
    for row in await journal.rows(_CROSSED_BY_ANY, **which, periods=as_list(key[2] for key in keys)):
        found[row["line_id"], row["threshold"], row["period"]].add(row["percent"])
    return found


async def agreed_by(journal: Journal, line_ids: Iterable[str]) -> dict[str, str]:
    """Return what was agreed about many lines' alerts, as it was written; a line without is left out."""
    rows = await journal.rows(_AGREED_BY_ANY, line_ids=as_list(line_ids))
    return {row["line_id"]: row["body"] for row in rows}


async def crossings_of(journal: Journal, line_id: str, threshold: str, period: str) -> Sequence[Row]:
    """Return the percentages of a threshold that were reached in a period, lowest first."""
    return await journal.rows(_CROSSINGS, line_id=line_id, threshold=threshold, period=period)


async def agreed(journal: Journal, line_id: str) -> str | None:
    """Return what was agreed about a line's alerts, as it was written."""
    rows = await journal.rows(_AGREED, line_id=line_id)
    return rows[0]["body"] if rows else None


def add_record(unit: Unit, record_id: str, digest: str, at: str) -> None:
    """Remember a record; the unit conflicts ("record") when its id is known."""
    unit.add(_NEW_RECORD, "record", record_id=record_id, taken_at=at, digest=digest)


def set_used(unit: Unit, line_id: str, key: Key, was: int | None, *, becomes: int, at: str) -> None:  # noqa: PLR0913 - a row is what it is
    """Change a counter; the unit conflicts ("counter") when it is not as it was read."""
    counter, period = key
    if was is None:
        values = {"line_id": line_id, "counter": counter, "period": period, "used": becomes, "updated_at": at}
        unit.add(_NEW_COUNTER, "counter", **values)
        return
    which = {"of_line": line_id, "of_counter": counter, "of_period": period}
    unit.add(_SET_COUNTER, "counter", **which, was=was, becomes=becomes, at=at)


def add_crossing(unit: Unit, line_id: str, reached: Reached, at: datetime, **followed: str | None) -> None:
    """Write a crossing and what followed: outcome, action, message_id, order_id. Conflicts ("crossing") on a second."""
    unit.add(
        _NEW_CROSSING,
        "crossing",
        line_id=line_id,
        threshold=reached.cap.name,
        period=reached.period.label,
        percent=reached.percent,
        counter=reached.cap.counter.name,
        used=reached.used,
        limit=reached.cap.limit,
        record_id=reached.record_id,
        used_at=reached.used_at.isoformat(),
        crossed_at=at.isoformat(),
        **followed,
    )


def drop_crossing(unit: Unit, row: Row) -> None:
    """Forget a crossing that a raised limit has undone; its event stays."""
    unit.add(_DROP_CROSSING, **_which(row))


def set_action(unit: Unit, row: Row, action: str, order_id: str | None) -> None:
    """Write what is done about a crossing now."""
    unit.add(_SET_ACTION, **_which(row), does=action, by_order=order_id)


def set_agreed(unit: Unit, line_id: str, body: str, at: str) -> None:
    """Write what was agreed about a line's alerts."""
    unit.add(_SET_AGREED, where_line_id=line_id, body=body, updated_at=at)
    unit.add(_NEW_AGREED, line_id=line_id, body=body, updated_at=at)


async def forget_some(journal: Journal, before: datetime, most: int) -> bool:
    """Delete so many records taken before then; return whether there may be more."""
    unit = Unit()
    unit.add(_FORGET, before=before.isoformat(), most=most)
    await journal.commit(unit)
    return bool(await journal.rows(_HAS_OLD, before=before.isoformat()))


def _which(row: Row) -> dict[str, object]:
    return {f"of_{short}": row[name] for short, name in _CROSSING_KEY}


_CROSSING_KEY = (("line", "line_id"), ("threshold", "threshold"), ("period", "period"), ("percent", "percent"))
