"""/v1/usage and what a line has used: the shapes, and that a bad record never spoils a good one."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from gateway.api import problems, usage
from tests.gateway.alerts.counted import put_lines
from tests.gateway.rig import TOKEN, Rig

NUMBER = "+33612345678"
AT = "2026-03-02T08:00:00Z"
PROBLEM = "application/problem+json"


@pytest.fixture
async def http(rig: Rig) -> AsyncIterator[httpx.AsyncClient]:
    await put_lines(rig, [NUMBER])
    app = FastAPI()
    app.state.gateway = rig.gateway
    app.include_router(usage.router)
    problems.install(app)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        client.headers["Authorization"] = f"Bearer {TOKEN}"
        yield client


def record(record_id: str = "u1", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - as posted
    said = {"id": record_id, "msisdn": NUMBER, "counter": "data", "amount": 1, "unit": "GB", "at": AT}
    return {name: value for name, value in (said | more).items() if value is not ...}


async def posted(http: httpx.AsyncClient, body: object) -> dict[str, Any]:
    answer = await http.post("/v1/usage", json=body)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def used(http: httpx.AsyncClient, counter: str = "data", **query: str) -> Any:  # noqa: ANN401 - number or text
    shown = (await http.get(f"/v1/lines/{NUMBER}/usage", params=query)).json()
    return next(one["used"] for one in shown["counters"] if one["counter"] == counter)


async def test_nobody_without_the_token_posts_or_reads(http: httpx.AsyncClient) -> None:
    del http.headers["Authorization"]
    for method, path in (("POST", "/v1/usage"), ("GET", f"/v1/lines/{NUMBER}/usage")):
        assert (await http.request(method, path, content=b"[]")).status_code == 401
    assert (await http.put(f"/v1/lines/{NUMBER}/alerting", json={})).status_code == 401


async def test_a_list_one_record_and_ndjson_are_taken(http: httpx.AsyncClient) -> None:
    assert (await posted(http, [record("a"), record("b")]))["accepted"] == 2
    assert (await posted(http, record("c")))["accepted"] == 1
    lines = f"{json.dumps(record('d'))}\n\n{json.dumps(record('e'))}\r\nnot json\n"
    headers = {"content-type": "application/x-ndjson; charset=utf-8"}
    told = (await http.post("/v1/usage", content=lines.encode(), headers=headers)).json()
    assert (told["accepted"], told["rejected"], told["problems"][0]["line"]) == (2, 1, 4)
    assert await used(http) == 5 * 10**9
    assert await posted(http, []) == {
        "accepted": 0,
        "duplicates": 0,
        "late": 0,
        "rejected": 0,
        "problems": [],
        "crossings": [],
    }


async def test_the_same_record_counts_once_and_its_id_is_for_no_other(http: httpx.AsyncClient) -> None:
    assert (await posted(http, [record("a"), record("a")]))["duplicates"] == 1
    again = await posted(http, [record("a", at="2026-03-02T09:00:00+01:00", amount=1.0), record("a", amount=2)])
    assert (again["duplicates"], again["accepted"]) == (1, 0)
    assert [(p["index"], p["id"], p["type"]) for p in again["problems"]] == [(1, "a", "/problems/id-reused")]
    assert await used(http) == 10**9


@pytest.mark.parametrize(
    ("wrong", "slug"),
    [
        ({"msisdn": "+33699999999"}, "line-unknown"),
        ({"counter": "telepathy"}, "unknown-counter"),
        ({"unit": "min"}, "wrong-unit"),
        ({"unit": "USD"}, "wrong-unit"),
        ({"unit": "furlong"}, "bad-quantity"),
        ({"amount": 0.0000000001}, "bad-quantity"),
        ({"amount": 10**30}, "bad-quantity"),
        ({"at": "2026-03-02T10:30:00Z"}, "in-the-future"),
        ({"at": "2025-12-01T00:00:00Z"}, "too-late"),
        ({"period": "2026-02"}, "period-contradicts"),
        ({"period": "2026-03-01"}, "period-contradicts"),
        ({"period": "fortnight"}, "period-contradicts"),
        ({"amount": -1}, "unreadable"),
        ({"amount": "1"}, "unreadable"),
        ({"amount": True}, "unreadable"),
        ({"amount": ...}, "unreadable"),
        ({"msisdn": "0612345678"}, "unreadable"),
        ({"at": "2026-03-02T08:00:00"}, "unreadable"),
        ({"at": 1772438400}, "unreadable"),
        ({"id": ""}, "unreadable"),
        ({"id": "x\n"}, "unreadable"),
        ({"roaming": "ES"}, "unreadable"),
        ({"roaming": {"country": "Spain"}}, "unreadable"),
        ({"colour": "red"}, "unreadable"),
    ],
    ids=str,
)
async def test_a_bad_record_is_kept_out_and_spoils_no_good_one(
    http: httpx.AsyncClient, wrong: dict[str, Any], slug: str
) -> None:
    told = await posted(http, [record("good"), record("bad", **wrong), record("better")])
    assert (told["accepted"], told["rejected"]) == (2, 1)
    (problem,) = told["problems"]
    assert (problem["index"], problem["type"]) == (1, f"/problems/{slug}")
    assert len(problem["detail"]) > 15
    assert await used(http) == 2 * 10**9


@pytest.mark.parametrize(
    "body", [b"", b"{", b"7", b'"x"', b"null", b"\xff", b"[" * 100_000, b"[1, 2]", b"{}", b"[NaN]"]
)
async def test_where_nothing_can_be_read_nothing_is_taken(http: httpx.AsyncClient, body: bytes) -> None:
    answer = await http.post("/v1/usage", content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.headers["content-type"]) == (422, PROBLEM)
    assert answer.json()["type"] == "/problems/nothing-readable"


async def test_more_than_a_batch_is_refused(http: httpx.AsyncClient) -> None:
    many = await http.post("/v1/usage", json=[{}] * 10_001)
    large = await http.post("/v1/usage", content=b" " * (8 * 1024 * 1024 + 1))
    assert (many.status_code, large.status_code) == (413, 413)


@pytest.mark.parametrize("period", ["day", "month", "billing_month", "roaming_month", "2026-03", "2026-03-02"])
async def test_a_period_that_is_true_of_the_record_is_taken(http: httpx.AsyncClient, period: str) -> None:
    assert (await posted(http, record(period=period)))["accepted"] == 1


async def test_a_counter_may_be_called_by_its_own_name(http: httpx.AsyncClient) -> None:
    spent = record("a", counter="roaming_data_spend", unit="EUR", roaming=True)
    assert (await posted(http, [spent]))["accepted"] == 1
    assert (await used(http, "roaming_data_spend"), await used(http)) == ("1.00", 0)


async def test_no_digit_is_lost_on_the_way(http: httpx.AsyncClient) -> None:
    more = [record(f"b{n}", amount=0.1, unit="EUR", roaming={"country": "ES"}) for n in range(3)]
    await posted(http, [*more, record("c", amount=33, unit="EUR_cent", roaming=True)])
    await posted(http, record("d", amount=0.000001, unit="EUR", roaming=True))
    assert await used(http, "roaming_data_spend") == "0.630001"


async def test_a_line_shows_what_it_used_and_what_was_told(http: httpx.AsyncClient) -> None:
    told = await posted(http, record(amount=45))
    (crossing,) = told["crossings"]
    assert (crossing["percent"], crossing["outcome"]) == (80, "alerted")
    shown = (await http.get(f"/v1/lines/{NUMBER}/usage")).json()
    data = shown["counters"][0]
    assert data == {
        "counter": "data",
        "used": 45 * 10**9,
        "unit": "B",
        "period": "2026-03",
        "begins": "2026-02-28T23:00:00+00:00",
        "ends": "2026-03-31T22:00:00+00:00",
    }
    fair = next(one for one in shown["thresholds"] if one["threshold"] == "fair_use")
    assert (fair["percent"], fair["limit"], fair["action"]) == (90, 50 * 10**9, None)
    assert [(one["percent"], one["message_id"]) for one in fair["crossings"]] == [(80, crossing["message_id"])]
    assert await used(http, period="2026-02") == 0
    assert (await http.get(f"/v1/lines/{NUMBER}/usage", params={"period": "March"})).status_code == 422


async def test_an_agreement_is_put_and_shown(http: httpx.AsyncClient) -> None:
    path = f"/v1/lines/{NUMBER}/alerting"
    put = await http.put(path, json={"language": "en", "thresholds": {"roaming_data": {"limit": "100 EUR"}}})
    assert (put.status_code, put.json()) == (200, (await http.get(path)).json())
    holds = {one["threshold"]: one["limit"] for one in put.json()["holds"]}
    assert (put.json()["language"], holds["roaming_data"]) == ("en", "100.00")


@pytest.mark.parametrize(
    "body",
    [
        {"language": "French"},
        {"thresholds": {"fair_use": {"limit": "lots"}}},
        {"thresholds": {"fair_use": {"limit": "0 GB"}}},
        {"thresholds": {"fair_use": {"limit": 50}}},
        {"thresholds": {"unheard": {}}},
        {"colour": "red"},
    ],
    ids=str,
)
async def test_an_agreement_that_makes_no_sense_is_refused(http: httpx.AsyncClient, body: dict[str, Any]) -> None:
    answer = await http.put(f"/v1/lines/{NUMBER}/alerting", json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (422, PROBLEM)
    assert answer.json()["errors"]


async def test_a_line_nobody_knows_has_used_nothing(http: httpx.AsyncClient) -> None:
    for method, path in (("GET", "usage"), ("GET", "alerting"), ("PUT", "alerting")):
        assert (await http.request(method, f"/v1/lines/+33699999999/{path}", json={})).status_code == 404
