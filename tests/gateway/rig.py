"""A whole gateway and the whole simulated network in one event loop, joined by streams in memory."""

from __future__ import annotations

import asyncio
import functools
import os
import random
import tempfile
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from drivers.breaker import BreakerRules
from drivers.element import Manners
from drivers.flow import Pace
from drivers.retry import Pauses, RetryRules
from drivers.session import Limits
from drivers.subscription import Subscription
from gateway.app import Gateway, open_gateway
from gateway.centres import USUAL
from gateway.databases import DatabaseSettings
from gateway.elements import ElementConfig
from gateway.journal.journal import Row
from gateway.journal.migrate import upgrade
from gateway.journal.schema import orders as orders_table
from gateway.journal.schema import row_by
from gateway.journal.sqlite import SqliteJournal
from gateway.network import Network, by_role, make_centre, make_element
from gateway.orders import records
from gateway.orders.acceptance import Answer
from gateway.orders.bodies import details_from, order_bodies
from gateway.orders.codec import dump
from gateway.orders.order import FINAL, LineRef, NewOrder, OrderState
from gateway.routing import Topology
from gateway.settings import Settings, config_directory, read_settings, read_toml
from gateway.stock.imports import import_vendor_file
from hlr_sim.commandlog import Entry
from hlr_sim.faults import Fault, Kind
from hlr_sim.smsc import Smsc
from hlr_sim.translation import as_told
from tests.gateway.cards import Card, vendor_file
from tests.gateway.simelements import SimElements

TOKEN = "fake-token-of-the-tests"
PASSWORD = "FAKEpw01"
QUICK = Limits(
    window=16,
    connect_timeout_s=0.5,
    answer_timeout_s=0.1,
    keep_alive_s=30,
    reconnect_min_s=0.005,
    reconnect_max_s=0.02,
)
_SHORT = Pauses(0.005, 0.02)
QUICK_MANNERS = Manners(
    Pace(window=16, ramp_s=0.02),
    BreakerRules(failures=5, over_s=0.2, cool_down_s=0.02),
    RetryRules(_SHORT, _SHORT, _SHORT),
)
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ENDED = {"completed", "failed", "cancelled", "rejected", "partial"}
_ALL_ORDERS = row_by(orders_table, "line_id")
SHIPPED = tuple(read_toml(config_directory(None) / "elements.toml")["elements"])
"""Every element of the configuration as shipped."""


@dataclass
class Time:
    """A clock that runs, and jumps when told."""

    now: datetime = START
    _started: float = field(default_factory=lambda: asyncio.get_running_loop().time())

    def __call__(self) -> datetime:
        return self.now + timedelta(seconds=asyncio.get_running_loop().time() - self._started)

    def jump(self, **parts: float) -> None:
        self.now += timedelta(**parts)


class SimNetwork(SimElements):
    """Orange, SFR and a message centre that live as long as the test, whatever becomes of the gateway.

    The other elements of the configuration are there from the moment somebody speaks to them.
    """

    def __init__(self, directory: Path, speaking: str = "mml_h") -> None:
        """``speaking``: what Orange's HLR is: ``mml_h``, ``cai``, or ``osmo`` with its two doors."""
        super().__init__(directory, PASSWORD)
        self.speaking = speaking
        self.smsc = Smsc(directory / "smsc.sqlite", self.around.now)
        orange = self.register("orange")
        self.serve("orange", "osmo_ctrl" if speaking == "osmo" else speaking, orange)
        if speaking == "osmo":
            self.serve("orange/also", "osmo_vty", orange)
        self.serve("sfr", "mml_h", self.register("sfr"))
        self.serve("smsc", "smpp", self.smsc)

    def reach(self, topology: Topology) -> Network:
        """A network whose every element and centre is led here."""
        elements, centres = by_role(topology)
        return Network(
            topology,
            {
                n: make_element(config, self.connector(n, config), self.connector(f"{n}/also"))
                for n, config in elements.items()
            },
            {n: make_centre(config, self.connector(n)) for n, config in centres.items()},
        )

    def fault(self, kind: Kind | str, match: str = "*", element: str = "orange", **more: Any) -> None:  # noqa: ANN401 - passed on
        self.faults.add(Fault(element, Kind(kind), match, **more))

    def log(self, element: str = "orange", since: int = 0) -> list[Entry]:
        return self.servers[element].element.log.since(since)

    def heard(self, element: str = "orange", since: int = 0) -> list[str]:
        """What the element was asked to change, by name."""
        quiet = {"Login", "KeepAlive", "ReadSubscriber", "ReadKeys"}
        return [entry.command for entry in self.log(element, since) if entry.command not in quiet]

    def held(self, imsi: str, element: str = "orange") -> Subscription | None:
        found = self.hlrs[element].store.find(imsi)
        return None if found is None else as_told(found)

    def picture(self, element: str = "orange") -> tuple[object, ...]:
        """Everything an HLR holds."""
        store = self.hlrs[element].store
        return (dict(store._subscribers), frozenset(store._with_keys))

    def inbox(self, to: str | None = None) -> list[str]:
        return [sms.text for sms in self.smsc.inbox(to, 1000)]

    async def close(self) -> None:
        await super().close()
        self.smsc.close()


