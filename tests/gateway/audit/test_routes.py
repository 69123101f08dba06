"""A host whose lines a route leads to two elements: each line is looked for where it is served, leftovers elsewhere."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from drivers.subscription import Msisdn
from gateway.app import open_gateway
from gateway.audit.asked import Asked, Policy, Scope
from gateway.audit.hosting import Hosting
from gateway.contract.rules import Rules
from gateway.routing import Range, Route, Topology
from tests.gateway.audit.hands import BARE, REPORT, audited, only, put, speaks
from tests.gateway.cards import Card, card
from tests.gateway.rig import Rig, SimNetwork, Time, settings_for

NORTH, SOUTH = Msisdn("+33612000001"), Msisdn("+33613000001")
FULL = ["data", "international", "roaming"]


@pytest.fixture
async def routed(tmp_path: Path, sim: SimNetwork, time: Time) -> AsyncIterator[Rig]:
    """Numbers from +33613 on live on sfr, the others on orange, which lists its subscribers."""
    speaks(sim, "osmo_vty")
    settings = settings_for(tmp_path / "data")
    elements = settings.topology.elements
    orange = replace(elements["orange"], dialect="osmo_vty", dialect_options={})
    routes = {"all": Route("orange", (Range("sfr", msisdn="+33613"),))}
    rules = settings.contracts["technicophone"]
    hosts = {"orange": replace(rules.hosts["orange"], element="all")}
    settings = replace(
        settings,
        topology=Topology({**elements, "orange": orange}, {}, routes),
        contracts={"technicophone": replace(rules, hosts=hosts)},
    )

    async with open_gateway(settings, time, random.Random(1), sim.reach) as gateway:
        rig = Rig(gateway, sim, time)
        await rig.stock(*(card(n) for n in range(1, 5)))
        for one, number in ((card(1), NORTH), (card(2), SOUTH)):
            assert await rig.until(await rig.activate(one, number, options=FULL)) == "completed"
        yield rig


async def test_each_line_is_looked_for_where_it_is_served(routed: Rig) -> None:
    assert (await audited(routed))[0] == {"equal": 2}
    assert await audited(routed, only(REPORT, element="orange")) == ({"equal": 1}, [])
    assert await audited(routed, only(REPORT, element="sfr")) == ({"equal": 1}, [])


async def test_a_line_left_behind_on_the_other_element_is_found_there(routed: Rig) -> None:
    put(routed.sim, card(2), SOUTH, "orange")
    before = routed.sim.picture("orange"), routed.sim.picture("sfr")
    for policy in (Policy.REPORT, Policy.REPAIR, Policy.ADOPT):
        counted, (finding,) = await audited(routed, Asked(policy=policy))
        assert counted == {"equal": 2, "extra": 1}
        assert (finding["element"], finding["imsi"], finding["order_id"]) == ("orange", card(2).imsi, None)
        assert "another element" in finding["detail"]
    assert (routed.sim.picture("orange"), routed.sim.picture("sfr")) == before


@pytest.mark.parametrize(
    ("element", "of", "number", "outcome"),
    [
        ("orange", card(3), "+33612000003", "adopting"),
        ("orange", card(3), "+33613000003", "left"),
        ("sfr", card(4), "+33613000004", "adopting"),
        ("sfr", card(4), "+33612000004", "left"),
    ],
)
async def test_a_subscriber_becomes_a_line_only_where_that_would_be_served(
    routed: Rig, element: str, of: Card, number: str, outcome: str
) -> None:
    put(routed.sim, of, number, element, **(BARE if element == "sfr" else {}))
    _, (finding,) = await audited(routed, Asked(Scope(element=element), Policy.ADOPT))
    assert (finding["outcome"], finding["imsi"]) == (outcome, of.imsi)
    if outcome == "adopting":
        assert await routed.until(finding["order_id"]) == "completed"
    else:
        assert "is served by" in finding["detail"]


def test_who_serves_whom_is_read_off_contracts_and_routes(rules: Rules) -> None:
    hosts = {
        "a": replace(rules.hosts["orange"], element="all", imsi_prefixes=("20801", "208019")),
        "b": replace(rules.hosts["sfr"], element="sfr", imsi_prefixes=("20810",)),
    }
    one, other = replace(rules, name="one", hosts=hosts), replace(rules, name="other", hosts={"b": hosts["b"]})
    topology = Topology(routes={"all": Route("orange", (Range("sfr", msisdn="+33613"),))})
    hosting = Hosting({"one": one, "other": other}, topology)
    assert (hosting.elements(), hosting.elements("other")) == (("orange", "sfr"), ("sfr",))
    assert (hosting.prefixes("orange"), hosting.prefixes("sfr")) == (("20801",), ("20801", "20810"))
    assert hosting.prefixes("sfr", "other") == ("20810",)
    assert hosting.hosts("sfr") == (("one", "a"), ("one", "b"), ("other", "b"))
    assert hosting.contracts("sfr", "208100000000001") == ("one", "other")
    assert (hosting.shares_host("orange"), hosting.shares_host("sfr"), hosting.shares_host("x")) == (True, True, False)
