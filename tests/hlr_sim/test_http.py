"""The simulator's REST page, route by route."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import httpx
import pytest

from drivers import commands as c
from drivers.subscription import ApnAccess, Iccid, Imsi, Msisdn, PacketBar, ServiceLock
from hlr_sim.behaviour import Hlr
from hlr_sim.http import make_app
from hlr_sim.simulation import Simulation
from hlr_sim.smsc import Smsc

if TYPE_CHECKING:
    from tests.hlr_sim.conftest import Bench, Peer

ANNA = "208010000000001"
SUBSCRIBER = f"/elements/orange/subscribers/{ANNA}"


@pytest.fixture
async def page(simulation: Simulation) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(make_app(simulation))
    async with httpx.AsyncClient(transport=transport, base_url="http://sim") as client:
        yield client


async def test_health(page: httpx.AsyncClient) -> None:
    assert (await page.get("/health")).json() == {"status": "up", "elements": ["orange", "smsc"]}


async def test_the_probe_answers_from_the_subscriber_data(page: httpx.AsyncClient, hlr: Hlr, anna: Imsi) -> None:
    hlr.answer(c.Provide(anna, ApnAccess("internet", provided=True)))
    assert (await page.get(f"/network/{anna}", params={"at": "abroad"})).json() == {
        "imsi": ANNA,
        "at": "abroad",
        "attach": "accepted",
        "voice_out": {"national": True, "international": True, "premium": True, "fleet": True},
        "voice_in": True,
        "sms_out": True,
        "sms_in": True,
        "data": {"allowed": True, "cap_kbit_s": None},
        "rats": ["2g", "3g", "4g", "5g"],
        "caller_id": "shown",
        "diverted_to": None,
        "emergency": True,
    }
    assert (await page.get(f"/network/{anna}")).json()["at"] == "home"
    assert (await page.get("/network/208010000000009")).json()["attach"] == "refused:unknown"


async def test_attaching_registers_a_phone_that_is_let_in(page: httpx.AsyncClient, hlr: Hlr, anna: Imsi) -> None:
    await page.get(f"/network/{anna}")
    assert not hlr.is_registered(anna)  # asking is not attaching
    assert (await page.post(f"/network/{anna}/attach")).json()["attach"] == "accepted"
    assert (await page.get(SUBSCRIBER)).json()["registered"] is True
    assert (await page.post("/network/208010000000009/attach")).json()["attach"] == "refused:unknown"


async def test_a_registered_phone_gets_what_its_serving_node_was_told(
    page: httpx.AsyncClient, hlr: Hlr, anna: Imsi
) -> None:
    hlr.answer(c.Provide(anna, ApnAccess("internet", provided=True)))
    attached = (await page.post(f"/network/{anna}/attach?at=abroad")).json()
    registered = {"imsi": anna, "registered": True, "element": "orange", "at": "abroad", "gets": attached}
    assert (await page.get(f"/network/{anna}/registration")).json() == registered | {"up_to_date": True}
    hlr.answer(c.Provide(anna, PacketBar.ALL))
    assert (await page.get(f"/network/{anna}/registration")).json() == registered | {"up_to_date": False}
    assert (await page.get(f"/network/{anna}?at=abroad")).json()["data"]["allowed"] is False


async def test_a_phone_that_is_refused_is_served_no_longer(page: httpx.AsyncClient, hlr: Hlr, anna: Imsi) -> None:
    nowhere = {"registered": False, "element": None, "at": None, "up_to_date": None, "gets": None}
    assert (await page.get(f"/network/{anna}/registration")).json() == {"imsi": anna} | nowhere
    hlr.attach(anna)
    hlr.answer(c.Provide(anna, ServiceLock(locked=True)))
    assert (await page.get(f"/network/{anna}/registration")).json()["registered"] is True
    assert (await page.post(f"/network/{anna}/attach")).json()["attach"] == "refused:suspended"
    assert (await page.get(f"/network/{anna}/registration")).json()["registered"] is False


@pytest.mark.parametrize("path", ["/network/abc", "/network/123", f"/network/{ANNA}?at=moon", "/sms?to=nobody"])
async def test_bad_input_is_a_problem(page: httpx.AsyncClient, path: str) -> None:
    answer = await page.get(path)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"]


@pytest.mark.parametrize("to", ["+33612345678", "%2B33612345678"])
async def test_the_inbox_of_a_number(page: httpx.AsyncClient, smsc: Smsc, to: str) -> None:
    for number, text in (("+33612345678", "one"), ("+33600000000", "two"), ("+33612345678", "three")):
        smsc.answer(c.SendSms("Linegate", Msisdn(number), text))
    items = (await page.get(f"/sms?to={to}")).json()["items"]
    assert [(sms["message_id"], sms["text"]) for sms in items] == [("00000001", "one"), ("00000003", "three")]
    assert items[0] == {
        "message_id": "00000001",
        "to": "+33612345678",
        "sender": "Linegate",
        "text": "one",
        "at": "2026-01-01T00:00:00+00:00",
        "id": 1,
        "parts": 1,
        "data_coding": 0,
        "message_ids": ["00000001"],
        "submitted_at": "2026-01-01T00:00:00+00:00",
        "bind": "",
    }
    assert [sms["text"] for sms in (await page.get("/sms")).json()["items"]] == ["one", "two", "three"]


async def test_all_inboxes_together_show_the_last_thousand(page: httpx.AsyncClient, smsc: Smsc) -> None:
    for n in range(1002):
        smsc.answer(c.SendSms("Linegate", Msisdn("+33612345678"), str(n)))
    texts = [sms["text"] for sms in (await page.get("/sms")).json()["items"]]
    assert texts == [str(n) for n in range(2, 1002)]


async def test_faults_are_scripted_listed_and_cleared(page: httpx.AsyncClient, peer: Peer) -> None:
    scripted = await page.post("/faults", json={"element": "orange", "kind": "busy", "match": "ReadKeys"})
    assert scripted.status_code == 201
    assert isinstance(await peer.ask(c.ReadKeys(Imsi(ANNA))), c.Refused)
    (listed,) = (await page.get("/faults")).json()["items"]
    assert (listed["kind"], listed["struck"], listed["spent"]) == ("busy", 1, True)
    assert (await page.delete("/faults")).status_code == 204
    assert (await page.get("/faults")).json() == {"items": []}


async def test_a_list_of_faults_is_scripted_whole_or_not_at_all(page: httpx.AsyncClient) -> None:
    good = {"element": "orange", "kind": "late", "delay_s": 0.5, "count": None}
    assert (await page.post("/faults", json=[good, {"element": "orange", "kind": "late"}])).status_code == 422
    assert (await page.get("/faults")).json()["items"] == []
    assert (await page.post("/faults", json=[good, good])).status_code == 201
    assert len((await page.get("/faults")).json()["items"]) == 2


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ({"element": "nowhere", "kind": "busy"}, 404),
        ({"element": "orange", "kind": "flood"}, 422),
        ({"element": "orange", "kind": "busy", "match": "Nothing"}, 422),
        ({"element": "orange", "kind": "busy", "colour": "red"}, 422),
        (7, 422),
    ],
)
async def test_a_senseless_fault_is_a_problem(page: httpx.AsyncClient, fault: object, status: int) -> None:
    answer = await page.post("/faults", json=fault)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


async def test_clearing_faults_thaws(page: httpx.AsyncClient, bench: Bench) -> None:
    bench.server.element.freeze(60)
    await page.delete("/faults")
    assert not bench.server.element.is_frozen


async def test_elements_tell_where_they_are_and_what_they_saw(page: httpx.AsyncClient, peer: Peer) -> None:
    await peer.ask(c.ReadKeys(Imsi(ANNA)))
    orange, smsc = (await page.get("/elements")).json()["items"]
    assert orange == {
        "name": "orange",
        "dialect": "mml_h",
        "transport": "tcp",
        "host": "127.0.0.1",
        "port": 0,
        "user": "linegate",
        "home_plmns": ["20801"],
        "sessions": 1,
        "commands": 2,
    }
    assert smsc["dialect"] == "smpp"


async def test_the_log_goes_on_from_where_one_was(page: httpx.AsyncClient, peer: Peer) -> None:
    await peer.ask(c.ReadKeys(Imsi(ANNA)))
    log = (await page.get("/elements/orange/log")).json()
    assert ([e["command"] for e in log["items"]], log["last"]) == (["Login", "ReadKeys"], 2)
    assert (await page.get("/elements/orange/log?since=1")).json()["items"] == log["items"][1:]
    assert (await page.get("/elements/orange/log?since=2")).json() == {"items": [], "last": 2}


async def test_a_look_at_a_subscriber_shows_no_keys(page: httpx.AsyncClient, anna: Imsi) -> None:
    shown = (await page.get(SUBSCRIBER)).json()
    assert (shown["imsi"], shown["msisdn"], shown["keys_held"]) == (anna, "+33612345678", True)
    assert not {"ki", "opc"} & set(shown)


async def test_someone_elses_hand(page: httpx.AsyncClient, hlr: Hlr, anna: Imsi) -> None:
    hand = {
        "odb_outgoing": "boic",
        "lock": True,
        "network_access_mode": "only_packet",
        "msisdn": None,
        "apns": ["internet"],
        "ambr_dl_kbit_s": 64,
        "odb_hplmn": [1],
        "ss_baoc_speech": True,
        "ss_baic_speech": True,
        "ss_baoc_sms": True,
        "cug_no_outgoing_access": True,
        "clir_permanent": True,
        "cf_conditional": "577",
    }
    shown = (await page.post(SUBSCRIBER, json=hand)).json()
    assert {name: shown[name] for name in hand} == hand
    assert (await page.post(SUBSCRIBER, json={"ambr_dl_kbit_s": None})).json()["ambr_dl_kbit_s"] is None
    assert (await page.post(SUBSCRIBER, json={"cf_conditional": None})).json()["cf_conditional"] is None
    held = hlr.store.find(anna)
    assert held is not None
    assert held.lock
    assert (await page.delete(SUBSCRIBER)).status_code == 204
    assert hlr.store.find(anna) is None


@pytest.mark.parametrize(
    "hand",
    [
        {"imsi": "1"},
        {"odb_outgoing": "everything"},
        {"msisdn": "06"},
        {"apns": ["a b"]},
        {"odb_hplmn": [9]},
        {"cf_conditional": "+577"},
    ],
)
@pytest.mark.usefixtures("anna")
async def test_a_clumsy_hand_changes_nothing(page: httpx.AsyncClient, hand: dict[str, object]) -> None:
    before = (await page.get(SUBSCRIBER)).json()
    assert (await page.post(SUBSCRIBER, json=hand)).status_code == 422
    assert (await page.get(SUBSCRIBER)).json() == before


async def test_a_number_is_not_taken_from_another(page: httpx.AsyncClient, hlr: Hlr, anna: Imsi) -> None:
    boris = Imsi("208010000000002")
    hlr.answer(c.PutKeys(boris, Iccid("")), c.Credentials("0" * 32))
    hlr.answer(c.CreateSubscriber(boris, Msisdn("+33600000000")))
    assert (await page.post(SUBSCRIBER, json={"msisdn": "+33600000000"})).status_code == 409
    assert hlr.store.owner("+33612345678") == anna


@pytest.mark.parametrize(
    "path",
    ["/elements/x/log", "/elements/x/subscribers/" + ANNA, "/elements/smsc/subscribers/" + ANNA, SUBSCRIBER, "/x"],
)
async def test_what_is_not_there_is_not_found(page: httpx.AsyncClient, path: str) -> None:
    answer = await page.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
