"""What every dialect offers: bytes in, values out, for either end of the conversation. No socket, clock or log."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import Protocol, TypeVar

from drivers.commands import Command, Credentials, Provide, Reply
from drivers.errors import Garbled, NotSpoken
from drivers.subscription import Facet, NetworkAccess, Subscription, changes

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Frame:
    """One encoded command: the bytes for the wire (never printed) and the same with secrets masked."""

    data: bytes = field(repr=False)
    masked: str


@dataclass(frozen=True, slots=True)
class Asked:
    """One request heard by the server's end; ``command`` is ``None`` when it makes no sense (``complaint`` tells)."""

    number: int
    command: Command | None
    keys: Credentials | None = field(default=None, repr=False)
    complaint: str = ""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an element type can be told, checked before anything is sent, and what it does of itself.

    ``pushes`` names the commands and facets after which the element tells the serving node without being asked.
    ``keys_with_subscriber``: authentication data hang on the subscriber, so it must exist first and takes them along.
    """

    commands: frozenset[type]
    facets: frozenset[type]
    max_window: int
    pushes: frozenset[type] = frozenset()
    keys_with_subscriber: bool = False

    def speaks(self, command: Command) -> bool:
        """Tell whether there is a word for the command."""
        if isinstance(command, Provide):
            return Provide in self.commands and type(command.facet) in self.facets
        return type(command) in self.commands

    def heard(self, command: Command) -> bool:
        """Tell whether the serving node is told of what the command does, without being asked."""
        return (type(command.facet) if isinstance(command, Provide) else type(command)) in self.pushes

    def without(self, taken: Collection[str]) -> Capabilities:
        """Return what is left of them when the named commands and facets are taken away."""
        return replace(
            self,
            commands=frozenset(c for c in self.commands if c.__name__ not in taken),
            facets=frozenset(f for f in self.facets if f.__name__ not in taken),
        )

    def pushing(self, more: Collection[str]) -> Capabilities:
        """Return them with the named commands and facets added to what is pushed."""
        named = frozenset(word for word in self.commands | self.facets if word.__name__ in more)
        return replace(self, pushes=self.pushes | named)

    def and_(self, other: Capabilities) -> Capabilities:
        """Return what two doors to the same subscribers can be told together."""
        return Capabilities(
            commands=self.commands | other.commands,
            facets=self.facets | other.facets,
            max_window=min(self.max_window, other.max_window),
            pushes=self.pushes | other.pushes,
            keys_with_subscriber=self.keys_with_subscriber or other.keys_with_subscriber,
        )


@dataclass(frozen=True, slots=True)
class Fit:
    """A subscription as an element would hold it, and what of the wish it has no place for, in plain words."""

    held: Subscription
    missing: tuple[str, ...] = ()


def wording(facet: Facet) -> str:
    """Name a facet and what it would be set to, for a human: ``SpeedCap (cap_kbit_s: 512)``."""
    if isinstance(facet, StrEnum):
        return f"{type(facet).__name__} ({facet})"
    values = (f"{part.name}: {_plain(getattr(facet, part.name))}" for part in fields(facet))
    return f"{type(facet).__name__} ({', '.join(values)})"


def _plain(value: object) -> str:
    match value:
        case frozenset():
            return "+".join(sorted(str(one) for one in value)) or "none"
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
        case _:
            return str(value)


def fit_by_facets(wanted: Subscription, capabilities: Capabilities) -> Fit:
    """Fit a subscription to an element that holds each facet as it is or not at all."""
    fresh = Subscription(wanted.imsi, wanted.msisdn)
    lacking = [f for f in changes(fresh, wanted) if type(f) not in capabilities.facets]
    held = wanted
    for facet in lacking:
        held = held.having(fresh.current(facet))
    return Fit(held, tuple(f"cannot hold {wording(f)}" for f in lacking))


def fit_with_a_domain(wanted: Subscription, capabilities: Capabilities) -> Fit:
    """Fit a subscription to an element whose network access mode always leaves a domain open (TS 29.002: 0 to 2)."""
    fit = fit_by_facets(wanted, capabilities)
    if fit.held.access is not NetworkAccess.NONE:
        return fit
    return Fit(replace(fit.held, access=NetworkAccess.BOTH), (*fit.missing, "cannot close both domains by NAM"))


def taken(take: Callable[[], T | None]) -> list[T]:
    """Take as many as are complete. Raises Garbled; but not before what came ahead of the rubbish has been returned."""
    found: list[T] = []
    while True:
        try:
            one = take()
        except Garbled:
            if found:  # the rubbish is met again at the next call
                return found
            raise
        if one is None:
            return found
        found.append(one)


def asked(number: int, read: Callable[[], tuple[Command, Credentials | None]]) -> Asked:
    """Read one request; what makes no sense becomes a complaint, which names no value: it may be a key."""
    try:
        command, keys = read()
    except KeyError as missing:
        return Asked(number, None, complaint=f"parameter {missing.args[0]} is missing")
    except (ValueError, NotSpoken) as problem:
        return Asked(number, None, complaint=str(problem))
    return Asked(number, command, keys)


class Client(Protocol):
    """The gateway's end. One instance lives as long as one connection."""

    def encode(self, number: int, command: Command, keys: Credentials | None = None) -> Frame:
        """Put a command into bytes; its answer will carry ``number``. Raises NotSpoken before anything is sent."""

    def feed(self, data: bytes) -> list[tuple[int, Reply]]:
        """Take received bytes, return the answers completed by them. Raises Garbled; the connection is then dead."""

    def to_send(self) -> bytes:
        """Return bytes the protocol itself wants sent (answers to the peer's own requests), once."""


class Server(Protocol):
    """The network element's end."""

    def feed(self, data: bytes) -> list[Asked]:
        """Take received bytes, return the requests completed by them. Raises Garbled."""

    def answer(self, number: int, reply: Reply) -> bytes:
        """Put the reply to request ``number`` into bytes."""

    def to_send(self) -> bytes:
        """Return bytes the protocol itself wants sent, once."""


class Module(Protocol):
    """What a file in ``drivers/dialects/`` exports."""

    CAPABILITIES: Capabilities

    def fit(self, wanted: Subscription, capabilities: Capabilities) -> Fit:
        """Say how an element of this type with these capabilities would hold a subscription."""

    def client(self, options: Mapping[str, object]) -> Client:
        """Make the gateway's end; ``options`` is the element's ``[….dialect_options]`` table."""

    def server(self, options: Mapping[str, object]) -> Server:
        """Make the element's end."""
