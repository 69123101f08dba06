"""/v1/elements: what each can, how it is, and leaving it alone for a while."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.gateway.api.conftest import Shop, activation
from tests.gateway.cards import Card, card
from tests.gateway.rig import PASSWORD, SHIPPED, START

NUMBER = "+33612345678"
ASKED = {"why": "new disks", "requested_by": {"who": "anna", "channel": "noc"}}
UNTIL = (START + timedelta(hours=2)).isoformat()
KEYS = {
    "name", "kind", "role", "dialects", "transport", "connected", "state", "reason", "until", "window", "per_s",
    "capabilities", "members", "opened", "planned",
}  # fmt: skip


async def _put(shop: Shop, name: str = "orange", **body: Any) -> httpx.Response:  # noqa: ANN401 - as posted
    return await shop.ask("PUT", f"/v1/elements/{name}/maintenance", json={**ASKED, **body})


async def _delete(shop: Shop, name: str = "orange") -> httpx.Response:
    return await shop.ask("DELETE", f"/v1/elements/{name}/maintenance")


async def test_every_element_is_listed_with_what_it_can_and_how_it_is(shop: Shop, line: Card) -> None:
    del line  # it has made Orange be spoken to
    items = (await shop.get("/v1/elements")).json()["items"]
    assert [item["name"] for item in items] == list(SHIPPED)
    orange, sfr, *_, smsc = items
    assert {frozenset(item) for item in items} == {frozenset(KEYS)}
    assert (orange["connected"], sfr["connected"]) == (True, False)
    assert [item["state"] for item in items] == ["ok"] * len(SHIPPED)
    assert (orange["dialects"], orange["transport"], orange["role"]) == (["mml_h"], "ssh", "hlr")
    assert (smsc["dialects"], smsc["role"], smsc["capabilities"]["facets"]) == (["smpp"], "smsc", [])
    assert {"PutKeys", "Provide", "ReadSubscriber"} <= set(orange["capabilities"]["commands"])
    assert {"OutgoingBar", "ApnAccess"} <= set(orange["capabilities"]["facets"])
    assert orange["capabilities"]["pushes"] == ["RemoveSubscriber"]
    assert (orange["members"], orange["opened"], orange["planned"]) == ([], None, [])
    assert (await shop.get("/v1/elements/orange")).json() == orange


async def test_where_an_element_is_and_how_it_is_logged_in_to_is_not_told(shop: Shop) -> None:
    text = (await shop.get("/v1/elements")).text + (await shop.get("/v1/elements/orange")).text
    config = shop.rig.gateway.settings.topology.elements["orange"]
    for secret in (PASSWORD, config.host, str(config.port), config.user, "PASSWORD"):
        assert secret not in text


@pytest.mark.parametrize("name", ["nobody", "numbers"])
async def test_an_element_that_is_none_is_not_found(shop: Shop, name: str) -> None:
    for answer in (await shop.get(f"/v1/elements/{name}"), await _put(shop, name), await _delete(shop, name)):
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/element-unknown")
        assert ", ".join(SHIPPED) in answer.json()["detail"]


@pytest.mark.parametrize("name", ["Orange", "a%20b", "%2e%2e", "é", "x" * 33])
async def test_a_name_that_is_none_is_refused(shop: Shop, name: str) -> None:
    assert (await shop.get(f"/v1/elements/{name}")).status_code in (404, 422)
    assert (await _put(shop, name)).status_code in (404, 422)


async def test_an_element_left_alone_says_so_and_its_orders_wait(shop: Shop) -> None:
    answer = await _put(shop, until=UNTIL)
    assert answer.status_code == 200
    shown = answer.json()
    assert (shown["state"], shown["reason"]) == ("maintenance", "orange is in maintenance: new disks")
    assert (shown["until"], shown["opened"]["until"], shown["opened"]["who"]) == (UNTIL, UNTIL, "anna (noc)")
    assert shown["opened"]["why"] == "new disks"
    assert shown == (await shop.get("/v1/elements/orange")).json()
    placed = await shop.place(activation(card(1), NUMBER))
    assert placed.status_code == 202
    await shop.rig.until(placed.json()["id"], "held")
    order = (await shop.get(placed.json()["href"])).json()
    assert (order["state"], order["waiting_for"], order["expected_at"]) == ("held", shown["reason"], UNTIL)
    assert shop.rig.sim.log() == []
    let_go = await _delete(shop)
    assert (let_go.status_code, let_go.json()["state"], let_go.json()["opened"]) == (200, "ok", None)
    await shop.rig.until(placed.json()["id"], "completed")
    order = (await shop.get(placed.json()["href"])).json()
    assert (order["waiting_for"], order["expected_at"]) == (None, None)


async def test_without_an_end_it_lasts_until_it_is_closed(shop: Shop) -> None:
    shown = (await _put(shop)).json()
    assert (shown["state"], shown["until"], shown["opened"]["until"]) == ("maintenance", None, None)
    shop.rig.time.jump(days=400)
    await asyncio.sleep(0.6)
    assert (await shop.get("/v1/elements/orange")).json()["state"] == "maintenance"
    assert (await _delete(shop)).json()["state"] == "ok"


async def test_opened_again_it_has_the_new_end(shop: Shop) -> None:
    await _put(shop, until=UNTIL)
    later = (START + timedelta(hours=9)).isoformat()
    shown = (await _put(shop, until=later, why="the disks are late", requested_by=None)).json()
    assert (shown["until"], shown["opened"]["why"], shown["opened"]["who"]) == (later, "the disks are late", "")
    assert len(await shop.rig.all_rows("maintenance")) == 1


async def test_an_end_in_another_zone_is_the_same_moment(shop: Shop) -> None:
    shown = (await _put(shop, until="2026-03-02T13:30:00+02:00")).json()
    assert shown["until"] == "2026-03-02T11:30:00+00:00"


async def test_what_was_not_opened_by_hand_cannot_be_closed(shop: Shop) -> None:
    answer = await _delete(shop)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/not-held")
    assert "elements.toml" in answer.json()["detail"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"why": ""},
        {"why": "x\n"},
        {"why": "x", "until": "2027-03-02T09:00:00"},
        {"why": "x", "until": "tomorrow"},
        {"why": "x", "until": 1900000000},
        {"why": "x", "colour": "red"},
        {"why": "x", "requested_by": {"who": "anna"}},
        [],
        "x",
    ],
)
async def test_a_body_that_makes_no_sense_opens_nothing(shop: Shop, body: object) -> None:
    answer = await shop.ask("PUT", "/v1/elements/orange/maintenance", json=body)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid-body")
    assert answer.json()["errors"]
    assert await shop.rig.all_rows("maintenance") == []
    assert (await shop.get("/v1/elements/orange")).json()["state"] == "ok"


@pytest.mark.parametrize("until", ["2026-03-02T08:59:59+00:00", "2026-03-02T09:00:00Z"])
async def test_a_window_that_would_be_over_opens_nothing(shop: Shop, until: str) -> None:
    answer = await _put(shop, until=until)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/window-over")
    assert await shop.rig.all_rows("maintenance") == []


async def test_who_opened_and_closed_a_window_is_on_record(shop: Shop) -> None:
    await _put(shop, until=UNTIL)
    await _delete(shop)
    rows = [row for row in await shop.rig.all_rows("events") if row["type"].startswith("maintenance.")]
    assert [row["type"] for row in rows] == ["maintenance.opened", "maintenance.closed"]
    told = json.loads(rows[0]["data"])
    assert (told["element"], told["who"], told["why"], told["until"]) == ("orange", "anna (noc)", "new disks", UNTIL)


async def test_an_element_that_does_not_answer_is_away(shop: Shop) -> None:
    shop.rig.sim.fault("refuse_connect", count=None)
    placed = await shop.place(activation(card(1), NUMBER))
    element = shop.rig.gateway.network.element("orange")
    async with asyncio.timeout(60):
        while element.paused is None:  # noqa: ASYNC110 - the circuit tells nobody that it opens
            await asyncio.sleep(0.01)
    shown = (await shop.get("/v1/elements/orange")).json()
    assert (shown["state"], shown["until"], shown["connected"]) == ("away", None, False)
    assert "does not answer" in shown["reason"]
    shop.rig.sim.faults.clear()
    assert await shop.rig.until(placed.json()["id"]) == "completed"
    assert (await shop.get("/v1/elements/orange")).json()["state"] == "ok"
