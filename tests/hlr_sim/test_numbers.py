"""Subscribers with and without a number, and what is read of them."""

from __future__ import annotations

import pytest

from drivers import commands as c
from drivers.commands import Command, Done, Refused, Reply, Why
from drivers.subscription import Iccid, Imsi, Msisdn, NetworkAccess, Subscription
from hlr_sim.behaviour import Hlr

BORIS, NOBODY = Imsi("208010000000002"), Imsi("208010000000099")
NUMBER, OTHER_NUMBER = Msisdn("+33612345678"), Msisdn("+33612345679")
KEYS = c.Credentials("0" * 31 + "1")


@pytest.fixture
def boris(hlr: Hlr) -> Imsi:
    """A subscriber without number."""
    hlr.answer(c.PutKeys(BORIS, Iccid("")), KEYS)
    assert hlr.answer(c.CreateSubscriber(BORIS, None)) == Done()
    return BORIS


def why(reply: Reply) -> Why | None:
    return reply.why if isinstance(reply, Refused) else None


def number_of(hlr: Hlr, imsi: Imsi) -> Msisdn | None:
    reply = hlr.answer(c.ReadSubscriber(imsi))
    assert isinstance(reply, c.Held)
    return reply.subscription.msisdn


def test_a_subscriber_without_number_is_read_as_such(hlr: Hlr, boris: Imsi) -> None:
    assert hlr.answer(c.ReadSubscriber(boris)) == c.Held(Subscription(boris, None))
    assert hlr.admitted(boris) is not None


def test_a_number_is_assigned_once_and_again_harmlessly(hlr: Hlr, boris: Imsi) -> None:
    for _ in range(2):
        assert hlr.answer(c.AssignMsisdn(boris, NUMBER)) == Done()
    assert number_of(hlr, boris) == NUMBER
    assert why(hlr.answer(c.AssignMsisdn(boris, OTHER_NUMBER))) is Why.EXISTS
    assert number_of(hlr, boris) == NUMBER


@pytest.mark.usefixtures("anna")
def test_a_number_in_use_is_not_assigned(hlr: Hlr, boris: Imsi) -> None:
    assert why(hlr.answer(c.AssignMsisdn(boris, NUMBER))) is Why.CONFLICT
    hlr.answer(c.AssignMsisdn(boris, OTHER_NUMBER))
    assert why(hlr.answer(c.AssignMsisdn(boris, NUMBER))) is Why.CONFLICT
    assert number_of(hlr, boris) == OTHER_NUMBER


def test_a_released_number_is_free_and_may_be_released_again(hlr: Hlr, anna: Imsi, boris: Imsi) -> None:
    for _ in range(2):
        assert hlr.answer(c.ReleaseMsisdn(anna, NUMBER)) == Done()
    assert number_of(hlr, anna) is None
    assert hlr.answer(c.AssignMsisdn(boris, NUMBER)) == Done()


def test_a_number_may_be_changed_from_none(hlr: Hlr, boris: Imsi) -> None:
    assert hlr.answer(c.ChangeMsisdn(boris, NUMBER)) == Done()
    assert number_of(hlr, boris) == NUMBER


@pytest.mark.parametrize("command", [c.AssignMsisdn(NOBODY, NUMBER), c.ReleaseMsisdn(NOBODY, NUMBER)])
def test_nobody_has_no_number(hlr: Hlr, command: Command) -> None:
    assert why(hlr.answer(command)) is Why.NOT_FOUND


def test_a_listing_is_sorted_and_holds_what_begins_alike(hlr: Hlr, boris: Imsi, anna: Imsi) -> None:
    abroad = Imsi("001010000000001")
    hlr.answer(c.PutKeys(abroad, Iccid("")), KEYS)
    hlr.answer(c.CreateSubscriber(abroad, None))
    assert hlr.answer(c.ListSubscribers("")) == c.Listed((abroad, anna, boris))
    assert hlr.answer(c.ListSubscribers("20801")) == c.Listed((anna, boris))
    assert hlr.answer(c.ListSubscribers(boris)) == c.Listed((boris,))
    assert hlr.answer(c.ListSubscribers("9")) == c.Listed(())


def test_a_look_tells_whether_keys_are_held(hlr: Hlr, anna: Imsi) -> None:
    told = [hlr.answer(c.ReadSubscriber(anna))]
    hlr.answer(c.RemoveKeys(anna, Iccid("")))
    told.append(hlr.answer(c.ReadSubscriber(anna)))
    assert [reply.keys for reply in told if isinstance(reply, c.Held)] == [True, False]


@pytest.mark.parametrize("access", NetworkAccess)
def test_the_access_mode_is_held(hlr: Hlr, anna: Imsi, access: NetworkAccess) -> None:
    assert hlr.answer(c.Provide(anna, access)) == Done()
    reply = hlr.answer(c.ReadSubscriber(anna))
    assert isinstance(reply, c.Held)
    assert reply.subscription.access is access
