"""A door before another one that keeps what passes through it, in both directions."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

from tests.journeys.programs import LOOPBACK

_PIECE = 65_536


class Relay:
    """``port`` leads to the other door; ``sent`` is what its clients have said, ``said`` what they were told."""

    def __init__(self, to: int) -> None:
        self.sent, self.said = bytearray(), bytearray()
        self._to = to
        self._door = socket.create_server((LOOPBACK, 0))
        self.port: int = self._door.getsockname()[1]
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def end(self) -> None:
        """Close everything."""
        for each in (self._door, *self._open):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        for each in (self._door, *self._open):
            each.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._door.accept()
                server = socket.create_connection((LOOPBACK, self._to))
                self._open += [client, server]
                for source, target, kept in ((client, server, self.sent), (server, client, self.said)):
                    self._threads.append(threading.Thread(target=_pass_on, args=(source, target, kept)))
                    self._threads[-1].start()


def _pass_on(source: socket.socket, target: socket.socket, kept: bytearray) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(_PIECE):
            kept.extend(piece)
            target.sendall(piece)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def relay(to: int) -> Iterator[Relay]:
    """Stand before a port of this machine."""
    standing = Relay(to)
    try:
        yield standing
    finally:
        standing.end()
