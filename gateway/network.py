"""From configuration to live sessions: which element serves a line, how it is reached, and when it is left alone."""

from __future__ import annotations

import ssl
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from random import SystemRandom

from drivers import dialects
from drivers.commands import Command, Credentials, Login
from drivers.dialect import Capabilities, Client, Module
from drivers.door import Door
from drivers.element import Element
from drivers.errors import NotSpoken
from drivers.esme.centre import Centre
from drivers.esme.connecting import connector
from drivers.group import Group
from drivers.loose import LooseClient
from drivers.session import Certain, Session
from drivers.ssh import SshTarget, connect_ssh
from drivers.stream import Stream, connect_tcp
from drivers.subscription import Imsi, Msisdn
from drivers.target import Standing, Target
from gateway.elements import CLEARING, SMSC, ElementConfig
from gateway.maintenance import Windows, current
from gateway.routing import Topology

_NO_KEYS = Credentials("0" * 32, "0" * 32)  # stand-ins, masked in what is shown
Connect = Callable[[], Awaitable[Stream]]


class Network:
    """Every configured element and group by name, the routes to them, and the short message centres beside them.

    ``clearing`` is the number portability clearing house; ``None``: there is none to ask.
    """

    def __init__(self, topology: Topology, elements: Mapping[str, Element], centres: Mapping[str, Centre]) -> None:
        self._topology = topology
        self._elements = elements
        self.centres = centres
        groups = {name: Group(name, [elements[m] for m in members]) for name, members in topology.groups.items()}
        self._targets: dict[str, Target] = {**elements, **groups}
        houses = (n for n, config in topology.elements.items() if config.role == CLEARING and n in elements)
        self.clearing = next((elements[name] for name in houses), None)
        self._planned: Windows = {name: config.maintenance for name, config in topology.elements.items()}

    def element(self, name: str) -> Target:
        """Return one element or group. Raises NotSpoken when the configuration has none of that name."""
        if name not in self._targets:
            raise NotSpoken(f"no element {name!r} is configured: its lines need it back in elements.toml")
        return self._targets[name]

    def ask_first(self, certain: Certain) -> None:
        """Have every element told nothing that changes anything unless ``certain`` says so just before."""
        for element in self._elements.values():
            element.ask_first(certain)

    def serving(self, called: str, msisdn: Msisdn, imsi: Imsi) -> Target:
        """Return what serves a line of the host that a contract calls so. Raises as ``element``."""
        return self.element(self._topology.target(called, msisdn, imsi))

    def all(self) -> Mapping[str, Element | Centre]:
        """Every element and every short message centre."""
        return {**self._elements, **self.centres}

    def standing(self, name: str) -> Standing:
        """Return an element, a group or a short message centre, as far as they are alike. Raises as ``element``."""
        return self.centres[name] if name in self.centres else self.element(name)

    def keep_windows(self, by_hand: Windows, now: datetime) -> None:
        """Hold every element in maintenance, planned or by hand, itself or its whole group; let the others go on."""
        for name, element in self.all().items():
            called = (name, *(group for group, members in self._topology.groups.items() if name in members))
            opened = [window for one in called for window in by_hand.get(one, ())]
            window = current((*self._planned.get(name, ()), *opened), now)
            if window is None:
                element.release()
            else:
                element.hold(f"{name} is in maintenance: {window.why}", window.until)

    async def close(self) -> None:
        """End every session."""
        for element in self.all().values():
            await element.close()


def open_network(topology: Topology) -> Network:
    """Make the elements and centres; sessions open when they are first needed."""
    elements, centres = by_role(topology)
    return Network(
        topology,
        {name: make_element(config) for name, config in elements.items()},
        {name: make_centre(config) for name, config in centres.items()},
    )


def by_role(topology: Topology) -> tuple[dict[str, ElementConfig], dict[str, ElementConfig]]:
    """Tell elements that hold subscribers from short message centres."""
    elements = {name: config for name, config in topology.elements.items() if config.role != SMSC}
    centres = {name: config for name, config in topology.elements.items() if config.role == SMSC}
    return elements, centres


def make_centre(config: ElementConfig, connect: Connect | None = None) -> Centre:
    """Make one short message centre; ``connect`` replaces its transport. Raises OSError for unusable TLS files."""
    centre = config.centre
    return Centre(centre, connect or connector(centre), SystemRandom())


def make_element(config: ElementConfig, connect: Connect | None = None, also: Connect | None = None) -> Element:
    """Make one element; ``connect`` and ``also`` replace the configured transports of its two doors."""
    doors = [_door(config, connect)]
    if config.also is not None:
        doors.append(_door(config.also, also))
    return Element(config.name, doors, dialects.load(config.dialect).fit, config.manners)


def _door(config: ElementConfig, connect: Connect | None) -> Door:
    module = dialects.load(config.dialect)
    login = Login(config.user, config.password) if Login in module.CAPABILITIES.commands else None
    sessions = [
        Session(
            f"{config.name}#{n}" if config.sessions > 1 else config.name,
            connect or _connector(config),
            lambda: _client(module, config),
            login,
            config.limits,
        )
        for n in range(1, config.sessions + 1)
    ]
    return Door(_capabilities(module, config), sessions, lambda command: _masked(module, config, command))


def _client(module: Module, config: ElementConfig) -> Client:
    client = module.client(config.dialect_options)
    return LooseClient(client, config.readings) if config.readings else client


def _capabilities(module: Module, config: ElementConfig) -> Capabilities:
    """What the dialect can, less what this element cannot, and what this one tells its serving nodes besides."""
    return module.CAPABILITIES.without(config.cannot).pushing(config.pushes)


def _masked(module: Module, config: ElementConfig, command: Command) -> str:
    """The command as it is sent, secrets masked."""
    return module.client(config.dialect_options).encode(1, command, _NO_KEYS).masked


def _connector(config: ElementConfig) -> Connect:
    if config.transport == "ssh":
        target = SshTarget(config.host, config.port, config.ssh_user, config.known_hosts, config.ssh_password)
        return lambda: connect_ssh(target)
    tls = ssl.create_default_context() if config.transport == "tls" else None
    return lambda: connect_tcp(config.host, config.port, tls)
