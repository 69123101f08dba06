"""The manners of the routes for cards: who may ask, how much, and that no secret is left anywhere."""

from __future__ import annotations

import asyncio
import logging

import pytest

from tests.gateway.api.conftest import Json, Shop
from tests.gateway.cards import Card, card
from tests.gateway.rig import Rig

PATH = f"/v1/sims/{card(2).iccid}"
BY = {"who": "anna", "channel": "workshop"}
NEW_ADM1 = "FACADE0123456789"
REPORT = {"id": "1", "what": "adm_refused", "at": "2026-03-02T08:00:00Z", "station": "b-1", "who": "anna"}
BODIES: dict[str, Json] = {
    f"{PATH}/keys": {"requested_by": BY, "why": "x", "station": "b-1"},
    f"{PATH}/adm1": {"requested_by": BY, "why": "x", "adm1": NEW_ADM1},
    f"{PATH}/reports": {"reports": [REPORT]},
    "/v1/sims/reports": {"reports": [REPORT | {"iccid": card(2).iccid}]},
}
READ = [f"{PATH}/history", f"/v1/sims?imsi={card(2).imsi}"]


@pytest.mark.parametrize(("method", "path"), [("POST", path) for path in BODIES] + [("GET", path) for path in READ])
@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer wrong"}])
async def test_nobody_gets_anything_without_the_token(
    shop: Shop, method: str, path: str, header: dict[str, str]
) -> None:
    del shop.http.headers["Authorization"]
    answer = await shop.ask(method, path, headers=header, json=BODIES.get(path))
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert not await shop.rig.all_rows("events")


@pytest.mark.parametrize("path", list(BODIES))
async def test_a_field_nobody_knows_is_refused_and_so_is_what_is_no_json(shop: Shop, path: str) -> None:
    assert (await shop.post(path, json=BODIES[path] | {"colour": "red"})).status_code == 422
    for content in (b"", b"{", b"\xff", b"[" * 60_000):
        assert (await shop.post(path, content=content)).status_code in (400, 422)
    assert not await shop.rig.all_rows("events")


@pytest.mark.parametrize("path", list(BODIES))
async def test_a_body_too_large_is_not_read(shop: Shop, path: str) -> None:
    answer = await shop.post(path, content=b" " * 1_048_577)
    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/too-large")


@pytest.mark.parametrize("path", [path.replace(card(2).iccid, "123") for path in (*BODIES, READ[0]) if PATH in path])
async def test_what_is_no_iccid_is_refused(shop: Shop, path: str) -> None:
    method = "GET" if path.endswith("history") else "POST"
    body = next((body for key, body in BODIES.items() if key.endswith(path.rpartition("/")[2])), None)
    assert (await shop.ask(method, path, json=body)).status_code == 422


@pytest.mark.parametrize("path", [path for path in BODIES if PATH in path])
async def test_a_card_nobody_knows_is_not_found(shop: Shop, path: str) -> None:
    answer = await shop.post(path.replace(card(2).iccid, card(77).iccid), json=BODIES[path])
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/sim-unknown")
    assert not await shop.rig.all_rows("events")


@pytest.mark.parametrize(("path", "allowed"), [("/v1/sims/reports", "POST"), (f"{PATH}/keys", "POST")])
async def test_a_method_that_is_not_offered_is_named_so(shop: Shop, path: str, allowed: str) -> None:
    answer = await shop.get(path)
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)


@pytest.mark.parametrize("path", list(BODIES))
async def test_when_too_much_waits_nothing_is_told_and_nothing_taken(shop: Shop, path: str) -> None:
    object.__setattr__(shop.rig.gateway.journal, "_max_waiting", 0)
    answer = await shop.post(path, json=BODIES[path])
    assert (answer.status_code, bool(answer.headers["retry-after"])) == (429, True)
    assert not [secret for secret in card(2).secrets if secret in answer.text]
    assert not await shop.rig.all_rows("events")


async def test_no_secret_is_left_in_logs_events_files_or_shown_objects(
    shop: Shop, rig: Rig, line: Card, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    asyncio.get_running_loop().set_debug(True)
    del line
    one, told = card(2), []
    assert one.adm1 in (await shop.post(f"{PATH}/keys", json=BODIES[f"{PATH}/keys"])).text
    right = BODIES[f"{PATH}/adm1"]
    told += [(await shop.post(f"{PATH}/adm1", json=body)).text for body in (right, right | {"adm1": f"{NEW_ADM1}0"})]
    told.append((await shop.post(f"{PATH}/reports", json=BODIES[f"{PATH}/reports"])).text)
    told.append((await shop.post(f"{PATH}/keys", json=BODIES[f"{PATH}/keys"])).text)
    told.extend([(await shop.get(path)).text for path in (PATH, *READ)])
    told.extend([caplog.text, repr(rig.gateway), *(repr(tuple(row)) for row in await rig.all_rows("events"))])
    secrets = [*one.secrets, NEW_ADM1]
    assert not [secret for secret in secrets for text in told if secret in text]
    files = [file.read_bytes() for file in rig.gateway.settings.data.rglob("*") if file.is_file()]
    assert len(files) >= 3
    assert not [secret for secret in secrets for content in files if secret.encode() in content]
