"""Serving the application: uvicorn inside the running event loop."""

from __future__ import annotations

import asyncio
import gc
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

_BACKLOG = 2048


def _spare_the_collector() -> None:
    """Leave what start-up made out of every collection, and collect what lives long seldom.

    At Python's defaults a backlog of orders is walked through again and again: a fifth of the time, pauses of 0.1 s.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)


class _Server(uvicorn.Server):
    """Tells when it listens."""

    def __init__(self, config: uvicorn.Config, listening: Callable[[], None]) -> None:
        super().__init__(config)
        self._listening = listening

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """End serving on SIGINT and SIGTERM; unlike uvicorn's own, let our caller close the journal afterwards."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then tell."""
        await super().startup(sockets)
        self._listening()


async def serve(app: FastAPI, host: str, port: int, *, ready: Callable[[int], None]) -> None:
    """Serve until SIGINT or SIGTERM; ``ready`` gets the real port once it listens. Raises OSError if it is taken."""
    _spare_the_collector()
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(_BACKLOG)
        listener.setblocking(False)  # noqa: FBT003 - the socket module's own signature
        config = uvicorn.Config(
            app, http="httptools", lifespan="off", access_log=False, log_config=None, timeout_graceful_shutdown=3
        )
        await _Server(config, lambda: ready(listener.getsockname()[1])).serve(sockets=[listener])
    finally:
        listener.close()
