"""Other hands at an element, audits carried to their end, and gateways with audit settings of their own."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from drivers.commands import Credentials
from drivers.subscription import Msisdn, Rat, RoamingBar, Subscription
from gateway.app import open_gateway
from gateway.audit import book
from gateway.audit.asked import Asked, Policy, Scope
from gateway.contract.line import Life, Line
from gateway.journal.journal import Row, Unit
from gateway.orders import records
from gateway.orders.order import LineRecord
from gateway.routing import Topology
from gateway.settings import AuditSettings
from gateway.stock import shelf
from hlr_sim.element import Account, SimulatedElement, Surroundings
from hlr_sim.scenario import ElementSpec
from hlr_sim.server import ElementServer
from hlr_sim.subscribers import Subscriber
from hlr_sim.translation import with_facet
from tests.gateway.cards import Card, card
from tests.gateway.rig import PASSWORD, Rig, SimNetwork, Time, settings_for

#: what the element holds for a line of Technicophone's without any option
BARE: dict[str, Any] = {
    "roaming": RoamingBar.OUTSIDE_HPLMN,
    "home_bars": frozenset({1}),
    "rats": frozenset({Rat.GERAN, Rat.UTRAN}),
}
Touch = Callable[[Subscriber], Subscriber]
REPORT, REPAIR, ADOPT = (Asked(policy=policy) for policy in Policy)


def number(n: int) -> Msisdn:
    return Msisdn(f"+336{12_000_000 + n}")


def only(asked: Asked = REPORT, *numbers: str, **scope: Any) -> Asked:  # noqa: ANN401 - fields of Scope
    return replace(asked, scope=Scope(msisdns=tuple(Msisdn(n) for n in numbers), **scope))


def touch(rig: Rig, imsi: str, hand: Touch) -> None:
    store = rig.sim.hlrs["orange"].store
    held = store.find(imsi)
    assert held is not None
    store.put(hand(held), instead_of=held)


def take_away(rig: Rig, imsi: str) -> None:
    store = rig.sim.hlrs["orange"].store
    held = store.find(imsi)
    assert held is not None
    store.remove(held)


def put(sim: SimNetwork, of: Card, msisdn: str | None, element: str = "orange", **facets: Any) -> None:  # noqa: ANN401 - fields of Subscription
    """What a register holds that grew without us: a subscriber, and the keys of its SIM."""
    store = sim.hlrs[element].store
    store.put_keys(of.imsi, Credentials(of.ki, of.opc))
    bare = Subscription(of.imsi, None if msisdn is None else Msisdn(msisdn), **facets)
    held = Subscriber(of.imsi, msisdn)
    for facet in bare.facets():
        held = with_facet(held, facet)
    store.put(held)


async def in_service(rig: Rig, many: int) -> list[Card]:
    """Lines as if they had always been there: in the journal, in stock and on the element."""
    unit, cards = Unit(), [card(1000 + n) for n in range(many)]
    await rig.stock(*cards)
    for n, one in enumerate(cards):
        contract, host, plan = "technicophone", "orange", "unlimited"
        line = Line(number(1000 + n), one.imsi, one.iccid, contract, host, plan, life=Life.ACTIVE)
        records.add_line(unit, LineRecord(f"{n:032x}", line), rig.time())
        shelf.settle(unit, shelf.Change(f"{n:032x}", None, line), rig.time(), timedelta())
        put(rig.sim, one, line.msisdn, **BARE)
    await rig.gateway.journal.commit(unit)
    return cards


async def ended(rig: Rig, audit_id: str, wait_s: float = 60) -> Row:
    async with asyncio.timeout(wait_s):
        while rig.gateway.auditor.run_of(audit_id) is not None:  # noqa: ASYNC110 - nothing tells tests of its end
            await asyncio.sleep(0.002)
    row = await book.audit(rig.gateway.journal, audit_id)
    assert row is not None
    return row


async def found(rig: Rig, audit_id: str) -> Sequence[Row]:
    return [row for row in await rig.all_rows("findings") if row["audit_id"] == audit_id]


def kinds(row: Row) -> dict[str, int]:
    return {kind: count for kind, count in json.loads(row["counts"])["kinds"].items() if count}


async def audited(rig: Rig, asked: Asked = REPORT) -> tuple[dict[str, int], Sequence[Row]]:
    """Carry an audit to its end; return what it counted and found."""
    audit_id = await rig.gateway.auditor.start(asked)
    row = await ended(rig, audit_id)
    assert row["state"] == "completed", row["detail"]
    return kinds(row), await found(rig, audit_id)


def fields(finding: Row) -> dict[str, tuple[Any, Any]]:
    return {d["field"]: (d["wanted"], d["held"]) for d in json.loads(finding["differences"])}


async def orders_ended(rig: Rig, findings: Sequence[Row]) -> list[str]:
    """Wait for the orders that were placed about findings; return their states."""
    return [await rig.until(row["order_id"]) for row in findings if row["order_id"] is not None]


def speaks(sim: SimNetwork, dialect: str) -> None:
    """Have the element orange speak another dialect before the same register."""
    spec = ElementSpec("orange", dialect, "tcp", "127.0.0.1", 0, "linegate")
    around = Surroundings(random=random.Random(7))
    element = SimulatedElement(spec, Account(PASSWORD), sim.hlrs["orange"], sim.faults, around)
    sim.servers["orange"] = ElementServer(element, sim.directory)


@asynccontextmanager
async def gateway_with(
    data: Path, sim: SimNetwork, time: Time, audit: AuditSettings, dialect: str = "mml_h"
) -> AsyncIterator[Rig]:
    """As ``gateway_on``, with other audit settings, and perhaps another dialect spoken to orange."""
    settings = settings_for(data, audit=audit)
    orange = replace(settings.topology.elements["orange"], dialect=dialect)
    if dialect != "mml_h":
        orange = replace(orange, dialect_options={})
    settings = replace(settings, topology=Topology({**settings.topology.elements, "orange": orange}))

    async with open_gateway(settings, time, random.Random(1), sim.reach) as gateway:
        yield Rig(gateway, sim, time)
