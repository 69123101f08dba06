"""The technician of a batch: puts cards in where a reader waits, takes out what it is done with."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from sim_readers.emulator.face import EmulatedCard
from sim_readers.job.batch import Batch
from sim_readers.job.events import Asked, BatchEvent, Ended, ReaderLost, TurnedAway, Waiting
from sim_readers.job.outcome import Outcome
from sim_readers.job.report import BatchReport
from sim_readers.job.runner import CardResult, Workshop
from sim_readers.reader import Reader
from sim_readers.readers.virtual import VirtualReader

E = TypeVar("E")


class Hand:
    """Observes a batch over virtual readers. ``also`` is called after every event; without cards the batch is stopped.

    What is asked about (torn, mute) goes to the end of the pile, for whichever reader is free.
    ``asleep``: only watches.
    """

    def __init__(self, readers: Sequence[VirtualReader], pile: Iterable[EmulatedCard], *, asleep: bool = False) -> None:
        self.readers = {reader.name: reader for reader in readers}
        self.pile = deque(pile)
        self.events: list[BatchEvent] = []
        self.stop = threading.Event()
        self.also: Callable[[BatchEvent], object] = lambda _event: None
        self._last: dict[str, list[EmulatedCard]] = {}
        self._waiting: set[str] = set()
        self._busy: set[str] = set()
        self._lost: set[str] = set()
        self._asleep = asleep

    def observe(self, event: BatchEvent) -> None:
        self.events.append(event)
        if not self._asleep:
            self._do(event)
        self.also(event)

    def told(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]

    def _do(self, event: BatchEvent) -> None:
        match event:
            case Waiting(name):
                (self._busy if self.readers[name].wait_for_card(0.0) else self._waiting).add(name)
            case Ended(name, result) if result.outcome is not Outcome.TORN:
                self._take_out(name)
            case TurnedAway(name):
                self._take_out(name)
            case ReaderLost(name):
                self._take_out(name)
                self._lost.add(name)
            case Asked(name) if name in self._busy:
                self._take_out(name)
                self.pile.extend(self._last.pop(name, []))
            case _:
                pass
        self._hand_out()

    def _take_out(self, name: str) -> None:
        self.readers[name].pull_out()
        self._busy.discard(name)
        self._waiting.discard(name)

    def _hand_out(self) -> None:
        for name in sorted(self._waiting):
            if self.pile:
                card = self.pile.popleft()
                self._last[name] = [card]
                self._waiting.discard(name)
                self._busy.add(name)
                self.readers[name].insert(card)
        if not self.pile and self._waiting | self._lost == self.readers.keys():
            self.stop.set()


def places(count: int) -> list[VirtualReader]:
    return [VirtualReader(f"place {number}") for number in range(count)]


def always(_canary: CardResult) -> bool:
    return True


def run(
    workshop: Workshop,
    hand: Hand,
    *,
    readers: Sequence[Reader] | None = None,
    confirm: Callable[[CardResult], bool] = always,
    wanted: int | None = None,
    hot_swap: bool = True,
    most_failures: int = 3,
) -> BatchReport:
    batch = Batch(
        workshop,
        list(hand.readers.values()) if readers is None else readers,
        observe=hand.observe,
        confirm_canary=confirm,
        wanted=wanted,
        stop=hand.stop,
        hot_swap=hot_swap,
        most_failures=most_failures,
    )
    return batch.run()
