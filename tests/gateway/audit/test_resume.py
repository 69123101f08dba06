"""The gateway stops anywhere in an audit and is opened again: nothing is found or ordered twice, nothing is lost."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.audit import book
from gateway.audit.asked import Asked, Hints, Policy
from gateway.audit.comparison import Kind
from gateway.contract.line import Reason
from gateway.journal.journal import Unit
from gateway.orders.upkeep import Opening
from gateway.settings import AuditSettings
from tests.gateway.audit.hands import (
    BARE,
    REPAIR,
    REPORT,
    ended,
    found,
    gateway_with,
    in_service,
    kinds,
    number,
    put,
    touch,
)
from tests.gateway.cards import card
from tests.gateway.rig import Rig, SimNetwork, Time

SMALL = AuditSettings(page=4, at_once=2)
MANY = 30


async def _spoil(rig: Rig) -> None:
    """Thirty lines: every third changed, every seventh gone; five SIMs of the stock somebody else has put there."""
    cards = await in_service(rig, MANY)
    store = rig.sim.hlrs["orange"].store
    for n, one in enumerate(cards):
        if n % 7 == 0:
            store.remove(store.find(one.imsi))  # type: ignore[arg-type]  # it is there
        elif n % 3 == 0:
            touch(rig, one.imsi, lambda held: replace(held, odb_premium=True))
    strangers = [card(n) for n in range(1, 6)]
    await rig.stock(*strangers)
    for n, one in enumerate(strangers):
        put(rig.sim, one, number(n), **BARE)


async def _go(rig: Rig, audit_id: str, stops: int) -> None:
    """Let the audit go on, a little longer after each stop: some of its work begins anew each time."""
    for _ in range(int(20 * 1.4**stops)):
        if rig.gateway.auditor.run_of(audit_id) is None:
            return
        await asyncio.sleep(0)


def _set(rows: object) -> Counter[tuple[object, ...]]:
    return Counter((row["kind"], row["imsi"], row["differences"]) for row in rows)  # type: ignore[attr-defined]  # rows


async def test_stopped_again_and_again_it_finds_what_it_finds_in_one_go(
    tmp_path: Path, sim: SimNetwork, time: Time
) -> None:
    data = tmp_path / "data"
    async with gateway_with(data, sim, time, SMALL) as rig:
        await _spoil(rig)
        whole = await rig.gateway.auditor.start(REPORT)
        row = await ended(rig, whole)
        in_one_go, counted = _set(await found(rig, whole)), kinds(row)
        cut = await rig.gateway.auditor.start(REPORT)
    stops = 0
    while True:
        async with gateway_with(data, sim, time, SMALL) as rig:
            await _go(rig, cut, stops)
            now = await book.audit(rig.gateway.journal, cut)
            assert now is not None
            if now["state"] != "running":
                break
            stops += 1
    async with gateway_with(data, sim, time, SMALL) as rig:
        assert _set(await found(rig, cut)) == in_one_go
        row = await ended(rig, cut)
        assert (kinds(row), row["done"], row["total"], row["state"]) == (
            counted,
            row["total"],
            row["total"],
            "completed",
        )
        events = [json.loads(e["data"])["audit_id"] for e in await rig.all_rows("events") if e["type"] == "audit.ended"]
    assert stops > 2
    assert events == [whole, cut]
    assert sum(in_one_go.values()) == len(in_one_go) == 18


@pytest.mark.parametrize("policy", [Policy.REPAIR, Policy.ADOPT])
async def test_a_remedy_is_ordered_once_however_often_it_stops(
    tmp_path: Path, sim: SimNetwork, time: Time, policy: Policy
) -> None:
    data = tmp_path / "data"
    async with gateway_with(data, sim, time, SMALL) as rig:
        await _spoil(rig)
        asked = Asked(policy=policy, hints=Hints(suspended_as=Reason.UNPAID) if policy is Policy.ADOPT else Hints())
        audit_id = await rig.gateway.auditor.start(asked)
    running, stops = True, 0
    while running:
        async with gateway_with(data, sim, time, SMALL) as rig:
            await _go(rig, audit_id, stops)
            row = await book.audit(rig.gateway.journal, audit_id)
            assert row is not None
            running = row["state"] == "running"
            stops += running
    assert stops > 2
    async with gateway_with(data, sim, time, SMALL) as rig:
        rows = await found(rig, audit_id)
        ordered = [one["order_id"] for one in rows if one["order_id"] is not None]
        placed = [one["order_id"] for one in await rig.all_rows("orders")]
        assert sorted(ordered) == sorted(placed)
        assert len(ordered) == (13 if policy is Policy.REPAIR else 5)
        assert {await rig.until(order) for order in ordered} == {"completed"}
        assert {one["outcome"] for one in rows} == {"repairing" if policy is Policy.REPAIR else "adopting", "left"}
        counted = json.loads((await ended(rig, audit_id))["counts"])["outcomes"]
        assert counted == dict(Counter(one["outcome"] for one in rows))


async def test_a_remedy_due_when_it_was_killed_is_placed_under_its_own_key(
    tmp_path: Path, sim: SimNetwork, time: Time
) -> None:
    """Killed between accepting the order and writing its id: the finding is due again, and the order is the same."""
    data = tmp_path / "data"
    async with gateway_with(data, sim, time, SMALL) as rig:
        (one,) = await in_service(rig, 1)
        touch(rig, one.imsi, lambda held: replace(held, odb_premium=True))
        audit_id = await rig.gateway.auditor.start(REPAIR)
        await ended(rig, audit_id)
        (finding,) = await found(rig, audit_id)
        assert await rig.until(finding["order_id"]) == "completed"
        body = (await rig.row(finding["order_id"]))["body"]
    database = sqlite3.connect(data / "journal.db")
    database.execute("UPDATE findings SET outcome = 'due', order_id = NULL, detail = ?", (body,))
    database.execute("UPDATE audits SET state = 'running', ended_at = NULL")
    database.commit()
    database.close()
    async with gateway_with(data, sim, time, SMALL) as rig:
        await ended(rig, audit_id)
        (again,) = await found(rig, audit_id)
        assert (again["order_id"], again["outcome"], again["detail"]) == (finding["order_id"], "repairing", None)
        assert len(await rig.all_rows("orders")) == 1


async def test_a_remedy_due_when_it_was_killed_is_placed_if_it_was_not(
    tmp_path: Path, sim: SimNetwork, time: Time
) -> None:
    """Killed behind the last page, before its order was accepted: nothing is left to look at, but one to order."""
    data = tmp_path / "data"
    async with gateway_with(data, sim, time, SMALL) as rig:
        await in_service(rig, 1)
        await ended(rig, await rig.gateway.auditor.start(REPAIR))
        unit, body = Unit(), rig.new("repair", msisdn=number(1000)).body
        (audit_id,) = [row["audit_id"] for row in await rig.all_rows("audits")]
        order = json.dumps({**json.loads(body), "requested_by": {"who": "audit", "channel": "audit"}})
        finding = book.Finding(Kind.DIFFERENT, "orange", card(1).imsi, None, None, (), book.DUE, order)
        book.add_finding(unit, audit_id, 1, finding, time())
        await rig.gateway.journal.commit(unit)
    database = sqlite3.connect(data / "journal.db")
    database.execute("UPDATE audits SET state = 'running', ended_at = NULL")
    database.commit()
    database.close()
    async with gateway_with(data, sim, time, SMALL) as rig:
        await ended(rig, audit_id)
        (row,) = await found(rig, audit_id)
        assert (row["outcome"], await rig.until(row["order_id"])) == ("repairing", "completed")


async def test_a_cancelled_audit_tells_what_was_ordered_and_what_was_not(rig: Rig) -> None:
    """Cancelled with two remedies due: one had been placed when nobody had written that yet."""
    await in_service(rig, 1)
    await rig.gateway.upkeep.open(Opening("orange", None, "new boards", "anna"))
    audit_id = await rig.gateway.auditor.start(REPAIR)
    key, order = f"audit-{audit_id}-1", rig.new("repair", msisdn=number(1000))
    assert (await rig.gateway.engine.accept(replace(order, idempotency_key=key), 100)).order is not None
    unit = Unit()
    for n in (1, 2):
        finding = book.Finding(Kind.DIFFERENT, "orange", card(n).imsi, None, None, (), book.DUE, order.body)
        book.add_finding(unit, audit_id, n, finding, rig.time())
    await rig.gateway.journal.commit(unit)
    await rig.gateway.auditor.cancel(audit_id)
    first, second = await found(rig, audit_id)
    assert (first["outcome"], first["order_id"]) == ("repairing", (await rig.all_rows("orders"))[0]["order_id"])
    assert (second["outcome"], second["order_id"], "cancelled" in second["detail"]) == ("left", None, True)


async def test_a_configuration_that_no_longer_leads_there_ends_it(tmp_path: Path, sim: SimNetwork, time: Time) -> None:
    data = tmp_path / "data"
    async with gateway_with(data, sim, time, SMALL) as rig:
        await in_service(rig, 8)
        audit_id = await rig.gateway.auditor.start(REPORT)
    database = sqlite3.connect(data / "journal.db")
    database.execute("""UPDATE audits SET place = '{"source":"telex/99","after":"1"}'""")
    database.commit()
    database.close()
    async with gateway_with(data, sim, time, SMALL) as rig:
        row = await ended(rig, audit_id)
        assert (row["state"], "configuration" in row["detail"]) == ("failed", True)
