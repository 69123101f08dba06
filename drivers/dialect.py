"""What every dialect offers: bytes in, values out, for either end of the conversation. No socket, clock or log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from drivers.commands import Command, Credentials, Reply


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
    """What an element type can be told, checked before anything is sent."""

    commands: frozenset[type]
    facets: frozenset[type]
    max_window: int


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

    def client(self, options: Mapping[str, object]) -> Client:
        """Make the gateway's end; ``options`` is the element's ``[….dialect_options]`` table."""

    def server(self, options: Mapping[str, object]) -> Server:
        """Make the element's end."""
