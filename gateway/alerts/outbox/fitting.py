"""Fitting messages to the room there is: which centre, which parts, and all their claims in one unit."""

from __future__ import annotations

from dataclasses import dataclass

from drivers.dialects.smpp.text import split
from drivers.dialects.smpp.text.carriage import Carriage
from drivers.errors import NotSpoken
from gateway.alerts.outbox import book
from gateway.alerts.outbox.references import References
from gateway.alerts.outbox.tries import Place, Sender, Try, by_number
from gateway.journal.journal import Row, Unit

_NOBODY: frozenset[str] = frozenset()


class NoRoom(Exception):
    """There is no place for a message of so many segments now."""

    def __init__(self, segments: int) -> None:
        super().__init__(f"no place for {segments} segments")
        self.segments = segments


@dataclass(frozen=True, slots=True)
class WaitedFor:
    """A place got by waiting, with the segments it was asked for."""

    place: Place
    segments: int


@dataclass(frozen=True, slots=True)
class Begun:
    """What is at an SMSC already of a text that went out in part: how many parts it has, which are there, and where."""

    numbers: frozenset[int]
    segments: int
    smsc: str


FRESH = Begun(frozenset(), 0, "")


class Round:
    """Finding places for the messages of one commit."""

    def __init__(self, sender: Sender, references: References, in_hand: WaitedFor | None) -> None:
        self.unit = Unit()
        self.tries: list[Try] = []
        self._sender = sender
        self._references = references
        self._in_hand = in_hand
        self._carriages: dict[str, Carriage] = {one.name: one.config.carriage for one in sender.centres}
        self._ways = frozenset(self._carriages.values())

    def fit(self, row: Row, begun: Begun) -> Try | None:
        """Claim one message; ``None`` when it must wait for a centre of its own. Raises NoRoom, NotSpoken."""
        reference = row["reference"]
        if reference is None:
            reference = self._references.next(row["msisdn"])
        if begun is not FRESH:
            return self._fit_rest(row, begun, reference)
        ways = {how: split(row["text"], how, reference) for how in self._ways}
        most = max(len(parts) for parts in ways.values())
        place = self._place(most, _NOBODY)
        if place is None:
            raise NoRoom(most)
        parts = ways[place.centre.config.carriage]
        return self._claimed(Try(row, reference, place, parts, by_number({}, len(parts))))

    def give_back(self) -> None:
        """Let go of room that nobody wanted."""
        if self._in_hand is not None:
            self._in_hand.place.release()
            self._in_hand = None

    def _claimed(self, one: Try) -> Try:
        self.tries.append(one)
        book.claim(self.unit, one.message_id, one.reference, len(one.parts), one.centre.name)
        return one

    def _fit_rest(self, row: Row, begun: Begun, reference: int) -> Try | None:
        """Send only what is missing, by a centre that cuts the text as the first one did."""
        how = self._carriages.get(begun.smsc)
        if how is None:
            raise NotSpoken(f"parts of it are at {begun.smsc}, which is not configured any more: it was not sent again")
        parts = split(row["text"], how, reference)
        numbers = by_number(dict.fromkeys(begun.numbers), len(parts))
        if len(parts) != begun.segments or not numbers:
            raise NotSpoken(f"{begun.smsc} has parts of it that were cut otherwise: it was not sent again")
        other = frozenset(name for name, its in self._carriages.items() if its != how)
        place = self._place(len(numbers), other)
        return None if place is None else self._claimed(Try(row, reference, place, parts, numbers))

    def _place(self, segments: int, avoid: frozenset[str]) -> Place | None:
        held = self._in_hand
        if held is not None and segments <= held.segments and held.place.centre.name not in avoid:
            self._in_hand = None
            return held.place
        return self._sender.try_place(segments, avoid)
