"""/v1/sims/…/reports: what stations found, taken once however often it is sent, and what it makes of the card."""

from __future__ import annotations

import asyncio
import itertools
import json
from typing import Any

import httpx
import pytest

from gateway.stock.findings import Found
from tests.gateway.api.conftest import Json, Shop, activation, order
from tests.gateway.cards import Card, card

NUMBER = "+33612345678"
ONE = card(2)
PATH = f"/v1/sims/{ONE.iccid}"
_COUNT = itertools.count()


def report(what: str, at: str = "08:00", **more: Any) -> Json:  # noqa: ANN401 - as posted
    told = {"id": f"t-{next(_COUNT)}", "what": what, "at": f"2026-03-02T{at}:00+00:00", "station": "b-1", "who": "anna"}
    return told | more


async def post(shop: Shop, *reports: Json, path: str = PATH) -> httpx.Response:
    return await shop.post(f"{path}/reports", json={"reports": list(reports)})


async def told(shop: Shop, *reports: Json, path: str = PATH) -> tuple[int, int]:
    answer = await post(shop, *reports, path=path)
    assert answer.status_code == 200, answer.text
    assert set(answer.json()) == {"taken", "already"}
    return answer.json()["taken"], answer.json()["already"]


async def shown(shop: Shop, *names: str) -> tuple[Any, ...]:
    view = (await shop.get(PATH)).json()
    return tuple(view[name] for name in names)


@pytest.mark.parametrize("what", list(Found))
async def test_each_finding_is_one_event_of_the_card(shop: Shop, what: Found) -> None:
    one = report(what, detail="as seen", sqn=2**48 - 1)
    assert await told(shop, one) == (1, 0)
    (item,) = (await shop.get(f"{PATH}/history")).json()["items"]
    assert item["type"] == f"card.{what}"
    assert item["data"] == {"iccid": ONE.iccid, **{name: value for name, value in one.items() if name != "what"}}


@pytest.mark.parametrize(
    ("what", "card_state"),
    [("personalised", "personalised"), ("pin_blocked", "pin_blocked"), ("pin_unblocked", "personalised"),
     ("dead", "dead"), ("checked", None), ("failed", None), ("pin_changed", None), ("puk_refused", None)],
)  # fmt: skip
async def test_what_a_finding_makes_of_the_card(shop: Shop, what: str, card_state: str | None) -> None:
    await told(shop, report(what))
    known = (card_state, *(("2026-03-02T08:00:00+00:00", "b-1/anna") if card_state else (None, None)))
    assert await shown(shop, "card", "card_at", "card_by", "adm1_refused_at") == (*known, None)


async def test_what_is_sent_again_is_taken_once(shop: Shop) -> None:
    week = [report("personalised"), report("pin_blocked", "08:10"), report("pin_unblocked", "08:20")]
    assert await told(shop, *week[:2]) == (2, 0)
    assert await told(shop, *week, week[2]) == (1, 3)
    elsewhere = [one | {"at": one["at"].replace("08:", "09:").replace("+00", "+01")} for one in week]
    assert await told(shop, *elsewhere) == (0, 3)
    assert len((await shop.get(f"{PATH}/history")).json()["items"]) == 3
    assert await shown(shop, "card") == ("personalised",)


async def test_sent_many_times_at_once_it_is_taken_once(shop: Shop) -> None:
    week = [report("personalised"), report("checked")]
    results = await asyncio.gather(*(told(shop, *week) for _ in range(12)))
    assert sum(taken for taken, _ in results) == 2
    assert sum(already for _, already in results) == 22
    assert len(await shop.rig.all_rows("card_reports")) == 2


async def test_the_same_id_names_a_report_of_one_card_only(shop: Shop) -> None:
    one = report("personalised")
    assert await told(shop, one) == (1, 0)
    assert await told(shop, one, path=f"/v1/sims/{card(3).iccid}") == (1, 0)


