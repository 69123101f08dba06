"""The network misbehaves at each step of each action: every order is completed all the same, and none is a lie."""

from __future__ import annotations

from typing import Any

import pytest

from hlr_sim.faults import Kind
from tests.gateway.orders.scenes import SCENES, play
from tests.gateway.rig import QUICK, Rig

UNANSWERED: dict[Kind, dict[str, Any]] = {
    Kind.SILENT: {},
    Kind.LOST: {},
    Kind.DROP_BEFORE: {},
    Kind.DROP_AFTER: {},
    Kind.HALF_LINE: {},
    Kind.GARBAGE: {},
    Kind.LATE: {"delay_s": 2 * QUICK.answer_timeout_s},
    Kind.FREEZE: {"delay_s": 2 * QUICK.answer_timeout_s},
}
HARMLESS: dict[Kind, dict[str, Any]] = {
    Kind.BUSY: {"count": 3},
    Kind.SESSION_TIMEOUT: {"count": 3},
    Kind.DUPLICATE: {},
}
SELF_SAID = {"Login", "KeepAlive"}


def looked_before_repeating(rig: Rig, since: int) -> bool:
    """Whether what came next after each unanswered command was a look at the element, or that command is harmless."""
    entries = [e for e in rig.sim.log(since=since) if e.command not in SELF_SAID]
    doubtful = [n for n, entry in enumerate(entries) if entry.fault in UNANSWERED]
    return bool(doubtful) and all(
        entries[n].command == "CancelLocation" or entries[n + 1].command.startswith("Read") for n in doubtful
    )


@pytest.mark.parametrize("kind", UNANSWERED)
@pytest.mark.parametrize("scene", SCENES)
async def test_an_unanswered_step_is_looked_at_before_anything_else(rig: Rig, scene: str, kind: Kind) -> None:
    nth, steps = 0, 1
    while nth < steps:
        case = await play(rig, SCENES[scene], nth)
        steps, since = len(case.steps), rig.sim.log()[-1].seq if rig.sim.log() else 0
        rig.sim.fault(kind, **case.occasion(nth), **UNANSWERED[kind])
        order = await case.order(rig)
        assert await rig.end_of(order) == ("completed", None), case.steps[nth]
        await _is_true(rig, case.number)
        assert looked_before_repeating(rig, since), case.steps[nth]
        nth += 1
    assert nth


@pytest.mark.parametrize("kind", HARMLESS)
@pytest.mark.parametrize("scene", SCENES)
async def test_a_step_put_off_is_done_in_the_end(rig: Rig, scene: str, kind: Kind) -> None:
    nth, steps = 0, 1
    while nth < steps:
        case = await play(rig, SCENES[scene], nth)
        steps = len(case.steps)
        rig.sim.fault(kind, **case.occasion(nth), **HARMLESS[kind])
        order = await case.order(rig)
        assert await rig.end_of(order) == ("completed", None), case.steps[nth]
        await _is_true(rig, case.number)
        nth += 1
    assert nth


@pytest.mark.parametrize("command", ["ReadSubscriber", "ReadKeys"])
@pytest.mark.parametrize("kind", [Kind.SILENT, Kind.GARBAGE, Kind.BUSY, Kind.REFUSE])
async def test_a_look_that_fails_is_repeated(rig: Rig, command: str, kind: Kind) -> None:
    case = await play(rig, SCENES["activate"])
    rig.sim.fault(Kind.SILENT, "PutKeys")
    rig.sim.fault(Kind.SILENT, "CreateSubscriber")
    rig.sim.fault(kind, command, count=2)
    order = await case.order(rig)
    assert await rig.end_of(order) == ("completed", None)
    await _is_true(rig, case.number)


async def test_an_element_out_of_reach_holds_the_order_and_says_why(rig: Rig) -> None:
    case = await play(rig, SCENES["suspend"])
    rig.sim.fault(Kind.REFUSE_CONNECT, count=None)
    rig.sim.fault(Kind.DROP_BEFORE, "Provide")
    order = await case.order(rig)
    await rig.until(order, "held")
    assert "orange" in (await rig.row(order))["waiting_for"]
    rig.sim.faults.clear()
    assert await rig.end_of(order) == ("completed", None)
    assert (await rig.row(order))["waiting_for"] is None
    await _is_true(rig, case.number)


async def test_trouble_at_one_host_does_not_touch_the_other(rig: Rig) -> None:
    case = await play(rig, SCENES["activate"])
    rig.sim.fault(Kind.REFUSE_CONNECT, element="sfr", count=None)
    order = await case.order(rig)
    assert await rig.end_of(order) == ("completed", None)


async def _is_true(rig: Rig, number: str) -> None:
    """The element holds exactly what the contract says, for this line and keys for this line alone."""
    wished = await rig.wished(number)
    rows = [row for row in await rig.all_rows("lines") if row["msisdn"] == number]
    store = rig.sim.hlrs["orange"].store
    assert rig.sim.held(rows[0]["imsi"]) == wished
    assert store.has_keys(rows[0]["imsi"]) == (wished is not None)
    assert len(store) == len(store._with_keys)
