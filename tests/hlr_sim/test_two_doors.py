"""One register with OsmoHLR's two doors: a terminal that tells serving nodes what it does, and a port that does not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from drivers import commands as c
from drivers import dialects
from drivers.commands import Done, Login, Refused, Reply, Why
from drivers.errors import InDoubt, Unreachable
from drivers.session import Limits, Session
from drivers.stream import Stream, connect_tcp
from drivers.subscription import Iccid, Imsi, Msisdn, NetworkAccess, Subscription
from hlr_sim import scenario
from hlr_sim.behaviour import Hlr
from hlr_sim.element import Surroundings
from hlr_sim.faults import Fault, Kind
from hlr_sim.parent import StartError, accounts_from_line
from hlr_sim.simulation import Simulation, running

ANNA, BORIS = Imsi("208010000000001"), Imsi("208010000000002")
NUMBER, OTHER_NUMBER = Msisdn("+33612345678"), Msisdn("+33612345679")
KEYS, PASSWORD = c.Credentials("0" * 31 + "1", "0" * 31 + "2"), "FAKEpw01"
SCENARIO = """
spec = "1"
[elements.orange]
dialect = "osmo_vty"
transport = "tcp"
home_plmns = ["20801"]
[elements.bulk]
dialect = "osmo_ctrl"
transport = "tcp"
shares = "orange"
"""


@pytest.fixture
async def network(tmp_path: Path) -> AsyncIterator[Simulation]:
    file = tmp_path / "osmo.toml"
    file.write_text(SCENARIO, encoding="utf-8")
    specs = scenario.read(file)
    accounts = accounts_from_line(specs, b'{"passwords": {"orange": "FAKEpw01"}}')  # who knows no login has none
    async with running(specs, accounts, tmp_path, Surroundings()) as simulation:
        yield simulation


@pytest.fixture
async def doors(network: Simulation) -> AsyncIterator[Mapping[str, Session]]:
    """Both doors, and Anna made through them as the gateway would."""
    made = {name: talk(network, name) for name in network.servers}
    vty, ctrl = made["orange"], made["bulk"]
    assert why(await ctrl.send(c.PutKeys(ANNA, Iccid("")), KEYS)) is Why.NOT_FOUND
    for reply in (
        await ctrl.send(c.CreateSubscriber(ANNA, None)),
        await vty.send(c.PutKeys(ANNA, Iccid("")), KEYS),
        await ctrl.send(c.AssignMsisdn(ANNA, NUMBER)),
    ):
        assert isinstance(reply, Done)
    yield made
    for session in made.values():
        await session.close()


def talk(network: Simulation, name: str, password: str = PASSWORD) -> Session:
    server = network.servers[name]

    async def connect() -> Stream:
        return await connect_tcp("127.0.0.1", server.port)

    module = dialects.load(server.element.spec.dialect)
    login = Login("", password) if Login in module.CAPABILITIES.commands else None
    return Session(name, connect, lambda: module.client({}), login, Limits(answer_timeout_s=0.5))


def register(network: Simulation) -> Hlr:
    ((_, hlr),) = network.hlrs()
    return hlr


def why(reply: Reply) -> Why | None:
    return reply.why if isinstance(reply, Refused) else None


async def test_both_doors_show_the_same_subscriber_and_that_it_has_keys(doors: Mapping[str, Session]) -> None:
    for door in doors.values():
        held = await door.send(c.ReadSubscriber(ANNA))
        assert isinstance(held, c.Held)
        assert (held.subscription, held.keys) == (Subscription(ANNA, NUMBER), True)
    assert await doors["orange"].send(c.ListSubscribers("208")) == c.Listed((ANNA,))


async def test_keys_are_replaced_without_a_word(network: Simulation, doors: Mapping[str, Session]) -> None:
    other = c.Credentials("0" * 31 + "3", "0" * 31 + "4")
    assert isinstance(await doors["bulk"].send(c.PutKeys(ANNA, Iccid("")), other), Done)
    assert register(network).store.keys(ANNA) == other


async def test_the_terminal_is_heard_and_the_port_is_not(network: Simulation, doors: Mapping[str, Session]) -> None:
    hlr, vty, ctrl = register(network), doors["orange"], doors["bulk"]
    hlr.attach(ANNA)
    assert isinstance(await ctrl.send(c.ReleaseMsisdn(ANNA, NUMBER)), Done)
    served = hlr.registration(ANNA)
    assert served is not None
    assert served.copy.msisdn == NUMBER
    assert isinstance(await vty.send(c.ChangeMsisdn(ANNA, OTHER_NUMBER)), Done)
    served = hlr.registration(ANNA)
    assert served is not None
    assert served.copy.msisdn == OTHER_NUMBER
    assert isinstance(await vty.send(c.Provide(ANNA, NetworkAccess.NONE)), Done)
    assert not hlr.is_registered(ANNA)


@pytest.mark.parametrize("name", ["orange", "bulk"])
async def test_a_removal_takes_the_keys_and_is_heard_by_nobody(
    network: Simulation, doors: Mapping[str, Session], name: str
) -> None:
    hlr = register(network)
    hlr.attach(ANNA)
    assert isinstance(await doors[name].send(c.RemoveSubscriber(ANNA)), Done)
    assert (hlr.store.find(ANNA), hlr.store.has_keys(ANNA), hlr.is_registered(ANNA)) == (None, False, True)


@pytest.mark.parametrize("name", ["orange", "bulk"])
async def test_a_number_in_use_is_a_conflict(network: Simulation, doors: Mapping[str, Session], name: str) -> None:
    assert isinstance(await doors[name].send(c.CreateSubscriber(BORIS, None)), Done)
    assert why(await doors[name].send(c.AssignMsisdn(BORIS, NUMBER))) is Why.CONFLICT
    assert register(network).store.owner(NUMBER) == ANNA


async def test_a_wrong_password_opens_nothing(network: Simulation) -> None:
    with pytest.raises(Unreachable):
        await talk(network, "orange", "FAKEpw02").send(c.ReadKeys(ANNA))
    assert network.servers["orange"].element.log.since(0)[-1].outcome == "refused:forbidden"


@pytest.mark.parametrize("name", ["orange", "bulk"])
async def test_a_session_that_ends_is_a_line_that_breaks(
    network: Simulation, doors: Mapping[str, Session], name: str
) -> None:
    network.faults.add(Fault(name, Kind.SESSION_TIMEOUT, match="RemoveSubscriber"))
    with pytest.raises(InDoubt):
        await doors[name].send(c.RemoveSubscriber(ANNA))
    assert register(network).store.find(ANNA) is not None
    assert isinstance(await doors[name].send(c.RemoveSubscriber(ANNA)), Done)


@pytest.mark.parametrize("kind", [Kind.LOST, Kind.SILENT])
async def test_after_an_answer_that_never_came_the_next_ones_do(
    network: Simulation, doors: Mapping[str, Session], kind: Kind
) -> None:
    network.faults.add(Fault("bulk", kind, match="ReadKeys"))
    unheard, heard = await asyncio.gather(
        doors["bulk"].send(c.ReadKeys(ANNA)), doors["bulk"].send(c.ReadSubscriber(ANNA)), return_exceptions=True
    )
    assert isinstance(unheard, InDoubt)
    assert isinstance(heard, c.Held)


@pytest.mark.parametrize("name", ["orange", "bulk"])
@pytest.mark.parametrize("kind", [Kind.HALF_LINE, Kind.DROP_AFTER, Kind.GARBAGE, Kind.SILENT])
async def test_what_is_not_answered_whole_is_in_doubt(
    network: Simulation, doors: Mapping[str, Session], name: str, kind: Kind
) -> None:
    network.faults.add(Fault(name, kind, match="RemoveSubscriber"))
    with pytest.raises(InDoubt):
        await doors[name].send(c.RemoveSubscriber(ANNA))
    assert register(network).store.find(ANNA) is None


def test_a_password_is_asked_for_where_there_is_a_login(tmp_path: Path) -> None:
    file = tmp_path / "osmo.toml"
    file.write_text(SCENARIO, encoding="utf-8")
    with pytest.raises(StartError, match="orange"):
        accounts_from_line(scenario.read(file), b'{"passwords": {"bulk": "FAKEpw01"}}')


def test_an_ssh_door_wants_a_user_whatever_is_spoken_behind_it(tmp_path: Path) -> None:
    file = tmp_path / "osmo.toml"
    file.write_text(SCENARIO.replace('"tcp"\nshares', '"ssh"\nshares'), encoding="utf-8")
    with pytest.raises(scenario.ScenarioError, match=r"bulk\.user"):
        scenario.read(file)
