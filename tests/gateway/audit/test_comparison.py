"""What differs between what should be held and what is: each kind, and every field by name."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given

from drivers.commands import Held
from drivers.dialects import mml_h
from drivers.subscription import (
    CallerId,
    Diversion,
    Facet,
    HomeBar,
    Iccid,
    Imsi,
    Msisdn,
    OutgoingBar,
    PremiumBar,
    ServiceBar,
    ServiceBars,
    ServiceLock,
    Subscription,
)
from gateway.audit.comparison import Difference, Drift, Kind, compare
from gateway.contract.line import Line
from gateway.contract.plan import Picture
from gateway.contract.projection import project
from tests.gateway.contract.strategies import RULES, lines

WISH = Subscription(Imsi("208010000000001"), Msisdn("+33612345678"), apns=frozenset({"internet"}))
WANTED = Picture("orange", Iccid("8933010000000000010"), WISH, mml_h.CAPABILITIES)


def test_what_is_as_it_should_be_is_no_drift() -> None:
    assert compare(WANTED, Held(WISH)) is None
    assert compare(WANTED, Held(WISH, keys=True)) is None
    assert compare(None, None) is None


def test_nothing_held_is_missing() -> None:
    assert compare(WANTED, None) == Drift(Kind.MISSING)


def test_what_nobody_agreed_on_is_extra_and_told() -> None:
    drift = compare(None, Held(replace(WISH, locked=True)))
    assert drift is not None
    told = {d.field: d.held for d in drift.differences}
    assert (drift.kind, told) == (
        Kind.EXTRA,
        {"msisdn": "+33612345678", "locked": True, "apns": ["internet"]},
    )
    assert all(d.wanted is None for d in drift.differences)


@pytest.mark.parametrize(
    ("facet", "field", "wanted", "held"),
    [
        (ServiceLock(locked=True), "locked", False, True),
        (OutgoingBar.ALL, "outgoing_bar", "none", "all"),
        (HomeBar(frozenset({2, 1})), "home_bar_types", [], [1, 2]),
        (PremiumBar(barred=True), "premium_barred", False, True),
        (ServiceBars(frozenset({ServiceBar.OUTSIDE_GROUP})), "service_bars", [], ["outside_group"]),
        (CallerId(hidden=True), "caller_id_hidden", False, True),
    ],
)
def test_a_changed_facet_is_named_with_both_values(facet: Facet, field: str, wanted: object, held: object) -> None:
    assert compare(WANTED, Held(WISH.having(facet))) == Drift(Kind.DIFFERENT, (Difference(field, wanted, held),))


def test_where_a_subscriber_diverts_calls_to_is_no_difference() -> None:
    assert compare(WANTED, Held(WISH.having(Diversion("0612345678")))) is None
    agreed = replace(WANTED, subscription=WISH.having(Diversion("577")))
    assert compare(agreed, Held(WISH.having(Diversion("0612345678")))) is None
    lost = compare(agreed, Held(WISH))
    assert lost == Drift(Kind.DIFFERENT, (Difference("diverted_to", "577", None),))


def test_missing_keys_are_a_difference_of_their_own() -> None:
    drift = compare(WANTED, Held(WISH, keys=False))
    assert drift == Drift(Kind.DIFFERENT, (Difference("keys", wanted=True, held=False),))


def test_what_another_hand_has_half_done_is_told_in_the_elements_words() -> None:
    drift = compare(WANTED, Held(WISH.found(ServiceLock(locked=True), "LOCK of 3 out of 5")))
    assert drift is not None
    told = {d.field: (d.wanted, d.held) for d in drift.differences}
    assert told == {"locked": (False, True), "foreign": ([], ["ServiceLock: LOCK of 3 out of 5"])}


@given(lines(), lines())
def test_there_is_a_difference_exactly_where_the_subscriptions_differ(one: Line, other: Line) -> None:
    wish, there = project(one, RULES), project(replace(other, imsi=one.imsi, msisdn=one.msisdn), RULES)
    assert wish is not None
    assert there is not None
    drift = compare(replace(WANTED, subscription=wish), Held(there))
    assert (drift is None) == (wish == there)
    assert drift is None or (drift.kind is Kind.DIFFERENT and drift.differences)
