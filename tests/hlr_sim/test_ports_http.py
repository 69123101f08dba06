"""Number portability from end to end: our element's commands, the other operators' hands, faults between them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from drivers import commands as c
from drivers.commands import AlreadySo, Done, Refused, Reply, Why
from drivers.element import Element
from drivers.errors import DriverError, NotSpoken, Unreachable
from hlr_sim.http import make_app
from hlr_sim.simulation import Simulation
from tests.hlr_sim.porting import NUMBER, OTHER_NUMBER, Network, network_in, rio_of, wish

OUT = {"msisdn": NUMBER, "rio": rio_of(NUMBER, "LGP000001"), "recipient": "TelFr", "on": "2026-11-25"}
ACCEPTED = {
    "seq": 2,
    "reference": "P-1",
    "msisdn": NUMBER,
    "rio": rio_of(NUMBER),
    "donor": "02",
    "recipient": "LG",
    "on": "2026-11-25",
    "state": "accepted",
    "reason": "",
    "released_at": None,
    "confirmed_at": None,
    "direction": "in",
}


@pytest.fixture
async def network(tmp_path: Path) -> AsyncIterator[Network]:
    async with network_in(tmp_path) as made:
        yield made


async def _said(house: Element) -> Reply | None:
    """What came of the same request: nothing while the line is being made anew."""
    try:
        return await house.send(wish())
    except DriverError:
        return None


async def test_a_number_comes_to_us(network: Network) -> None:
    house = network.element("npc")
    assert isinstance(await house.send(wish()), Done)
    assert (await network.page.get("/ports/P-1")).json() == ACCEPTED
    assert (await network.page.get("/ports", params={"msisdn": NUMBER})).json() == {"items": [ACCEPTED]}
    assert (await network.page.get("/ports", params={"msisdn": OTHER_NUMBER})).json() == {"items": []}
    released = (await network.page.post("/ports/P-1/release")).json()
    assert (released["state"], released["released_at"]) == ("released", "2026-11-22T12:00:00.000+00:00")
    assert (await network.page.post("/ports/P-1/release")).status_code == 409
    told = await house.send(c.ListPorts(2))
    assert isinstance(told, c.PortsListed)
    assert [(file.reference, file.state) for file in told.files] == [("P-1", c.PortState.RELEASED)]
    assert isinstance(await house.send(c.ConfirmPort("P-1")), Done)
    assert (await network.page.get("/ports/P-1")).json()["state"] == "done"


async def test_a_donor_is_scripted(network: Network) -> None:
    script = {"msisdn": NUMBER, "answer": "refuse", "reason": "NUMBER_INACTIVE"}
    told = (await network.page.post("/ports/donor", json=script)).json()
    assert told == script | {"after_s": 0.0, "rio": None}
    await network.element("npc").send(wish())
    held = (await network.page.get("/ports/P-1")).json()
    assert (held["state"], held["reason"]) == ("refused", "NUMBER_INACTIVE")


async def test_a_number_leaves_us(network: Network) -> None:
    house = network.element("npc")
    opened = await network.page.post("/ports/out", json=OUT)
    assert opened.status_code == 201
    asked = opened.json()
    assert (asked["direction"], asked["state"], asked["donor"]) == ("out", "requested", "LG")
    again = await network.page.post("/ports/out", json=OUT)
    assert (again.status_code, again.json()["detail"]) == (409, "ALREADY_PORTING")
    reference = asked["reference"]
    assert isinstance(await house.send(c.AnswerPort(reference, accepted=True, reason="")), Done)
    assert isinstance(await house.send(c.ReleasePort(reference)), Done)
    assert (await network.page.get(f"/ports/{reference}")).json()["state"] == "done"


async def test_the_other_operator_wants_it_no_more(network: Network) -> None:
    opened = (await network.page.post("/ports/out", json=OUT | {"rio": "nonsense", "donor": "LG"})).json()
    assert opened["donor"] == "LG"
    cancelled = await network.page.post(f"/ports/{opened['reference']}/cancel")
    assert cancelled.json()["state"] == "cancelled"
    assert (await network.page.post(f"/ports/{opened['reference']}/cancel")).status_code == 409
    refused = await network.element("npc").send(c.AnswerPort(opened["reference"], accepted=True, reason=""))
    assert isinstance(refused, Refused)
    assert (refused.why, refused.code, refused.by) == (Why.CONFLICT, "WRONG_STATE", "npc")


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/ports/donor", {"msisdn": "0612345678"}, 422),
        ("/ports/donor", {"msisdn": NUMBER, "answer": "perhaps"}, 422),
        ("/ports/donor", {"msisdn": NUMBER, "reason": "WHIM"}, 422),
        ("/ports/donor", {"msisdn": NUMBER, "after_s": -1}, 422),
        ("/ports/donor", {"msisdn": NUMBER, "colour": "red"}, 422),
        ("/ports/out", {"msisdn": NUMBER}, 422),
        ("/ports/out", OUT | {"on": "someday"}, 409),
        ("/ports/P-9/release", {}, 404),
        ("/ports/P-9/cancel", {}, 404),
    ],
)
async def test_what_makes_no_sense_is_told(network: Network, path: str, body: dict[str, object], status: int) -> None:
    assert (await network.page.post(path, json=body)).status_code == status


@pytest.mark.parametrize("kind", ["lost", "drop_before", "drop_after", "half_line", "garbage", "silent"])
async def test_what_was_not_answered_is_said_again_without_harm(network: Network, kind: str) -> None:
    house = network.element("npc")
    await network.page.post("/faults", json={"element": "npc", "kind": kind, "match": "RequestPort"})
    with pytest.raises(DriverError):
        await house.send(wish())
    for _ in range(100):
        if (reply := await _said(house)) is not None:
            break
        await asyncio.sleep(0.1)
    assert type(reply) is (Done if kind in ("lost", "drop_before") else AlreadySo)
    assert len((await network.page.get("/ports")).json()["items"]) == 1


async def test_refusals_are_scripted_and_a_lost_login_is_made_anew(network: Network) -> None:
    house = network.element("npc")
    faults = [
        {"element": "npc", "kind": "session_timeout", "match": "RequestPort"},
        {"element": "npc", "kind": "busy", "match": "RequestPort"},
    ]
    await network.page.post("/faults", json=faults)
    busy = await house.send(wish())
    assert isinstance(busy, Refused)
    assert (busy.why, busy.code) == (Why.BUSY, "BUSY")
    log = (await network.page.get("/elements/npc/log")).json()["items"]
    assert [entry["outcome"] for entry in log] == ["done", "refused:session", "done", "refused:busy"]


async def test_a_stranger_is_not_let_in_and_a_handset_not_ported(network: Network) -> None:
    with pytest.raises(Unreachable, match="user or password is wrong"):
        await network.element("npc", "FAKEpw02").send(wish())
    house = network.element("npc")
    with pytest.raises(NotSpoken, match="no command for BlockImei"):
        await house.send(c.BlockImei(c.Imei("490154203237518"), "stolen"))
    assert '"verb":"REQUEST_PORT"' in house.describe(wish())


async def test_a_network_without_clearing_house_says_how_to_get_one(simulation: Simulation) -> None:
    transport = httpx.ASGITransport(make_app(simulation))
    async with httpx.AsyncClient(transport=transport, base_url="http://sim") as page:
        answer = await page.get("/ports")
    assert (answer.status_code, "dialect npc" in answer.json()["detail"]) == (404, True)
