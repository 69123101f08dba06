"""At the door: the same order once, whoever asks twice; two that want the same thing, one gets it."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest

from gateway.journal.journal import JournalFull
from gateway.orders.acceptance import Answer, KeyReused, Preview
from hlr_sim.faults import Kind
from tests.gateway.cards import SFR, Card, card
from tests.gateway.rig import Rig

NUMBER, OTHER = "+33612345678", "+33612345679"
BASE: dict[str, Any] = {"contract": "technicophone", "plan": "unlimited", "options": ["data"]}


def _slug(answer: Answer) -> str:
    assert answer.problem is not None, answer
    return str(answer.problem["type"]).rpartition("/")[2]


async def _activation(rig: Rig, one: Card, number: str = NUMBER, key: str | None = None, **more: Any) -> Answer:  # noqa: ANN401 - as posted
    return await rig.ask("activate", key, msisdn=number, iccid=one.iccid, **{**BASE, **more})


async def test_the_same_key_and_body_get_the_same_answer_and_one_order(rig: Rig) -> None:
    first = await _activation(rig, card(1), key="k")
    again = await _activation(rig, card(1), key="k")
    assert (again.order, again.replayed, first.replayed) == (first.order, True, False)
    await rig.until(str((first.order or {})["id"]))
    once_more = await _activation(rig, card(1), key="k")
    assert (once_more.order, once_more.replayed) == (first.order, True)
    assert len(await rig.all_rows("orders")) == 1


async def test_the_same_key_for_another_body_is_refused(rig: Rig) -> None:
    await _activation(rig, card(1), key="k")
    with pytest.raises(KeyReused):
        await _activation(rig, card(2), OTHER, key="k")
    with pytest.raises(KeyReused):
        await rig.ask("suspend", "k", msisdn="+33699999999", reason="unpaid")
    assert len(await rig.all_rows("orders")) == 1


async def test_a_refusal_takes_no_key(rig: Rig) -> None:
    first = await rig.ask("suspend", "k", msisdn=NUMBER, reason="unpaid")
    assert (_slug(first), first.replayed) == ("line-unknown", False)
    assert await rig.until(await rig.activate(card(1), NUMBER)) == "completed"
    again = await rig.ask("suspend", "k", msisdn=NUMBER, reason="unpaid")
    assert (again.order is not None, again.replayed) == (True, False)
    third = await rig.ask("suspend", "k", msisdn=NUMBER, reason="unpaid")
    assert (third.order, third.replayed) == (again.order, True)


async def test_an_accepted_order_is_answered_again_even_where_it_makes_no_sense_any_more(rig: Rig) -> None:
    first = await _activation(rig, card(1), key="k")
    await rig.until(str((first.order or {})["id"]))
    assert _slug(await _activation(rig, card(1))) == "line-exists"
    assert (await _activation(rig, card(1), key="k")).order == first.order


async def test_many_at_once_with_one_key_are_one_order(rig: Rig) -> None:
    answers = await asyncio.gather(*(_activation(rig, card(1), key="k") for _ in range(20)))
    assert len({json.dumps(a.order) for a in answers}) == len(await rig.all_rows("orders")) == 1
    assert sorted(a.replayed for a in answers) == [False] + [True] * 19
    await rig.until(str((answers[0].order or {})["id"]))
    more = await asyncio.gather(*(rig.ask("suspend", "s", msisdn=NUMBER, reason="unpaid") for _ in range(20)))
    assert len({json.dumps(a.order) for a in more}) == 1
    assert len(await rig.all_rows("orders")) == 2


async def test_refusals_at_once_with_one_key_are_all_refused(rig: Rig) -> None:
    answers = await asyncio.gather(*(rig.ask("suspend", "k", msisdn=NUMBER, reason="unpaid") for _ in range(10)))
    assert {_slug(a) for a in answers} == {"line-unknown"}
    assert await rig.all_rows("idempotency") == []


@pytest.mark.parametrize(
    ("mine", "yours", "lost"),
    [((1, NUMBER), (2, NUMBER), "number"), ((1, NUMBER), (1, OTHER), "sim")],
    ids=["one number", "one sim"],
)
async def test_two_activations_for_one_thing_end_with_one_line(
    rig: Rig, mine: tuple[int, str], yours: tuple[int, str], lost: str
) -> None:
    answers = await asyncio.gather(*(_activation(rig, card(n), number) for n, number in (mine, yours)))
    won = [a for a in answers if a.order is not None]
    assert len(won) == 1
    assert lost in _slug(next(a for a in answers if a.problem is not None))
    assert await rig.until(str((won[0].order or {})["id"])) == "completed"
    assert len(rig.sim.hlrs["orange"].store) == len(await rig.all_rows("lines")) == 1
    states = sorted(row["state"] for row in await rig.all_rows("sims"))
    assert states == ["active", "stock", "stock", "stock"]


@pytest.mark.parametrize(
    ("action", "details", "slug"),
    [
        ("reactivate", {}, "nothing-to-lift"),
        ("change_options", {"add": ["nonsense"]}, "unknown-option"),
        ("change_plan", {"plan": "nonsense"}, "unknown-plan"),
        ("suspend", {"reason": "lost"}, None),
        ("bar_outgoing", {"reason": "lost"}, "reason-not-allowed"),
        ("swap_sim", {"new_iccid": card(99).iccid, "reason": "other"}, "sim-unknown"),
        ("swap_sim", {"new_iccid": card(1, SFR).iccid, "reason": "other"}, "wrong-host"),
        ("change_number", {"new_msisdn": NUMBER}, "same-number"),
        ("change_number", {"new_msisdn": "+33123456789"}, "number-out-of-range"),
        ("activate", {**BASE, "iccid": card(2).iccid}, "line-exists"),
    ],
)
async def test_nothing_before_it_so_a_senseless_order_is_refused_at_once(
    rig: Rig, line: Card, action: str, details: dict[str, Any], slug: str | None
) -> None:
    del line
    before = len(await rig.all_rows("orders"))
    answer = await rig.ask(action, msisdn=NUMBER, **details)
    assert (None if answer.problem is None else _slug(answer)) == slug
    assert len(await rig.all_rows("orders")) == before + (slug is None)


async def test_with_orders_before_it_a_senseless_order_ends_rejected(rig: Rig, line: Card) -> None:
    rig.sim.fault(Kind.BUSY, "Provide", count=20)
    first = await rig.order("change_options", msisdn=NUMBER, add=["5g"])
    second = await rig.order("reactivate", msisdn=NUMBER)
    assert [await rig.until(order) for order in (first, second)] == ["completed", "rejected"]
    error = json.loads((await rig.row(second))["error"])
    assert (error["type"], bool(error["detail"])) == ("/problems/nothing-to-lift", True)
    assert rig.sim.held(line.imsi) == await rig.wished(NUMBER)
    assert not [row for row in await rig.all_rows("steps") if row["order_id"] == second]


async def test_what_no_order_can_cure_is_refused_even_with_orders_before_it(rig: Rig, line: Card) -> None:
    del line
    rig.sim.fault(Kind.BUSY, "Provide", count=20)
    await rig.order("suspend", msisdn=NUMBER, reason="unpaid")
    assert _slug(await rig.ask("change_plan", msisdn=NUMBER, plan="nonsense")) == "unknown-plan"
    assert (await rig.ask("reactivate", msisdn=NUMBER)).order


async def test_an_activation_behind_one_that_fails_gets_its_turn(rig: Rig) -> None:
    rig.sim.fault(Kind.LATE, "PutKeys", delay_s=0.1)
    rig.sim.fault(Kind.REFUSE, "CreateSubscriber")
    first = await rig.activate(card(1), NUMBER)
    second = await rig.activate(card(1), NUMBER)
    third = await rig.order("suspend", msisdn=NUMBER, reason="unpaid")
    assert [await rig.until(order) for order in (first, second, third)] == ["failed", "completed", "completed"]
    assert rig.sim.held(card(1).imsi) == await rig.wished(NUMBER)


async def test_orders_behind_an_activation_that_fails_are_rejected_with_it(rig: Rig) -> None:
    rig.sim.fault(Kind.LATE, "PutKeys", delay_s=0.1)
    rig.sim.fault(Kind.REFUSE, "CreateSubscriber")
    first = await rig.activate(card(1), NUMBER)
    second = await rig.order("suspend", msisdn=NUMBER, reason="unpaid")
    third = await rig.order("change_number", msisdn=NUMBER, new_msisdn=OTHER)
    assert [await rig.until(order) for order in (first, second, third)] == ["failed", "rejected", "rejected"]
    assert {row["state"] for row in await rig.all_rows("sims")} == {"stock"}
    assert {row["state"] for row in await rig.all_rows("numbers")} == {"free"}
    assert (await rig.ask("suspend", msisdn=NUMBER, reason="unpaid")).problem


async def test_a_second_activation_of_a_line_that_came_to_be_is_rejected(rig: Rig) -> None:
    rig.sim.fault(Kind.LATE, "PutKeys", delay_s=0.1)
    first = await rig.activate(card(1), NUMBER)
    second = await rig.activate(card(2), NUMBER)
    assert [await rig.until(order) for order in (first, second)] == ["completed", "rejected"]
    states = {row["iccid"]: row["state"] for row in await rig.all_rows("sims")}
    assert (states[card(1).iccid], states[card(2).iccid]) == ("active", "stock")


async def test_a_full_house_takes_nothing_in(rig: Rig, line: Card) -> None:
    del line
    rig.sim.fault(Kind.BUSY, "Provide", count=None)
    await rig.order("suspend", msisdn=NUMBER, reason="unpaid")
    with pytest.raises(JournalFull):
        await rig.gateway.engine.accept(rig.new("reactivate", msisdn=NUMBER), 1)
    rig.sim.faults.clear()
    assert len(await rig.all_rows("orders")) == 2


async def test_a_preview_writes_and_sends_nothing(rig: Rig, line: Card) -> None:
    del line
    tables = ("orders", "lines", "sims", "numbers", "events", "idempotency", "steps", "messages")
    before = [len(await rig.all_rows(table)) for table in tables], len(rig.sim.log())
    shown = await rig.gateway.engine.preview(rig.new("terminate", "k", msisdn=NUMBER))
    assert isinstance(shown, Preview)
    assert (shown.after, len(shown.steps)) == (None, 2)
    assert ([len(await rig.all_rows(table)) for table in tables], len(rig.sim.log())) == before


@pytest.mark.parametrize("by", ["msisdn", "imsi", "iccid"])
async def test_a_line_is_found_by_each_of_its_names(rig: Rig, line: Card, by: str) -> None:
    name = {"msisdn": NUMBER, "imsi": line.imsi, "iccid": line.iccid}[by]
    assert await rig.done("suspend", line={by: name}, reason="unpaid") == "completed"


async def test_a_line_is_found_by_what_a_pending_order_makes_it(rig: Rig, line: Card) -> None:
    rig.sim.fault(Kind.BUSY, "ChangeMsisdn", count=10)
    first = await rig.order("change_number", msisdn=NUMBER, new_msisdn=OTHER)
    second = await rig.order("suspend", msisdn=OTHER, reason="unpaid")
    assert [await rig.until(order) for order in (first, second)] == ["completed", "completed"]
    held = rig.sim.held(line.imsi)
    assert held is not None
    assert (held.msisdn, held.locked) == (OTHER, True)


@pytest.mark.parametrize(("kind", "count", "end"), [(Kind.BUSY, 10, "rejected"), (Kind.REFUSE, 1, "completed")])
@pytest.mark.usefixtures("line")
async def test_an_activation_is_for_the_number_it_names(rig: Rig, kind: Kind, count: int, end: str) -> None:
    """Whether the line that is about to get it gets it or not: never for the number that line has yet."""
    rig.sim.fault(kind, "ChangeMsisdn", count=count)
    await rig.order("change_number", msisdn=NUMBER, new_msisdn=OTHER)
    opening = await _activation(rig, card(2), OTHER)
    assert await rig.until(str((opening.order or {})["id"])) == end
    assert {row["msisdn"] for row in await rig.all_rows("lines")} == ({OTHER} if end == "rejected" else {NUMBER, OTHER})


async def test_a_number_taken_over_from_an_ended_line_names_the_living_one(rig: Rig) -> None:
    """The living line may be older than the ended one whose number it took."""
    assert await rig.until(await rig.activate(card(1), NUMBER)) == "completed"
    await asyncio.sleep(0.01)
    assert await rig.until(await rig.activate(card(2), OTHER)) == "completed"
    assert await rig.done("terminate", msisdn=OTHER) == "completed"
    assert await rig.done("change_number", msisdn=NUMBER, new_msisdn=OTHER) == "completed"
    assert (await rig.ask("suspend", msisdn=OTHER, reason="unpaid")).problem is None


async def test_a_future_order_is_judged_when_its_time_has_come(rig: Rig, line: Card) -> None:
    later = rig.time() + timedelta(days=1)
    lift = await rig.order("reactivate", msisdn=NUMBER, requested_start=later)
    assert await rig.done("suspend", msisdn=NUMBER, reason="unpaid") == "completed"
    rig.time.jump(days=2)
    assert await rig.until(lift) == "completed"
    assert rig.sim.held(line.imsi) == await rig.wished(NUMBER)
