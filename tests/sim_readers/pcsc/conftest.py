from collections.abc import Iterator

import pytest

from sim_readers.emulator.vpcd_door import VpcdDoor
from sim_readers.pcsc.reader import PcscReader
from sim_readers.readers.pcsc import open_reader
from tests.sim_readers.plain_card import PlainCard
from tests.sim_readers.slots import Slot, Slots

SOON_S = 10.0


@pytest.fixture
def card() -> PlainCard:
    return PlainCard()


@pytest.fixture
def slot(slots: Slots) -> Slot:
    return slots.take()


@pytest.fixture
def reader(slot: Slot) -> Iterator[PcscReader]:
    opened = open_reader(slot.reader_name)
    assert opened.wait_for_removal(SOON_S)
    yield opened
    opened.close()


@pytest.fixture
def door(slot: Slot, reader: PcscReader, card: PlainCard) -> VpcdDoor:
    slot.door.insert(card)
    assert reader.wait_for_card(SOON_S)
    return slot.door
