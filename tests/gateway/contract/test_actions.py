"""Every action, judged on every state of a line: what it makes of it, and what it refuses with which word."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from drivers.subscription import Iccid, Msisdn
from gateway.contract.action import Claims, Lane, Refusal, SimState
from gateway.contract.actions import (
    bar_outgoing,
    change_number,
    change_options,
    change_plan,
    every,
    reactivate,
    report_lost,
    suspend,
    swap_sim,
)
from gateway.contract.actions._porting import PortIn
from gateway.contract.actions.swap_sim import SwapReason
from gateway.contract.identity import Name
from gateway.contract.line import Kind, Life, Line, Reason, Restriction
from tests.gateway.cards import NOBODY, SFR, card
from tests.gateway.contract.judging import (
    DETAILS,
    LINE,
    NUMBER,
    OTHER,
    READY,
    judged,
    kinds,
    refused,
    restricted,
    sim,
)
from tests.gateway.contract.strategies import NOW, RULES

OPENING = {"activate", "adopt"}
AT_ANY_TIME = {"repair"} | {"cancel_port_in", "change_port_date", "end_port"}  # a line that waits for its number too
ON_LINES = sorted(set(DETAILS) - OPENING - {"repair"})


def test_every_action_of_the_folder_is_judged_here() -> None:
    assert set(DETAILS) == set(every())


@pytest.mark.parametrize("action", ON_LINES)
def test_a_line_that_has_ended_is_changed_no_more(action: str) -> None:
    ended = replace(READY.get(action, LINE), life=Life.TERMINATED)
    assert refused(judged(action, ended)) == ("line-not-active" if action in AT_ANY_TIME else "line-terminated")


@pytest.mark.parametrize("action", ON_LINES)
def test_only_a_line_that_is_there_can_be_changed(action: str) -> None:
    assert refused(judged(action, None)) == "line-not-active"


@pytest.mark.parametrize("action", sorted(set(ON_LINES) - AT_ANY_TIME))
def test_only_a_line_in_service_can_be_changed(action: str) -> None:
    assert refused(judged(action, READY.get(action, LINE).ordered())) == "line-not-active"


@pytest.mark.parametrize("held", [(), ((Kind.SUSPENDED, Reason.STOLEN), (Kind.FAIR_USE, Reason.ABUSE))])
@pytest.mark.parametrize("action", sorted(set(ON_LINES) - {"reactivate"}))
def test_whatever_restricts_it_a_line_in_service_can_be_changed(
    action: str, held: tuple[tuple[Kind, Reason], ...]
) -> None:
    line = replace(READY.get(action, LINE), restrictions=restricted(*held).restrictions)
    result = judged(action, line)
    assert isinstance(result, Line), result
    assert (result.contract, result.host) == (line.contract, line.host)


def test_an_activation_opens_a_line_with_what_was_chosen() -> None:
    opened = judged("activate", None)
    assert opened == Line(
        NUMBER,
        card(2).imsi,
        card(2).iccid,
        RULES.name,
        "orange",
        "unlimited",
        frozenset({"4g"}),
        (),
        Life.ACTIVE,
        opened_at=NOW,
    )
    assert judged("activate", LINE.ordered()) == opened
    assert every()["activate"].claims(DETAILS["activate"], NUMBER) == Claims(card(2).iccid, NUMBER)


@pytest.mark.parametrize(
    ("slug", "line", "details", "changed"),
    [
        ("line-exists", LINE, {}, {}),
        ("line-exists", replace(LINE, life=Life.TERMINATED), {}, {}),
        ("msisdn-missing", None, {}, {"msisdn": None}),
        ("unknown-plan", None, {"plan": "gold"}, {}),
        ("unknown-option", None, {"options": ("6g",)}, {}),
        ("number-out-of-range", None, {}, {"msisdn": "+33123456789"}),
        ("number-not-free", None, {}, {"number_free": False}),
        ("sim-unknown", None, {}, {"sim": None}),
        ("iccid-check-digit", None, {"iccid": "8933010000000000011"}, {"sim": None}),
        ("sim-dead", None, {}, {"sim": replace(sim(card(2)), dead=True)}),
        ("sim-not-available", None, {}, {"sim": sim(card(2), SimState.RESERVED)}),
        ("sim-not-available", None, {}, {"sim": sim(card(2), SimState.ACTIVE)}),
        ("sim-not-available", None, {}, {"sim": sim(card(2), SimState.REPLACED)}),
        ("sim-not-available", None, {}, {"sim": sim(card(2), SimState.RETIRED)}),
        ("wrong-host", None, {"host": "sfr"}, {}),
        ("wrong-host", None, {}, {"sim": sim(card(2, NOBODY))}),
        ("rio-invalid", None, {"port_in": PortIn("01P123456ABC", "M", NOW.date())}, {}),
    ],
)
def test_an_activation_is_refused(
    slug: str, line: Line | None, details: dict[str, Any], changed: dict[str, Any]
) -> None:
    assert refused(judged("activate", line, replace(DETAILS["activate"], **details), **changed)) == slug


def test_a_sim_reserved_for_this_very_order_may_be_used() -> None:
    assert isinstance(judged("activate", None, sim=sim(card(2), SimState.RESERVED, ours=True)), Line)


def test_a_sim_of_sfr_opens_a_line_at_sfr() -> None:
    opened = judged("activate", None, sim=sim(card(2, SFR)))
    assert isinstance(opened, Line)
    assert opened.host == "sfr"


def test_options_are_added_and_removed_and_the_rest_stays() -> None:
    changed = judged("change_options", LINE)
    assert isinstance(changed, Line)
    assert changed == replace(LINE, options=frozenset({"4g"}))
    again = judged("change_options", changed)
    assert again == changed


@pytest.mark.parametrize(
    ("slug", "add", "remove"),
    [
        ("nothing-to-change", (), ()),
        ("contradiction", ("data", "4g"), ("data",)),
        ("unknown-option", ("6g",), ()),
        ("unknown-option", (), ("6g",)),
    ],
)
def test_a_change_of_options_is_refused(slug: str, add: tuple[Name, ...], remove: tuple[Name, ...]) -> None:
    result = judged("change_options", LINE, change_options.Details(add, remove))
    assert refused(result) == slug
    assert isinstance(result, Refusal)
    assert result.timeless


def test_plan_and_number_change_and_nothing_else() -> None:
    assert judged("change_plan", LINE) == replace(LINE, plan="metered", plan_since=NOW)
    assert refused(judged("change_plan", LINE, change_plan.Details(Name("gold")))) == "unknown-plan"
    assert judged("change_number", LINE) == replace(LINE, msisdn=OTHER)
    assert refused(judged("change_number", LINE, change_number.Details(NUMBER))) == "same-number"
    assert refused(judged("change_number", LINE, number_free=False)) == "number-not-free"
    far = change_number.Details(Msisdn("+4915112345678"))
    assert refused(judged("change_number", LINE, far)) == "number-out-of-range"
    assert every()["change_number"].claims(DETAILS["change_number"], NUMBER) == Claims(msisdn=OTHER)


@pytest.mark.parametrize(("action", "kind"), [("bar_outgoing", Kind.BARRED_OUTGOING), ("suspend", Kind.SUSPENDED)])
@pytest.mark.parametrize("reason", Reason)
def test_a_restriction_takes_the_reasons_the_contract_has(action: str, kind: Kind, reason: Reason) -> None:
    module = {"bar_outgoing": bar_outgoing, "suspend": suspend}[action]
    result = judged(action, LINE, module.Details(reason, "R"))
    if reason in RULES.restrictions[kind].reasons:
        assert kinds(result) == [(kind, reason)]
    else:
        assert refused(result) == "reason-not-allowed"


def test_a_loss_counts_from_its_report() -> None:
    earlier = NOW - timedelta(hours=3)
    reported = judged("report_lost", LINE, report_lost.Details(Reason.STOLEN, earlier))
    assert isinstance(reported, Line)
    assert reported.restrictions == (Restriction(Kind.SUSPENDED, Reason.STOLEN, earlier),)
    later = report_lost.Details(Reason.LOST, NOW + timedelta(hours=1))
    assert refused(judged("report_lost", LINE, later)) == "reported-in-future"
    assert every()["report_lost"].lane is Lane.EMERGENCY


@pytest.mark.parametrize("kept", [Reason.LOST, Reason.STOLEN, Reason.FRAUD, Reason.AUTHORITY])
def test_reactivation_without_a_reason_keeps_what_only_a_name_lifts(kept: Reason) -> None:
    line = restricted((Kind.SUSPENDED, kept), (Kind.BARRED_OUTGOING, Reason.UNPAID), (Kind.FAIR_USE, Reason.ABUSE))
    assert kinds(judged("reactivate", line)) == [(Kind.SUSPENDED, kept), (Kind.FAIR_USE, Reason.ABUSE)]
    only = restricted((Kind.SUSPENDED, kept), (Kind.FAIR_USE, Reason.ABUSE))
    assert refused(judged("reactivate", only)) == "nothing-to-lift"
    assert kinds(judged("reactivate", only, reactivate.Details(kept))) == [(Kind.FAIR_USE, Reason.ABUSE)]


def test_there_must_be_something_to_lift() -> None:
    assert refused(judged("reactivate", LINE)) == "nothing-to-lift"
    assert refused(judged("reactivate", restricted((Kind.FAIR_USE, Reason.ABUSE)))) == "nothing-to-lift"


@pytest.mark.parametrize("reason", SwapReason)
def test_a_swap_lifts_loss_and_theft_and_only_when_it_is_for_that(reason: SwapReason) -> None:
    line = restricted((Kind.SUSPENDED, Reason.LOST), (Kind.SUSPENDED, Reason.STOLEN), (Kind.SUSPENDED, Reason.UNPAID))
    swapped = judged("swap_sim", line, swap_sim.Details(card(2).iccid, reason))
    assert isinstance(swapped, Line)
    assert (swapped.imsi, swapped.iccid, swapped.msisdn) == (card(2).imsi, card(2).iccid, NUMBER)
    lost = reason in (SwapReason.LOST, SwapReason.STOLEN)
    assert kinds(swapped) == ([(Kind.SUSPENDED, Reason.UNPAID)] if lost else kinds(line))


def test_a_swap_is_refused() -> None:
    assert refused(judged("swap_sim", LINE, swap_sim.Details(card(1).iccid, SwapReason.OTHER))) == "same-sim"
    assert refused(judged("swap_sim", LINE, sim=sim(card(2, SFR)))) == "wrong-host"
    assert refused(judged("swap_sim", LINE, sim=sim(card(2), SimState.REPLACED))) == "sim-not-available"
    assert refused(judged("swap_sim", LINE, sim=replace(sim(card(2)), dead=True))) == "sim-dead"
    assert refused(judged("swap_sim", LINE, sim=None)) == "sim-unknown"
    assert every()["swap_sim"].claims(DETAILS["swap_sim"], NUMBER) == Claims(iccid=Iccid(card(2).iccid))


def test_a_termination_ends_the_line_as_it_is() -> None:
    line = restricted((Kind.SUSPENDED, Reason.FRAUD))
    assert judged("terminate", line) == replace(line, life=Life.TERMINATED)


def test_a_repair_changes_nothing_agreed_whatever_became_of_the_line() -> None:
    for life in (Life.ACTIVE, Life.TERMINATED):
        line = replace(LINE, life=life)
        assert judged("repair", line) == line
    for never in (None, LINE.ordered()):
        refused = judged("repair", never)
        assert isinstance(refused, Refusal)
        assert refused.slug == "line-not-active"


def test_a_new_line_is_adopted_as_it_was_found() -> None:
    found = judged("adopt", None)
    assert isinstance(found, Line)
    assert (found.life, found.plan, found.options) == (Life.ACTIVE, "metered", frozenset({"4g"}))
    assert found.imsi == card(2).imsi
    assert [(r.kind, r.reason) for r in found.restrictions] == [(Kind.SUSPENDED, Reason.UNPAID)]


def test_a_known_line_is_adopted_with_what_was_known_of_its_restrictions() -> None:
    since = NOW - timedelta(days=3)
    known = replace(LINE, restrictions=(Restriction(Kind.BARRED_OUTGOING, Reason.FRAUD, since),))
    details = replace(DETAILS["adopt"], iccid=LINE.iccid, barred=Reason.FRAUD, suspended=None)
    found = judged("adopt", known, details)
    assert isinstance(found, Line)
    assert (found.restrictions, found.options, found.plan) == (known.restrictions, frozenset({"4g"}), "metered")


@pytest.mark.parametrize(
    ("line", "changed", "slug"),
    [
        (LINE, {}, "other-sim"),
        (replace(LINE, life=Life.TERMINATED), {"iccid": LINE.iccid}, "other-sim"),
        (LINE, {"iccid": LINE.iccid, "suspended": None, "barred": Reason.LOST}, "reason-unknown"),
    ],
)
def test_what_cannot_be_adopted_is_refused(line: Line, changed: dict[str, Any], slug: str) -> None:
    refused = judged("adopt", line, replace(DETAILS["adopt"], **changed))
    assert isinstance(refused, Refusal)
    assert refused.slug == slug
