"""From what was agreed to what the network should hold: properties that must hold for every line."""

from __future__ import annotations

import dataclasses
from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from drivers.subscription import IncomingBar, NetworkAccess, OutgoingBar, PacketBar, Rat, RoamingBar, Subscription
from gateway.contract.action import Refusal, Wish
from gateway.contract.actions import every
from gateway.contract.actions.reactivate import Details as Reactivate
from gateway.contract.line import LIMITS, Kind, Life, Line, Reason, Restriction
from gateway.contract.projection import project
from tests.gateway.contract.strategies import NOW, RULES, lines, options

WISH = Wish(rules=RULES, now=NOW)


def shown(line: Line) -> Subscription:
    projected = project(line, RULES)
    assert projected is not None
    return projected


def under(line: Line, *held: tuple[Kind, Reason]) -> Line:
    return replace(line, restrictions=tuple(Restriction(kind, reason, NOW) for kind, reason in held))


@given(lines())
def test_it_is_total_and_says_the_same_each_time(line: Line) -> None:
    assert shown(line) == shown(replace(line)) != None  # noqa: E711 - both, at once
    assert (shown(line).imsi, shown(line).msisdn) == (line.imsi, line.msisdn)


@pytest.mark.parametrize("life", [Life.ORDERED, Life.TERMINATED])
@given(st.data())
def test_a_line_out_of_service_is_nothing_on_the_network(life: Life, data: st.DataObject) -> None:
    assert project(data.draw(lines(life)), RULES) is None


@given(lines())
def test_the_order_of_restrictions_does_not_matter(line: Line) -> None:
    assume(len(line.restrictions) <= 4)
    seen = {shown(replace(line, restrictions=order)) for order in permutations(line.restrictions)}
    assert len(seen) == 1


@given(lines())
def test_restrictions_never_touch_what_options_say(line: Line) -> None:
    bare, held = shown(replace(line, restrictions=())), shown(line)
    assert (held.rats, held.apns, held.home_bars, held.roaming, held.premium_barred) == (
        bare.rats,
        bare.apns,
        bare.home_bars,
        bare.roaming,
        bare.premium_barred,
    )


@given(lines())
def test_the_strictest_of_all_restrictions_holds(line: Line) -> None:
    held = shown(line)
    for one in line.restrictions:
        alone = shown(replace(line, restrictions=(one,)))
        assert held.locked >= alone.locked
        assert held.outgoing in (alone.outgoing, OutgoingBar.ALL)
        assert held.incoming in (alone.incoming, IncomingBar.ALL) or alone.incoming is IncomingBar.NONE
        assert held.packet in (alone.packet, PacketBar.ALL) or alone.packet is PacketBar.NONE
        assert held.cap_kbit_s == alone.cap_kbit_s or alone.cap_kbit_s is None


@given(lines())
def test_reactivation_gives_back_exactly_what_was_on(line: Line) -> None:
    before = replace(line, restrictions=())
    restricted = line
    for reason in {r.reason for r in line.restrictions if r.kind not in LIMITS}:
        lifted = every()["reactivate"].apply(restricted, Reactivate(reason), WISH)
        assert isinstance(lifted, Line)
        restricted = lifted
    left = {r.kind for r in restricted.restrictions}
    assert left <= LIMITS
    assert replace(restricted, restrictions=()) == before
    if not left:
        assert shown(restricted) == shown(before)


@given(lines())
def test_lifting_one_reason_lifts_only_that(line: Line) -> None:
    for reason in Reason:
        lifted = every()["reactivate"].apply(line, Reactivate(reason), WISH)
        gone = tuple(r for r in line.restrictions if r.reason is reason and r.kind not in LIMITS)
        if not gone:
            assert isinstance(lifted, Refusal)
        else:
            assert isinstance(lifted, Line)
            assert lifted.restrictions == tuple(r for r in line.restrictions if r not in gone)


@given(lines(), st.sampled_from(Reason), st.sampled_from([Kind.BARRED_OUTGOING, Kind.SUSPENDED]))
def test_the_same_reason_twice_is_one_restriction_since_its_first(line: Line, reason: Reason, kind: Kind) -> None:
    once = line.restricted(Restriction(kind, reason, NOW))
    assert once.restricted(Restriction(kind, reason, NOW.replace(year=2027), "again")) == once


@given(lines(), options)
def test_options_say_what_they_open(line: Line, chosen: frozenset[str]) -> None:
    held = shown(replace(line, options=chosen, restrictions=()))
    roams = "roaming" in chosen and "roaming_block" not in chosen
    assert held.roaming is (RoamingBar.NONE if roams else RoamingBar.OUTSIDE_HPLMN)
    assert held.home_bars == (frozenset() if "international" in chosen else {1})
    rats = (
        {Rat.GERAN, Rat.UTRAN} | ({Rat.EUTRAN} if "4g" in chosen else set()) | ({Rat.NR} if "5g" in chosen else set())
    )
    assert held.rats == rats
    assert ("internet" in held.apns) is ("data" in chosen)
    assert ({"visualvoicemail", "tethering"} <= held.apns) is ("iphone" in chosen)


@given(lines())
def test_what_each_restriction_closes(line: Line) -> None:
    barred = shown(under(line, (Kind.BARRED_OUTGOING, Reason.UNPAID)))
    assert (barred.outgoing, barred.incoming, barred.packet, barred.locked) == (
        OutgoingBar.ALL,
        IncomingBar.WHEN_ROAMING,
        PacketBar.ALL,
        False,
    )
    assert shown(under(line, (Kind.SUSPENDED, Reason.FRAUD))).locked
    fair = shown(under(line, (Kind.FAIR_USE, Reason.ABUSE)))
    if line.plan == "unlimited":
        assert (fair.cap_kbit_s, fair.packet) == (128, PacketBar.WHEN_ROAMING)
    else:
        assert fair == shown(under(line))


def test_nothing_a_line_is_made_of_can_bar_an_emergency_call() -> None:
    fields = {field.name for field in dataclasses.fields(Subscription)}
    assert fields == {
        "imsi", "msisdn", "locked", "outgoing", "incoming", "roaming", "packet", "home_bars", "premium_barred", "rats",
        "apns", "cap_kbit_s", "access", "service_bars", "caller_id_hidden", "diverted_to", "foreign",
    }  # fmt: skip
    words = [
        *fields,
        *(member for bar in (NetworkAccess, OutgoingBar, IncomingBar, RoamingBar, PacketBar) for member in bar),
    ]
    assert not [word for word in words if "emerg" in word or "sos" in word]


@given(lines())
def test_the_word_for_a_line_is_the_strictest_that_is_true(line: Line) -> None:
    kinds = {r.kind for r in line.restrictions}
    expected = "suspended" if Kind.SUSPENDED in kinds else "barred" if Kind.BARRED_OUTGOING in kinds else "active"
    assert line.state == expected
    assert replace(line, life=Life.TERMINATED).state == "terminated"
    assert line.ordered().state == "ordered"
