"""Lines, SIMs, health and the manners of every route: who may ask, what is not there, and how it is said."""

from __future__ import annotations

import json
import logging
from dataclasses import replace

import pytest

from drivers.subscription import Msisdn
from gateway.contract.rio import rio_for
from tests.gateway.api.conftest import PROBLEM, Shop, activation, order
from tests.gateway.cards import Card, card, vendor_file

NUMBER, NOUMEA, COMING = "+33612345678", "+687751234", Msisdn("+33698000001")
GUARDED = [
    ("POST", "/v1/orders"), ("GET", "/v1/orders"), ("GET", f"/v1/orders/{'0' * 32}"),
    ("POST", f"/v1/orders/{'0' * 32}/cancel"), ("GET", f"/v1/lines/{NUMBER}"), ("GET", f"/v1/lines/{NUMBER}/history"),
    ("POST", "/v1/sims/import"), ("GET", f"/v1/sims/{card(1).iccid}"), ("POST", f"/v1/sims/{card(1).iccid}/puk"),
    ("GET", "/v1/events"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path"), GUARDED)
@pytest.mark.parametrize("header", [None, "Bearer", "Bearer ", "Bearer wrong", "Basic Zm9vOmJhcg==", "Bearer é"])
async def test_nobody_gets_anything_without_the_token(shop: Shop, method: str, path: str, header: str | None) -> None:
    del shop.http.headers["Authorization"]
    headers = {} if header is None else {"Authorization": header.encode("latin-1")}
    answer = await shop.ask(method, path, headers=headers)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


async def test_a_gateway_without_a_token_lets_nobody_in(shop: Shop) -> None:
    settings = shop.rig.gateway.settings
    object.__setattr__(settings, "admin_token", None)
    for given in ("Bearer ", "Bearer None", "Bearer"):
        assert (await shop.get("/v1/orders", headers={"Authorization": given})).status_code == 401


@pytest.mark.parametrize(("method", "path"), [("GET", "/"), ("GET", "/v1"), ("GET", "/v1/nothing"), ("POST", "/v2/x")])
async def test_what_is_not_there_is_not_found(shop: Shop, method: str, path: str) -> None:
    assert (await shop.ask(method, path)).status_code == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [("DELETE", "/v1/orders"), ("PUT", f"/v1/lines/{NUMBER}"), ("PATCH", "/health/live")],
)
async def test_a_method_that_is_not_offered_is_named_so(shop: Shop, method: str, path: str) -> None:
    answer = await shop.ask(method, path)
    assert (answer.status_code, bool(answer.headers["allow"])) == (405, True)


@pytest.mark.parametrize(("given", "kept"), [("abc-123", True), ("a b", False), ("x" * 129, False), ("", False)])
async def test_a_correlation_id_is_kept_if_it_is_one(shop: Shop, given: str, *, kept: bool) -> None:
    answer = await shop.get("/health/live", headers={"X-Correlation-Id": given})
    assert (answer.headers["x-correlation-id"] == given) is kept


async def test_a_fault_of_ours_is_a_problem_too(shop: Shop) -> None:
    await shop.rig.gateway.journal.close()
    answer = await shop.get(f"/v1/lines/{NUMBER}")
    assert (answer.status_code, answer.json()["type"]) == (500, "/problems/internal-error")
    assert "sqlite" not in answer.text.lower()


async def test_health_needs_no_token_and_tells_which_elements_are_up(shop: Shop, line: Card) -> None:
    del line, shop.http.headers["Authorization"]
    live, ready = await shop.get("/health/live"), await shop.get("/health/ready")
    assert (live.status_code, live.json()) == (200, {"status": "live"})
    assert (ready.json()["status"], ready.json()["elements"]["orange"], ready.json()["elements"]["sfr"]) == (
        "ready",
        True,
        False,
    )
    metrics = await shop.get("/metrics")
    assert 'linegate_element_connected{element="orange"} 1.0' in metrics.text
    assert "linegate_backlog 0.0" in metrics.text
    assert "linegate_outbox_in_flight " in metrics.text
    assert 'linegate_centre_bound{centre="smsc"} 1.0' in metrics.text


async def test_the_document_knows_every_action(shop: Shop) -> None:
    document = (await shop.get("/openapi.json")).json()
    assert (await shop.get("/docs")).status_code == 200
    union = document["components"]["schemas"]["Order"]
    assert {"activate", "swap_sim", "terminate"} <= set(union["discriminator"]["mapping"])
    refs = {ref.split('"')[0] for ref in json.dumps(document).split('"$ref": "')[1:]}
    assert refs <= {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}


async def test_a_line_shows_what_was_agreed_and_what_the_network_should_hold(shop: Shop, line: Card) -> None:
    await shop.done(order("bar_outgoing", NUMBER, reason="unpaid", reference="R-1"))
    shown = (await shop.get(f"/v1/lines/{NUMBER}")).json()
    assert set(shown) == {
        "msisdn", "imsi", "iccid", "contract", "host", "plan", "state", "options", "restrictions", "subscription",
        "effective", "effective_at", "pending_orders", "bars", "ends", "customer", "opened_at", "plan_since", "twin",
        "top_ups", "offences", "notices", "porting", "due",
    }  # fmt: skip
    assert (shown["imsi"], shown["state"], shown["host"], shown["options"]) == (
        line.imsi,
        "barred",
        "orange",
        ["4g", "data"],
    )
    (held,) = shown["restrictions"]
    assert (held["kind"], held["reason"], held["reference"]) == ("barred_outgoing", "unpaid", "R-1")
    assert (shown["subscription"]["outgoing_bar"], shown["pending_orders"]) == ("all", [])
    assert (shown["effective"], shown["effective_at"] is not None) == ("now", True)
    assert (shown["customer"], shown["opened_at"].endswith("+00:00"), shown["plan_since"]) == (None, True, None)
    assert (shown["bars"], shown["ends"], shown["twin"], shown["porting"]) == ([], {}, None, None)
    assert (shown["top_ups"], shown["offences"], shown["notices"], shown["due"]) == ([], [], [], [])


async def test_a_line_shows_its_letters_what_is_due_after_them_and_the_number_it_waits_for(
    shop: Shop, line: Card
) -> None:
    del line
    await shop.done(order("record_notice", NUMBER, notice="unpaid_first", sent_at="2026-03-02T08:00:00Z"))
    rio = rio_for("02", "P", "AB12CD", COMING)
    await shop.done(order("port_in", NUMBER, msisdn=COMING, rio=rio, mandate="M-1", date="2026-03-10"))
    answer = await shop.get(f"/v1/lines/{NUMBER}")
    shown = answer.json()
    assert shown["notices"] == [{"name": "unpaid_first", "at": "2026-03-02T08:00:00+00:00", "until": None}]
    (due,) = shown["due"]
    assert (due["name"], due["action"], due["how"]) == ("unpaid_restrict", "bar_outgoing", "proposed")
    assert (due["at"], due["details"]["reason"]) == ("2026-03-10T08:00:00+00:00", "unpaid")
    assert (shown["porting"]["direction"], shown["porting"]["msisdn"], shown["porting"]["day"]) == (
        "in", COMING, "2026-03-10",
    )  # fmt: skip
    assert rio not in answer.text


async def test_a_line_of_another_contract_shows_its_bars_top_ups_and_second_sim(shop: Shop) -> None:
    await shop.rig.stock(*(card(n, "54601") for n in (51, 52)))
    opening = {"contract": "opt-nc", "plan": "horaire", "options": [], "customer": "C-1"}
    assert (await shop.done(activation(card(51, "54601"), NOUMEA, **opening)))["state"] == "completed"
    for wish in (
        order("change_bars", NOUMEA, add=["no_data"]) | {"requested_start": "now"},
        order("top_up", NOUMEA, amount="1000 XPF"),
        order("add_twin", NOUMEA, iccid=card(52, "54601").iccid),
    ):
        assert (await shop.done(wish))["state"] == "completed"
    shown = (await shop.get(f"/v1/lines/{NOUMEA}")).json()
    assert (shown["customer"], shown["bars"]) == ("C-1", ["no_data"])
    assert shown["twin"] == {"imsi": card(52, "54601").imsi, "iccid": card(52, "54601").iccid}
    (bought,) = shown["top_ups"]
    assert (bought["what"], bought["begun_at"]) == ("amount 1000 XPF", None)


async def test_history_tells_what_happened_in_order(shop: Shop, line: Card) -> None:
    del line
    asked = {"requested_by": {"who": "shop-1/anna", "channel": "shop"}}
    await shop.done(order("suspend", NUMBER, reason="unpaid") | asked)
    items = (await shop.get(f"/v1/lines/{NUMBER}/history")).json()["items"]
    of_orders = [item for item in items if not item["type"].startswith("message.")]
    assert [item["type"] for item in of_orders] == ["order.accepted", "order.started", "order.completed"] * 2
    assert of_orders[3]["data"]["requested_by"] == asked["requested_by"]


@pytest.mark.parametrize("number", ["+33699999999", "33612345678", "+", "+0612345678", "+33612345678x"])
async def test_a_line_that_is_none_is_not_found_or_refused(shop: Shop, number: str) -> None:
    for path in (f"/v1/lines/{number}", f"/v1/lines/{number}/history"):
        assert (await shop.get(path)).status_code == (404 if number == "+33699999999" else 422)


async def test_a_vendor_file_is_imported_with_counts(shop: Shop) -> None:
    cards = [card(50), card(51), replace(card(52), iccid=card(1).iccid), card(1)]
    text = vendor_file(cards)
    answer = await shop.post("/v1/sims/import", content=text, headers={"Content-Type": "text/plain"})
    assert answer.status_code == 200
    shown = answer.json()
    assert (shown["customer"], shown["batch"], shown["rows"]) == ("EXAMPLE", "2026010501", 4)
    assert shown["imported"] + shown["already_there"] + shown["refused"] == 4
    assert (shown["imported"], len(shown["problems"])) == (2, shown["refused"])
    assert not [s for c in cards for s in c.secrets if s in answer.text]
    again = (await shop.post("/v1/sims/import", content=text)).json()
    assert (again["imported"], again["already_there"]) == (0, 2 + shown["already_there"])


@pytest.mark.parametrize("body", [b"", b"\xff\xfe\x00", b"hello", b"var_Out: ICCID/IMSI\n"])
async def test_what_is_no_vendor_file_imports_nothing(shop: Shop, body: bytes) -> None:
    answer = await shop.post("/v1/sims/import", content=body)
    assert answer.status_code in (200, 400, 422)
    assert answer.status_code >= 400 or (answer.json()["imported"], bool(answer.json()["problems"])) == (0, True)


async def test_a_sim_shows_its_state_and_no_secret(shop: Shop, line: Card) -> None:
    answer = await shop.get(f"/v1/sims/{line.iccid}")
    assert (answer.json()["imsi"], answer.json()["state"]) == (line.imsi, "active")
    assert not [secret for secret in line.secrets if secret in answer.text]
    assert (await shop.get(f"/v1/sims/{card(77).iccid}")).status_code == 404
    assert (await shop.get("/v1/sims/123")).status_code == 422


async def test_a_puk_is_told_once_the_asker_is_on_record(
    shop: Shop, line: Card, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    body = {"requested_by": {"who": "shop-042/anna", "channel": "shop"}, "why": "customer at the counter"}
    answer = await shop.post(f"/v1/sims/{line.iccid}/puk", json=body)
    assert answer.json() == {"iccid": line.iccid, "puk1": line.puk1, "puk2": line.puk2}
    assert answer.headers["cache-control"] == "no-store"
    (trail,) = [row for row in await shop.rig.all_rows("events") if row["type"] == "puk.disclosed"]
    assert json.loads(trail["data"]) == {"iccid": line.iccid, **body}
    assert line.puk1 not in trail["data"] + caplog.text
    history = (await shop.get(f"/v1/lines/{NUMBER}/history")).json()["items"]
    assert history[-1]["type"] == "puk.disclosed"


@pytest.mark.parametrize(
    "body",
    [{}, {"why": "x"}, {"requested_by": {"who": "a"}, "why": "x"}, {"requested_by": {"who": "", "channel": "c"}}, []],
)
async def test_a_puk_is_not_told_without_who_and_why(shop: Shop, line: Card, body: object) -> None:
    answer = await shop.post(f"/v1/sims/{line.iccid}/puk", json=body)
    assert answer.status_code == 422
    assert line.puk1 not in answer.text
    assert not [row for row in await shop.rig.all_rows("events") if row["type"] == "puk.disclosed"]


async def test_a_puk_of_no_sim_is_no_disclosure(shop: Shop) -> None:
    body = {"requested_by": {"who": "anna", "channel": "shop"}, "why": "customer"}
    answer = await shop.post(f"/v1/sims/{card(77).iccid}/puk", json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (404, PROBLEM)
    assert not [row for row in await shop.rig.all_rows("events") if row["type"] == "puk.disclosed"]


async def test_a_line_whose_activation_failed_is_not_there(shop: Shop) -> None:
    shop.rig.sim.fault("refuse", "CreateSubscriber")
    assert (await shop.done(activation(card(1), NUMBER)))["state"] == "failed"
    assert (await shop.get(f"/v1/lines/{NUMBER}")).status_code == 404
