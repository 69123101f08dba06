"""Each command of the HLR, in both outcomes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers import commands as c
from drivers.commands import Command, Credentials, Done, Refused, Reply, Why
from drivers.subscription import (
    ALL_RATS,
    ApnAccess,
    CallerId,
    Diversion,
    Facet,
    HomeBar,
    Iccid,
    Imsi,
    IncomingBar,
    Msisdn,
    NetworkAccess,
    OutgoingBar,
    PacketBar,
    PremiumBar,
    Rat,
    RatAccess,
    RoamingBar,
    ServiceBar,
    ServiceBars,
    ServiceLock,
    SpeedCap,
    Subscription,
)
from hlr_sim.behaviour import Hlr
from hlr_sim.subscribers import Subscriber, from_json
from hlr_sim.translation import as_told, with_facet

ANNA, BORIS, NOBODY = Imsi("208010000000001"), Imsi("208010000000002"), Imsi("208010000000099")
NUMBER, OTHER_NUMBER = Msisdn("+33612345678"), Msisdn("+33612345679")
ICCID = Iccid("")
KEYS = Credentials("0" * 32, "f" * 32)

FACETS: st.SearchStrategy[Facet] = st.one_of(
    st.sampled_from([*NetworkAccess, *OutgoingBar, *IncomingBar, *RoamingBar, *PacketBar]),
    st.builds(ServiceLock, st.booleans()),
    st.builds(PremiumBar, st.booleans()),
    st.builds(HomeBar, st.frozensets(st.integers(1, 4))),
    st.builds(RatAccess, st.frozensets(st.sampled_from(Rat))),
    st.builds(SpeedCap, st.none() | st.integers(1, 10**9)),
    st.builds(ServiceBars, st.frozensets(st.sampled_from(ServiceBar))),
    st.builds(CallerId, st.booleans()),
    st.builds(Diversion, st.none() | st.text("0123456789", min_size=1, max_size=15)),
    st.builds(ApnAccess, st.sampled_from(["internet", "tethering"]), st.booleans()),
)


def why(reply: Reply) -> Why | None:
    return reply.why if isinstance(reply, Refused) else None


def held(hlr: Hlr, imsi: Imsi) -> Subscription:
    reply = hlr.answer(c.ReadSubscriber(imsi))
    assert isinstance(reply, c.Held)
    return reply.subscription


def test_keys_are_put_once_read_as_a_fact_and_removed(hlr: Hlr) -> None:
    assert why(hlr.answer(c.ReadKeys(ANNA))) is Why.NOT_FOUND
    assert hlr.answer(c.PutKeys(ANNA, ICCID), KEYS) == Done()
    assert why(hlr.answer(c.PutKeys(ANNA, ICCID), KEYS)) is Why.EXISTS
    assert hlr.answer(c.ReadKeys(ANNA)) == c.KeysHeld()
    assert hlr.store.keys(ANNA) == KEYS
    assert hlr.answer(c.RemoveKeys(ANNA, ICCID)) == Done()
    assert why(hlr.answer(c.RemoveKeys(ANNA, ICCID))) is Why.NOT_FOUND
    assert hlr.store.keys(ANNA) is None


def test_a_subscriber_needs_keys_first(hlr: Hlr) -> None:
    assert why(hlr.answer(c.CreateSubscriber(ANNA, NUMBER))) is Why.NOT_FOUND
    hlr.answer(c.PutKeys(ANNA, ICCID), KEYS)
    assert hlr.answer(c.CreateSubscriber(ANNA, NUMBER)) == Done()
    assert held(hlr, ANNA) == Subscription(ANNA, NUMBER)


def test_a_subscriber_is_created_once_and_a_number_belongs_to_one(hlr: Hlr, anna: Imsi) -> None:
    assert why(hlr.answer(c.CreateSubscriber(anna, OTHER_NUMBER))) is Why.EXISTS
    hlr.answer(c.PutKeys(BORIS, ICCID), KEYS)
    assert why(hlr.answer(c.CreateSubscriber(BORIS, NUMBER))) is Why.CONFLICT


def test_a_removed_subscriber_is_gone_and_its_number_free(hlr: Hlr, anna: Imsi) -> None:
    assert hlr.answer(c.RemoveSubscriber(anna)) == Done()
    assert why(hlr.answer(c.RemoveSubscriber(anna))) is Why.NOT_FOUND
    assert why(hlr.answer(c.ReadSubscriber(anna))) is Why.NOT_FOUND
    assert hlr.answer(c.CreateSubscriber(anna, NUMBER)) == Done()


def test_a_sim_swap_keeps_everything_but_the_imsi(hlr: Hlr, anna: Imsi) -> None:
    hlr.answer(c.Provide(anna, OutgoingBar.ALL))
    assert why(hlr.answer(c.ChangeImsi(NOBODY, BORIS))) is Why.NOT_FOUND
    assert why(hlr.answer(c.ChangeImsi(anna, BORIS))) is Why.NOT_FOUND  # no keys for the new SIM yet
    hlr.answer(c.PutKeys(BORIS, ICCID), KEYS)
    assert hlr.answer(c.ChangeImsi(anna, BORIS)) == Done()
    assert held(hlr, BORIS) == Subscription(BORIS, NUMBER, outgoing=OutgoingBar.ALL)
    assert why(hlr.answer(c.ReadSubscriber(anna))) is Why.NOT_FOUND


def test_a_sim_swap_never_overwrites_a_subscriber(hlr: Hlr, anna: Imsi) -> None:
    hlr.answer(c.PutKeys(BORIS, ICCID), KEYS)
    hlr.answer(c.CreateSubscriber(BORIS, OTHER_NUMBER))
    assert why(hlr.answer(c.ChangeImsi(anna, BORIS))) is Why.EXISTS
    assert held(hlr, anna).msisdn == NUMBER
    assert held(hlr, BORIS).msisdn == OTHER_NUMBER


def test_a_number_changes_unless_taken(hlr: Hlr, anna: Imsi) -> None:
    hlr.answer(c.PutKeys(BORIS, ICCID), KEYS)
    hlr.answer(c.CreateSubscriber(BORIS, OTHER_NUMBER))
    assert why(hlr.answer(c.ChangeMsisdn(anna, OTHER_NUMBER))) is Why.CONFLICT
    assert why(hlr.answer(c.ChangeMsisdn(NOBODY, NUMBER))) is Why.NOT_FOUND
    assert hlr.answer(c.ChangeMsisdn(anna, NUMBER)) == Done()
    assert hlr.answer(c.ChangeMsisdn(anna, Msisdn("+33600000000"))) == Done()
    assert hlr.answer(c.ChangeMsisdn(BORIS, NUMBER)) == Done()  # free again


def test_setting_what_is_already_so_is_done(hlr: Hlr, anna: Imsi) -> None:
    assert [hlr.answer(c.Provide(anna, PacketBar.ALL)) for _ in range(2)] == [Done(), Done()]
    assert why(hlr.answer(c.Provide(NOBODY, PacketBar.ALL))) is Why.NOT_FOUND


@given(st.lists(FACETS))
def test_what_is_provided_is_what_is_read_back(facets: list[Facet]) -> None:
    kept, expected = Subscriber(ANNA, NUMBER), Subscription(ANNA, NUMBER)
    for facet in facets:
        kept, expected = with_facet(kept, facet), expected.having(facet)
    assert as_told(kept) == expected
    assert from_json(kept.as_json()) == kept


def test_a_fresh_subscriber_may_use_every_radio_access() -> None:
    assert as_told(Subscriber(ANNA, NUMBER)).rats == ALL_RATS


def test_registration_is_forgotten_by_what_ends_it(hlr: Hlr, anna: Imsi) -> None:
    hlr.answer(c.PutKeys(BORIS, ICCID), KEYS)
    endings: list[Command] = [c.CancelLocation(anna), c.ChangeImsi(anna, BORIS), c.RemoveSubscriber(BORIS)]
    for ending, imsi in zip(endings, (anna, anna, BORIS), strict=True):
        hlr.attach(imsi)
        assert hlr.is_registered(imsi)
        assert hlr.answer(ending) == Done()
        assert not hlr.is_registered(imsi)
    assert why(hlr.answer(c.CancelLocation(anna))) is Why.NOT_FOUND


def test_a_phone_without_keys_is_not_admitted(hlr: Hlr, anna: Imsi) -> None:
    assert hlr.admitted(anna) is not None
    hlr.answer(c.RemoveKeys(anna, ICCID))
    assert hlr.admitted(anna) is None


@pytest.mark.parametrize(
    "command",
    [
        c.ReadSubscriber(Imsi("20801000000000")),
        c.ReadSubscriber(Imsi("20801000000000a")),
        c.ReadSubscriber(Imsi("20801000000000\N{ARABIC-INDIC DIGIT ONE}")),
        c.ChangeImsi(ANNA, Imsi("")),
        c.CreateSubscriber(ANNA, Msisdn("0612345678")),
        c.ChangeMsisdn(ANNA, Msisdn("+1234567890123456")),
        c.AssignMsisdn(ANNA, Msisdn("0612345678")),
        c.ListSubscribers("2080100000000012"),
        c.ListSubscribers("208*"),
        c.Provide(ANNA, HomeBar(frozenset({5}))),
        c.Provide(ANNA, SpeedCap(0)),
        c.Provide(ANNA, Diversion("")),
        c.Provide(ANNA, Diversion("+33577")),
        c.Provide(ANNA, ApnAccess("inter net", provided=True)),
        c.PutKeys(ANNA, ICCID),
        c.SendSms("x", NUMBER, "y"),
    ],
)
def test_nonsense_is_invalid(hlr: Hlr, anna: Imsi, command: Command) -> None:
    before = held(hlr, anna)
    assert why(hlr.answer(command)) is Why.INVALID
    assert held(hlr, anna) == before


@pytest.mark.parametrize("keys", [Credentials("0" * 31), Credentials("x" * 32), Credentials("0" * 32, "0" * 33)])
def test_bad_keys_are_invalid_and_not_repeated_back(hlr: Hlr, keys: Credentials) -> None:
    reply = hlr.answer(c.PutKeys(ANNA, ICCID), keys)
    assert why(reply) is Why.INVALID
    assert keys.ki not in str(reply)
