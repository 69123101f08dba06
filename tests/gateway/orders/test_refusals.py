"""An element says no for good: at any step, the order fails and everything is as if it had never been asked."""

from __future__ import annotations

import json
from typing import Any

import pytest

from drivers.commands import Why
from hlr_sim.faults import Kind
from tests.gateway.orders.scenes import SCENES, Case, play
from tests.gateway.rig import Rig

FOR_GOOD = (Why.OTHER, Why.NOT_FOUND, Why.EXISTS, Why.CONFLICT)


async def _claims(rig: Rig) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """Stock and lines as an order may find them; a number nobody has is as good as one never used."""
    sims = [(s["iccid"], s["state"], s["line_id"], s["order_id"]) for s in await rig.all_rows("sims")]
    numbers = [
        (n["msisdn"], n["state"], n["line_id"], n["order_id"])
        for n in await rig.all_rows("numbers")
        if n["state"] != "free"
    ]
    lines = [(x["line_id"], x["msisdn"], x["body"]) for x in await rig.all_rows("lines")]
    return sorted(sims), sorted(numbers), sorted(lines)


def _refuse(rig: Rig, case: Case, step: int, why: Why = Why.OTHER) -> None:
    rig.sim.fault(Kind.REFUSE, **case.occasion(step), why=why)


@pytest.mark.parametrize("why", FOR_GOOD)
@pytest.mark.parametrize("scene", SCENES)
async def test_a_refused_step_takes_everything_back(rig: Rig, scene: str, why: Why) -> None:
    nth, steps = 0, 1
    while nth < steps:
        case = await play(rig, SCENES[scene], nth)
        steps = len([name for name in case.steps if name != "CancelLocation"])
        before = (rig.sim.picture(), await _claims(rig))
        _refuse(rig, case, nth, why)
        order = await case.order(rig)
        state, error = await rig.end_of(order)
        if (case.steps[nth], why, state) == ("PutKeys", Why.EXISTS, "completed"):
            assert rig.sim.held(await case.imsi(rig)) == await rig.wished(case.number)  # keys found there were replaced
            nth += 1
            continue
        assert (state, json.loads(error or "{}").get("type")) == ("failed", "/problems/element-refused")
        assert (rig.sim.picture(), await _claims(rig)) == before, case.steps[nth]
        nth += 1
    assert nth


@pytest.mark.parametrize("scene", SCENES)
async def test_what_was_refused_once_can_be_ordered_again(rig: Rig, scene: str) -> None:
    case = await play(rig, SCENES[scene])
    _refuse(rig, case, 0)
    assert await rig.until(await case.order(rig)) == "failed"
    assert await rig.until(await case.order(rig)) == "completed"


async def test_the_problem_names_command_and_code_and_says_what_to_do(rig: Rig) -> None:
    case = await play(rig, SCENES["suspend"])
    _refuse(rig, case, 0, Why.FORBIDDEN)
    _, error = await rig.end_of(await case.order(rig))
    detail = json.loads(error or "{}")["detail"]
    assert all(word in detail for word in ("orange", "Provide", "code", "right"))


async def test_a_serving_node_that_cannot_be_told_does_not_undo_the_order(rig: Rig) -> None:
    case = await play(rig, SCENES["suspend"])
    _refuse(rig, case, case.steps.index("CancelLocation"))
    order = await case.order(rig)
    assert await rig.end_of(order) == ("completed", None)
    row = await rig.row(order)
    assert (row["effective"], row["effective_at"]) == ("next_registration", None)
    assert row["stored_at"]


@pytest.mark.parametrize("scene", ["activate", "change_options", "swap_sim", "terminate", "bar_outgoing"])
async def test_an_undo_refused_leaves_it_partial_until_repaired(rig: Rig, scene: str) -> None:
    case = await play(rig, SCENES[scene])
    before = (rig.sim.picture(), await _claims(rig))
    last = max(n for n, name in enumerate(case.steps) if name != "CancelLocation")
    order = await _stuck(rig, case, last)
    assert await rig.until(order) == "partial"
    behind = await rig.order("suspend", msisdn=case.body["msisdn"], reason="abuse")
    assert "undoing failed" in (await rig.row(order))["waiting_for"]
    assert await rig.state(behind) == "acknowledged"
    await rig.gateway.engine.resume(order)
    assert await rig.until(order, "failed") == "failed"
    end_behind = await rig.until(behind)
    assert end_behind == ("rejected" if scene == "activate" else "completed")
    if scene == "activate":
        assert (rig.sim.picture(), await _claims(rig)) == before


async def _stuck(rig: Rig, case: Case, step: int) -> str:
    """Order with ``step`` refused, and what would undo the one before it refused too."""
    preview = await rig.gateway.engine.preview(rig.new(case.scene.action, **dict(case.body)))
    undo = type(preview.steps[step - 1].undo[0]).__name__  # type: ignore[union-attr]  # it was a preview before
    _refuse(rig, case, step)
    rig.sim.fault(Kind.REFUSE, undo, after=case.steps[:step].count(undo))
    return await case.order(rig)


async def test_a_resume_that_is_refused_again_stays_partial(rig: Rig) -> None:
    case = await play(rig, SCENES["activate"])
    order = await _stuck(rig, case, 2)
    assert await rig.until(order) == "partial"
    rig.sim.fault(Kind.REFUSE, "RemoveSubscriber")
    await rig.gateway.engine.resume(order)
    await rig.until(order, "partial")
    await rig.gateway.engine.resume(order)
    assert await rig.until(order, "failed") == "failed"


@pytest.mark.parametrize("kind", [Kind.SILENT, Kind.LOST, Kind.BUSY, Kind.DROP_AFTER])
async def test_an_undo_in_doubt_is_looked_at_too(rig: Rig, kind: Kind) -> None:
    case = await play(rig, SCENES["activate"])
    before = (rig.sim.picture(), await _claims(rig))
    _refuse(rig, case, len(case.steps) - 1)
    rig.sim.fault(kind, "RemoveSubscriber")
    rig.sim.fault(kind, "RemoveKeys")
    assert await rig.until(await case.order(rig)) == "failed"
    assert (rig.sim.picture(), await _claims(rig)) == before
