"""From configuration to elements: doors, abilities, loose answers, groups, routes, and who is left alone when."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from drivers import commands as c
from drivers.dialects import cai, mml_h, osmo_ctrl, osmo_vty
from drivers.element import Manners
from drivers.errors import NotSpoken
from drivers.flow import Pace
from drivers.group import Group
from drivers.session import Limits
from drivers.subscription import Imsi, Msisdn, NetworkAccess, OutgoingBar, ServiceLock, SpeedCap, Subscription
from gateway.elements import ElementConfig
from gateway.maintenance import Window
from gateway.network import Network, make_element, open_network
from gateway.routing import Range, Route, Topology
from tests.drivers.peer import Peer
from tests.gateway.rig import START

NUMBER, IMSI = Msisdn("+33612345678"), Imsi("208010000000001")
HLR = ElementConfig("a", "hlr", "mml_h", "tcp", "127.0.0.1", 1, "gate", 1, Limits(), {}, password="FAKEpw01")
SMSC = replace(HLR, name="smsc", role="smsc", dialect="smpp")
HOUR = timedelta(hours=1)
LATER = START + HOUR


def _topology(*elements: ElementConfig, groups: dict[str, tuple[str, ...]] | None = None, **routes: Route) -> Topology:
    return Topology({element.name: element for element in elements}, groups or {}, routes)


@asynccontextmanager
async def _opened(topology: Topology) -> AsyncIterator[Network]:
    network = open_network(topology)
    try:
        yield network
    finally:
        await network.close()


async def test_an_element_can_what_its_dialect_can_less_what_it_cannot_and_pushes_more() -> None:
    element = make_element(replace(HLR, cannot=("SpeedCap", "CancelLocation"), pushes=("OutgoingBar", "ChangeMsisdn")))
    can = element.capabilities
    assert can.commands == mml_h.CAPABILITIES.commands - {c.CancelLocation}
    assert can.facets == mml_h.CAPABILITIES.facets - {SpeedCap}
    assert can.pushes == mml_h.CAPABILITIES.pushes | {OutgoingBar, c.ChangeMsisdn}
    with pytest.raises(NotSpoken, match="element a cannot hold SpeedCap"):
        element.check(c.Provide(IMSI, SpeedCap(512)))
    with pytest.raises(NotSpoken, match="element a has no command for CancelLocation"):
        element.check(c.CancelLocation(IMSI))


async def test_what_is_wished_beyond_that_is_told_in_plain_words() -> None:
    fit = make_element(replace(HLR, cannot=("SpeedCap",))).fit(Subscription(IMSI, NUMBER, locked=True, cap_kbit_s=512))
    assert fit.held == Subscription(IMSI, NUMBER, locked=True)
    assert ["SpeedCap" in missing for missing in fit.missing] == [True]


async def test_two_doors_are_one_element() -> None:
    vty = replace(HLR, name="a/also", dialect="osmo_vty", user="", password="")
    element = make_element(replace(HLR, dialect="osmo_ctrl", user="", password="", also=vty))
    assert element.capabilities.commands == osmo_ctrl.CAPABILITIES.commands | osmo_vty.CAPABILITIES.commands
    assert element.capabilities.pushes == osmo_vty.CAPABILITIES.pushes
    assert element.describe(c.ReadSubscriber(IMSI)).startswith("GET ")
    assert "network-access-mode" in element.describe(c.Provide(IMSI, NetworkAccess.CS_ONLY))
    assert not element.fit(Subscription(IMSI, NUMBER, locked=True)).missing  # by the second door
    alone = make_element(replace(HLR, dialect="osmo_ctrl", user="", password=""))
    assert "second door" in " ".join(alone.fit(Subscription(IMSI, NUMBER, locked=True)).missing)


async def test_what_is_taken_from_one_door_the_other_may_still_do() -> None:
    also = replace(HLR, name="a/also", dialect="cai", limits=Limits(window=1))
    element = make_element(replace(HLR, cannot=("SpeedCap", "CancelLocation"), also=also))
    assert element.capabilities.facets == cai.CAPABILITIES.facets
    assert element.describe(c.Provide(IMSI, SpeedCap(512))).startswith("SET:")
    assert element.describe(c.Provide(IMSI, ServiceLock(locked=True))).startswith("MOD ")
    with pytest.raises(NotSpoken):
        element.check(c.CancelLocation(IMSI))


async def test_secrets_are_masked_in_what_is_shown() -> None:
    shown = make_element(HLR).describe(c.PutKeys(IMSI, "8933010000000000010"))  # type: ignore[arg-type]  # a plain text
    assert "0" * 32 not in shown
    assert IMSI in shown


async def test_answers_are_read_as_agreed_at_each_door() -> None:
    peer = Peer(lambda _: c.Refused(c.Why.EXISTS, "3010"))
    peer.script = lambda command: c.Done() if isinstance(command, c.Login) else c.Refused(c.Why.EXISTS, "")
    strict, loose = (
        make_element(replace(HLR, readings=readings), peer.connect) for readings in ({}, {"3010": "already_so"})
    )
    assert isinstance(await strict.send(c.CreateSubscriber(IMSI, NUMBER)), c.Refused)
    assert isinstance(await loose.send(c.CreateSubscriber(IMSI, NUMBER)), c.AlreadySo)
    for element in (strict, loose):
        await element.close()
    for task in peer.tasks:
        task.cancel()


async def test_the_pace_is_that_of_all_sessions_together() -> None:
    element = make_element(replace(HLR, sessions=3, manners=Manners(Pace(window=24, per_s=5))))
    assert element.flow.pace == Pace(window=24, per_s=5)
    assert [session.name for session in element._doors[0].sessions] == ["a#1", "a#2", "a#3"]
    assert [session.name for session in make_element(HLR)._doors[0].sessions] == ["a"]


async def test_elements_groups_and_routes_are_found_by_name() -> None:
    route = Route("a", (Range("pair", "+3361"), Range("c", None, "20810")))
    elements = (HLR, replace(HLR, name="b"), replace(HLR, name="c"), SMSC)
    async with _opened(_topology(*elements, groups={"pair": ("a", "b")}, numbers=route)) as network:
        assert network.element("a").name == "a"
        assert isinstance(network.element("pair"), Group)
        assert set(network.centres) == {"smsc"}
        assert set(network.all()) == {"a", "b", "c", "smsc"}
        assert network.serving("a", NUMBER, IMSI).name == "a"
        assert network.serving("numbers", NUMBER, IMSI).name == "pair"
        assert network.serving("numbers", Msisdn("+33699999999"), IMSI).name == "a"
        assert network.serving("numbers", Msisdn("+33699999999"), Imsi("208100000000001")).name == "c"
        for name in ("nobody", "numbers"):
            with pytest.raises(NotSpoken, match=f"no element '{name}' is configured"):
                network.element(name)


async def test_without_a_message_centre_there_is_none() -> None:
    async with _opened(_topology(HLR)) as network:
        assert not network.centres


def _window(ends: datetime | None, why: str = "disks", begins: datetime = START) -> tuple[Window, ...]:
    return (Window(begins, ends, why),)


def _held(network: Network) -> dict[str, tuple[str, datetime | None]]:
    return {n: one.paused for n, one in network.all().items() if one.in_maintenance and one.paused is not None}


async def test_windows_hold_an_element_while_they_last() -> None:
    planned = replace(HLR, name="b", maintenance=_window(LATER, "release"))
    async with _opened(_topology(HLR, planned, SMSC)) as network:
        network.keep_windows({}, START - HOUR)
        assert _held(network) == {}
        network.keep_windows({}, START)
        assert _held(network) == {"b": ("b is in maintenance: release", LATER)}
        network.keep_windows({"smsc": _window(None)}, START)
        assert set(_held(network)) == {"b", "smsc"}
        network.keep_windows({"b": _window(LATER + HOUR)}, START)
        assert _held(network) == {"b": ("b is in maintenance: disks", LATER + HOUR)}
        network.keep_windows({}, LATER)
        assert _held(network) == {}


@pytest.mark.parametrize(
    ("of_group", "of_member", "told"),
    [
        ([LATER], [], LATER),
        ([LATER], [LATER + HOUR], LATER + HOUR),
        ([LATER + HOUR], [LATER], LATER + HOUR),
        ([None], [LATER], None),
    ],
)
async def test_a_window_of_a_group_holds_each_of_its_elements(
    of_group: Sequence[datetime | None], of_member: Sequence[datetime | None], told: datetime | None
) -> None:
    elements = (HLR, replace(HLR, name="b"), replace(HLR, name="c"))
    async with _opened(_topology(*elements, groups={"pair": ("a", "b")})) as network:
        windows = {
            "pair": tuple(Window(START, until, "w") for until in of_group),
            "a": tuple(Window(START, until, "w") for until in of_member),
        }
        network.keep_windows(windows, START)
        assert {name: until for name, (_, until) in _held(network).items()} == {"a": told, "b": of_group[0]}
        assert network.element("pair").in_maintenance
        network.keep_windows({}, START)
        assert _held(network) == {}
