"""What has happened in a batch so far: told as it happens, and counted."""

from __future__ import annotations

import threading
from collections.abc import Callable

from sim_readers.job.events import BatchEvent, Ended, ReaderLost, TurnedAway
from sim_readers.job.report import BatchReport
from sim_readers.job.runner import CardResult
from sim_readers.job.turns import Ending


class Tally:
    """Counts, then tells ``observe``, one event at a time, so that whoever draws them sees numbers only grow."""

    def __init__(self, observe: Callable[[BatchEvent], None]) -> None:
        self._observe = observe
        self._lock = threading.Lock()
        self._results: dict[object, CardResult] = {}
        self._turned_away: list[TurnedAway] = []
        self._lost: list[str] = []
        self._done: set[str | None] = set()

    def tell(self, event: BatchEvent) -> None:
        """Pass an event on."""
        with self._lock:
            match event:
                case TurnedAway():
                    self._turned_away.append(event)
                case ReaderLost(reader):
                    self._lost.append(reader)
                case _:
                    pass
            self._observe(event)

    def ended(self, result: CardResult) -> None:
        """Keep what became of a card: it replaces what became of it before."""
        with self._lock:
            self._results[result.iccid or object()] = result
            if result.well:
                self._done.add(result.iccid)
            self._observe(Ended(result.reader, result, len(self._done)))

    def lost_all(self, readers: int) -> bool:
        """Whether so many readers were lost."""
        with self._lock:
            return len(self._lost) == readers

    def report(self, ending: Ending, why: str, elapsed_s: float) -> BatchReport:
        """Add it all up."""
        with self._lock:
            results, turned = tuple(self._results.values()), tuple(self._turned_away)
            return BatchReport(ending, why, results, turned, tuple(self._lost), elapsed_s)
