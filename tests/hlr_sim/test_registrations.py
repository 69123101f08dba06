"""Keys that hang on the subscriber, and what serving nodes hear of what is done: each by the door it came through."""

from __future__ import annotations

import pytest

from drivers import commands as c
from drivers.commands import Command, Done, Refused, Reply, Why
from drivers.dialect import Capabilities
from drivers.subscription import ApnAccess, Iccid, Imsi, Msisdn, NetworkAccess, OutgoingBar
from hlr_sim.behaviour import PLAIN, Hlr
from hlr_sim.network_side import Place

ANNA, BORIS, NOBODY = Imsi("208010000000001"), Imsi("208010000000002"), Imsi("208010000000099")
NUMBER, OTHER_NUMBER = Msisdn("+33612345678"), Msisdn("+33612345679")
ICCID = Iccid("")
KEYS, OTHER_KEYS = c.Credentials("0" * 31 + "1"), c.Credentials("0" * 31 + "2")

#: two doors as OsmoHLR has them: by one of them nobody is told anything
LOUD = Capabilities(
    frozenset(), frozenset(), 1, pushes=frozenset({NetworkAccess, c.ChangeMsisdn}), keys_with_subscriber=True
)
SILENT = Capabilities(frozenset(), frozenset(), 1, keys_with_subscriber=True)


def why(reply: Reply) -> Why | None:
    return reply.why if isinstance(reply, Refused) else None


def test_keys_hang_on_the_subscriber_and_are_replaced_silently(hlr: Hlr) -> None:
    assert why(hlr.answer(c.PutKeys(BORIS, ICCID), KEYS, LOUD)) is Why.NOT_FOUND
    assert hlr.answer(c.CreateSubscriber(BORIS, None), door=LOUD) == Done()
    assert hlr.admitted(BORIS) is None  # nobody can be authenticated without keys
    for keys in (KEYS, OTHER_KEYS):
        assert hlr.answer(c.PutKeys(BORIS, ICCID), keys, LOUD) == Done()
    assert hlr.store.keys(BORIS) == OTHER_KEYS
    assert hlr.admitted(BORIS) is not None
    assert hlr.answer(c.RemoveSubscriber(BORIS), door=LOUD) == Done()
    assert not hlr.store.has_keys(BORIS)
    assert why(hlr.answer(c.ReadKeys(BORIS), door=LOUD)) is Why.NOT_FOUND


def test_elsewhere_keys_outlive_the_subscriber(hlr: Hlr, anna: Imsi) -> None:
    hlr.answer(c.RemoveSubscriber(anna))
    assert hlr.store.has_keys(anna)


def test_a_removal_goes_unheard_where_the_element_tells_nobody(hlr: Hlr, anna: Imsi) -> None:
    hlr.attach(anna, Place.ABROAD)
    hlr.answer(c.RemoveSubscriber(anna), door=LOUD)
    registration = hlr.registration(anna)
    assert registration is not None
    assert (registration.at, registration.copy.msisdn) == (Place.ABROAD, NUMBER)


@pytest.mark.parametrize(
    ("command", "heard"),
    [
        (c.Provide(ANNA, NetworkAccess.PS_ONLY), True),
        (c.ChangeMsisdn(ANNA, OTHER_NUMBER), True),
        (c.ReleaseMsisdn(ANNA, NUMBER), False),
        (c.Provide(ANNA, OutgoingBar.ALL), False),
        (c.Provide(ANNA, ApnAccess("internet", provided=True)), False),
    ],
)
def test_a_serving_node_knows_what_it_was_told(hlr: Hlr, anna: Imsi, command: Command, *, heard: bool) -> None:
    for door, knows in ((SILENT, False), (LOUD, heard)):
        hlr.attach(anna)
        before = hlr.store.find(anna)
        assert before is not None
        assert hlr.answer(command, door=door) == Done()
        registration = hlr.registration(anna)
        assert registration is not None
        assert (registration.copy == hlr.store.find(anna)) is knows
        hlr.store.put(before, instead_of=hlr.store.find(anna))


def test_what_is_told_brings_along_what_was_not(hlr: Hlr, anna: Imsi) -> None:
    hlr.attach(anna)
    hlr.answer(c.Provide(anna, OutgoingBar.ALL), door=SILENT)
    hlr.answer(c.ChangeMsisdn(anna, OTHER_NUMBER), door=LOUD)
    registration = hlr.registration(anna)
    assert registration is not None
    assert registration.copy == hlr.store.find(anna)


def test_a_phone_told_to_have_no_domain_is_served_no_longer(hlr: Hlr, anna: Imsi) -> None:
    hlr.attach(anna)
    hlr.answer(c.Provide(anna, NetworkAccess.NONE), door=SILENT)
    assert hlr.is_registered(anna)
    hlr.answer(c.Provide(anna, NetworkAccess.NONE), door=LOUD)
    assert not hlr.is_registered(anna)


def test_a_refused_command_tells_nobody(hlr: Hlr, anna: Imsi) -> None:
    hlr.answer(c.PutKeys(BORIS, ICCID), KEYS)
    hlr.answer(c.CreateSubscriber(BORIS, OTHER_NUMBER))
    hlr.attach(anna)
    hlr.answer(c.Provide(anna, OutgoingBar.ALL), door=SILENT)
    assert why(hlr.answer(c.ChangeMsisdn(anna, OTHER_NUMBER), door=LOUD)) is Why.CONFLICT
    registration = hlr.registration(anna)
    assert registration is not None
    assert registration.copy != hlr.store.find(anna)


def test_nobody_is_registered_by_being_told_of(hlr: Hlr, anna: Imsi) -> None:
    hlr.answer(c.Provide(anna, NetworkAccess.CS_ONLY), door=LOUD)
    assert not hlr.is_registered(anna)
    hlr.attach(NOBODY)
    assert not hlr.is_registered(NOBODY)
    assert PLAIN.heard(c.RemoveSubscriber(anna))
