"""Somebody else has touched the element: an order heals what it finds, or fails; it never says what is not so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from drivers.commands import Credentials, RemoveKeys, RemoveSubscriber
from drivers.subscription import Iccid, Imsi, Msisdn
from hlr_sim.subscribers import OdbOutgoing, Radio, Subscriber
from tests.gateway.cards import Card, card
from tests.gateway.orders.scenes import SCENES, play
from tests.gateway.rig import Rig

NUMBER = "+33612345678"
Touch = Callable[[Subscriber], Subscriber]
TOUCHES: dict[str, Touch] = {
    "apn": lambda held: replace(held, apns=held.apns | {"tethering"}),
    "no apn": lambda held: replace(held, apns=frozenset()),
    "outgoing": lambda held: replace(held, odb_outgoing=OdbOutgoing.BOIC),
    "premium": lambda held: replace(held, odb_premium=True),
    "lock": lambda held: replace(held, lock=True),
    "rats": lambda held: replace(held, access_restriction=frozenset(Radio)),
    "cap": lambda held: replace(held, ambr_dl_kbit_s=64),
    "home bars": lambda held: replace(held, odb_hplmn=frozenset({1, 2, 3, 4})),
    "number": lambda held: replace(held, msisdn="+33699999999"),
}


def _touch(rig: Rig, imsi: str, touch: Touch) -> None:
    store = rig.sim.hlrs["orange"].store
    held = store.find(imsi)
    assert held is not None
    store.put(touch(held), instead_of=held)


@pytest.mark.parametrize("touch", TOUCHES.values(), ids=TOUCHES)
@pytest.mark.parametrize(
    ("action", "details"),
    [("suspend", {"reason": "fraud"}), ("change_plan", {"plan": "metered"}), ("change_options", {"add": ["5g"]})],
)
async def test_what_another_hand_changed_is_put_right(
    rig: Rig, line: Card, touch: Touch, action: str, details: dict[str, Any]
) -> None:
    _touch(rig, line.imsi, touch)
    order = await rig.order(action, msisdn=NUMBER, **details)
    assert await rig.end_of(order) == ("completed", None)
    assert rig.sim.held(line.imsi) == await rig.wished(NUMBER)


@pytest.mark.parametrize("scene", sorted(set(SCENES) - {"activate"}))
async def test_a_subscriber_taken_away_is_never_called_changed(rig: Rig, scene: str) -> None:
    case = await play(rig, SCENES[scene])
    imsi = next(row["imsi"] for row in await rig.all_rows("lines"))
    rig.sim.hlrs["orange"].answer(RemoveSubscriber(Imsi(imsi)))
    state = await rig.until(await case.order(rig))
    if state == "completed":
        now = next(row["imsi"] for row in await rig.all_rows("lines"))
        assert rig.sim.held(now) == await rig.wished(case.number)
    else:
        assert state == "failed"


async def test_a_plan_without_commands_still_looks(rig: Rig, line: Card) -> None:
    rig.sim.hlrs["orange"].answer(RemoveSubscriber(line.imsi))
    state = await rig.done("change_plan", msisdn=NUMBER, plan="metered")
    held = rig.sim.held(line.imsi)
    assert (state, held) == ("failed", None) or (state == "completed" and held == await rig.wished(NUMBER))


async def test_a_number_somebody_else_has_there_fails_the_activation_and_leaves_him_alone(rig: Rig) -> None:
    hlr = rig.sim.hlrs["orange"]
    hlr.store.put_keys(card(3).imsi, Credentials("0" * 32))
    hlr.store.put(Subscriber(card(3).imsi, NUMBER))
    before = rig.sim.picture()
    order = await rig.activate(card(1), NUMBER)
    assert await rig.until(order) == "failed"
    assert rig.sim.picture() == before


async def test_a_stranger_under_our_imsi_is_not_taken_away_when_the_activation_fails(rig: Rig) -> None:
    """Whatever was there before a failed order is there after it."""
    hlr = rig.sim.hlrs["orange"]
    hlr.store.put_keys(card(1).imsi, Credentials("0" * 32))
    hlr.store.put(Subscriber(card(1).imsi, "+33698765432"))
    before = rig.sim.picture()
    order = await rig.activate(card(1), NUMBER)
    assert await rig.until(order) == "failed"
    assert rig.sim.picture() == before


async def test_a_leftover_with_our_number_and_imsi_is_made_true_or_left_as_it_was(rig: Rig) -> None:
    hlr = rig.sim.hlrs["orange"]
    hlr.store.put_keys(card(1).imsi, Credentials(card(1).ki, card(1).opc))
    hlr.store.put(Subscriber(card(1).imsi, NUMBER, lock=True, odb_premium=True))
    before = rig.sim.picture()
    if await rig.until(await rig.activate(card(1), NUMBER)) == "completed":
        assert rig.sim.held(card(1).imsi) == await rig.wished(NUMBER)
    else:
        assert rig.sim.picture() == before


async def test_keys_of_another_life_are_never_taken_for_ours(rig: Rig) -> None:
    """A SIM whose key the authentication centre does not have cannot register: such a line is not in service."""
    rig.sim.hlrs["orange"].store.put_keys(card(1).imsi, Credentials("0" * 32))
    state = await rig.until(await rig.activate(card(1), NUMBER))
    keys = rig.sim.hlrs["orange"].store.keys(card(1).imsi)
    assert state == "failed" or (keys is not None and keys.ki == card(1).ki)


async def test_missing_keys_of_the_old_sim_do_not_stop_a_swap(rig: Rig, line: Card) -> None:
    rig.sim.hlrs["orange"].answer(RemoveKeys(line.imsi, Iccid("")))
    order = await rig.order("swap_sim", msisdn=NUMBER, new_iccid=card(2).iccid, reason="other")
    assert await rig.end_of(order) == ("completed", None)
    assert rig.sim.held(card(2).imsi) == await rig.wished(Msisdn(NUMBER))
