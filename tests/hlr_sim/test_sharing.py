"""Two elements before the same subscribers: doors, accounts, sessions, faults and logs apart, data together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from drivers import commands as c
from drivers import dialects
from drivers.commands import Done, Login
from drivers.errors import Unreachable
from drivers.session import Limits, Session
from drivers.stream import Stream, connect_tcp
from drivers.subscription import Iccid, Imsi, Msisdn, OutgoingBar
from hlr_sim.element import Account, Surroundings
from hlr_sim.faults import Fault, Kind
from hlr_sim.http import make_app
from hlr_sim.scenario import ElementSpec
from hlr_sim.simulation import Simulation, running

ANNA = Imsi("208010000000001")
PRIMARY = ElementSpec("orange", "mml_h", "tcp", "127.0.0.1", 0, "linegate", home_plmns=("20801",))
BACKUP = replace(PRIMARY, name="backup", user="other", max_sessions=1, shares="orange")
CENTRE = ElementSpec("smsc", "smpp", "tcp", "127.0.0.1", 0, "linegate")
SECOND_CENTRE = replace(CENTRE, name="smsc2", shares="smsc")
ACCOUNTS = {name: Account(f"pw-{name}"[:8]) for name in ("orange", "backup", "smsc", "smsc2")}
QUICK = Limits(answer_timeout_s=0.2, connect_timeout_s=2)


@pytest.fixture
async def network(tmp_path: Path) -> AsyncIterator[Simulation]:
    """The backup stands before its primary in the scenario, which must not matter."""
    specs = (BACKUP, PRIMARY, SECOND_CENTRE, CENTRE)
    async with running(specs, ACCOUNTS, tmp_path, Surroundings()) as simulation:
        yield simulation


def talk(network: Simulation, name: str, login: Login | None = None) -> Session:
    server = network.servers[name]
    spec = server.element.spec

    async def connect() -> Stream:
        return await connect_tcp("127.0.0.1", server.port)

    known = login or Login(spec.user, f"pw-{name}"[:8])
    return Session(name, connect, lambda: dialects.load(spec.dialect).client({}), known, QUICK)


def databases(directory: Path) -> list[str]:
    return sorted(file.name for file in directory.glob("*.sqlite"))


async def test_what_is_made_by_one_is_there_by_the_other(network: Simulation, tmp_path: Path) -> None:
    primary, backup = talk(network, "orange"), talk(network, "backup")
    assert isinstance(await primary.send(c.PutKeys(ANNA, Iccid("")), c.Credentials("0" * 31 + "1")), Done)
    assert isinstance(await backup.send(c.CreateSubscriber(ANNA, Msisdn("+33612345678"))), Done)
    assert isinstance(await backup.send(c.Provide(ANNA, OutgoingBar.ALL)), Done)
    held = await primary.send(c.ReadSubscriber(ANNA))
    assert isinstance(held, c.Held)
    assert held.subscription.outgoing is OutgoingBar.ALL
    for session in (primary, backup):
        await session.close()
    assert databases(tmp_path) == ["orange.sqlite", "smsc.sqlite"]
    assert [e.command for e in network.servers["orange"].element.log.since(0)] == ["Login", "PutKeys", "ReadSubscriber"]
    assert network.servers["backup"].element.log.last == 3


async def test_each_has_its_own_account_and_room(network: Simulation) -> None:
    for name, login in (("orange", Login("other", "pw-backu")), ("backup", Login("linegate", "pw-orang"))):
        with pytest.raises(Unreachable):
            await talk(network, name, login).send(c.ReadKeys(ANNA))
    first, second = talk(network, "backup"), talk(network, "backup")
    await first.send(c.ReadKeys(ANNA))
    with pytest.raises(Unreachable):  # one session is all the backup takes
        await second.send(c.ReadKeys(ANNA))
    primaries = [talk(network, "orange") for _ in range(2)]
    assert [isinstance(await one.send(c.ReadKeys(ANNA)), c.Refused) for one in primaries] == [True, True]
    for session in (first, second, *primaries):
        await session.close()


async def test_misfortune_strikes_one_door_only(network: Simulation) -> None:
    primary, backup = talk(network, "orange"), talk(network, "backup")
    network.faults.add(Fault("orange", Kind.REFUSE_CONNECT, count=None))
    with pytest.raises(Unreachable):
        await primary.send(c.ReadKeys(ANNA))
    assert isinstance(await backup.send(c.ReadKeys(ANNA)), c.Refused)
    network.servers["orange"].element.freeze(60)
    assert isinstance(await backup.send(c.ReadKeys(ANNA)), c.Refused)
    for session in (primary, backup):
        await session.close()


async def test_the_page_tells_who_shares_and_counts_nothing_twice(network: Simulation) -> None:
    centre = talk(network, "smsc2")
    assert isinstance(await centre.send(c.SendSms("Linegate", Msisdn("+33612345678"), "once")), c.Submitted)
    await centre.close()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(make_app(network)), base_url="http://sim") as page:
        assert [sms["text"] for sms in (await page.get("/sms")).json()["items"]] == ["once"]
        told = {e["name"]: e.get("shares") for e in (await page.get("/elements")).json()["items"]}
        assert told == {"backup": "orange", "orange": None, "smsc2": "smsc", "smsc": None}
        fault = {"element": "backup", "kind": "busy"}
        assert (await page.post("/faults", json=fault)).status_code == 201
    assert network.description()["backup"]["shares"] == "orange"
