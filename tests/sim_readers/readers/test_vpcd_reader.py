import socket
import threading
import time
from collections.abc import Iterator

import pytest

from sim_readers.emulator.vpcd_door import VpcdDoor
from sim_readers.errors import CardGone, Garbled, NoCard, NoReader, ReaderBusy
from sim_readers.reader import Transmission
from sim_readers.readers.vpcd import open_reader
from sim_readers.wire.callers import CallerReader
from sim_readers.wire.vpcd import frame
from tests.sim_readers.plain_card import (
    ATR,
    ICCID,
    NOT_ALLOWED,
    OK,
    READ_ICCID,
    UPDATE,
    VERIFY_ADM,
    PlainCard,
)

SOON_S = 5.0


@pytest.fixture
def reader() -> Iterator[CallerReader]:
    opened = open_reader(":0")
    yield opened
    opened.close()


@pytest.fixture
def card() -> PlainCard:
    return PlainCard()


@pytest.fixture
def door(reader: CallerReader, card: PlainCard) -> Iterator[VpcdDoor]:
    with VpcdDoor(card, "127.0.0.1", reader.port, empty_s=0.0) as inserted:
        assert reader.wait_for_card(SOON_S)
        yield inserted


def test_a_free_port_is_taken_and_told(reader: CallerReader) -> None:
    assert reader.port > 0
    assert reader.name == f"vpcd:127.0.0.1:{reader.port}"


def test_a_card_that_calls_can_be_spoken_to(reader: CallerReader, door: VpcdDoor) -> None:
    connection = reader.connect()
    assert connection.atr == ATR
    assert connection.transmission is Transmission.T0
    assert connection.transmit(READ_ICCID) == ICCID + OK
    assert door.inserted


def test_closing_takes_the_power_and_a_reset_the_key(reader: CallerReader, door: VpcdDoor, card: PlainCard) -> None:
    connection = reader.connect()
    assert (connection.transmit(VERIFY_ADM), connection.transmit(UPDATE)) == (OK, OK)
    assert connection.reset() == ATR
    assert connection.transmit(UPDATE) == NOT_ALLOWED
    connection.transmit(VERIFY_ADM)
    connection.close()
    again = reader.connect()
    assert again.transmit(UPDATE) == NOT_ALLOWED
    assert door.inserted
    assert not card.off.is_set()


def test_a_closed_connection_says_so(reader: CallerReader, door: VpcdDoor) -> None:
    connection = reader.connect()
    connection.close()
    connection.close()
    with pytest.raises(CardGone, match="connect again"):
        connection.transmit(READ_ICCID)
    with pytest.raises(CardGone, match="connect again"):
        connection.reset()
    assert door.inserted


def test_one_connection_at_a_time(reader: CallerReader, door: VpcdDoor) -> None:
    reader.connect()
    with pytest.raises(ReaderBusy, match="close the connection"):
        reader.connect()
    assert door.inserted


def test_no_card_is_there_until_one_calls(reader: CallerReader) -> None:
    assert not reader.wait_for_card(0.05)
    assert reader.wait_for_removal(0.0)
    with pytest.raises(NoCard, match="no card has called"):
        reader.connect()


def test_a_card_pulled_out_is_seen_and_the_next_one_too(reader: CallerReader, door: VpcdDoor) -> None:
    assert not reader.wait_for_removal(0.05)
    door.pull_out()
    assert reader.wait_for_removal(SOON_S)
    other = bytes(reversed(ICCID))
    door.insert(PlainCard(other))
    assert reader.wait_for_card(SOON_S)
    assert reader.connect().transmit(READ_ICCID) == other + OK


def test_a_card_pulled_out_in_the_middle_is_gone(reader: CallerReader) -> None:
    with VpcdDoor(PlainCard(pull_at=0xD6), "127.0.0.1", reader.port) as door:
        assert reader.wait_for_card(SOON_S)
        connection = reader.connect()
        with pytest.raises(CardGone, match="unknown"):
            connection.transmit(UPDATE)
        with pytest.raises(CardGone):
            connection.transmit(READ_ICCID)
        connection.close()
        assert door.wait_removed(SOON_S)
    with pytest.raises(NoCard):
        reader.connect()


