"""/v1/audits: shapes, pages, states, and bodies that are no audit."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from gateway.journal.sqlite import SqliteJournal
from gateway.orders.upkeep import Opening
from tests.gateway.api.conftest import Json, Shop
from tests.gateway.audit.hands import BARE, in_service, number, put, touch
from tests.gateway.cards import Card, card

NUMBER = "+33612345678"
BY = {"who": "anna", "channel": "shop"}
GUARDED = [
    ("POST", "/v1/audits"),
    ("GET", "/v1/audits"),
    ("GET", f"/v1/audits/{'0' * 32}"),
    ("GET", f"/v1/audits/{'0' * 32}/findings"),
    ("POST", f"/v1/audits/{'0' * 32}/cancel"),
]


async def _ended(shop: Shop, body: Json) -> Json:
    started = await shop.post("/v1/audits", json=body)
    assert started.status_code == 202, started.text
    return await _until(shop, started.json()["href"], lambda shown: shown["state"] != "running")


async def _until(shop: Shop, href: str, so: Callable[[Json], bool]) -> Json:
    async with asyncio.timeout(60):
        while True:
            shown: Json = (await shop.get(href)).json()
            if so(shown):
                return shown
            await asyncio.sleep(0.005)


@pytest.mark.parametrize(("method", "path"), GUARDED)
async def test_nobody_gets_anything_without_the_token(shop: Shop, method: str, path: str) -> None:
    del shop.http.headers["Authorization"]
    assert (await shop.ask(method, path)).status_code == 401


async def test_an_audit_is_started_followed_and_told(shop: Shop, line: Card) -> None:
    touch(shop.rig, line.imsi, lambda held: replace(held, odb_premium=True))
    started = await shop.post("/v1/audits", json={"requested_by": BY})
    shown = started.json()
    assert (started.status_code, set(shown), shown["state"]) == (202, {"id", "state", "href"}, "running")
    assert started.headers["location"] == shown["href"] == f"/v1/audits/{shown['id']}"
    audit = await _ended(shop, {})
    assert audit == {
        "id": audit["id"],
        "state": "completed",
        "policy": "report",
        "scope": {},
        "keys": False,
        "hints": {},
        "requested_by": None,
        "nightly": False,
        "total": 4,  # the line, and what else is in stock
        "done": 4,
        "counts": {"equal": 0, "missing": 0, "extra": 0, "different": 1, "in_flight": 0, "unreadable": 0},
        "outcomes": {"reported": 1, "repairing": 0, "adopting": 0, "left": 0},
        "per_s": audit["per_s"],
        "waiting_for": None,
        "detail": audit["detail"],
        "started_at": audit["started_at"],
        "ended_at": audit["ended_at"],
    }
    assert audit["per_s"] > 0
    assert "cannot list" in audit["detail"]


async def test_findings_tell_what_differs_and_what_was_done(shop: Shop, line: Card) -> None:
    touch(shop.rig, line.imsi, lambda held: replace(held, apns=frozenset()))
    audit = await _ended(shop, {"policy": "repair", "scope": {"msisdn": [NUMBER, NUMBER]}})
    assert (audit["total"], audit["scope"]) == (1, {"msisdn": [NUMBER]})
    (finding,) = (await shop.get(f"/v1/audits/{audit['id']}/findings")).json()["items"]
    await shop.rig.until(finding["order_id"])
    (finding,) = (await shop.get(f"/v1/audits/{audit['id']}/findings")).json()["items"]
    assert finding == {
        "n": 1,
        "kind": "different",
        "element": "orange",
        "imsi": line.imsi,
        "msisdn": NUMBER,
        "line_id": finding["line_id"],
        "differences": [{"field": "apns", "wanted": ["internet"], "held": []}],
        "outcome": "repairing",
        "detail": None,
        "order_id": finding["order_id"],
        "order_state": "completed",
        "at": finding["at"],
    }
    order = (await shop.get(f"/v1/orders/{finding['order_id']}")).json()
    assert (order["action"], order["requested_by"]["channel"]) == ("repair", "audit")


async def test_findings_come_in_pages_and_by_kind(shop: Shop) -> None:
    cards = await in_service(shop.rig, 7)
    for one in cards[:5]:
        touch(shop.rig, one.imsi, lambda held: replace(held, odb_premium=True))
    for one in cards[5:]:
        shop.rig.sim.hlrs["orange"].store.remove(shop.rig.sim.hlrs["orange"].store.find(one.imsi))  # type: ignore[arg-type]  # it is there
    path = f"/v1/audits/{(await _ended(shop, {}))['id']}/findings"
    page = (await shop.get(path, params={"limit": 2})).json()
    seen = [item["n"] for item in page["items"]]
    while page["next"] is not None:
        page = (await shop.get(path, params={"limit": 2, "cursor": page["next"]})).json()
        seen += [item["n"] for item in page["items"]]
    assert seen == [1, 2, 3, 4, 5, 6, 7]
    missing = (await shop.get(path, params={"kind": "missing"})).json()
    assert [item["imsi"] for item in missing["items"]] == [one.imsi for one in cards[5:]]
    assert (await shop.get(path, params={"kind": "extra"})).json() == {"items": [], "next": None}


async def test_audits_are_listed_newest_first_in_pages(shop: Shop) -> None:
    made = [(await _ended(shop, {}))["id"] for _ in range(3)]
    first = (await shop.get("/v1/audits", params={"limit": 2})).json()
    assert [item["id"] for item in first["items"]] == [made[2], made[1]]
    rest = (await shop.get("/v1/audits", params={"limit": 2, "cursor": first["next"]})).json()
    assert ([item["id"] for item in rest["items"]], rest["next"]) == ([made[0]], None)


async def test_a_running_audit_says_what_it_waits_for_and_is_cancelled_once(shop: Shop, line: Card) -> None:
    del line
    await shop.rig.gateway.upkeep.open(Opening("orange", None, "new boards", "anna"))
    href = (await shop.post("/v1/audits", json={})).json()["href"]
    shown = await _until(shop, href, lambda shown: shown["waiting_for"] is not None)
    assert ("new boards" in shown["waiting_for"], shown["state"], shown["ended_at"]) == (True, "running", None)
    ended = await shop.post(f"{href}/cancel")
    assert (ended.status_code, ended.json()["state"], ended.json()["waiting_for"]) == (200, "cancelled", None)
    again = await shop.post(f"{href}/cancel")
    assert (again.status_code, again.json()["type"]) == (409, "/problems/wrong-state")


async def test_its_begin_and_end_are_events(shop: Shop, line: Card) -> None:
    touch(shop.rig, line.imsi, lambda held: replace(held, odb_premium=True))
    audit = await _ended(shop, {"requested_by": BY})
    events = [row for row in await shop.rig.all_rows("events") if row["type"].startswith("audit.")]
    assert [row["type"] for row in events] == ["audit.started", "audit.ended"]
    assert all(audit["id"] in row["data"] for row in events)
    assert '"anna"' in events[0]["data"]


async def test_metrics_tell_of_the_last_audit(shop: Shop, line: Card) -> None:
    touch(shop.rig, line.imsi, lambda held: replace(held, odb_premium=True))
    await _ended(shop, {})
    text = (await shop.get("/metrics")).text
    assert 'linegate_audit_findings{kind="different"} 1.0' in text
    assert "linegate_audited_total 4.0" in text


async def test_the_import_of_an_element(shop: Shop) -> None:
    put(shop.rig.sim, card(2), number(2), **BARE, locked=True)
    body = {"policy": "adopt", "scope": {"element": "orange"}, "contract": "technicophone", "plan": "metered"}
    audit = await _ended(shop, body | {"suspended_as": "unpaid", "barred_as": "unpaid"})
    assert (audit["outcomes"]["adopting"], audit["hints"]["suspended_as"]) == (1, "unpaid")
    (finding,) = (await shop.get(f"/v1/audits/{audit['id']}/findings")).json()["items"]
    await shop.rig.until(finding["order_id"])
    shown = (await shop.get(f"/v1/lines/{number(2)}")).json()
    assert (shown["state"], shown["plan"]) == ("suspended", "metered")


@pytest.mark.parametrize(
    ("body", "status", "slug"),
    [
        ({"scope": {"element": "telex"}}, 404, "unknown-element"),
        ({"scope": {"element": "smsc"}}, 404, "unknown-element"),
        ({"scope": {"contract": "acme"}}, 404, "unknown-contract"),
        ({"policy": "adopt", "contract": "acme"}, 404, "unknown-contract"),
        ({"policy": "adopt", "plan": "gold"}, 404, "unknown-plan"),
        ({"scope": {"msisdn": [NUMBER]}}, 404, "line-unknown"),
        ({"policy": "shout"}, 422, "invalid-body"),
        ({"policy": "report", "plan": "metered"}, 422, "invalid-body"),
        ({"policy": "adopt", "suspended_as": "rain"}, 422, "invalid-body"),
        ({"scope": {"msisdn": []}}, 422, "invalid-body"),
        ({"scope": {"msisdn": NUMBER}}, 422, "invalid-body"),
        ({"scope": {"msisdn": ["0612345678"]}}, 422, "invalid-body"),
        ({"scope": {"msisdn": [NUMBER] * 1001}}, 422, "invalid-body"),
        ({"scope": {"msisdn": [NUMBER], "element": "orange"}}, 422, "invalid-body"),
        ({"scope": {"state": "ordered"}}, 422, "invalid-body"),
        ({"scope": {"element": "orange;RMV SUB"}}, 422, "invalid-body"),
        ({"scope": {"colour": "red"}}, 422, "invalid-body"),
        ({"scope": None}, 422, "invalid-body"),
        ({"keys": "yes"}, 422, "invalid-body"),
        ({"requested_by": {"who": "\u202e", "channel": "x"}}, 422, "invalid-body"),
        ({"requested_by": "anna"}, 422, "invalid-body"),
        ({"colour": "red"}, 422, "invalid-body"),
        ([], 422, "invalid-body"),
        ("audit", 422, "invalid-body"),
    ],
)
async def test_what_makes_no_sense_is_refused_with_advice_and_starts_nothing(
    shop: Shop, body: object, status: int, slug: str
) -> None:
    answer = await shop.post("/v1/audits", json=body)
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{slug}"), answer.text
    assert "RMV" not in answer.text
    assert not await shop.rig.all_rows("audits")
    assert not shop.rig.sim.log()


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 60_000, b'{"keys": NaN}'])
async def test_what_is_no_json_is_refused(shop: Shop, body: bytes) -> None:
    answer = await shop.post("/v1/audits", content=body)
    assert answer.status_code in (400, 422)
    assert (await shop.post("/v1/audits", content=b" " * 1_048_576)).status_code == 413


@pytest.mark.parametrize(
    "path",
    [
        "/v1/audits/123",
        f"/v1/audits/{'0' * 32}",
        f"/v1/audits/{'0' * 32}/findings",
        "/v1/audits?limit=0",
        "/v1/audits?limit=201",
        "/v1/audits?cursor=x",
        "/v1/audits?colour=red",
    ],
)
async def test_what_is_not_there_or_no_question_is_refused(shop: Shop, path: str) -> None:
    expected = 404 if "0" * 32 in path else 422
    assert (await shop.get(path)).status_code == expected
    if "findings" in path:
        assert (await shop.get(path, params={"kind": "equal"})).status_code == 422


async def test_too_many_audits_are_told_when_to_come_back(shop: Shop, line: Card) -> None:
    del line
    await shop.rig.gateway.upkeep.open(Opening("orange", None, "new boards", "anna"))
    answers = [await shop.post("/v1/audits", json={}) for _ in range(101)]
    assert [answer.status_code for answer in answers] == [202] * 100 + [429]
    assert answers[-1].headers["retry-after"].isdigit()
    await shop.rig.gateway.upkeep.close("orange", "done")
    await _until(shop, answers[99].json()["href"], lambda shown: shown["state"] != "running")
    assert (await shop.post("/v1/audits", json={})).status_code == 202


async def test_a_journal_that_is_full_says_when_to_come_back(shop: Shop) -> None:
    journal = shop.rig.gateway.journal
    assert isinstance(journal, SqliteJournal)
    journal._max_waiting = 0
    answer = await shop.post("/v1/audits", json={})
    journal._max_waiting = 1000
    assert (answer.status_code, answer.headers["retry-after"].isdigit()) == (429, True)
    assert not await shop.rig.all_rows("audits")


async def test_nothing_an_audit_writes_or_tells_holds_a_secret(shop: Shop, line: Card) -> None:
    shop.rig.sim.hlrs["orange"].store.remove_keys(line.imsi)
    put(shop.rig.sim, card(2), number(2), **BARE)
    told = ""
    for policy in ("repair", "adopt"):
        audit = await _ended(shop, {"policy": policy, "keys": True})
        findings = await shop.get(f"/v1/audits/{audit['id']}/findings")
        for finding in findings.json()["items"]:
            if finding["order_id"] is not None:
                await shop.rig.until(finding["order_id"])
                told += (await shop.get(f"/v1/orders/{finding['order_id']}")).text
        told += str(audit) + findings.text
    rows = [dict(row) for name in ("audits", "findings", "events") for row in await shop.rig.all_rows(name)]
    assert "PutKeys" in told or "KI" in told  # keys were put back, and shown masked
    assert not [secret for one in (line, card(2)) for secret in one.secrets if secret in told + str(rows)]
