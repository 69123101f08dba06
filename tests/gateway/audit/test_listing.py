"""An element that lists its subscribers (an OsmoHLR at its terminal): whoever no line has is found, known or not."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from drivers.commands import Why
from drivers.subscription import NetworkAccess
from gateway.audit.asked import Asked, Hints, Policy, Scope
from gateway.contract.line import Reason
from gateway.orders import records
from gateway.orders.order import LineRef
from gateway.settings import AuditSettings
from hlr_sim.faults import Kind
from tests.gateway.audit.hands import (
    ADOPT,
    REPAIR,
    REPORT,
    audited,
    ended,
    found,
    gateway_with,
    kinds,
    number,
    only,
    orders_ended,
    put,
    speaks,
    take_away,
)
from tests.gateway.cards import NOBODY, Card, card
from tests.gateway.rig import Rig, SimNetwork, Time

NUMBER = "+33612345678"
OPTIONS = ["data", "international", "roaming"]  # what an OsmoHLR cannot bar must not be barred
IMPORT = Asked(Scope(element="orange"), Policy.ADOPT, hints=Hints(suspended_as=Reason.UNPAID))


@pytest.fixture
async def osmo(tmp_path: Path, sim: SimNetwork, time: Time) -> AsyncIterator[Rig]:
    """A gateway before an OsmoHLR, with one line in service and three cards in stock."""
    speaks(sim, "osmo_vty")
    settings = AuditSettings(page=2)
    async with gateway_with(tmp_path / "data", sim, time, settings, "osmo_vty") as rig:
        await rig.stock(*(card(n) for n in range(1, 5)))
        assert await rig.until(await rig.activate(card(1), NUMBER, options=OPTIONS)) == "completed"
        yield rig


@pytest.fixture
def line() -> Card:
    return card(1)


async def test_whoever_no_line_has_is_found_though_the_stock_does_not_know_him(osmo: Rig) -> None:
    for n in (2, 3, 90, 91, 92):
        put(osmo.sim, card(n), number(n))
    put(osmo.sim, card(1, NOBODY), number(93))  # no contract's
    counted, findings = await audited(osmo)
    assert counted == {"equal": 1, "extra": 5}
    assert [row["imsi"] for row in findings] == sorted(card(n).imsi for n in (2, 3, 90, 91, 92))
    unknown = [row["detail"] for row in findings if "import its vendor's file" in row["detail"]]
    assert len(unknown) == 3
    (row,) = await osmo.all_rows("audits")
    assert (row["done"], row["total"]) == (6, 6)
    assert "orange: only" not in (row["detail"] or "")


async def test_missing_keys_and_closed_domains_are_different(osmo: Rig, line: Card) -> None:
    store = osmo.sim.hlrs["orange"].store
    store.remove_keys(line.imsi)
    take_away(osmo, line.imsi)
    put(osmo.sim, line, NUMBER, access=NetworkAccess.CS_ONLY)
    store.remove_keys(line.imsi)
    counted, (finding,) = await audited(osmo)
    told = {d["field"]: (d["wanted"], d["held"]) for d in json.loads(finding["differences"])}
    assert (counted, told) == ({"different": 1}, {"network_access": ("both", "cs_only"), "keys": (True, False)})
    _, (mended,) = await audited(osmo, REPAIR)
    assert await orders_ended(osmo, [mended]) == ["completed"]
    assert await audited(osmo) == ({"equal": 1}, [])


async def test_its_subscribers_become_lines_as_far_as_the_stock_knows_their_sims(osmo: Rig) -> None:
    put(osmo.sim, card(2), number(2))
    put(osmo.sim, card(3), number(3), access=NetworkAccess.CS_ONLY)
    put(osmo.sim, card(4), number(4), access=NetworkAccess.NONE)
    put(osmo.sim, card(90), number(90))
    before = osmo.sim.picture()
    counted, findings = await audited(osmo, IMPORT)
    assert counted == {"equal": 1, "extra": 4}
    assert [row["outcome"] for row in findings] == ["adopting"] * 3 + ["left"]
    assert await orders_ended(osmo, findings) == ["completed"] * 3
    assert osmo.sim.picture() == before
    states = []
    for n in (2, 3, 4):
        record = await records.find_line(osmo.gateway.journal, LineRef(msisdn=number(n)))
        assert record is not None
        states.append((record.line.state, "data" in record.line.options))
    assert states == [("active", True), ("active", False), ("suspended", False)]
    assert (await audited(osmo))[0] == {"equal": 4, "extra": 1}


async def test_a_subscriber_without_keys_is_of_no_use_to_anybody(osmo: Rig) -> None:
    put(osmo.sim, card(2), number(2))
    osmo.sim.hlrs["orange"].store.remove_keys(card(2).imsi)
    _, (finding,) = await audited(osmo, IMPORT)
    assert (finding["outcome"], "keys are missing" in finding["detail"]) == ("left", True)


async def test_an_element_that_refuses_to_list_is_asked_for_those_the_stock_knows(osmo: Rig) -> None:
    put(osmo.sim, card(2), number(2))
    put(osmo.sim, card(90), number(90))
    osmo.sim.fault(Kind.REFUSE, "ListSubscribers", count=4, why=Why.FORBIDDEN)
    row = await ended(osmo, await osmo.gateway.auditor.start(REPORT))
    (finding,) = await found(osmo, row["audit_id"])
    assert (kinds(row), finding["imsi"]) == ({"equal": 1, "extra": 1}, card(2).imsi)
    assert "only IMSIs known to the stock" in row["detail"]


async def test_nobody_is_listed_for_single_lines_or_states(osmo: Rig) -> None:
    put(osmo.sim, card(2), number(2))
    for scope in (only(REPORT, NUMBER), only(REPORT, state="active"), only(REPORT, element="sfr")):
        counted, findings = await audited(osmo, scope)
        assert (set(counted) <= {"equal"}, findings) == (True, [])
    assert "ListSubscribers" not in [entry.command for entry in osmo.sim.log()]


async def test_a_stop_in_the_middle_of_a_list_goes_on_behind_whoever_was_looked_at(
    tmp_path: Path, sim: SimNetwork, time: Time
) -> None:
    speaks(sim, "osmo_vty")
    settings = AuditSettings(page=2, at_once=1)
    for n in range(40):
        put(sim, card(100 + n), number(100 + n))
    async with gateway_with(tmp_path / "data", sim, time, settings, "osmo_vty") as rig:
        audit_id = await rig.gateway.auditor.start(replace(ADOPT, scope=Scope(element="orange")))
        while len(await found(rig, audit_id)) < 10:
            await rig.gateway.bell.wait(rig.gateway.bell.listen(), 0.001)
    async with gateway_with(tmp_path / "data", sim, time, settings, "osmo_vty") as rig:
        row = await ended(rig, audit_id)
        findings = await found(rig, audit_id)
    assert [one["imsi"] for one in findings] == [card(100 + n).imsi for n in range(40)]
    assert (row["done"], row["total"], kinds(row)) == (40, 40, {"extra": 40})
