"""A card's traffic as it may be seen: a connection that tells a sink of every exchange, secrets already hidden.

What reaches a sink is masked before; no sink sees, keeps or writes a secret, whatever becomes of its output.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sim_readers.apdu import Command
from sim_readers.errors import CardError
from sim_readers.reader import Connection, Transmission
from sim_readers.trace.mask import Masked, Masker, Masking
from sim_readers.trace.selection import Selection
from sim_readers.trace.words import meaning

_STATUS = 2


@dataclass(frozen=True, slots=True)
class Exchange:
    """One command and its answer, masked. ``response`` is empty if none came; ``masking`` says why bytes are hidden."""

    at: datetime
    reader: str
    command: Masked
    response: Masked
    duration_s: float
    meaning: str
    masking: Masking

    def __str__(self) -> str:
        """One line for people."""
        return f"{self.at:%H:%M:%S.%f} {self.reader} {self.command} -> {self.response}  {self.meaning}"


Sink = Callable[[Exchange], None]


def to_all(*sinks: Sink) -> Sink:
    """Tell several sinks."""

    def tell(exchange: Exchange) -> None:
        for sink in sinks:
            sink(exchange)

    return tell


class TracedConnection(Connection):
    """Another connection, every exchange of which is told to a sink. ``stopwatch`` counts seconds."""

    def __init__(
        self,
        inner: Connection,
        reader: str,
        sink: Sink,
        clock: Callable[[], datetime],
        stopwatch: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._inner = inner
        self._reader = reader
        self._sink = sink
        self._clock = clock
        self._stopwatch = stopwatch
        self._masker = Masker()

    @property
    def atr(self) -> bytes:
        """As the inner connection has it."""
        return self._inner.atr

    @property
    def transmission(self) -> Transmission:
        """As the inner connection has it."""
        return self._inner.transmission

    def transmit(self, command: bytes) -> bytes:
        """Send it, tell the sink, return the answer. Raises CardGone, Garbled, NoReader as the inner connection."""
        at, began = self._clock(), self._stopwatch()
        try:
            received = self._inner.transmit(command)
        except CardError:
            self._tell(at, began, command, b"")
            self._masker.lose()
            raise
        self._tell(at, began, command, received)
        return received

    def reset(self) -> bytes:
        """Reset the card: its MF is selected again. Raises CardGone, NoReader."""
        self._masker = Masker()
        return self._inner.reset()

    def close(self) -> None:
        """Power the card off; never raises."""
        self._inner.close()

    def _tell(self, at: datetime, began: float, sent: bytes, received: bytes) -> None:
        command = _read(sent)
        target = self._masker.target(command) if command else Selection()
        masked, answer, masking = self._masker.mask(command, sent, received)
        status = int.from_bytes(received[-_STATUS:], "big") if len(received) >= _STATUS else None
        duration_s = self._stopwatch() - began
        self._sink(Exchange(at, self._reader, masked, answer, duration_s, meaning(command, status, target), masking))


def _read(sent: bytes) -> Command | None:
    try:
        return Command.parse(sent)
    except ValueError:
        return None
