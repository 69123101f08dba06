"""A network of one element in the gateway's own process, which answers every command after a millisecond.

It holds every line there could be: one nobody has spoken of yet is as ``line_after(number, 0)`` says. What comes before
an element (its gate, breaker and retries) is the product's own; only the conversation is not there.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from benchmarks import cards
from benchmarks.saga.course import STEP_S
from drivers.breaker import BreakerRules
from drivers.commands import (
    CancelLocation,
    Command,
    CreateSubscriber,
    Credentials,
    Done,
    Held,
    Provide,
    PutKeys,
    ReadSubscriber,
    Reply,
)
from drivers.dialects import mml_h
from drivers.door import Door
from drivers.element import Element, Manners
from drivers.errors import NotSpoken, Unreachable
from drivers.flow import Pace
from drivers.retry import RetryRules
from drivers.subscription import Iccid, Imsi, Msisdn, Subscription
from gateway.contract.line import Life, Line
from gateway.contract.projection import project
from gateway.contract.rules import Rules
from gateway.databases import DatabaseSettings
from gateway.network import Network
from gateway.routing import Topology
from gateway.settings import Settings, packaged_directory, read_settings

CONTRACT, HOST = "technicophone", "sfr"
_TURNS = ("roaming", "international")  # from one to the other: two facets, and the serving node is told: three commands
_WINDOW = 64
_WORDS = mml_h.client({"hlr_sn": 2})
_NO_KEYS = Credentials("0" * 32, "0" * 32)  # masked in what is shown


class QuickDoor(Door):
    """What an element holds, without a wire; ``down``: it cannot be reached."""

    def __init__(self, born: Callable[[Imsi], Subscription], delay_s: float, *, down: bool) -> None:
        super().__init__(mml_h.CAPABILITIES, (), lambda command: _WORDS.encode(1, command, _NO_KEYS).masked)
        self._born = born
        self._delay_s = delay_s
        self._down = down
        self._held: dict[Imsi, Subscription] = {}

    @property
    def connected(self) -> bool:
        """See Door."""
        return not self._down

    async def send(self, command: Command, keys: Credentials | None = None) -> Reply:  # noqa: ARG002 - as Door has it
        """See Door."""
        await asyncio.sleep(self._delay_s)
        if self._down:
            raise Unreachable("the element of the measurement is down")
        match command:
            case Provide(imsi, facet):
                self._held[imsi] = self._of(imsi).having(facet)
            case ReadSubscriber(imsi):
                return Held(self._of(imsi))
            case CreateSubscriber(imsi, msisdn):
                self._held[imsi] = Subscription(imsi, msisdn)
            case CancelLocation() | PutKeys():
                pass
            case other:
                raise NotSpoken(f"no order of a measurement needs {type(other).__name__}")
        return Done("0", "Operation is successful")

    def _of(self, imsi: Imsi) -> Subscription:
        return self._held.get(imsi) or self._born(imsi)


def quick_element(rules: Rules, *, down: bool = False, delay_s: float = STEP_S) -> Element:
    """Make the element."""

    def born(imsi: Imsi) -> Subscription:
        return held_after(int(imsi[5:]), 0, rules)[1]

    manners = Manners(Pace(window=_WINDOW), BreakerRules(), RetryRules())
    return Element(HOST, [QuickDoor(born, delay_s, down=down)], mml_h.fit, manners)


def line_of(number: int, turn: int) -> Line:
    """Return a line as it is after so many orders."""
    return Line(
        msisdn=Msisdn(cards.msisdn(number)),
        imsi=Imsi(cards.imsi(HOST, number)),
        iccid=Iccid(cards.iccid(HOST, number)),
        contract=CONTRACT,
        host=HOST,
        plan="unlimited",
        options=frozenset({"data", _TURNS[turn % 2]}),
        life=Life.ACTIVE,
    )


def held_after(number: int, turn: int, rules: Rules) -> tuple[Line, Subscription]:
    """Return the line after so many orders, and what the element holds of it then."""
    line = line_of(number, turn)
    wanted = project(line, rules)
    assert wanted is not None
    return line, mml_h.fit(wanted, mml_h.CAPABILITIES).held


def change(number: int, turn: int, **more: object) -> bytes:
    """Return the order that is a line's next after so many, as it would be posted."""
    details = {"add": [_TURNS[(turn + 1) % 2]], "remove": [_TURNS[turn % 2]]}
    asked = {"action": "change_options", "line": {"msisdn": cards.msisdn(number)}, "details": details}
    return json.dumps(asked | more).encode()


def rules_of_lines() -> Rules:
    """Return the contract the lines are under."""
    return read_settings(packaged_directory(), Path()).contracts[CONTRACT]


def quick_settings(data: Path, place: str, token: str) -> Settings:
    """Return the settings as shipped, with this one element and contract, and no texts: no step of a saga is an SMS."""
    found = read_settings(packaged_directory(), data)
    url = place if place.startswith("postgresql://") else None
    return replace(
        found,
        topology=Topology({HOST: found.topology.elements[HOST]}),
        contracts={CONTRACT: found.contracts[CONTRACT]},
        texts={},
        admin_token=token,
        database=DatabaseSettings(url=url),
    )


def reaching(element: Element) -> Callable[[Topology], Network]:
    """Return what makes the network."""
    return lambda topology: Network(topology, {HOST: element}, {})
