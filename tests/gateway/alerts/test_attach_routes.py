"""POST /v1/attaches: one, many or a line each; a bad one never spoils a good one, and only the token's holder may."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from gateway.alerts.welcome import Welcomer
from gateway.api import attaches, problems
from tests.gateway.alerts.phones import IMSI, NUMBER, Phones

GERMANY = {"id": "a1", "msisdn": NUMBER, "country": "DE", "at": "2026-11-22T12:00:00+00:00"}


@dataclass
class Door:
    """The route over a journal with one line in it."""

    http: httpx.AsyncClient
    phones: Phones

    async def post(self, body: object, kind: str = "application/json", token: str = "T") -> httpx.Response:
        content = body if isinstance(body, str) else json.dumps(body)
        headers = {"Content-Type": kind, "Authorization": f"Bearer {token}"}
        return await self.http.post("/v1/attaches", content=content, headers=headers)


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    phones, app = Phones.over(tmp_path), FastAPI()
    await phones.line()
    welcomer = Welcomer(phones.journal, phones.contracts, phones.texts, phones.clock, phones.listeners)
    app.state.gateway = SimpleNamespace(
        alerting=SimpleNamespace(welcomer=welcomer), settings=SimpleNamespace(admin_token="T", clients=())
    )
    app.include_router(attaches.router)
    problems.install(app)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway") as http:
        yield Door(http, phones)
    await phones.journal.close()


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (GERMANY, "application/json"),
        ([GERMANY], "application/json"),
        ([{"id": "a1", "imsi": IMSI, "country": "DE", "at": GERMANY["at"]}], "application/json; charset=utf-8"),
        (f"{json.dumps(GERMANY)}\n\n", "application/x-ndjson"),
    ],
)
async def test_one_many_or_a_line_each(door: Door, body: object, kind: str) -> None:
    answer = await door.post(body, kind)
    counts = {"accepted": 1, "welcomed": 1, "duplicates": 0, "late": 0, "rejected": 0, "problems": []}
    assert (answer.status_code, answer.json()) == (200, counts)
    again = (await door.post(body, kind)).json()
    assert (again["accepted"], again["welcomed"], again["duplicates"]) == (1, 0, 1)
    assert len(door.phones.messages) == 1


async def test_what_cannot_be_taken_is_named_and_keeps_nothing_out(door: Door) -> None:
    bad: list[dict[str, Any]] = [
        GERMANY | {"country": "Germany"},
        GERMANY | {"msisdn": "+33699999999", "id": "a2"},
        GERMANY | {"imsi": IMSI},
        GERMANY | {"country": "ZZ", "id": "a3"},
    ]
    answer = (await door.post([*bad, GERMANY])).json()
    assert (answer["accepted"], answer["welcomed"], answer["rejected"]) == (1, 1, 4)
    assert [(p["index"], p["type"]) for p in answer["problems"]] == [
        (0, "/problems/unreadable"),
        (1, "/problems/line-unknown"),
        (2, "/problems/unreadable"),
        (3, "/problems/country-unknown"),
    ]
    assert answer["problems"][0]["detail"].startswith("country: ")


async def test_of_ndjson_the_line_is_named(door: Door) -> None:
    body = f"{json.dumps(GERMANY)}\n\nnonsense\n"
    answer = (await door.post(body, "application/x-ndjson")).json()
    assert [(p["line"], p["id"]) for p in answer["problems"]] == [(3, None)]


@pytest.mark.parametrize("body", ["", "17", "[{}]", "{", "[" * 5000])
async def test_a_body_with_nothing_in_it_is_refused(door: Door, body: str) -> None:
    answer = await door.post(body)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/nothing-readable")


async def test_an_empty_list_is_nothing_to_do(door: Door) -> None:
    assert (await door.post([])).json()["accepted"] == 0


async def test_without_the_token_nothing_is_taken(door: Door) -> None:
    answer = await door.post(GERMANY, token="other")
    assert (answer.status_code, list(door.phones.messages)) == (401, [])
