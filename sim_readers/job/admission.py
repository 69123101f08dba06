"""Which card may be treated: none that this job has done already, none of which there seem to be two."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sim_readers.card_data import CardData
from sim_readers.job.events import Turned, TurnedAway
from sim_readers.job.runner import NotOurs, Source


class Admission:
    """The cards under way in all readers of a batch. ``is_done`` tells by its ICCID whether a card is. Thread-safe."""

    def __init__(self, source: Source, is_done: Callable[[str], bool]) -> None:
        self._source = source
        self._is_done = is_done
        self._lock = threading.Lock()
        self._under_way: dict[str, str] = {}
        self._iccid_of: dict[str, str] = {}

    @contextmanager
    def visit(self, reader: str) -> Iterator[Visitor]:
        """Let one card of a reader ask; it is under way until the end of this."""
        visitor = Visitor(self, reader)
        try:
            yield visitor
        finally:
            self._leave(visitor)

    def find(self, iccid: str, visitor: Visitor) -> CardData:
        """Find a card's data as the batch's source does. Raises NotOurs, and says so if the card is turned away."""
        with self._lock:
            if (other := self._under_way.get(iccid)) is not None:
                visitor.turn(iccid, Turned.DUPLICATE, f"a card with this very ICCID is in {other}: set both aside")
            if self._is_done(iccid):
                visitor.turn(iccid, Turned.ALREADY, "this job has done it already")
            self._under_way[iccid] = visitor.reader
            visitor.iccid = iccid
        data = self._source(iccid)
        with self._lock:
            owner = self._iccid_of.setdefault(data.imsi, iccid)
        if owner != iccid:
            visitor.turn(iccid, Turned.DUPLICATE, f"its IMSI belongs to card {owner} already: correct the card data")
        return data

    def _leave(self, visitor: Visitor) -> None:
        with self._lock:
            if visitor.iccid is not None:
                self._under_way.pop(visitor.iccid, None)


class Visitor:
    """One card that asks to be admitted; ``turned`` is set if it was not."""

    def __init__(self, admission: Admission, reader: str) -> None:
        self._admission = admission
        self.reader = reader
        self.iccid: str | None = None
        self.turned: TurnedAway | None = None

    def find(self, iccid: str) -> CardData:
        """Be a workshop's source for this one card. Raises NotOurs."""
        return self._admission.find(iccid, self)

    def turn(self, iccid: str, turned: Turned, why: str) -> None:
        """Turn it away. Raises NotOurs."""
        self.turned = TurnedAway(self.reader, iccid, turned, why)
        raise NotOurs(why)
