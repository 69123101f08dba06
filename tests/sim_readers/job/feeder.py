"""Technicians at real slots: one for each, who pulls the card out when its reader is done and puts in the next."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Mapping
from queue import SimpleQueue
from types import TracebackType
from typing import Self

from sim_readers.emulator.face import EmulatedCard
from sim_readers.emulator.vpcd_door import VpcdDoor
from sim_readers.job.events import BatchEvent, Ended, TurnedAway


class Feeder:
    """Feeds the doors, by the names of their readers, from one pile; sets ``stop`` when it is used up."""

    def __init__(self, doors: Mapping[str, VpcdDoor], pile: Iterable[EmulatedCard]) -> None:
        self.events: list[BatchEvent] = []
        self.stop = threading.Event()
        self._pile = deque(pile)
        self._done: Mapping[str, SimpleQueue[BatchEvent | None]] = {name: SimpleQueue() for name in doors}
        self._threads = [threading.Thread(target=self._feed, args=(name, door)) for name, door in doors.items()]
        self._feeding = len(self._threads)
        self._lock = threading.Lock()

    def observe(self, event: BatchEvent) -> None:
        self.events.append(event)
        match event:
            case Ended(name) | TurnedAway(name):
                self._done[name].put(event)
            case _:
                pass

    def _feed(self, name: str, door: VpcdDoor) -> None:
        while (card := self._next()) is not None:
            door.insert(card)
            ended = self._done[name].get()
            door.pull_out()
            if ended is None:
                break
        with self._lock:
            self._feeding -= 1
            if not self._feeding:
                self.stop.set()

    def _next(self) -> EmulatedCard | None:
        with self._lock:
            return self._pile.popleft() if self._pile else None

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for done in self._done.values():
            done.put(None)
        for thread in self._threads:
            thread.join()
