"""Ports of this machine: whether one can be had."""

from __future__ import annotations

import asyncio
import socket

from gateway.cli.failure import WrongUse

_PAUSE_S = 0.05


async def wait_until_free(host: str, port: int, patience_s: float) -> None:
    """Wait until a port can be listened at; 0 always can. Raises WrongUse after ``patience_s`` seconds."""
    clock = asyncio.get_running_loop().time
    until = clock() + patience_s
    while not _is_free(host, port):
        if clock() > until:
            raise WrongUse(f"port {port} of {host} is in use: stop what listens there, or choose another port")
        await asyncio.sleep(_PAUSE_S)


def _is_free(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind((host, port))
        except OSError:
            return False
    return True
