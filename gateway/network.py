"""From configuration to live sessions: which element serves a host, and how it is reached."""

from __future__ import annotations

import ssl
from collections.abc import Awaitable, Callable, Mapping

from drivers import dialects
from drivers.commands import Command, Credentials, Login
from drivers.dialect import Module
from drivers.element import Element
from drivers.errors import NotSpoken
from drivers.session import Session
from drivers.ssh import SshTarget, connect_ssh
from drivers.stream import Stream, connect_tcp
from gateway.elements import ElementConfig

_NO_KEYS = Credentials("0" * 32, "0" * 32)  # stand-ins, masked in what is shown


class Network:
    """Every configured element by name."""

    def __init__(self, elements: Mapping[str, Element], smsc: Element | None) -> None:
        self._elements = elements
        self.smsc = smsc

    def element(self, name: str) -> Element:
        """Return one element. Raises NotSpoken when the configuration has none of that name."""
        if name not in self._elements:
            raise NotSpoken(f"no element {name!r} is configured")
        return self._elements[name]

    def all(self) -> Mapping[str, Element]:
        """Every element, SMSC included."""
        return self._elements

    async def close(self) -> None:
        """End every session."""
        for element in self._elements.values():
            await element.close()


def open_network(configs: Mapping[str, ElementConfig]) -> Network:
    """Make the elements; sessions open when they are first needed."""
    elements = {name: make_element(config) for name, config in configs.items()}
    smsc = next((elements[name] for name, config in configs.items() if config.role == "smsc"), None)
    return Network(elements, smsc)


def make_element(config: ElementConfig, connect: Callable[[], Awaitable[Stream]] | None = None) -> Element:
    """Make one element; ``connect`` replaces the configured transport."""
    module = dialects.load(config.dialect)
    login = Login(config.user, config.password)
    sessions = [
        Session(
            f"{config.name}#{n}" if config.sessions > 1 else config.name,
            connect or _connector(config),
            lambda: module.client(config.dialect_options),
            login,
            config.limits,
        )
        for n in range(1, config.sessions + 1)
    ]
    return Element(config.name, module.CAPABILITIES, sessions, lambda command: _masked(module, config, command))


def _masked(module: Module, config: ElementConfig, command: Command) -> str:
    """The command as it is sent, secrets masked."""
    return module.client(config.dialect_options).encode(1, command, _NO_KEYS).masked


def _connector(config: ElementConfig) -> Callable[[], Awaitable[Stream]]:
    if config.transport == "ssh":
        target = SshTarget(config.host, config.port, config.ssh_user, config.known_hosts, config.ssh_password)
        return lambda: connect_ssh(target)
    tls = ssl.create_default_context() if config.transport == "tls" else None
    return lambda: connect_tcp(config.host, config.port, tls)
