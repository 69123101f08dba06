"""The TCP under vpcd's wire: small messages that must not wait for one another."""

from __future__ import annotations

import socket
from typing import Final

_CHUNK: Final = 65_537
_QUICKACK: Final[int | None] = getattr(socket, "TCP_QUICKACK", None)


def tune(line: socket.socket) -> None:
    """Send every message at once."""
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def receive(line: socket.socket) -> bytes:
    """Wait for bytes; none means the other end has hung up. Raises OSError, TimeoutError among them."""
    if _QUICKACK is not None:
        # many send length and body apart: a delayed acknowledgement costs them 40 ms a message, and it re-arms itself
        line.setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)
    return line.recv(_CHUNK)
