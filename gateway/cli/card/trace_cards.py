"""Which card each exchange of a trace was with: its ICCID is read, and shown, early in every conversation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sim_readers.errors import WrongValue
from sim_readers.files.iccid import FILE as EF_ICCID
from sim_readers.trace.exchange import Exchange

_FIRST_COMMAND = "00A4000C023F00"  # every conversation begins with it: see CardSession.find_generation
_READ_ICCID = "READ EF.ICCID"
_STATUS = 2


@dataclass(frozen=True, slots=True)
class Traced:
    """One exchange, and the card it was with if that became known."""

    exchange: Exchange
    iccid: str | None


class Conversation:
    """What one reader's conversation has told so far, exchange by exchange."""

    def __init__(self) -> None:
        self.iccid: str | None = None

    def hear(self, exchange: Exchange) -> bool:
        """Take note of an exchange; tell whether it begins a new conversation."""
        begins = str(exchange.command) == _FIRST_COMMAND
        self.iccid = _iccid(exchange) or (None if begins else self.iccid)
        return begins


def with_cards(exchanges: Iterable[Exchange]) -> Iterator[Traced]:
    """Find the card of every exchange, those before its ICCID was read too; order stays."""
    every = list(exchanges)
    cards: list[str | None] = [None] * len(every)
    readers: dict[str, tuple[Conversation, list[int]]] = {}
    for place, exchange in enumerate(every):
        conversation, nameless = readers.setdefault(exchange.reader, (Conversation(), []))
        if conversation.hear(exchange):
            nameless.clear()
        nameless.append(place)
        if conversation.iccid is not None:
            for earlier in nameless:
                cards[earlier] = conversation.iccid
            nameless.clear()
    return (Traced(exchange, card) for exchange, card in zip(every, cards, strict=True))


def _iccid(exchange: Exchange) -> str | None:
    if not exchange.meaning.startswith(_READ_ICCID):
        return None
    try:
        return EF_ICCID.decode(exchange.response.raw[:-_STATUS])
    except WrongValue:
        return None
