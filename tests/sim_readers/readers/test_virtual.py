"""Virtual readers in this process."""

import threading
import time
from pathlib import Path

import pytest

from sim_readers.emulator.state import save
from sim_readers.errors import CardGone, NoCard, NoReader, ReaderBusy
from sim_readers.reader import Transmission, open_reader
from sim_readers.readers.virtual import VirtualReader
from tests.sim_readers.emulator.cards import IMAGES, card_of
from tests.sim_readers.plain_card import ATR, ICCID, READ_ICCID, UPDATE, VERIFY_ADM, PlainCard
from tests.sim_readers.small_card import SmallCard

OK = b"\x90\x00"


def test_a_card_is_powered_spoken_to_and_powered_off() -> None:
    card = PlainCard()
    connection = VirtualReader("here", card).connect()
    assert (connection.atr, connection.transmission) == (ATR, Transmission.T0)
    assert connection.transmit(READ_ICCID) == ICCID + OK
    connection.close()
    assert not card.powered
    with pytest.raises(CardGone, match="over"):
        connection.transmit(READ_ICCID)


def test_a_reset_makes_the_card_forget() -> None:
    connection = VirtualReader("here", PlainCard()).connect()
    connection.transmit(VERIFY_ADM)
    assert connection.reset() == ATR
    assert connection.transmit(UPDATE) == b"\x69\x82"


def test_an_empty_reader_and_a_mute_card_are_no_card() -> None:
    reader = VirtualReader("here")
    with pytest.raises(NoCard, match="insert one"):
        reader.connect()
    reader.insert(SmallCard(b""))
    with pytest.raises(NoCard, match="insert another"):
        reader.connect()


def test_one_reader_has_one_connection() -> None:
    reader = VirtualReader("here", PlainCard())
    reader.connect()
    with pytest.raises(ReaderBusy):
        reader.connect()


def test_a_card_that_leaves_in_a_command_is_gone_and_the_reader_empty() -> None:
    reader = VirtualReader("here", PlainCard(pull_at=0xB0))
    with pytest.raises(CardGone, match="pulled out"):
        reader.connect().transmit(READ_ICCID)
    assert reader.wait_for_removal(0)


def test_another_card_put_in_is_not_the_one_that_was_connected() -> None:
    reader = VirtualReader("here", PlainCard())
    connection = reader.connect()
    reader.insert(PlainCard())
    with pytest.raises(CardGone):
        connection.transmit(READ_ICCID)
    assert reader.connect().transmit(READ_ICCID) == ICCID + OK


def test_waits_end_when_a_card_comes_when_it_goes_and_when_time_is_up() -> None:
    reader = VirtualReader("here")
    assert not reader.wait_for_card(0.01)
    threading.Timer(0.05, reader.insert, [PlainCard()]).start()
    assert reader.wait_for_card(5)
    threading.Timer(0.05, reader.pull_out).start()
    assert reader.wait_for_removal(5)


def test_closing_the_reader_ends_a_wait() -> None:
    reader = VirtualReader("here")
    threading.Timer(0.05, reader.close).start()
    began = time.monotonic()
    with pytest.raises(NoReader, match="closed"):
        reader.wait_for_card(30)
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("address", ["", "card.json", "?image=uicc.toml"])
def test_an_address_names_the_card_and_its_image(address: str) -> None:
    with pytest.raises(NoReader, match="image"):
        open_reader(f"virtual:{address}")


def test_a_card_file_that_is_not_there_is_no_reader(tmp_path: Path) -> None:
    with pytest.raises(NoReader, match="no virtual card"):
        open_reader(f"virtual:{tmp_path / 'card.json'}?image={tmp_path / 'image.toml'}")


def test_a_card_of_a_file_is_the_same_card_after_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "card.json"
    save(card_of("uicc"), file)
    wrong = bytes.fromhex("0020000108") + b"9999" + b"\xff" * 4
    for tries_left in (2, 1):
        reader = open_reader(f"virtual:{file}?image={IMAGES / 'uicc.toml'}")
        connection = reader.connect()
        assert connection.transmit(wrong) == bytes((0x63, 0xC0 + tries_left))
        reader.close()
