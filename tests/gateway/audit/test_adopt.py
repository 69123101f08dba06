"""The policy adopt: what an element holds becomes what was agreed, in the contract's words, or is left and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from drivers.subscription import ALL_RATS, OutgoingBar, Rat, RoamingBar
from gateway.audit.asked import Asked, Hints, Policy, Scope
from gateway.contract.line import Line, Reason
from gateway.orders import records
from gateway.orders.order import LineRef
from hlr_sim.translation import with_facet
from tests.gateway.audit.hands import ADOPT, BARE, audited, number, only, orders_ended, put, take_away, touch
from tests.gateway.cards import NOBODY, SFR, Card, card
from tests.gateway.rig import Rig

NUMBER = "+33612345678"
OPEN: Mapping[str, Any] = {
    "roaming": RoamingBar.NONE,
    "home_bars": frozenset(),
    "rats": ALL_RATS,
    "apns": frozenset({"internet"}),
}
SUSPENDED: Mapping[str, Any] = BARE | {"locked": True}
IMPORT = Asked(Scope(element="orange"), Policy.ADOPT, hints=Hints("technicophone", "metered", Reason.UNPAID))


async def _line(rig: Rig, msisdn: str) -> Line:
    record = await records.find_line(rig.gateway.journal, LineRef(msisdn=msisdn))  # type: ignore[arg-type]  # from a test
    assert record is not None
    return record.line


async def test_an_element_becomes_lines_and_hears_no_change(rig: Rig) -> None:
    put(rig.sim, card(1), number(1), **OPEN)
    put(rig.sim, card(2), number(2), **BARE)
    put(rig.sim, card(3), number(3), **SUSPENDED)
    before, heard = rig.sim.picture(), rig.sim.heard()
    counted, findings = await audited(rig, IMPORT)
    assert (counted, {row["outcome"] for row in findings}) == ({"extra": 3}, {"adopting"})
    assert await orders_ended(rig, findings) == ["completed"] * 3
    assert (rig.sim.picture(), rig.sim.heard()) == (before, heard)
    first, second, third = [await _line(rig, number(n)) for n in (1, 2, 3)]
    assert first.options == {"4g", "5g", "data", "international", "roaming"}
    assert (second.options, second.plan, second.state, second.iccid) == (
        frozenset(),
        "metered",
        "active",
        card(2).iccid,
    )
    assert (third.state, third.restrictions[0].reason) == ("suspended", Reason.UNPAID)
    assert (await audited(rig))[0] == {"equal": 3}
    assert await rig.done("change_options", msisdn=number(2), add=["data"]) == "completed"


async def test_importing_again_changes_nothing(rig: Rig) -> None:
    put(rig.sim, card(1), number(1), **OPEN)
    _, findings = await audited(rig, IMPORT)
    await orders_ended(rig, findings)
    assert await audited(rig, IMPORT) == ({"equal": 1}, [])


async def test_another_element_is_not_touched(rig: Rig) -> None:
    put(rig.sim, card(1, SFR), number(1), "sfr", **BARE)
    assert await audited(rig, IMPORT) == ({}, [])
    _, (finding,) = await audited(rig, replace(IMPORT, scope=Scope(element="sfr")))
    assert await orders_ended(rig, [finding]) == ["completed"]
    assert (await _line(rig, number(1))).host == "sfr"


@pytest.mark.parametrize(
    ("facet", "becomes"),
    [
        (RoamingBar.NONE, frozenset({"data", "4g", "roaming"})),
        (None, frozenset({"4g"})),
    ],
)
async def test_a_line_that_was_changed_there_becomes_what_it_is_there(
    rig: Rig, line: Card, facet: RoamingBar | None, becomes: frozenset[str]
) -> None:
    if facet is None:
        touch(rig, line.imsi, lambda held: replace(held, apns=frozenset()))
    else:
        touch(rig, line.imsi, lambda held: with_facet(held, facet))
    before = rig.sim.held(line.imsi)
    _, (finding,) = await audited(rig, ADOPT)
    assert (finding["kind"], finding["outcome"]) == ("different", "adopting")
    assert await orders_ended(rig, [finding]) == ["completed"]
    found = await _line(rig, NUMBER)
    assert (found.options, found.plan) == (becomes, "unlimited")
    assert rig.sim.held(line.imsi) == before == await rig.wished(NUMBER)
    assert await audited(rig) == ({"equal": 1}, [])


async def test_a_line_locked_there_is_suspended_for_the_reason_given(rig: Rig, line: Card) -> None:
    touch(rig, line.imsi, lambda held: replace(held, lock=True))
    _, (finding,) = await audited(rig, ADOPT)
    assert (finding["outcome"], "suspended_as" in finding["detail"]) == ("left", True)
    _, (again,) = await audited(rig, replace(ADOPT, hints=Hints(suspended_as=Reason.CREDIT_LIMIT)))
    assert await orders_ended(rig, [again]) == ["completed"]
    (held,) = (await _line(rig, NUMBER)).restrictions
    assert held.reason is Reason.CREDIT_LIMIT


@pytest.mark.parametrize(("reason", "outcome"), [("unpaid", "adopting"), ("stolen", "left")])
async def test_only_what_a_reactivation_may_lift_is_lifted_because_it_is_open_there(
    rig: Rig, line: Card, reason: str, outcome: str
) -> None:
    assert await rig.done("suspend", msisdn=NUMBER, reason=reason) == "completed"
    touch(rig, line.imsi, lambda held: replace(held, lock=False))
    _, (finding,) = await audited(rig, ADOPT)
    assert finding["outcome"] == outcome
    await orders_ended(rig, [finding])
    assert (await _line(rig, NUMBER)).state == ("active" if outcome == "adopting" else "suspended")


async def test_what_cannot_be_said_is_left_with_the_reason(rig: Rig, line: Card) -> None:
    for n, (hand, word) in enumerate(
        (
            (lambda held: replace(held, odb_premium=True), "no combination"),
            (lambda held: replace(held, msisdn=number(9)), "change its number"),
        )
    ):
        touch(rig, line.imsi, hand)
        _, (finding,) = await audited(rig, ADOPT)
        assert (finding["outcome"], word in finding["detail"]) == ("left", True), n
        touch(rig, line.imsi, lambda held: replace(held, odb_premium=False, msisdn=NUMBER))
    take_away(rig, line.imsi)
    _, (finding,) = await audited(rig, ADOPT)
    assert (finding["kind"], finding["outcome"], "repair" in finding["detail"]) == ("missing", "left", True)


@pytest.mark.parametrize(
    "case",
    [
        (BARE | {"outgoing": OutgoingBar.INTERNATIONAL}, number(1), Hints(), "no combination"),
        (BARE | {"rats": frozenset({Rat.GERAN})}, number(1), Hints(), "no combination"),
        (BARE, "+442071838750", Hints(), "outside the ranges"),
        (BARE, None, Hints(), "no number"),
        (BARE, NUMBER, Hints(), "served by SIM"),
        (SUSPENDED, number(1), Hints(), "suspended_as"),
        (SUSPENDED, number(1), Hints(suspended_as=Reason.INACTIVITY), None),
        (BARE | {"locked": True}, number(1), Hints(suspended_as=Reason.LOST), None),
    ],
)
async def test_a_subscriber_that_cannot_become_a_line_is_left_with_the_reason(
    rig: Rig, line: Card, case: tuple[Mapping[str, Any], str | None, Hints, str | None]
) -> None:
    facets, msisdn, hints, word = case
    if msisdn == NUMBER:
        take_away(rig, line.imsi)
    put(rig.sim, card(2), msisdn, **facets)
    _, findings = await audited(rig, replace(ADOPT, hints=hints))
    (finding,) = [row for row in findings if row["imsi"] == card(2).imsi]
    assert finding["outcome"] == ("adopting" if word is None else "left")
    assert word is None or word in finding["detail"], finding["detail"]


async def test_a_sim_that_is_reserved_or_spent_is_not_adopted(rig: Rig, line: Card) -> None:
    later = rig.new("activate", msisdn=number(2), iccid=card(2).iccid, contract="technicophone", plan="metered")
    start = rig.time.now.replace(year=2027)
    assert (await rig.gateway.engine.accept(replace(later, requested_start=start), 100)).order is not None
    put(rig.sim, card(2), number(5), **BARE)
    assert await rig.done("terminate", msisdn=NUMBER) == "completed"
    put(rig.sim, line, number(6), **BARE)
    _, findings = await audited(rig, ADOPT)
    told = {row["imsi"]: (row["outcome"], row["detail"]) for row in findings}
    assert {outcome for outcome, _ in told.values()} == {"left"}
    assert "reserved" in told[card(2).imsi][1]
    assert "terminated" in told[line.imsi][1]


async def test_a_plan_and_a_contract_are_those_named(rig: Rig) -> None:
    put(rig.sim, card(1), number(1), **BARE)
    _, findings = await audited(rig, replace(only(ADOPT), hints=Hints(contract="technicophone", plan="unlimited")))
    assert await orders_ended(rig, findings) == ["completed"]
    assert (await _line(rig, number(1))).plan == "unlimited"


async def test_an_imsi_of_no_host_is_nobody_to_look_for(rig: Rig) -> None:
    await rig.stock(card(1, NOBODY))
    put(rig.sim, card(1, NOBODY), number(1), **BARE)
    assert await audited(rig, ADOPT) == ({}, [])
