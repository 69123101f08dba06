"""The register of handsets: what is blocked, for whom, and that it stays so."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from drivers import commands as c
from drivers.commands import AlreadySo, Done, ImeiHeld, Refused, Why
from drivers.errors import Unreachable
from drivers.subscription import Iccid, Imsi
from hlr_sim.behaviour import Hlr
from hlr_sim.eir import Eir
from tests.hlr_sim.porting import NUMBER, Network, network_in

ANNA = Imsi("208010000000001")
IMEI = c.Imei("490154203237518")
STOLEN, FOUND, READ = c.BlockImei(IMEI, "stolen"), c.UnblockImei(IMEI), c.ReadImei(IMEI)


@pytest.fixture
def eir(tmp_path: Path) -> Iterator[Eir]:
    made = Eir(tmp_path / "eir.sqlite")
    yield made
    made.close()


@pytest.fixture
async def network(tmp_path: Path) -> AsyncIterator[Network]:
    """With one subscriber who is let in."""
    async with network_in(tmp_path) as made:
        for _, hlr in made.simulation.hlrs():
            _subscribe(hlr)
        yield made


def _subscribe(hlr: Hlr) -> None:
    hlr.answer(c.PutKeys(ANNA, Iccid("")), c.Credentials("0" * 31 + "1"))
    hlr.answer(c.CreateSubscriber(ANNA, NUMBER))


def test_blocking_and_letting_go_are_harmless_to_repeat(eir: Eir) -> None:
    assert eir.answer(READ) == ImeiHeld(blocked=False)
    assert [eir.answer(STOLEN), eir.answer(STOLEN), eir.answer(READ)] == [Done(), AlreadySo(), ImeiHeld(blocked=True)]
    assert eir.answer(c.BlockImei(IMEI, "lost")) == Done()
    assert [eir.answer(FOUND), eir.answer(FOUND), eir.answer(READ)] == [Done(), AlreadySo(), ImeiHeld(blocked=False)]


@pytest.mark.parametrize("imei", ["49015420323751", "490154203237510", "4901542032375123"])
def test_a_handset_is_known_by_its_first_14_digits(eir: Eir, imei: str) -> None:
    eir.answer(STOLEN)
    assert eir.is_blocked(imei)
    assert not eir.is_blocked("49015420323752" + imei[14:])


def test_what_is_no_imei_or_no_business_of_its_is_refused(eir: Eir) -> None:
    for command in (c.BlockImei(c.Imei("1" * 13), "stolen"), c.ReadSubscriber(ANNA)):
        reply = eir.answer(command)
        assert isinstance(reply, Refused)
        assert reply.why is Why.INVALID


def test_what_is_blocked_outlives_the_process(eir: Eir, tmp_path: Path) -> None:
    eir.answer(STOLEN)
    again = Eir(tmp_path / "eir.sqlite")  # beside the one that never said goodbye
    assert again.answer(READ) == ImeiHeld(blocked=True)
    again.answer(FOUND)
    again.close()
    third = Eir(tmp_path / "eir.sqlite")
    assert third.answer(READ) == ImeiHeld(blocked=False)
    third.close()


async def test_no_phone_is_let_in_with_a_blocked_handset(network: Network) -> None:
    register = network.element("eir")
    before = (await network.page.get(f"/network/{ANNA}", params={"imei": IMEI})).json()
    assert before["attach"] == "accepted"
    assert isinstance(await register.send(STOLEN), Done)
    assert (await network.page.get(f"/network/imei/{IMEI}")).json() == {"imei": IMEI, "blocked": True}
    held = (await network.page.get(f"/network/{ANNA}", params={"imei": IMEI, "at": "abroad"})).json()
    assert (held["attach"], held["imsi"], held["at"]) == ("refused:equipment", ANNA, "abroad")
    assert (held["voice_in"], held["sms_out"], held["rats"], held["emergency"]) == (False, False, [], True)
    assert held.keys() == before.keys()
    for params in ({}, {"imei": "490154203237526"}):
        assert (await network.page.get(f"/network/{ANNA}", params=params)).json()["attach"] == "accepted"
    assert isinstance(await register.send(FOUND), Done)
    assert (await network.page.get(f"/network/{ANNA}", params={"imei": IMEI})).json() == before


async def test_a_blocked_handset_registers_nowhere(network: Network) -> None:
    await network.element("eir").send(STOLEN)
    attached = await network.page.post(f"/network/{ANNA}/attach", params={"imei": IMEI})
    assert attached.json()["attach"] == "refused:equipment"
    assert (await network.page.get(f"/network/{ANNA}/registration")).json()["registered"] is False
    assert (await network.page.get("/attaches")).json()["items"] == []
    unknown = (await network.page.get("/network/208010000000009", params={"imei": IMEI})).json()
    assert unknown["attach"] == "refused:unknown"  # of whom nothing is known nothing more is asked


@pytest.mark.parametrize("imei", ["1" * 13, "1" * 17, "4901542032375x8"])
async def test_what_is_no_imei_is_not_looked_up(network: Network, imei: str) -> None:
    assert (await network.page.get(f"/network/imei/{imei}")).status_code == 422
    assert (await network.page.get(f"/network/{ANNA}", params={"imei": imei})).status_code == 422


async def test_faults_and_logins_are_as_everywhere(network: Network) -> None:
    with pytest.raises(Unreachable, match="ERR1013"):
        await network.element("eir", "FAKEpw02").send(STOLEN)
    await network.page.post("/faults", json={"element": "eir", "kind": "refuse", "match": "BlockImei", "why": "busy"})
    register = network.element("eir")
    reply = await register.send(STOLEN)
    assert isinstance(reply, Refused)
    assert (reply.why, reply.code, reply.by) == (Why.BUSY, "1033", "eir")
    assert await register.send(READ) == ImeiHeld(blocked=False)