async def test_an_id_used_for_something_else_is_refused_and_nothing_is_taken(shop: Shop) -> None:
    one = report("personalised")
    await told(shop, one)
    answer = await post(shop, report("pin_blocked"), one | {"what": "dead"})
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/report-id-reused")
    assert answer.json()["errors"][0]["field"] == "reports.1.id"
    assert len(await shop.rig.all_rows("card_reports")) == 1
    assert await shown(shop, "card") == ("personalised",)


async def test_the_later_finding_wins_whichever_comes_first(shop: Shop) -> None:
    await told(shop, report("pin_blocked", "08:30"))
    await told(shop, report("personalised", "08:10"))
    assert await shown(shop, "card", "card_at") == ("pin_blocked", "2026-03-02T08:30:00+00:00")
    await told(shop, report("pin_unblocked", "08:31", who="bert"))
    assert await shown(shop, "card", "card_by") == ("personalised", "b-1/bert")


async def test_a_station_whose_clock_is_ahead_does_not_win_for_ever(shop: Shop) -> None:
    await told(shop, report("personalised", at="08:00") | {"at": "2099-01-01T00:00:00Z"})
    assert (await shown(shop, "card_at"))[0] < "2026-03-03"
    shop.rig.time.jump(hours=1)
    await told(shop, report("pin_blocked", at="09:30"))
    assert await shown(shop, "card") == ("pin_blocked",)


async def test_dead_is_the_last_word_even_if_it_was_said_first(shop: Shop) -> None:
    await told(shop, report("personalised", "08:30"))
    await told(shop, report("dead", "08:10"))
    for later in (report("personalised", "08:40"), report("pin_unblocked", "08:50"), report("dead", "08:55")):
        assert await told(shop, later) == (1, 0)
    assert await shown(shop, "card", "card_at") == ("dead", "2026-03-02T08:10:00+00:00")


async def test_a_dead_card_is_never_sold(shop: Shop, line: Card) -> None:
    del line
    await told(shop, report("dead"))
    for body in (activation(ONE, "+33612345679"), order("swap_sim", NUMBER, new_iccid=ONE.iccid, reason="other")):
        answer = await shop.place(body)
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/sim-dead")
    assert await shown(shop, "state", "msisdn") == ("stock", None)


async def test_a_card_that_dies_while_its_order_waits_is_not_sold(shop: Shop) -> None:
    placed = await shop.place(activation(ONE, NUMBER) | {"requested_start": "2026-03-02T12:00:00Z"})
    assert placed.status_code == 202
    await told(shop, report("dead"))
    shop.rig.time.jump(hours=4)
    assert await shop.rig.until(placed.json()["id"], wait_s=30) == "rejected"
    assert (await shop.get(placed.json()["href"])).json()["error"]["type"] == "/problems/sim-dead"
    assert (await shop.place(activation(ONE, NUMBER))).status_code == 409


async def test_a_line_learns_that_its_card_died_and_swaps_as_ever(shop: Shop, line: Card) -> None:
    path = f"/v1/sims/{line.iccid}"
    before = (await shop.get(f"/v1/lines/{NUMBER}")).json()
    await told(shop, report("dead"), path=path)
    assert (await shop.get(f"/v1/lines/{NUMBER}")).json() == before
    last = (await shop.get(f"/v1/lines/{NUMBER}/history")).json()["items"][-1]
    assert (last["type"], last["data"]["msisdn"]) == ("card.dead", NUMBER)
    assert (await shop.get(path)).json()["msisdn"] == NUMBER
    swapped = await shop.done(order("swap_sim", NUMBER, new_iccid=ONE.iccid, reason="malfunction"))
    assert swapped["state"] == "completed"
    assert (await shop.get(path)).json()["msisdn"] is None
    assert await shown(shop, "msisdn", "state") == (NUMBER, "active")


