"""SIMs and numbers through a life: taken, in service, replaced, ended; given back only when nothing came of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.contract.action import SimState
from gateway.journal.journal import Conflict, Unit
from gateway.stock.findings import Found
from gateway.stock.imports import ImportReport, import_vendor_file
from gateway.stock.reports import Report, Reports
from gateway.stock.shelf import reserve_sim
from gateway.stock.vault import VaultError
from hlr_sim.faults import Kind
from tests.gateway.cards import Card, card, vendor_file
from tests.gateway.rig import Rig, SimNetwork, Time, gateway_on

NUMBER, OTHER = "+33612345678", "+33612345679"


@pytest.fixture
async def strict(tmp_path: Path, sim: SimNetwork, time: Time) -> AsyncIterator[Rig]:
    """A gateway whose contract keeps numbers in quarantine for ten days."""
    async with gateway_on(tmp_path / "strict", sim, time) as rig:
        contracts = rig.gateway.settings.contracts
        assert isinstance(contracts, dict)
        contracts["technicophone"] = replace(contracts["technicophone"], quarantine_days=10)
        await rig.stock(card(1), card(2), card(3))
        yield rig


async def sims(rig: Rig) -> dict[str, str]:
    return {row["iccid"]: row["state"] for row in await rig.all_rows("sims")}


async def numbers(rig: Rig) -> dict[str, str]:
    return {row["msisdn"]: row["state"] for row in await rig.all_rows("numbers")}


async def bring(rig: Rig, *cards: Card) -> ImportReport:
    gateway = rig.gateway
    return await import_vendor_file(vendor_file(cards), gateway.journal, gateway.vault, gateway.clock())


async def test_an_import_counts_and_a_second_one_changes_nothing(rig: Rig) -> None:
    first = await bring(rig, card(10), card(11))
    assert (first.rows, first.imported, first.already_there, first.problems) == (2, 2, 0, ())
    before = [tuple(row) for row in await rig.all_rows("sims")]
    again = await bring(rig, card(10), card(11))
    assert (again.rows, again.imported, again.already_there) == (2, 0, 2)
    assert [tuple(row) for row in await rig.all_rows("sims")] == before


async def test_an_import_never_overwrites_a_card_in_service(rig: Rig, line: Card) -> None:
    before = [tuple(row) for row in await rig.all_rows("sims")]
    report = await bring(rig, replace(line, ki="F" * 32), replace(card(20), iccid=line.iccid))
    assert (report.imported, len(report.problems)) == (0, 1)
    assert [tuple(row) for row in await rig.all_rows("sims")] == before


@pytest.mark.parametrize("same", ["iccid", "imsi"])
async def test_a_card_that_contradicts_one_in_stock_is_refused_by_name(rig: Rig, same: str) -> None:
    odd = replace(card(30), iccid=card(1).iccid) if same == "iccid" else replace(card(30), imsi=card(1).imsi)
    report = await bring(rig, card(31), odd, card(32))
    assert (report.imported, report.already_there, len(report.problems)) == (2, 0, 1)
    assert (report.problems[0].iccid, report.problems[0].line) == (odd.iccid, 9)
    assert len(await sims(rig)) == 6


async def test_the_same_file_twice_at_once_is_counted_once(rig: Rig) -> None:
    cards = [card(n) for n in range(100, 160)]
    reports = await asyncio.gather(bring(rig, *cards), bring(rig, *cards))
    assert len(await sims(rig)) == 64
    assert sum(report.imported for report in reports) == 60


async def test_two_files_at_odds_at_once_are_a_problem_not_a_fault(rig: Rig) -> None:
    odd = replace(card(41), imsi=card(40).imsi)
    reports = await asyncio.gather(bring(rig, card(40)), bring(rig, odd), return_exceptions=True)
    assert not [report for report in reports if isinstance(report, BaseException)]
    assert len(await sims(rig)) == 5


async def test_secrets_are_sealed_in_the_journal(rig: Rig) -> None:
    await bring(rig, card(50))
    (row,) = [row for row in await rig.all_rows("sims") if row["iccid"] == card(50).iccid]
    raw = b"".join(row[name] for name in ("ki", "opc", "pin1", "puk1", "pin2", "puk2", "adm1"))
    assert not [secret for secret in card(50).secrets if secret.encode() in raw]
    opened = await rig.gateway.shelf.credentials(card(50).iccid)
    assert (opened.ki, opened.opc) == (card(50).ki, card(50).opc)
    assert rig.gateway.shelf.open_secret(row, "puk1") == card(50).puk1
    with pytest.raises(VaultError):
        await rig.gateway.shelf.credentials(card(99).iccid)


async def test_a_sim_that_has_served_never_returns_to_stock(rig: Rig, line: Card) -> None:
    assert (await sims(rig))[line.iccid] == "active"
    assert await rig.done("swap_sim", msisdn=NUMBER, new_iccid=card(2).iccid, reason="damaged") == "completed"
    assert [(await sims(rig))[c.iccid] for c in (line, card(2))] == ["replaced", "active"]
    assert await rig.done("terminate", msisdn=NUMBER) == "completed"
    assert [(await sims(rig))[c.iccid] for c in (line, card(2), card(3))] == ["replaced", "retired", "stock"]
    for used in (line, card(2)):
        answer = await rig.ask("activate", msisdn=OTHER, contract="technicophone", plan="unlimited", iccid=used.iccid)
        assert answer.problem is not None
        assert answer.problem["type"] == "/problems/sim-not-available"
    await bring(rig, line, card(2))
    assert {(await sims(rig))[c.iccid] for c in (line, card(2))} == {"replaced", "retired"}


async def test_an_old_sim_no_longer_names_the_line(rig: Rig, line: Card) -> None:
    assert await rig.done("swap_sim", msisdn=NUMBER, new_iccid=card(2).iccid, reason="other") == "completed"
    for name in ({"imsi": line.imsi}, {"iccid": line.iccid}):
        answer = await rig.ask("report_lost", line=name, reason="lost")
        assert answer.problem is not None
        assert "replaced" in answer.problem["detail"]


async def test_claims_are_reserved_from_acceptance_to_the_end(rig: Rig) -> None:
    rig.sim.fault(Kind.BUSY, "PutKeys", count=8)
    order = await rig.activate(card(1), NUMBER)
    assert ((await sims(rig))[card(1).iccid], (await numbers(rig))[NUMBER]) == ("reserved", "reserved")
    assert await rig.until(order) == "completed"
    assert ((await sims(rig))[card(1).iccid], (await numbers(rig))[NUMBER]) == ("active", "assigned")


@pytest.mark.parametrize("end", ["failed", "cancelled"])
async def test_what_came_to_nothing_gives_its_claims_back(rig: Rig, end: str) -> None:
    if end == "failed":
        rig.sim.fault(Kind.REFUSE, "CreateSubscriber")
        order = await rig.activate(card(1), NUMBER)
    else:
        order = await rig.activate(card(1), NUMBER, requested_start=rig.time() + timedelta(days=1))
        await rig.gateway.engine.cancel(order)
    assert await rig.until(order) == end
    assert ((await sims(rig))[card(1).iccid], (await numbers(rig))[NUMBER]) == ("stock", "free")
    assert await rig.until(await rig.activate(card(1), NUMBER)) == "completed"


async def test_a_number_left_rests_until_its_quarantine_is_over(strict: Rig) -> None:
    rig = strict
    assert await rig.until(await rig.activate(card(1), NUMBER)) == "completed"
    assert await rig.done("change_number", msisdn=NUMBER, new_msisdn=OTHER) == "completed"
    assert await numbers(rig) == {NUMBER: "quarantine", OTHER: "assigned"}
    wish = {"contract": "technicophone", "plan": "unlimited", "iccid": card(2).iccid}
    for days, slug in ((0, "number-not-free"), (9.9, "number-not-free")):
        rig.time.jump(days=days)
        answer = await rig.ask("activate", msisdn=NUMBER, **wish)
        assert answer.problem is not None
        assert answer.problem["type"] == f"/problems/{slug}"
    rig.time.jump(days=0.2)
    assert await rig.until(await rig.activate(card(2), NUMBER)) == "completed"


async def test_a_number_of_an_ended_line_rests_too_and_may_then_be_taken(strict: Rig) -> None:
    rig = strict
    assert await rig.until(await rig.activate(card(1), NUMBER)) == "completed"
    assert await rig.done("terminate", msisdn=NUMBER) == "completed"
    assert (await numbers(rig))[NUMBER] == "quarantine"
    rig.time.jump(days=11)
    assert await rig.until(await rig.activate(card(2), NUMBER)) == "completed"
    assert await rig.done("suspend", msisdn=NUMBER, reason="unpaid") == "completed"
    assert rig.sim.held(card(2).imsi) == await rig.wished(NUMBER)


async def test_every_state_a_sim_may_have_is_one_of_the_five() -> None:
    assert {state.value for state in SimState} == {"stock", "reserved", "active", "replaced", "retired"}


async def test_a_dead_card_is_nobodys_and_cannot_be_reserved(rig: Rig) -> None:
    journal, one = rig.gateway.journal, card(2)
    found = Report(one.iccid, "r-1", Found.DEAD, rig.time(), "bench-1", "anna")
    await Reports(journal).take([found], rig.time(), all_or_none=True)
    sim = await rig.gateway.shelf.sim(one.iccid, None)
    assert sim is not None
    assert (sim.state, sim.ours, sim.dead) == (SimState.STOCK, False, True)
    unit = Unit()
    reserve_sim(unit, one.iccid, "a-line", "an-order")
    with pytest.raises(Conflict):
        await journal.commit(unit)
    assert (await sims(rig))[one.iccid] == "stock"
