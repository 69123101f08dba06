"""A slot in which a running command finds its cards: the ``vpcd:`` reader listens, the card calls."""

from __future__ import annotations

import socket
import time

from sim_readers.emulator.face import EmulatedCard
from sim_readers.emulator.vpcd_door import VpcdDoor

_PATIENCE_S = 30.0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def put_in(card: EmulatedCard, port: int) -> VpcdDoor:
    """Wait for the command to listen, and put a card in."""
    made = VpcdDoor(card, "127.0.0.1", port)
    until = time.monotonic() + _PATIENCE_S
    while True:
        try:
            made.insert()
        except ConnectionRefusedError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return made
