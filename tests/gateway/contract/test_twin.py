"""Two SIMs, one number: what a second SIM goes with, and what the network holds for it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.contract.action import Claims, SimState
from gateway.contract.actions import add_twin, change_options, change_plan, every, remove_twin, swap_sim
from gateway.contract.actions.swap_sim import SwapReason
from gateway.contract.identity import Name
from gateway.contract.line import Bar, Kind, Life, Reason, Restriction
from gateway.contract.projection import project, project_twin
from tests.gateway.cards import NOBODY, SFR, card
from tests.gateway.contract.island import ISLAND, island, line
from tests.gateway.contract.judging import TWIN, agreed, judged, refused, sim
from tests.gateway.contract.strategies import NOW

ALONE = line("talk", "international", "roaming")
TWINNED = replace(ALONE, twin=TWIN)
ADDED = add_twin.Details(TWIN.iccid)


def test_a_second_sim_is_added_and_removed() -> None:
    assert agreed("add_twin", ALONE, ADDED, sim=sim(card(3))) == TWINNED
    assert agreed("remove_twin", TWINNED, remove_twin.Details()) == ALONE
    assert every()["add_twin"].claims(ADDED, None) == Claims(iccid=TWIN.iccid)


def test_a_second_sim_is_refused() -> None:
    assert refused(judged("add_twin", TWINNED, ADDED, sim=sim(card(4)))) == "twin-exists"
    assert refused(judged("add_twin", ALONE, ADDED, sim=None)) == "sim-unknown"
    assert refused(judged("add_twin", ALONE, ADDED, sim=sim(card(3), SimState.ACTIVE))) == "sim-not-available"
    for plmn in (SFR, NOBODY):
        assert refused(judged("add_twin", ALONE, ADDED, sim=sim(card(3, plmn)))) == "wrong-host"
    assert refused(judged("remove_twin", ALONE, remove_twin.Details())) == "no-twin"


def test_a_contract_may_sell_none() -> None:
    start, end = 'twin = { not_with_options = ["data"]', 'not_with_plans = ["surf"], source = "§" }'
    without = island(lambda text: text.replace(f"{start}, {end}", ""))
    assert refused(judged("add_twin", ALONE, ADDED, sim=sim(card(3)), rules=without)) == "no-twins"


@pytest.mark.parametrize("plan", ["talk", "surf"])
@pytest.mark.parametrize("option", ["data", "4g"])
def test_it_goes_with_no_mobile_internet(plan: str, option: str) -> None:
    result = judged("add_twin", line(plan, option), ADDED, sim=sim(card(3)))
    if (plan, option) == ("talk", "4g"):
        assert result == replace(line(plan, option), twin=TWIN)
    else:
        assert refused(result) == "twin-incompatible"


def test_what_does_not_go_with_it_cannot_be_added_after_it() -> None:
    assert (
        refused(judged("change_options", TWINNED, change_options.Details(add=(Name("data"),)))) == "twin-incompatible"
    )
    assert refused(judged("change_plan", TWINNED, change_plan.Details(Name("surf")))) == "twin-incompatible"
    assert agreed("change_options", TWINNED, change_options.Details(add=(Name("4g"),))).twin == TWIN
    assert agreed("change_plan", TWINNED, change_plan.Details(Name("silent"))).twin == TWIN


def test_it_gets_what_its_line_gets_but_no_calls_of_its_own() -> None:
    first, second = project(TWINNED, ISLAND), project_twin(TWINNED, ISLAND)
    assert first is not None
    assert second is not None
    assert second == replace(first, imsi=TWIN.imsi, msisdn=second.msisdn, apns=frozenset(), diverted_to=None)
    assert second.msisdn is not None
    assert second.msisdn.startswith("+999")  # nobody has such a number
    assert len(second.msisdn) <= 16


def test_whatever_bars_the_line_bars_both() -> None:
    barred = replace(TWINNED, bars=frozenset({Bar.NATIONAL_ONLY, Bar.FLEET_ONLY}))
    held = barred.restricted(Restriction(Kind.SUSPENDED, Reason.LOST, NOW))
    first, second = project(held, ISLAND), project_twin(held, ISLAND)
    assert first is not None
    assert second is not None
    assert (second.locked, second.outgoing, second.service_bars) == (True, first.outgoing, first.service_bars)


def test_it_ends_with_its_line_and_there_is_none_without() -> None:
    assert agreed("terminate", TWINNED).twin is None
    assert project_twin(ALONE, ISLAND) is None
    assert project_twin(replace(TWINNED, life=Life.ORDERED), ISLAND) is None


def test_another_first_sim_leaves_the_second() -> None:
    swapped = agreed("swap_sim", TWINNED, swap_sim.Details(card(2).iccid, SwapReason.DAMAGED))
    assert (swapped.imsi, swapped.twin) == (card(2).imsi, TWIN)
