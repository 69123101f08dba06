"""Lines live on the element of their number's range, and move when the number or the SIM leaves it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from drivers.subscription import Imsi
from gateway.orders.upkeep import Opening
from gateway.routing import Range, Route
from hlr_sim.faults import Kind
from tests.gateway.cards import card
from tests.gateway.fleet import Fleet, Plan, gateway_over
from tests.gateway.rig import START, Rig, Time

EAST, WEST, OTHER_WEST = "+33612000001", "+33755000001", "+33755000002"
ROUTES = {"numbers": Route("orange", (Range("west", "+33755"), Range("north", imsi="2080177")))}
PLAN = Plan(routes=ROUTES, orange="numbers")
NORTHERN = replace(card(9), imsi=Imsi("208017700000009"))


@pytest.fixture
async def fleet(tmp_path: Path) -> AsyncIterator[Fleet]:
    network = Fleet(tmp_path / "network", more=("west", "north"))
    yield network
    await network.close()


@pytest.fixture
async def rig(tmp_path: Path, fleet: Fleet, time: Time) -> AsyncIterator[Rig]:
    async with gateway_over(tmp_path / "data", fleet, time, PLAN) as running:
        await running.stock(*(card(n) for n in range(1, 6)), NORTHERN)
        yield running


async def _activated(rig: Rig, nth: int, number: str) -> None:
    order = await rig.activate(card(nth), number)
    assert await rig.end_of(order) == ("completed", None)


async def _where(rig: Rig, imsi: str) -> list[str]:
    """Name the registers that hold anything of this IMSI."""
    return [name for name, hlr in rig.sim.hlrs.items() if hlr.store.find(imsi) or hlr.store.has_keys(imsi)]


async def _is_true(rig: Rig, number: str, imsi: str, element: str) -> None:
    assert await _where(rig, imsi) == [element]
    assert rig.sim.hlrs[element].store.has_keys(imsi)
    assert rig.sim.held(imsi, element) == await rig.wished(number)


async def test_lines_are_activated_where_their_numbers_belong(rig: Rig) -> None:
    await _activated(rig, 1, EAST)
    await _activated(rig, 2, WEST)
    await _is_true(rig, EAST, card(1).imsi, "orange")
    await _is_true(rig, WEST, card(2).imsi, "west")
    steps = {row["order_id"]: row["element"] for row in await rig.all_rows("steps")}
    assert sorted(steps.values()) == ["orange", "west"]
    assert rig.sim.heard("sfr") == rig.sim.heard("north") == []


async def test_what_is_ordered_later_goes_there_too(rig: Rig) -> None:
    await _activated(rig, 2, WEST)
    for action, details in (
        ("bar_outgoing", {"reason": "unpaid"}),
        ("reactivate", {}),
        ("suspend", {"reason": "abuse"}),
    ):
        assert await rig.done(action, msisdn=WEST, **details) == "completed"
        await _is_true(rig, WEST, card(2).imsi, "west")
    assert await rig.done("terminate", msisdn=WEST) == "completed"
    assert await _where(rig, card(2).imsi) == []
    assert rig.sim.heard("orange") == []


@pytest.mark.parametrize(("old", "new", "moves"), [(EAST, WEST, ("orange", "west")), (WEST, EAST, ("west", "orange"))])
async def test_a_number_of_another_range_moves_the_line_and_leaves_nothing_behind(
    rig: Rig, old: str, new: str, moves: tuple[str, str]
) -> None:
    await _activated(rig, 1, old)
    assert await rig.done("bar_outgoing", msisdn=old, reason="unpaid") == "completed"
    since = len(await rig.all_rows("steps"))
    assert await rig.done("change_number", msisdn=old, new_msisdn=new) == "completed"
    await _is_true(rig, new, card(1).imsi, moves[1])
    steps = (await rig.all_rows("steps"))[since:]
    elements = [row["element"] for row in sorted(steps, key=lambda row: row["at"])]
    assert elements == sorted(elements, key=lambda name: name == moves[0])  # the new one works before the old one ends
    assert set(elements) == set(moves)
    assert {row["outcome"] for row in steps} == {"done"}
    assert await rig.done("reactivate", msisdn=new) == "completed"
    await _is_true(rig, new, card(1).imsi, moves[1])


async def test_within_its_range_a_new_number_moves_nothing(rig: Rig) -> None:
    await _activated(rig, 1, WEST)
    assert await rig.done("change_number", msisdn=WEST, new_msisdn=OTHER_WEST) == "completed"
    await _is_true(rig, OTHER_WEST, card(1).imsi, "west")
    assert rig.sim.heard("orange") == []


@pytest.mark.parametrize("refusing", ["west", "orange"])
async def test_a_move_that_is_refused_leaves_the_line_where_it_was(rig: Rig, refusing: str) -> None:
    """Refused by the new element at its last step, or by the old one when everything new is there."""
    await _activated(rig, 1, EAST)
    before = {name: rig.sim.picture(name) for name in rig.sim.hlrs}
    command, after = ("Provide", 1) if refusing == "west" else ("RemoveSubscriber", 0)
    rig.sim.fault(Kind.REFUSE, command, refusing, after=after)
    assert await rig.done("change_number", msisdn=EAST, new_msisdn=WEST) == "failed"
    assert {name: rig.sim.picture(name) for name in rig.sim.hlrs} == before
    await _is_true(rig, EAST, card(1).imsi, "orange")
    assert await rig.done("suspend", msisdn=EAST, reason="abuse") == "completed"


@pytest.mark.parametrize("kind", [Kind.SILENT, Kind.LOST, Kind.DROP_AFTER])
@pytest.mark.parametrize(
    ("element", "command"), [("west", "CreateSubscriber"), ("west", "Provide"), ("orange", "RemoveSubscriber")]
)
async def test_a_move_in_doubt_is_looked_at_and_completed(rig: Rig, element: str, command: str, kind: Kind) -> None:
    await _activated(rig, 1, EAST)
    rig.sim.fault(kind, command, element)
    assert await rig.done("change_number", msisdn=EAST, new_msisdn=WEST) == "completed"
    await _is_true(rig, WEST, card(1).imsi, "west")


async def test_a_card_of_another_range_moves_the_line(rig: Rig) -> None:
    await _activated(rig, 1, EAST)
    assert await rig.done("swap_sim", msisdn=EAST, new_iccid=NORTHERN.iccid, reason="damaged") == "completed"
    await _is_true(rig, EAST, NORTHERN.imsi, "north")
    assert await _where(rig, card(1).imsi) == []


async def test_an_element_at_rest_keeps_only_its_own_lines_waiting(rig: Rig) -> None:
    await _activated(rig, 1, EAST)
    await _activated(rig, 2, WEST)
    await rig.gateway.upkeep.open(Opening("west", START + timedelta(hours=1), "disks", "anna"))
    waits = await rig.order("suspend", msisdn=WEST, reason="abuse")
    await rig.until(waits, "held")
    assert (await rig.row(waits))["waiting_for"] == "west is in maintenance: disks"
    assert await rig.done("suspend", msisdn=EAST, reason="abuse") == "completed"
    moves = await rig.order("change_number", msisdn=EAST, new_msisdn=OTHER_WEST)
    await rig.until(moves, "held")
    await _is_true(rig, EAST, card(1).imsi, "orange")  # nothing is taken away before the new place is ready
    rig.time.jump(hours=1)
    assert [await rig.until(order) for order in (waits, moves)] == ["completed", "completed"]
    await _is_true(rig, OTHER_WEST, card(1).imsi, "west")
    await _is_true(rig, WEST, card(2).imsi, "west")


async def test_a_dry_run_names_both_elements(rig: Rig) -> None:
    await _activated(rig, 1, EAST)
    preview = await rig.gateway.engine.preview(rig.new("change_number", msisdn=EAST, new_msisdn=WEST))
    assert {step.element for step in preview.steps} == {"west", "orange"}  # type: ignore[union-attr]  # it makes sense
    assert rig.sim.heard("west") == []
