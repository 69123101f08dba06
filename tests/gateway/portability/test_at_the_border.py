"""Ports and RIOs over REST: what is shown, what is told by SMS, and what is told to nobody."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from drivers.subscription import Msisdn
from gateway.api import create_api
from gateway.contract.rio import check_rio
from gateway.portability.rio import rio_of
from tests.gateway.cards import Card, card
from tests.gateway.conftest import NUMBER
from tests.gateway.portability.lives import COMING, DAY, RIO, TEMPORARY, Lives
from tests.gateway.rig import TOKEN

_ASKED = {"requested_by": {"who": "shop-042/anna", "channel": "shop"}}


@pytest.fixture
async def http(lives: Lives) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_api(lives.rig.gateway), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        client.headers["Authorization"] = f"Bearer {TOKEN}"
        yield client


async def test_a_port_shows_its_times_and_its_outage_and_never_its_rio(lives: Lives, http: httpx.AsyncClient) -> None:
    port = await lives.temporary(card(1))
    await lives.until(port, "accepted")
    lives.jump_to(DAY)
    await lives.until(port, "done")
    answer = await http.get(f"/v1/ports/{port}")
    shown = answer.json()
    assert answer.status_code == 200
    assert (shown["msisdn"], shown["state"], shown["within_promise"]) == (COMING, "done", True)
    assert shown["released_at"] <= shown["stored_at"]
    assert RIO not in answer.text
    page = (
        await http.get("/v1/ports", params={"msisdn": COMING, "direction": "in", "state": "done", "limit": 1})
    ).json()
    assert [item["reference"] for item in page["items"]] == [port]
    rest = (await http.get("/v1/ports", params={"cursor": page["next"]})).json()
    assert rest == {"items": [], "next": None}
    assert (await http.get("/v1/ports/nobody")).status_code == 404
    metrics = (await http.get("/metrics")).text
    assert 'linegate_ports_completed_total{within_promise="true"} 1.0' in metrics
    assert "linegate_port_outage_seconds_total" in metrics
    events = await http.get(f"/v1/lines/{COMING}/history")
    assert RIO not in events.text


async def test_an_activation_that_waits_says_for_what_and_its_line_is_found_by_both_numbers(
    lives: Lives, http: httpx.AsyncClient
) -> None:
    order = await lives.waiting(card(1))
    shown = (await http.get(f"/v1/orders/{order}")).json()
    assert (shown["state"], shown["requested_start"]) == ("pending", None)
    assert COMING in shown["waiting_for"]
    assert (await http.get(f"/v1/lines/{COMING}")).json()["state"] == "ordered"
    await lives.until(order, "accepted")
    await lives.rig.gateway.engine.cancel(order)
    await lives.until(order, "cancelled")
    await lives.temporary(card(2))
    by_each = [(await http.get(f"/v1/lines/{number}")).json() for number in (COMING, TEMPORARY)]
    assert by_each[0] == by_each[1]
    assert by_each[0]["porting"]["msisdn"] == COMING


async def test_a_rio_goes_to_the_phone_of_its_line_and_nowhere_else(
    lives: Lives, line: Card, http: httpx.AsyncClient
) -> None:
    assert line.imsi
    body = _ASKED | {"commitment_ends": "2026-12-31"}
    answer = await http.post(f"/v1/lines/{NUMBER}/rio", json=body)
    assert answer.status_code == 202
    ours = rio_of(await lives.record(NUMBER), lives.rule)
    assert check_rio(ours, Msisdn(NUMBER)) is None
    assert ours.startswith(lives.rule.operator)
    ((to, text),) = await lives.texts("rio")
    assert (to, ours in text, "31/12/2026" in text) == (NUMBER, True, True)
    assert ours not in answer.text
    (told,) = await lives.events("rio.told")
    assert (told["requested_by"], told["message_id"]) == (_ASKED["requested_by"], answer.json()["message_id"])
    assert ours not in str(told)
    assert (await http.post(f"/v1/lines/{NUMBER}/rio", json=_ASKED)).status_code == 202
    assert ours in (await lives.texts("rio_free"))[0][1], "the same RIO again"


async def test_a_rio_is_not_told_of_what_is_no_line_or_gets_no_sms(lives: Lives, http: httpx.AsyncClient) -> None:
    assert (await http.post("/v1/lines/+33799999999/rio", json=_ASKED)).status_code == 404
    assert await lives.rig.until(await lives.rig.activate(card(1), NUMBER, plan="data_only")) == "completed"
    answer = await http.post(f"/v1/lines/{NUMBER}/rio", json=_ASKED)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/no-sms")
    assert (await http.post(f"/v1/lines/{NUMBER}/rio", json={})).status_code == 422
    assert not await lives.events("rio.told")
