"""A lost SIM goes ahead of ten thousand others: the element's own log tells in which order it was asked."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from gateway.contract.action import Lane
from gateway.orders.order import NewOrder, OrderState
from gateway.orders.upkeep import Opening
from tests.gateway.cards import Card, card
from tests.gateway.rig import Rig

BACKLOG = 10_000
LOST = [(card(n), f"+336{10_000_000 + n}") for n in (1, 2, 3)]
BEFORE_IT: list[tuple[str, dict[str, Any]]] = [
    ("change_options", {"add": ["roaming"]}),
    ("bar_outgoing", {"reason": "unpaid"}),
]
_QUIET = {"Login", "KeepAlive", "ReadSubscriber", "ReadKeys"}


async def _waiting(rig: Rig, lane: Lane | None) -> None:
    """Ten thousand activations, each of a line of its own, accepted while their element is left alone."""
    cards = [card(10_000 + n) for n in range(BACKLOG)]
    await rig.stock(*cards)
    for start in range(0, BACKLOG, 500):
        news = [_activation(rig, one, n, lane) for n, one in enumerate(cards[start : start + 500], start)]
        await asyncio.gather(*(_accepted(rig, new) for new in news))


def _activation(rig: Rig, one: Card, n: int, lane: Lane | None) -> NewOrder:
    wish: dict[str, Any] = {"contract": "technicophone", "plan": "unlimited", "options": ["data"], "iccid": one.iccid}
    return replace(rig.new("activate", msisdn=f"+336{40_000_000 + n}", **wish), lane=lane)


async def _accepted(rig: Rig, new: NewOrder) -> str:
    answer = await rig.gateway.engine.accept(new, 2 * BACKLOG)
    assert answer.order is not None, answer.problem
    return str(answer.order["id"])


@pytest.mark.parametrize("lane", [None, Lane.BULK])
async def test_three_lost_sims_are_out_of_service_before_the_backlog_goes_on(rig: Rig, lane: Lane | None) -> None:
    for one, number in LOST:
        assert await rig.until(await rig.activate(one, number)) == "completed"
    await rig.gateway.upkeep.open(Opening("orange", None, "software", "night shift"))
    await _waiting(rig, lane)
    before_it = [await _accepted(rig, rig.new(action, msisdn=LOST[2][1], **said)) for action, said in BEFORE_IT]
    lost = [await _accepted(rig, rig.new("report_lost", line={"imsi": one.imsi}, reason="stolen")) for one, _ in LOST]
    heard_before = rig.sim.servers["orange"].element.log.last
    assert rig.gateway.engine.backlog >= BACKLOG + len(lost) + len(before_it)
    await rig.gateway.upkeep.close("orange", "done")
    for order in (*lost, *before_it):
        assert await rig.until(order, wait_s=30) == "completed"
    heard = [entry for entry in rig.sim.log(since=heard_before) if entry.command not in _QUIET]
    imsis = [one.imsi for one, _ in LOST]
    first_said = [next(n for n, entry in enumerate(heard) if entry.imsi == imsi) for imsi in imsis]
    assert max(first_said) < 100, "the urgent ones are not the first that the element hears of"
    last_said = max(n for n, entry in enumerate(heard) if entry.imsi in imsis)
    begun_before = {entry.imsi for entry in heard[:last_said]} - set(imsis)
    assert len(begun_before) < BACKLOG / 4, "orders of the backlog were begun before the last urgent command"
    assert await rig.orders_in(OrderState.COMPLETED) < BACKLOG / 10
    assert [rig.sim.held(one.imsi) for one, _ in LOST] == [await rig.wished(number) for _, number in LOST]