@dataclass
class Rig:
    """A running gateway with short words for what tests do."""

    gateway: Gateway
    sim: SimNetwork
    time: Time

    async def stock(self, *cards: Card) -> None:
        gateway = self.gateway
        report = await import_vendor_file(vendor_file(cards), gateway.journal, gateway.vault, gateway.clock())
        assert not report.problems, report.problems

    def new(self, action: str, key: str | None = None, **body: Any) -> NewOrder:  # noqa: ANN401 - as posted
        line = body.pop("line", None) or {"msisdn": body.pop("msisdn")}
        start = body.pop("requested_start", None)
        asked = {"action": action, "line": line, "details": body}
        order = order_bodies().validate_json(dump(asked))
        return NewOrder(
            action=action,
            ref=LineRef(**line),
            details=details_from(action, order.details),
            body=dump(asked),
            requested_start=start,
            idempotency_key=key,
            payload_hash=dump(asked),
        )

    async def ask(self, action: str, key: str | None = None, **body: Any) -> Answer:  # noqa: ANN401 - as posted
        return await self.gateway.engine.accept(self.new(action, key, **body), 1000)

    async def order(self, action: str, **body: Any) -> str:  # noqa: ANN401 - as posted
        """Have an order accepted; return its id."""
        answer = await self.ask(action, **body)
        assert answer.order is not None, answer.problem
        return str(answer.order["id"])

    async def activate(self, card: Card, msisdn: str, **details: Any) -> str:  # noqa: ANN401 - as posted
        wish = {"contract": "technicophone", "plan": "unlimited", "options": ["data", "4g"]} | details
        return await self.order("activate", msisdn=msisdn, iccid=card.iccid, **wish)

    async def row(self, order_id: str) -> Row:
        row = await records.order(self.gateway.journal, order_id)
        assert row is not None
        return row

    async def state(self, order_id: str) -> str:
        return str((await self.row(order_id))["state"])

    async def until(self, order_id: str, *states: str, wait_s: float = 60) -> str:
        """Wait until the order is in one of the states (none named: until it has ended).

        One that is over has left its line's queue too: what is asked next is not behind it any more.
        """
        wanted = set(states) or ENDED
        async with asyncio.timeout(wait_s):
            while (state := await self.state(order_id)) not in wanted:  # noqa: ASYNC110 - no event tells of every state
                await asyncio.sleep(0.005)
            while state in FINAL and self.gateway.engine._dispatcher.knows(order_id):  # noqa: ASYNC110 - a turn or two
                await asyncio.sleep(0)
        return state

    async def done(self, action: str, **body: Any) -> str:  # noqa: ANN401 - as posted
        """Carry an order to its end; return the state it ended in."""
        order_id = await self.order(action, **body)
        return await self.until(order_id)

    async def end_of(self, order_id: str) -> tuple[str, str | None]:
        await self.until(order_id)
        row = await self.row(order_id)
        return row["state"], row["error"]

    async def wished(self, msisdn: str) -> Subscription | None:
        """What the contract says the network holds for the line."""
        found = await records.find_line(self.gateway.journal, LineRef(msisdn=msisdn))  # type: ignore[arg-type]  # from a test
        assert found is not None
        picture = self.gateway.judge.picture(found.line)
        return None if picture is None else picture.subscription

    async def all_rows(self, table: str) -> Sequence[Row]:
        journal = self.gateway.journal
        assert isinstance(journal, SqliteJournal)
        return journal._reader.execute(f"SELECT * FROM {table}").fetchall()

    async def orders_in(self, *states: OrderState) -> int:
        return sum(row["state"] in states for row in await self.all_rows("orders"))


