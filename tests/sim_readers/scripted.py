"""A connection that answers from a list, and a sink that keeps what it is told."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from sim_readers.errors import CardGone
from sim_readers.reader import Transmission
from sim_readers.trace.exchange import Exchange, Sink, TracedConnection

AT = datetime(2026, 1, 5, 8, 30, 0, 250_000, tzinfo=UTC)


class Scripted:
    """Says what it was given to say, in turn; then it is gone."""

    def __init__(self, answers: Iterable[str]) -> None:
        self._answers = [bytes.fromhex(answer) for answer in answers]
        self.sent: list[bytes] = []
        self.closed = False

    @property
    def atr(self) -> bytes:
        return bytes.fromhex("3B00")

    @property
    def transmission(self) -> Transmission:
        return Transmission.T0

    def transmit(self, command: bytes) -> bytes:
        self.sent.append(command)
        if not self._answers:
            raise CardGone("the card was taken out")
        return self._answers.pop(0)

    def reset(self) -> bytes:
        return self.atr

    def close(self) -> None:
        self.closed = True


def traced(card: Scripted, sink: Sink) -> TracedConnection:
    """Trace it by a clock that stands still and a stopwatch that counts quarters of a second."""
    ticks = iter(range(1000))
    return TracedConnection(card, "pcsc:Virtual PCD 00 00", sink, lambda: AT, lambda: next(ticks) / 4)


def exchanges(*pairs: tuple[str, str]) -> list[Exchange]:
    """What a sink is told of commands and their answers."""
    told: list[Exchange] = []
    connection = traced(Scripted(answer for _, answer in pairs), told.append)
    for command, _ in pairs:
        connection.transmit(bytes.fromhex(command))
    return told
