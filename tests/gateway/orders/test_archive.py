"""Orders that ended long ago go to the archive, once, and are found as if they had stayed."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.journal.journal import Journal, Unit
from gateway.journal.schema import insert_row, orders
from gateway.journal.sqlite import SqliteJournal
from gateway.orders import listing, past, records
from gateway.orders.archive import Archive
from gateway.orders.ids import new_id
from gateway.orders.order import Order, OrderState
from gateway.retention import RetentionSettings

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=500)
LATELY = NOW - timedelta(days=3)
NUMBER = "+33612345678"
_PUT = insert_row(orders, "undoing")
_NOTHING = dict.fromkeys(("external_id", "due_at", "stored_at", "effective_at", "effective", "error"))


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncIterator[SqliteJournal]:
    opened = SqliteJournal(tmp_path / "journal.db")
    yield opened
    await opened.close()


async def _put(journal: Journal, accepted: datetime, state: str = "completed", ended: datetime | None = None) -> str:
    """Write an order with two steps, and the event of its end."""
    unit, order_id = Unit(), new_id(accepted)
    columns = {"action": "suspend", "lane": 2, "host": "orange", "body": '{"details":{}}', "shard": 5}
    waits = {"waiting_for": None, "expected_at": None, "plan": None, "accepted_at": accepted.isoformat()}
    named = {"order_id": order_id, "line_id": "line", "msisdn": NUMBER, "state": state}
    unit.add(_PUT, **_NOTHING, **columns, **waits, **named)
    for n in range(2):
        records.add_step(unit, order_id, n, "orange", f"command {n}")
    await journal.commit(unit)
    rows = await listing.list_orders(journal, listing.Wanted(), 1)
    unit = Unit()
    records.add_event(unit, f"order.{state}", Order.from_row(rows[0]), ended or accepted, detail="as it ended")
    await journal.commit(unit)
    return order_id


async def _tidied(journal: Journal, orders_days: int = 400, keys_days: int = 90) -> Archive:
    archive = Archive(journal, RetentionSettings(orders_days, keys_days), lambda: NOW, pause_s=0)
    await archive.tidy()
    return archive


def _in(file: Path, table: str) -> set[str]:
    database = sqlite3.connect(file)
    found = {row[0] for row in database.execute(f"SELECT order_id FROM {table}")}
    database.close()
    return found


async def test_what_ended_long_ago_is_moved_with_its_steps(journal: SqliteJournal, tmp_path: Path) -> None:
    old, new = await _put(journal, LONG_AGO), await _put(journal, LATELY)
    archive = await _tidied(journal)
    file = tmp_path / "journal.db"
    assert (_in(file, "orders"), _in(file, "steps")) == ({new}, {new})
    assert (_in(file, "archived_orders"), _in(file, "archived_steps")) == ({old}, {old})
    assert archive.figures.orders == 1


async def test_an_archived_order_is_the_one_it_was(journal: SqliteJournal) -> None:
    order_id = await _put(journal, LONG_AGO)
    row, steps = await records.order(journal, order_id), await records.order_steps(journal, order_id)
    await _tidied(journal)
    moved = await records.order(journal, order_id)
    assert row is not None
    assert moved is not None
    assert dict(moved) == dict(row)
    assert [dict(s) for s in await past.order_steps(journal, order_id)] == [dict(s) for s in steps]


@pytest.mark.parametrize("state", ["acknowledged", "pending", "held", "in_progress", "partial"])
async def test_what_has_no_end_stays_however_old(journal: SqliteJournal, state: str, tmp_path: Path) -> None:
    order_id = await _put(journal, LONG_AGO, state)
    await _tidied(journal)
    assert _in(tmp_path / "journal.db", "orders") == {order_id}


async def test_what_ended_lately_stays_however_long_it_took(journal: SqliteJournal, tmp_path: Path) -> None:
    order_id = await _put(journal, LONG_AGO, ended=LATELY)
    await _tidied(journal)
    assert _in(tmp_path / "journal.db", "orders") == {order_id}


async def test_nothing_moves_when_all_is_kept_for_good(journal: SqliteJournal, tmp_path: Path) -> None:
    order_id = await _put(journal, LONG_AGO)
    await _tidied(journal, orders_days=0)
    assert _in(tmp_path / "journal.db", "orders") == {order_id}


async def test_more_than_a_commit_and_a_page_are_moved(journal: SqliteJournal, tmp_path: Path) -> None:
    kept = await _put(journal, LONG_AGO, "held")
    for n in range(250):
        await _put(journal, LONG_AGO + timedelta(seconds=n))
    archive = await _tidied(journal)
    assert archive.figures.orders == 250
    assert _in(tmp_path / "journal.db", "orders") == {kept}


async def test_one_list_goes_through_both(journal: SqliteJournal) -> None:
    accepted = [LONG_AGO + timedelta(minutes=n) for n in range(4)] + [LATELY]
    ids = [await _put(journal, at, "held" if n == 1 else "completed") for n, at in enumerate(accepted)]
    await _tidied(journal)
    found: list[str] = []
    before: int | None = None
    while rows := await listing.list_orders(journal, listing.Wanted(msisdn=NUMBER, before=before), 2):
        found += [row["order_id"] for row in rows]
        before = rows[-1]["seq"]
    assert found == ids[::-1]


async def test_filters_find_what_was_archived(journal: SqliteJournal) -> None:
    old, new = await _put(journal, LONG_AGO), await _put(journal, LATELY, "failed")
    await _tidied(journal)

    async def found(wanted: listing.Wanted) -> list[str]:
        return [row["order_id"] for row in await listing.list_orders(journal, wanted, 10)]

    assert await found(listing.Wanted(state=OrderState.COMPLETED)) == [old]
    assert await found(listing.Wanted(state=OrderState.FAILED)) == [new]
    assert await found(listing.Wanted(action="suspend")) == [new, old]
    assert await found(listing.Wanted(action="activate")) == []
    assert await found(listing.Wanted(since=LONG_AGO)) == [new, old]
    assert await found(listing.Wanted(since=LONG_AGO + timedelta(seconds=1))) == [new]
    assert await found(listing.Wanted(since=NOW)) == []


async def test_two_at_once_move_an_order_once(journal: SqliteJournal, tmp_path: Path) -> None:
    order_id = await _put(journal, LONG_AGO)
    one, other = (Archive(journal, RetentionSettings(), lambda: NOW, pause_s=0) for _ in range(2))
    await one._move([order_id])
    await other._move([order_id])
    assert (one.figures.orders, other.figures.orders) == (1, 0)
    assert _in(tmp_path / "journal.db", "archived_orders") == {order_id}


async def test_a_number_once_given_to_an_order_is_never_given_again(journal: SqliteJournal) -> None:
    old = await _put(journal, LONG_AGO)
    await _tidied(journal)
    new = await _put(journal, LATELY)
    seqs = {row["order_id"]: row["seq"] for row in await listing.list_orders(journal, listing.Wanted(), 10)}
    assert seqs[new] > seqs[old]


async def test_old_keys_are_forgotten_and_newer_ones_are_not(journal: SqliteJournal) -> None:
    unit = Unit()
    for n in range(600):
        records.add_key(unit, f"old {n}", "hash", {"id": "1"}, LONG_AGO)
    records.add_key(unit, "new", "hash", {"id": "2"}, LATELY)
    await journal.commit(unit)
    await _tidied(journal)
    assert await records.answer_for_key(journal, "old 599") is None
    assert await records.answer_for_key(journal, "new") == ("hash", {"id": "2"})


async def test_keys_are_kept_for_good_when_told_so(journal: SqliteJournal) -> None:
    unit = Unit()
    records.add_key(unit, "old", "hash", {"id": "1"}, LONG_AGO)
    await journal.commit(unit)
    await _tidied(journal, keys_days=0)
    assert await records.answer_for_key(journal, "old") == ("hash", {"id": "1"})
