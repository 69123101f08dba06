"""The REST page of the message centre: inboxes by pages, phones, knobs, figures, and who attached where."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from drivers import commands as c
from drivers.dialects.smpp import pdu as p
from drivers.subscription import Iccid, Imsi, Msisdn, ServiceLock
from hlr_sim.element import Account, Surroundings
from hlr_sim.http import make_app
from hlr_sim.scenario import ElementSpec
from hlr_sim.simulation import Simulation, running
from hlr_sim.smsc import Smsc
from hlr_sim.smsc.knobs import Knobs
from tests.hlr_sim.smsc_esme import PASSWORD, PHONE, Site, id_of, text_of

ANNA, NUMBER = Imsi("208010000000001"), Msisdn("+" + PHONE)
CENTRE = ElementSpec("smsc", "smpp", "tcp", "127.0.0.1", 0, "linegate", smsc=Knobs(window=7))
HLR = ElementSpec("orange", "cai", "tcp", "127.0.0.1", 0, "linegate", home_plmns=("20801",))


@pytest.fixture
async def network(tmp_path: Path) -> AsyncIterator[Simulation]:
    specs = (HLR, CENTRE, replace(CENTRE, name="second", shares="smsc", smsc=Knobs()), replace(CENTRE, name="other"))
    accounts = {spec.name: Account(PASSWORD) for spec in specs}
    async with running(specs, accounts, tmp_path, Surroundings()) as simulation:
        yield simulation


@pytest.fixture
async def page(network: Simulation) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(make_app(network))
    async with httpx.AsyncClient(transport=transport, base_url="http://sim") as client:
        yield client


@pytest.fixture
def smsc(network: Simulation) -> Smsc:
    return dict(network.smscs())["smsc"]


@pytest.fixture
async def talk(network: Simulation, tmp_path: Path) -> AsyncIterator[Site]:
    """The running centre as a site to speak SMPP with."""
    (tmp_path / "unused").mkdir()
    site = Site(tmp_path / "unused")
    site.smsc.close()
    site.server = network.servers["smsc"]
    site.smsc = dict(network.smscs())["smsc"]
    yield site
    await site._stop_tasks()


def _fill(smsc: Smsc, count: int) -> None:
    for n in range(count):
        smsc.answer(c.SendSms("Linegate", NUMBER, f"{n}"))


async def _json(page: httpx.AsyncClient, method: str, path: str, **more: Any) -> Any:  # noqa: ANN401 - as answered
    answer = await page.request(method, path, **more)
    assert answer.is_success, answer.text
    return answer.json()


async def test_an_inbox_is_read_page_by_page(page: httpx.AsyncClient, smsc: Smsc) -> None:
    _fill(smsc, 25)
    newest = await _json(page, "GET", "/sms?limit=10&element=smsc")
    assert [sms["text"] for sms in newest["items"]] == [f"{n}" for n in range(15, 25)]
    texts: list[str] = []
    last = 0
    while (told := await _json(page, "GET", f"/sms?limit=10&after={last}&element=smsc"))["items"]:
        texts += [sms["text"] for sms in told["items"]]
        last = told["last"]
    assert texts == [f"{n}" for n in range(25)]
    assert told["last"] == last


async def test_more_than_a_thousand_at_once(page: httpx.AsyncClient, smsc: Smsc) -> None:
    _fill(smsc, 1100)
    assert len((await _json(page, "GET", "/sms"))["items"]) == 1000
    assert len((await _json(page, "GET", "/sms?limit=10000"))["items"]) == 1100


async def test_a_page_of_two_centres_needs_a_name(page: httpx.AsyncClient) -> None:
    assert (await page.get("/sms?after=0")).status_code == 422
    assert (await page.get("/sms?after=0&element=orange")).status_code == 404
    assert (await page.get("/sms?after=-1&element=smsc")).status_code == 422


@pytest.mark.parametrize("method", ["PUT", "POST"])
async def test_a_phone_is_switched_off_and_on(page: httpx.AsyncClient, smsc: Smsc, method: str) -> None:
    assert await _json(page, "GET", f"/phones/{NUMBER}") == {"msisdn": NUMBER, "reachable": True, "known": True}
    off = await _json(page, method, f"/phones/{NUMBER}", json={"reachable": False})
    assert off == {"msisdn": NUMBER, "reachable": False, "known": True}
    _fill(smsc, 2)
    assert (await _json(page, "GET", "/sms"))["items"] == []
    await _json(page, method, f"/phones/{NUMBER}", json={"reachable": True})
    assert [sms["text"] for sms in (await _json(page, "GET", "/sms"))["items"]] == ["0", "1"]


async def test_a_phone_sends(page: httpx.AsyncClient, talk: Site) -> None:
    esme = await talk.bound()
    sent = await _json(page, "POST", f"/phones/{NUMBER}/send", json={"to": "20555", "text": "Stop"})
    assert sent == {"from": NUMBER, "to": "20555", "system_id": "linegate", "parts": 1}
    assert (await esme.delivered())[0].fields["short_message"] == b"Stop"


async def test_a_phone_that_cannot_send_does_not(page: httpx.AsyncClient) -> None:
    said = {"to": "20555", "text": "Stop"}
    await _json(page, "PUT", f"/phones/{NUMBER}", json={"reachable": False})
    assert (await page.post(f"/phones/{NUMBER}/send", json=said)).status_code == 409
    await _json(page, "PUT", f"/phones/{NUMBER}", json={"known": False})
    assert (await page.post(f"/phones/{NUMBER}/send", json=said)).status_code == 404
    assert (await page.post("/phones/anna/send", json=said)).status_code == 422
    assert (await page.post("/phones/+33600000001/send", json=said | {"colour": "red"})).status_code == 422


async def test_knobs_are_shown_turned_and_turned_back(page: httpx.AsyncClient) -> None:
    initial = await _json(page, "GET", "/smsc/smsc/knobs")
    assert initial == Knobs(window=7).as_json()
    turned = await _json(page, "POST", "/smsc/smsc/knobs", json={"throttle_every": 3, "message_id": "uuid"})
    assert turned == initial | {"throttle_every": 3, "message_id": "uuid"}
    assert await _json(page, "GET", "/smsc/second/knobs") == Knobs().as_json()  # the other door's are its own
    assert await _json(page, "DELETE", "/smsc/smsc/knobs") == initial


async def test_a_wrong_knob_is_a_problem_that_names_it(page: httpx.AsyncClient) -> None:
    answer = await page.post("/smsc/smsc/knobs", json={"throttle_every": 2, "window": 0, "colour": "red"})
    assert answer.status_code == 422
    assert {error["field"] for error in answer.json()["errors"]} == {"body.window", "body.colour"}
    assert (await _json(page, "GET", "/smsc/smsc/knobs"))["throttle_every"] is None
    assert (await page.post("/smsc/smsc/knobs", json=[1])).status_code == 422
    for name in ("orange", "nowhere"):
        assert (await page.get(f"/smsc/{name}/knobs")).status_code == 404


async def test_figures_count_everything(page: httpx.AsyncClient, talk: Site) -> None:
    esme = await talk.bound()
    await esme.submit()
    await esme.submit(to="1")
    await esme.delivered()
    await talk.settled(lambda: talk.figures["receipts"]["acknowledged"] == 1)
    told = await _json(page, "GET", "/smsc/smsc/figures")
    assert (told["binds"]["transceiver"], told["connections"], told["submits"]) == (1, 1, 2)
    assert told["statuses"] == {"0x00": 1, "0x0B": 1}
    assert told["messages"] == {"DELIVRD": 1}
    receipts = {"queued": 1, "sent": 1, "acknowledged": 1, "refused": 0, "put_off": 0, "waiting": 0}
    assert told["receipts"] == receipts


async def test_a_suspended_line_waits_when_bars_are_honoured(page: httpx.AsyncClient, network: Simulation) -> None:
    smsc, hlr = dict(network.smscs())["smsc"], dict(network.hlrs())["orange"]
    hlr.answer(c.PutKeys(ANNA, Iccid("")), c.Credentials("0" * 32))
    hlr.answer(c.CreateSubscriber(ANNA, NUMBER))
    hlr.answer(c.Provide(ANNA, ServiceLock(locked=True)))
    _fill(smsc, 1)
    assert len(smsc.inbox(NUMBER, 10)) == 1  # by default whatever the line's state
    await _json(page, "POST", "/smsc/smsc/knobs", json={"honour_bars": True})
    site_door = smsc.door("smsc")
    assert site_door.knobs.honour_bars
    assert not smsc.phones.takes(NUMBER, honour_bars=True)
    assert smsc.phones.takes("+33600000001", honour_bars=True)  # in no HLR
    hlr.answer(c.Provide(ANNA, ServiceLock(locked=False)))
    assert smsc.phones.takes(NUMBER, honour_bars=True)


async def test_receipts_answer_by_the_door_they_came_in(page: httpx.AsyncClient, talk: Site) -> None:
    await _json(page, "POST", "/smsc/smsc/knobs", json={"message_id": "hex", "receipt_id": "decimal"})
    esme = await talk.bound()
    for _ in range(10):
        last = id_of(await esme.submit())
    assert [text_of(pdu).message_id for pdu in await esme.delivered(10)][-1] == "10"
    assert last == "0000000a"
    assert p.OK == 0


async def test_attaches_are_told_in_order(page: httpx.AsyncClient, network: Simulation) -> None:
    hlr = dict(network.hlrs())["orange"]
    hlr.answer(c.PutKeys(ANNA, Iccid("")), c.Credentials("0" * 32))
    hlr.answer(c.CreateSubscriber(ANNA, NUMBER))
    for query in ("at=home", "at=abroad&country=IT", "at=abroad", "at=home"):
        await _json(page, "POST", f"/network/{ANNA}/attach?{query}")
    await _json(page, "POST", "/network/208010000000009/attach")  # is not let in
    told = await _json(page, "GET", "/attaches")
    seen = [(item["id"], item["at"], item["country"]) for item in told["items"]]
    assert seen == [(1, "home", "FR"), (2, "abroad", "IT"), (3, "abroad", "ES"), (4, "home", "FR")]
    assert {(item["imsi"], item["msisdn"]) for item in told["items"]} == {(ANNA, NUMBER)}
    assert [item["id"] for item in (await _json(page, "GET", "/attaches?after=1&limit=2"))["items"]] == [2, 3]
    assert await _json(page, "GET", "/attaches?after=4") == {"items": [], "last": 4}
    assert (await page.post(f"/network/{ANNA}/attach?country=Spain")).status_code == 422
