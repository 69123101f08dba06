"""What is due is shown on its line and over all lines; an order shows what its contract promises of its time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from gateway.api import create_api
from gateway.cli import order_tables
from gateway.cli.printing import show
from tests.gateway.clocks.conftest import MORNING, opened
from tests.gateway.clocks.networks import Ticking, card_of, number_of
from tests.gateway.rig import TOKEN

LETTER = {"notice": "papers_requested"}


@pytest.fixture
async def http(moving: Ticking) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_api(moving.rig.gateway), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        client.headers["Authorization"] = f"Bearer {TOKEN}"
        yield client


async def read(http: httpx.AsyncClient, path: str, **params: str) -> dict[str, Any]:
    answer = await http.get(path, params=params)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_a_line_shows_what_is_due_on_it(
    moving: Ticking, http: httpx.AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    msisdn = await opened(moving.rig, "orange-mayotte")
    assert (await read(http, f"/v1/lines/{msisdn}"))["due"] == []
    assert await moving.rig.done("suspend", msisdn=msisdn, reason="unpaid") == "completed"
    document = await read(http, f"/v1/lines/{msisdn}")
    due = {
        "name": "suspended_unpaid",
        "action": "terminate",
        "at": "2026-03-17T05:00:00+00:00",
        "how": "automatic",
        "source": "004 art. 16.1",
        "details": {"reason": "suspended_unpaid"},
        "proposed_at": None,
    }
    assert document["due"] == [due]
    show(document, as_json=False, drawn=lambda: order_tables.line(document))
    assert "suspended_unpaid" in capsys.readouterr().out


async def test_what_was_ordered_is_not_to_come_any_more(moving: Ticking, http: httpx.AsyncClient) -> None:
    msisdn = await opened(moving.rig, "orange-mayotte")
    assert await moving.rig.done("record_notice", msisdn=msisdn, **LETTER) == "completed"
    assert [d["name"] for d in (await read(http, f"/v1/lines/{msisdn}"))["due"]] == ["papers_suspend"]
    await moving.jump(MORNING + timedelta(days=15))
    document = await read(http, f"/v1/lines/{msisdn}")
    assert (document["state"], document["due"]) == ("suspended", [])
    assert (await read(http, "/v1/deadlines"))["items"] == []


async def test_all_lines_page_by_page(moving: Ticking, http: httpx.AsyncClient) -> None:
    for contract in ("cmi", "orange-mayotte", "monaco-telecom"):
        msisdn = await opened(moving.rig, contract)
        assert await moving.rig.done("suspend", msisdn=msisdn, reason="unpaid") == "completed"
    found, cursor, pages = [], None, 0
    while cursor is not None or not pages:
        page = await read(http, "/v1/deadlines", limit="1", **({"cursor": cursor} if cursor else {}))
        found += [(item["contract"], item["name"]) for item in page["items"]]
        cursor, pages = page["next"], pages + 1
    assert found[0] == ("orange-mayotte", "suspended_unpaid")
    assert sorted(found[1:]) == [("cmi", "suspended_too_long"), ("monaco-telecom", "suspended_too_long")]
    soon = await read(http, "/v1/deadlines", until="2026-03-17T06:00:00+01:00")
    assert [item["msisdn"] for item in soon["items"]] == [number_of("orange-mayotte", 1)]
    await moving.jump(MORNING + timedelta(days=70))
    decide = (await read(http, "/v1/deadlines", until=moving.now.isoformat()))["items"]
    assert [(item["how"], bool(item["proposed_at"])) for item in decide] == [("proposed", True)] * 2


@pytest.mark.parametrize(
    "params",
    [
        {"cursor": "bm8="},
        {"cursor": "WyJcdWQ4MDAiLCAiYSIsICJiIl0="},
        {"cursor": "é"},
        {"until": "tomorrow"},
        {"limit": "0"},
    ],
)
async def test_a_question_nobody_understands_is_refused(http: httpx.AsyncClient, params: dict[str, str]) -> None:
    answer = await http.get("/v1/deadlines", params=params)
    assert answer.status_code == 422
    assert answer.json()["detail"]


async def test_an_order_shows_until_when_it_may_be_taken_back(moving: Ticking, http: httpx.AsyncClient) -> None:
    msisdn = await opened(moving.rig, "orange-mayotte")
    start = MORNING + timedelta(days=20)
    order = await moving.rig.order("terminate", msisdn=msisdn, requested_start=start)
    shown = await read(http, f"/v1/orders/{order}")
    assert shown["cancellable_until"] == (start - timedelta(hours=24)).isoformat()
    assert shown["promised_by"] is None
    await moving.jump(start)
    assert (await read(http, f"/v1/orders/{order}"))["cancellable_until"] is None


async def test_an_order_shows_by_when_it_is_promised(moving: Ticking, http: httpx.AsyncClient) -> None:
    msisdn = await opened(moving.rig, "cmi")
    order = await moving.rig.order("change_options", msisdn=msisdn, add=["roaming"])
    shown = await read(http, f"/v1/orders/{order}")
    opens = "2026-03-04T05:00:00+00:00"  # Monday morning and 48 working hours
    assert (shown["state"], shown["requested_start"], shown["promised_by"]) == ("pending", opens, opens)
    assert shown["cancellable_until"] == opens


async def test_the_customers_word_activates_before_the_contract_does(moving: Ticking, http: httpx.AsyncClient) -> None:
    card = card_of("cmi", 1)
    details = {"contract": "cmi", "iccid": card.iccid, "plan": "metered", "delivered_at": MORNING.isoformat()}
    order = await moving.rig.order("activate", msisdn=number_of("cmi", 1), **details)
    assert (await read(http, f"/v1/orders/{order}"))["requested_start"] == "2026-04-01T04:00:00+00:00"
    await moving.jump(MORNING + timedelta(days=3))
    assert await moving.rig.state(order) == "pending"
    assert (await http.post(f"/v1/orders/{order}/resume")).status_code == 200
    await moving.settle()
    assert await moving.rig.state(order) == "completed"
