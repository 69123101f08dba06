"""What the network holds, and the way from one state of it to another."""

from dataclasses import fields, replace

from hypothesis import given
from hypothesis import strategies as st

from drivers.subscription import (
    ApnAccess,
    Diversion,
    Facet,
    Imsi,
    IncomingBar,
    Msisdn,
    NetworkAccess,
    OutgoingBar,
    PacketBar,
    PremiumBar,
    Rat,
    RoamingBar,
    ServiceBar,
    ServiceLock,
    Subscription,
    changes,
)

IMSI, NUMBER = Imsi("208990000000001"), Msisdn("+33612345678")
subscriptions = st.builds(
    Subscription,
    imsi=st.just(IMSI),
    msisdn=st.just(NUMBER),
    locked=st.booleans(),
    access=st.sampled_from(NetworkAccess),
    outgoing=st.sampled_from(OutgoingBar),
    incoming=st.sampled_from(IncomingBar),
    roaming=st.sampled_from(RoamingBar),
    packet=st.sampled_from(PacketBar),
    home_bars=st.frozensets(st.sampled_from((1, 2, 3, 4))),
    premium_barred=st.booleans(),
    rats=st.frozensets(st.sampled_from(Rat)),
    apns=st.frozensets(st.sampled_from(("internet", "visualvoicemail", "tethering"))),
    cap_kbit_s=st.none() | st.integers(1, 10_000),
    service_bars=st.frozensets(st.sampled_from(ServiceBar)),
    caller_id_hidden=st.booleans(),
    diverted_to=st.none() | st.sampled_from(("577", "123")),
)


@given(before=subscriptions, after=subscriptions)
def test_the_changes_lead_from_before_to_after(before: Subscription, after: Subscription) -> None:
    now = before
    for facet in changes(before, after):
        assert not now.holds(facet), f"{facet} changes nothing"
        now = now.having(facet)
    assert now == after


@given(before=subscriptions, after=subscriptions)
def test_saying_the_changes_twice_is_harmless(before: Subscription, after: Subscription) -> None:
    now = before
    for facet in changes(before, after) * 2:
        now = now.having(facet)
    assert now == after
    assert changes(now, after) == ()


@given(same=subscriptions)
def test_nothing_changes_when_nothing_differs(same: Subscription) -> None:
    assert changes(same, same) == ()
    assert all(same.holds(facet) for facet in same.facets())


@given(before=subscriptions, after=subscriptions)
def test_bars_are_set_before_access_is_given(before: Subscription, after: Subscription) -> None:
    kinds = [type(facet) for facet in changes(before, after)]
    assert ApnAccess not in kinds or kinds.index(ApnAccess) == len(kinds) - kinds.count(ApnAccess)
    assert ServiceLock not in kinds or kinds[0] is ServiceLock


@given(subscription=subscriptions)
def test_identities_are_no_facet(subscription: Subscription) -> None:
    other = replace(subscription, imsi=Imsi("208990000000002"), msisdn=Msisdn("+33612345679"))
    assert changes(subscription, other) == ()


def test_an_access_point_taken_away_is_one_change() -> None:
    before = Subscription(IMSI, NUMBER, apns=frozenset({"internet", "tethering"}))
    after = replace(before, apns=frozenset({"internet"}))
    assert changes(before, after) == (ApnAccess("tethering", provided=False),)
    assert changes(after, before) == (ApnAccess("tethering", provided=True),)


HALVES = (
    (ServiceLock(locked=True), "IC=TRUE,OC=FALSE"),
    (PremiumBar(barred=True), "ODBINFO=TRUE,ODBENTE=FALSE"),
    (OutgoingBar.ALL, "ODBOC=BOIZC"),
    (IncomingBar.ALL, "ODBIC=BICINTER"),
    (Diversion("577"), "CFB,1,1,577:CFNRY,0:CFNRC,0"),
)


@given(wish=subscriptions, left=st.sets(st.sampled_from(HALVES)))
def test_what_another_hand_has_left_differs_from_every_wish(wish: Subscription, left: set[tuple[Facet, str]]) -> None:
    held = wish
    for facet, words in left:
        held = held.found(facet, words)
    assert (held == wish) == (not left)
    assert {type(facet) for facet in changes(held, wish)} >= {type(facet) for facet, _ in left}
    assert set(held.facets()) == set(replace(held, foreign=frozenset()).facets())


@given(wish=subscriptions, left=st.sets(st.sampled_from(HALVES)))
def test_saying_the_wish_takes_away_what_another_hand_has_left(
    wish: Subscription, left: set[tuple[Facet, str]]
) -> None:
    held = wish
    for facet, words in left:
        held = held.found(facet, words)
    for facet in changes(held, wish):
        held = held.having(facet)
    assert held == wish


@given(wish=subscriptions, facet=st.sampled_from([facet for facet, _ in HALVES]))
def test_setting_one_facet_leaves_what_another_hand_did_to_the_others(wish: Subscription, facet: Facet) -> None:
    held = wish
    for other, words in HALVES:
        held = held.found(other, words)
    assert len(held.foreign) == len(HALVES)
    (gone,) = held.foreign - held.having(facet).foreign
    assert gone.startswith(type(facet).__name__)
    assert held.having(facet).holds(facet)
    assert not held.holds(facet)


def test_there_is_no_word_to_bar_emergency_calls() -> None:
    names = {field.name for field in fields(Subscription)}
    words = {str(value) for kind in (OutgoingBar, IncomingBar, RoamingBar, PacketBar, ServiceBar) for value in kind}
    assert not any("emergency" in word or "sos" in word for word in names | words)