def test_the_second_caller_waits_its_turn(reader: CallerReader, door: VpcdDoor) -> None:
    other = bytes(reversed(ICCID))
    with VpcdDoor(PlainCard(other), "127.0.0.1", reader.port):
        first = reader.connect()
        assert first.transmit(READ_ICCID) == ICCID + OK
        first.close()
        door.pull_out()
        assert reader.wait_for_card(SOON_S)
        assert reader.connect().transmit(READ_ICCID) == other + OK


@pytest.mark.parametrize(
    ("says", "because"),
    [
        (frame(b"GET / HTTP/1.1"), "begins with 47"),
        (frame(ATR) + frame(OK), "more than it was asked"),
        (frame(ATR) + b"\x00", "more than it was asked"),
    ],
)
def test_a_stranger_who_calls_is_no_card(reader: CallerReader, says: bytes, because: str) -> None:
    with socket.create_connection(("127.0.0.1", reader.port)) as stranger:
        stranger.sendall(says)
        caller = reader._next(SOON_S)
        assert caller is not None
        with pytest.raises(Garbled, match=because):
            caller.atr()
        assert not reader.wait_for_card(0.0)


@pytest.mark.parametrize("answer", [b"", b"\x90"])
def test_an_answer_without_a_status_word_ends_the_connection(reader: CallerReader, answer: bytes) -> None:
    with VpcdDoor(PlainCard(says=answer), "127.0.0.1", reader.port) as door:
        assert reader.wait_for_card(SOON_S)
        connection = reader.connect()
        with pytest.raises(Garbled, match="status word"):
            connection.transmit(READ_ICCID)
        assert door.wait_removed(SOON_S)


def test_a_card_that_falls_silent_is_gone() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    reader = CallerReader(listener, answer_s=0.05)
    card = PlainCard()
    try:
        with VpcdDoor(card, "127.0.0.1", reader.port):
            assert reader.wait_for_card(SOON_S)
            connection = reader.connect()
            card.hold.clear()
            with pytest.raises(CardGone, match="timed out"):
                connection.transmit(READ_ICCID)
            card.hold.set()
    finally:
        reader.close()


def test_closing_from_another_thread_ends_a_wait_soon(reader: CallerReader) -> None:
    threading.Timer(0.05, reader.close).start()
    begun = time.monotonic()
    assert not reader.wait_for_card(60.0)
    assert time.monotonic() - begun < SOON_S
    with pytest.raises(NoReader, match="closed"):
        reader.connect()


def test_closing_from_another_thread_ends_a_command_that_is_not_answered(
    reader: CallerReader, door: VpcdDoor, card: PlainCard
) -> None:
    connection = reader.connect()
    card.hold.clear()
    threading.Timer(0.05, reader.close).start()
    with pytest.raises(CardGone):
        connection.transmit(READ_ICCID)
    card.hold.set()
    assert door.wait_removed(SOON_S)


def test_closing_powers_the_card_off(reader: CallerReader, door: VpcdDoor, card: PlainCard) -> None:
    reader.connect()
    reader.close()
    assert door.wait_removed(SOON_S)
    assert card.off.wait(SOON_S)


def test_two_readers_cannot_have_one_port(reader: CallerReader) -> None:
    with pytest.raises(NoReader, match="another port"):
        open_reader(f"127.0.0.1:{reader.port}")


@pytest.mark.parametrize("address", ["0.0.0.0:0", "[::]:0", "192.0.2.1:4000", "some.host:4000"])
def test_it_listens_to_strangers_only_when_told_to(address: str) -> None:
    with pytest.raises(NoReader, match=r"\?open=yes"):
        open_reader(address)


def test_told_to_it_does() -> None:
    reader = open_reader("0.0.0.0:0?open=yes")
    assert reader.name == f"vpcd:0.0.0.0:{reader.port}?open=yes"
    reader.close()


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.1:x", "127.0.0.1:70000", ":0?open=no", "[::1:0"])
def test_an_address_it_cannot_read_is_refused_with_an_example(address: str) -> None:
    with pytest.raises(NoReader, match=r"vpcd:127\.0\.0\.1:35963"):
        open_reader(address)
