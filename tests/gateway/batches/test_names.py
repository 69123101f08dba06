"""Names: an asker's own number is known for good, and every row about a line comes after the one before it."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy.dialects.sqlite.base import SQLiteDialect

from gateway.batches import names
from gateway.batches.states import BatchState, Format, Options, Start
from gateway.journal.migrate import upgrade
from gateway.journal.postgres.statements import Statements
from gateway.orders.archive import Archive
from gateway.retention import RetentionSettings
from tests.gateway.batches.conftest import Json, ended, file_of, now, order, sent, until
from tests.gateway.cards import Card, card
from tests.gateway.conftest import NUMBER
from tests.gateway.rig import Rig

MANUAL = Options(Format.NDJSON, Start.MANUAL)
BOTH = {"orders_by_external_id", "archived_orders_by_external_id"}


async def _archived(rig: Rig) -> None:
    later = rig.time() + timedelta(days=500)
    await Archive(rig.gateway.journal, RetentionSettings(), lambda: later, pause_s=0).tidy()
    assert not await rig.all_rows("orders")


async def test_the_number_of_an_archived_order_is_taken(rig: Rig, line: Card) -> None:
    rows = file_of(order("suspend", NUMBER, "OLD", reason="unpaid"))
    await ended(rig, (await sent(rig, rows)).batch_id)
    await _archived(rig)
    (kept,) = [row for row in await rig.all_rows("archived_orders") if row["external_id"] == "OLD"]
    assert await names.order_named(rig.gateway.journal, "OLD") == kept["order_id"]
    again = await ended(rig, (await sent(rig, file_of(order("reactivate", NUMBER, "OLD")))).batch_id)
    assert (again.state, again.problems) == (BatchState.FAILED, 1)
    (row,) = [row for row in await rig.all_rows("batch_rows") if row["batch_id"] == again.batch_id]
    assert "external-id-taken" in row["problem"]
    del line


async def test_a_number_archived_since_the_validation_is_taken_too(rig: Rig, line: Card) -> None:
    ready = await until(
        rig, (await sent(rig, file_of(order("suspend", NUMBER, "X", reason="unpaid")), MANUAL)).batch_id, _READY
    )
    await ended(rig, (await sent(rig, file_of(order("bar_outgoing", NUMBER, "X", reason="unpaid")))).batch_id)
    await _archived(rig)
    assert await rig.gateway.batches.start(ready, accept_problems=False) is None
    over = await ended(rig, ready.batch_id)
    assert (over.placed, over.refused) == (0, 1)
    del line


def test_sqlite_finds_a_number_by_an_index_in_both_places(tmp_path: Path) -> None:
    upgrade(f"sqlite:///{tmp_path / 'journal.db'}")
    compiled = names._ORDER.compile(dialect=SQLiteDialect(paramstyle="named"))
    database = sqlite3.connect(tmp_path / "journal.db")
    plan = database.execute(f"EXPLAIN QUERY PLAN {compiled}", dict.fromkeys(compiled.binds, 1)).fetchall()
    database.close()
    assert set(re.findall(r"\w+_by_external_id", str(plan))) == BOTH


async def test_postgresql_finds_a_number_by_an_index_in_both_places(database: str) -> None:
    await asyncio.to_thread(upgrade, database)
    read = Statements().read(names._ORDER)
    connection = await asyncpg.connect(database)
    await connection.execute("SET enable_seqscan = off")  # empty tables are quicker gone through
    plan = await connection.fetch(f"EXPLAIN {read.text}", *read.arguments({"external_id": "X"}))
    await connection.close()
    assert set(re.findall(r"\w+_by_external_id", str(plan))) == BOTH


ICCID, IMSI = {"iccid": card(2).iccid}, {"imsi": card(2).imsi}
OTHER = "+33612345679"
_READY = BatchState.READY


def _new(number: str) -> Json:
    return order("activate", number, contract="technicophone", iccid=card(2).iccid, plan="unlimited", options=["data"])


def _swap(number: str) -> Json:
    return order("swap_sim", number, new_iccid=card(2).iccid, reason="other")


@pytest.mark.parametrize("opened", [True, False])
async def test_a_line_has_one_turn_however_its_rows_name_it(rig: Rig, line: Card, opened: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """A new line, and one that gets another card, named by number, card and IMSI in turn."""
    number = OTHER if opened else NUMBER
    halt, lift = (order(wish, number, reason="unpaid") for wish in ("suspend", "reactivate"))
    rows = [
        _new(number) if opened else _swap(number),
        halt,
        lift | {"line": ICCID},
        halt,
        lift | {"line": IMSI},
        halt | {"line": ICCID},
        lift,
    ]
    batch = await until(rig, (await sent(rig, file_of(*rows), MANUAL)).batch_id, _READY)
    judged = [(row["state"], row["after_n"]) for row in await rig.all_rows("batch_rows")]
    assert judged == [("valid", n or None) for n in range(len(rows))]
    assert await rig.gateway.batches.start(batch, accept_problems=False) is None
    over = await ended(rig, batch.batch_id)
    assert (await rig.gateway.batches.tallies.progress(over)).orders == {"completed": len(rows)}
    del line


async def test_rows_that_come_together_and_rows_that_come_later_know_the_same(rig: Rig) -> None:
    """Sixteen rows are validated in one commit: the names of the first are read back for the last."""
    halt, lift = (order(wish, OTHER, reason="unpaid") for wish in ("suspend", "reactivate"))
    rows = [_new(OTHER), *(halt, lift | {"line": ICCID}) * 20]
    batch = await until(rig, (await sent(rig, file_of(*rows), MANUAL)).batch_id, _READY)
    assert [row["after_n"] for row in await rig.all_rows("batch_rows")] == [None, *range(1, len(rows))]
    assert (await now(rig, batch.batch_id)).valid == len(rows)