@functools.cache
def _blank_journal() -> bytes:
    """A journal with nothing in it: making one takes longer than most tests."""
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory, "journal.db")
        upgrade(f"sqlite:///{file}")
        return file.read_bytes()


def _begin_journal(data: Path) -> None:
    file = data / "journal.db"
    if not file.exists():
        data.mkdir(parents=True, exist_ok=True)
        file.write_bytes(_blank_journal())


@functools.cache
def _as_shipped(_environment: tuple[tuple[str, str], ...]) -> Settings:
    """The configuration as it comes, read once for each environment: most tests take less time than reading it."""
    return read_settings(config_directory(None), Path("unused"))


def settings_for(data: Path, **changed: Any) -> Settings:  # noqa: ANN401 - fields of Settings
    shipped = _as_shipped(tuple(sorted((n, v) for n, v in os.environ.items() if n.startswith("LINEGATE_"))))
    own = {"contracts": dict(shipped.contracts), "texts": dict(shipped.texts)}  # tests change them under a gateway
    settings = replace(shipped, data=data, vault_key_file=data / shipped.vault_key_file.name, **own)  # type: ignore[arg-type]  # mixed
    told = {"limits": QUICK, "manners": QUICK_MANNERS, "password": PASSWORD}
    elements = {n: replace(c, **told) for n, c in settings.topology.elements.items()}  # type: ignore[arg-type]  # mixed
    elements["smsc"] = replace(elements["smsc"], esme=replace(USUAL, reconnect=_SHORT))
    return replace(settings, topology=Topology(elements), admin_token=TOKEN, **changed)


@asynccontextmanager
async def gateway_on(
    data: Path, sim: SimNetwork, time: Time, *, smsc: bool = True, database: str | None = None
) -> AsyncIterator[Rig]:
    """What ``gateway.app.open_gateway`` makes, over memory instead of sockets; leaving it is a stop anywhere."""
    settings = settings_for(data)
    sim.now = time
    if database is None:
        _begin_journal(data)
    else:
        settings = replace(settings, database=DatabaseSettings(database, lease_s=2))

    if not smsc:
        elements = {name: config for name, config in settings.topology.elements.items() if name != "smsc"}
        settings = replace(settings, topology=Topology(elements))

    def reach(topology: Topology) -> Network:
        found = {name: _led(config, sim.speaking) for name, config in topology.elements.items()}
        return sim.reach(replace(topology, elements=found))

    async with open_gateway(settings, time, random.Random(1), reach) as gateway:
        yield Rig(gateway, sim, time)


def _led(config: ElementConfig, speaking: str) -> ElementConfig:
    """Orange's element as its HLR is spoken to; the others as they are."""
    if config.name != "orange" or speaking == "mml_h":
        return config
    if speaking == "cai":
        limits = replace(config.limits, window=1)
        return replace(config, dialect="cai", dialect_options={}, limits=limits, sessions=8)
    vty = replace(config, name="orange/also", dialect="osmo_vty", user="", dialect_options={})
    return replace(config, dialect="osmo_ctrl", user="", password="", dialect_options={}, also=vty)


def states(rows: Iterable[Row]) -> list[str]:
    return [row["state"] for row in rows]
