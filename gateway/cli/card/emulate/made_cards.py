"""The cards that are emulated: made of a vendor's file, of invented data, or as a file kept them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from gateway.cli.card.emulate.wishes import Cards
from gateway.cli.card.sources import read_cards
from gateway.cli.failure import WrongUse
from gateway.contract.identity import luhn_holds
from sim_readers.card_data import CardData
from sim_readers.emulator.blank import blank
from sim_readers.emulator.card import VirtualCard
from sim_readers.emulator.face import EmulatedCard
from sim_readers.emulator.faults import SlowCard
from sim_readers.emulator.image import CardImage
from sim_readers.emulator.state import resume
from sim_readers.secret import Secret

_INVENTED_ICCID = "893301900000099"  # three digits follow, and the check digit
_INVENTED_IMSI = "20801990009"  # four digits follow
_ZERO_TO_NINE = "0123456789"


@dataclass(frozen=True, slots=True)
class Made:
    """One card: what it was made of, itself, and how it is seen from outside (slower, perhaps)."""

    data: CardData
    card: VirtualCard
    face: EmulatedCard


def card_data(wished: Cards, count: int) -> Sequence[CardData]:
    """Find the data of so many cards. Raises WrongUse."""
    if wished.file is None:
        if wished.iccid is not None:
            raise WrongUse("--iccid names a card of a file: give it with --cards FILE")
        return [invented(number) for number in range(1, count + 1)]
    listed = read_cards(wished.file)
    if wished.iccid is not None:
        if wished.iccid not in listed.cards:
            raise WrongUse(f"card {wished.iccid} is not in {listed.name}")
        return [listed.cards[wished.iccid]]
    found = list(listed.cards.values())
    if len(found) < count:
        raise WrongUse(f"{listed.name} has {len(found)} cards, and {count} are wanted: one for each slot")
    return found[:count]


def make(wished: Cards, image: CardImage, data: CardData) -> Made:
    """Make a card. Raises WrongUse, OSError."""
    new = partial(blank, image, data, keys_inside=wished.personalised)
    try:
        card = new() if wished.state is None else resume(wished.state, image, new)
    except ValueError as wrong:
        raise WrongUse(str(wrong)) from None
    if not wished.delay_ms:
        return Made(data, card, card)
    return Made(data, card, SlowCard(card, time.sleep, per_tpdu_s=wished.delay_ms / 1000))


def invented(number: int) -> CardData:
    """Data of a card for training: PIN 1234, PUK 12345678, ADM1 12345678, and keys nobody would take for real ones."""
    digits = f"{_INVENTED_ICCID}{number:03}"
    iccid = next(digits + check for check in _ZERO_TO_NINE if luhn_holds(digits + check))
    pin, puk = Secret.from_digits("1234"), Secret.from_digits("12345678")
    return CardData(
        iccid,
        f"{_INVENTED_IMSI}{number:04}",
        ki=Secret(number.to_bytes(16, "big")),
        opc=Secret((0x1000 + number).to_bytes(16, "big")),
        pin1=pin,
        puk1=puk,
        pin2=pin,
        puk2=puk,
        adm1=puk,
    )


def reader_name(state: Path, image: Path) -> str:
    """How card commands reach a card kept in a file, without any front."""
    return f"virtual:{state}?image={image}"
