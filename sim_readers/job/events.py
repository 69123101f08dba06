"""What a batch tells while it runs, so that somebody can draw it; told from the readers' threads, one at a time."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sim_readers.job.runner import CardResult


class Turned(StrEnum):
    """Why a card was taken out of the row before anything was done to it."""

    ALREADY = "already"  # this job has done it before
    DUPLICATE = "duplicate"  # another card has its ICCID or its IMSI


@dataclass(frozen=True, slots=True)
class Waiting:
    """The reader is empty and waits for the next card."""

    reader: str


@dataclass(frozen=True, slots=True)
class Begun:
    """A card is in work: leave it where it is."""

    reader: str


@dataclass(frozen=True, slots=True)
class Again:
    """The contact broke while the card was still there: the reader tries this card once more by itself."""

    reader: str
    why: str


@dataclass(frozen=True, slots=True)
class Ended:
    """A card has been treated and may be taken out. ``done``: cards of this run that are well by now, never fewer."""

    reader: str
    result: CardResult
    done: int


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """A card was known by its ICCID and left as it is."""

    reader: str
    iccid: str
    turned: Turned
    why: str


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody must do something at this reader; ``text`` says what."""

    reader: str
    text: str


@dataclass(frozen=True, slots=True)
class ReaderLost:
    """A reader takes no part any more; the others go on."""

    reader: str
    why: str


BatchEvent = Waiting | Begun | Again | Ended | TurnedAway | Asked | ReaderLost
