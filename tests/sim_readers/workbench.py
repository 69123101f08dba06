"""Cards, their data, and a station to treat them at: what tests and measurements of jobs begin with."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from gateway.stock.vendor import parse
from sim_readers.card_data import CardData, read_adm
from sim_readers.emulator.blank import blank
from sim_readers.emulator.card import VirtualCard
from sim_readers.emulator.image import CardImage, read_image
from sim_readers.guard import Guard
from sim_readers.job.apply import Bench
from sim_readers.job.journal import CardJournal
from sim_readers.job.runner import NotOurs, Source, Workshop
from sim_readers.job.wish import Job
from sim_readers.ledger import Ledger
from sim_readers.models.profile import read_models
from sim_readers.secret import Secret
from tests.gateway.cards import ORANGE, card, vendor_file

CONFIG = Path(__file__).parents[2] / "config"
ADM1_REFERENCE, PIN1_REFERENCE = 0x0A, 0x01


def image(name: str = "sja2") -> CardImage:
    """A type of card, by the name of its file."""
    return read_image(CONFIG / "card_images" / f"{name}.toml")


def delivery(count: int, plmn: str = ORANGE, pin1: str | None = None, first: int = 1) -> str:
    """A vendor's output file of so many cards; every one has its own PIN unless one is given for all."""
    made = (card(number, plmn) for number in range(first, first + count))
    return vendor_file(each if pin1 is None else replace(each, pin1=pin1) for each in made)


def card_data(vendor_text: str) -> list[CardData]:
    """The cards of a vendor's output file, as jobs want them."""
    file = parse(vendor_text)
    assert not file.problems, file.problems
    return [_card_data(str(sim.iccid), str(sim.imsi), sim.secrets) for sim in file.sims]


def invented(count: int, first: int = 1) -> list[CardData]:
    """Cards of nobody."""
    return card_data(delivery(count, first=first))


def blank_cards(cards: Iterable[CardData], name: str = "sja2", *, record: bool = False) -> list[VirtualCard]:
    """These cards as their factory delivers them."""
    made_from = image(name)
    return [blank(made_from, each, record=record) for each in cards]


def job() -> Job:
    """What most batches want: every card's own identity and keys, and one name on all."""
    return Job(spec="1", name="batch", mnc_length=2, files={"EF.SPN": {"name": "Linegate", "with_network": True}})


def source(cards: Iterable[CardData]) -> Source:
    """Find the data of these cards, and of no other."""
    known = {each.iccid: each for each in cards}

    def find(iccid: str) -> CardData:
        if iccid not in known:
            raise NotOurs(f"no card {iccid} in the file")
        return known[iccid]

    return find


def workshop(directory: Path, cards: Iterable[CardData], wish: Job | None = None) -> Workshop:
    """A station whose ledger and journal are in a directory; the same directory again is the same station."""
    guard = Guard(Ledger(directory, _now, "tester"))
    bench = Bench(wish or job(), guard, CardJournal(directory, _now), os.urandom)
    return Workshop(read_models(CONFIG / "card_profiles"), source(cards), bench)


def verifies(cards: Iterable[VirtualCard], reference: int = ADM1_REFERENCE) -> int:
    """How often a key was presented to recorded cards; asking for the tries left is not counted."""
    heard = (tpdu for each in cards for tpdu in each.heard)
    return sum(1 for tpdu in heard if tpdu[1] == 0x20 and tpdu[3] == reference and len(tpdu) > 5)


def wrong_adm(data: CardData) -> CardData:
    """The data of a card with the key of another."""
    return replace(data, adm1=Secret.from_digits("87654321"))


def _card_data(iccid: str, imsi: str, secrets: dict[str, str]) -> CardData:
    return CardData(
        iccid,
        imsi,
        **{name: Secret.from_hex(secrets[name]) for name in ("ki", "opc")},
        **{name: Secret.from_digits(secrets[name]) for name in ("pin1", "puk1", "pin2", "puk2")},
        adm1=read_adm(secrets["adm1"]),
    )


def _now() -> datetime:
    return datetime.now(UTC)