async def test_a_sim_is_found_by_its_imsi(shop: Shop) -> None:
    (found,) = (await shop.get("/v1/sims", params={"imsi": ONE.imsi})).json()["items"]
    assert found == (await shop.get(PATH)).json()
    assert (await shop.get("/v1/sims", params={"imsi": card(77).imsi})).json() == {"items": []}
    assert (await shop.get("/v1/sims", params={"imsi": ONE.imsi, "state": "dead"})).status_code == 422
    assert (await shop.get("/v1/sims")).status_code == 422


async def test_many_cards_are_told_of_at_once(shop: Shop) -> None:
    first, again = report("personalised", iccid=ONE.iccid), report("dead", iccid=card(3).iccid)
    await shop.post("/v1/sims/reports", json={"reports": [again]})
    strange = report("dead", iccid=card(77).iccid)
    reused = again | {"what": "checked"}
    answer = await shop.post("/v1/sims/reports", json={"reports": [strange, first, again, reused]})
    assert answer.status_code == 200
    shown = answer.json()
    assert (shown["taken"], shown["already"]) == (1, 1)
    assert [(p["index"], p["iccid"], p["id"], p["type"]) for p in shown["problems"]] == [
        (0, strange["iccid"], strange["id"], "/problems/sim-unknown"),
        (3, again["iccid"], again["id"], "/problems/report-id-reused"),
    ]
    assert all(problem["detail"] for problem in shown["problems"])
    states = {row["iccid"]: row["card"] for row in await shop.rig.all_rows("sims")}
    assert (states[ONE.iccid], states[card(3).iccid]) == ("personalised", "dead")


async def test_a_thousand_are_taken_and_one_more_is_not(shop: Shop) -> None:
    many = [report("checked", iccid=ONE.iccid, detail="x" * 100) for _ in range(1001)]
    assert (await shop.post("/v1/sims/reports", json={"reports": many})).status_code == 422
    answer = await shop.post("/v1/sims/reports", json={"reports": many[:1000]})
    assert answer.json() == {"taken": 1000, "already": 0, "problems": []}
    answer = await shop.post("/v1/sims/reports", json={"reports": many[:1000]})
    assert answer.json() == {"taken": 0, "already": 1000, "problems": []}


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": ""}, {"id": "a b"}, {"id": "x" * 65}, {"id": None}, {"what": "lost"}, {"what": "Dead"}, {"what": None},
        {"at": "yesterday"}, {"at": "2026-03-02T08:00:00"}, {"at": 1772438400}, {"station": ""}, {"who": "a\nb"},
        {"detail": "\u202e"}, {"detail": "x" * 201}, {"sqn": -1}, {"sqn": 2**48}, {"sqn": "1"}, {"sqn": True},
        {"sqn": 1.5}, {"adm1_ref": "x"}, {"colour": "red"}, {"iccid": card(3).iccid},
    ],
)  # fmt: skip
async def test_a_report_that_is_none_keeps_all_of_its_body_out(shop: Shop, wrong: Json) -> None:
    answer = await post(shop, report("checked"), report("checked") | wrong)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid-body")
    assert answer.json()["errors"][0]["field"] == f"reports.1.{next(iter(wrong))}"
    assert not await shop.rig.all_rows("card_reports")


@pytest.mark.parametrize("body", [{}, [], {"reports": []}, {"reports": None}, {"reports": {}}, "x"])
async def test_a_body_without_reports_is_refused(shop: Shop, body: object) -> None:
    for path in (f"{PATH}/reports", "/v1/sims/reports"):
        assert (await shop.post(path, json=body)).status_code == 422


async def test_findings_of_a_card_nobody_knows_are_not_kept(shop: Shop) -> None:
    answer = await post(shop, report("dead"), path=f"/v1/sims/{card(77).iccid}")
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/sim-unknown")
    assert not await shop.rig.all_rows("events")


async def test_no_rows_of_text_hold_more_than_was_told(shop: Shop) -> None:
    await told(shop, report("adm_refused"))
    (row,) = await shop.rig.all_rows("card_reports")
    assert set(json.loads(row["told"])) == {"iccid", "id", "what", "at", "station", "who", "adm1_ref"}
