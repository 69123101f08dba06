"""The SIM inside a modem, on a network line and on a pseudo-terminal."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from sim_readers.emulator.modem import ModemHabits
from sim_readers.emulator.modem_door import ModemDoor
from sim_readers.errors import CardGone, Garbled, NoCard, NoReader, ReaderBusy
from sim_readers.reader import Reader, Transmission, open_reader
from sim_readers.readers.at_modem import ModemReader
from sim_readers.wire.modem import AtLine
from sim_readers.wire.serial_line import Address, close_line, open_line
from tests.sim_readers.plain_card import ICCID, QUERY_ADM, READ_ICCID, SELECT_MF, UPDATE, VERIFY_ADM, PlainCard

OK = b"\x90\x00"
Opener = Callable[..., tuple[ModemDoor, Reader]]


class AnsweringCard(PlainCard):
    """A card whose SELECT has an answer waiting, as every UICC's."""

    def transmit(self, tpdu: bytes) -> bytes:
        match tpdu[1]:
            case 0xA4:
                return b"\x61\x02"
            case 0xC0:
                return b"\x62\x00" + OK
        return super().transmit(tpdu)


@pytest.fixture
def opened() -> Iterator[Opener]:
    with ExitStack() as stack:

        def opener(
            card: PlainCard, options: str = "", *, habits: ModemHabits | None = None, pty: bool = False
        ) -> tuple[ModemDoor, Reader]:
            door = stack.enter_context(ModemDoor(card, habits=habits, pty=pty))
            reader = open_reader(f"at_modem:{door.url}{options}")
            stack.callback(reader.close)
            return door, reader

        yield opener


@pytest.mark.parametrize("pty", [False, True])
def test_commands_reach_the_card_through_at_csim(opened: Opener, *, pty: bool) -> None:
    card = PlainCard()
    _, reader = opened(card, pty=pty)
    connection = reader.connect()
    said = [connection.transmit(each) for each in (SELECT_MF, READ_ICCID, VERIFY_ADM, UPDATE)]
    assert said == [OK, ICCID + OK, OK, OK]
    assert card.seen == [SELECT_MF, READ_ICCID, VERIFY_ADM, UPDATE]
    assert (connection.atr, connection.transmission) == (b"", Transmission.T0)


@pytest.mark.parametrize(("fetches", "expected"), [(True, b"\x62\x00\x90\x00"), (False, b"\x61\x02")])
def test_a_modem_may_fetch_answers_itself_or_not(opened: Opener, expected: bytes, *, fetches: bool) -> None:
    _, reader = opened(AnsweringCard(), habits=ModemHabits(fetches_answers=fetches))
    assert reader.connect().transmit(SELECT_MF) == expected


def test_unsolicited_lines_in_between_are_no_answers(opened: Opener) -> None:
    _, reader = opened(PlainCard(), habits=ModemHabits(chatty=True))
    assert reader.connect().transmit(READ_ICCID) == ICCID + OK


def test_a_modem_without_a_card_has_no_card(opened: Opener) -> None:
    door, reader = opened(PlainCard())
    door.pull_out()
    with pytest.raises(NoCard, match="seat it"):
        reader.connect()


def test_a_card_pulled_out_is_gone_and_can_be_taken_up_again(opened: Opener) -> None:
    door, reader = opened(PlainCard(pull_at=0xD6))
    connection = reader.connect()
    with pytest.raises(CardGone, match="carried out or not"):
        connection.transmit(UPDATE)
    with pytest.raises(CardGone, match="over"):
        connection.transmit(READ_ICCID)
    door.insert()
    assert reader.connect().transmit(READ_ICCID) == ICCID + OK


def test_a_reset_goes_by_at_cfun_and_makes_the_card_forget(opened: Opener) -> None:
    door, reader = opened(PlainCard())
    connection = reader.connect()
    connection.transmit(VERIFY_ADM)
    assert connection.reset() == b""
    assert connection.transmit(UPDATE) == b"\x69\x82"
    assert door.log.count("AT+CFUN") == 2


def test_the_radio_is_stopped_only_when_asked_and_comes_back_at_the_end(opened: Opener) -> None:
    door, reader = opened(PlainCard(), "?stop_radio=yes")
    connection = reader.connect()
    before = door.log.count("AT+CFUN")
    connection.close()
    assert (before, door.log.count("AT+CFUN")) == (1, 2)
    quiet, other = opened(PlainCard())
    other.connect().close()
    assert "AT+CFUN" not in quiet.log


def test_a_modem_without_at_csim_is_recognised(opened: Opener) -> None:
    _, reader = opened(PlainCard(), habits=ModemHabits(offers_csim=False))
    with pytest.raises(CardGone, match="card reader"):
        reader.connect().transmit(QUERY_ADM)


def test_one_modem_has_one_connection(opened: Opener) -> None:
    _, reader = opened(PlainCard())
    reader.connect()
    with pytest.raises(ReaderBusy):
        reader.connect()


def test_cards_are_seen_to_come_and_go(opened: Opener) -> None:
    door, reader = opened(PlainCard())
    assert reader.wait_for_card(1)
    assert not reader.wait_for_removal(0)
    threading.Timer(0.1, door.pull_out).start()
    assert reader.wait_for_removal(5)


def test_closing_the_reader_ends_a_wait(opened: Opener) -> None:
    _, reader = opened(PlainCard())
    threading.Timer(0.2, reader.close).start()
    began = time.monotonic()
    with pytest.raises(NoReader):
        reader.wait_for_removal(30)
    assert time.monotonic() - began < 5


@pytest.fixture
def peer() -> Iterator[Callable[[bytes], AtLine]]:
    """A line to a peer that says one thing, whatever it hears."""
    with ExitStack() as stack:

        def line(said: bytes) -> AtLine:
            listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            url = f"socket://127.0.0.1:{listener.getsockname()[1]}"
            port = open_line(url, baudrate=115_200, parity="N", stopbits=1, lines={})
            stack.callback(close_line, port)
            host = stack.enter_context(listener.accept()[0])
            host.sendall(said)
            return AtLine(port, threading.Event())

        yield line


def test_an_answer_without_quotes_and_with_the_command_before_it_is_understood(
    peer: Callable[[bytes], AtLine],
) -> None:
    line = peer(b'AT+CSIM=10,"0020000A00"\r\r\n+CSIM: 4,63C3\r\n\r\nOK\r\n')
    assert line.card_command(QUERY_ADM) == b"\x63\xc3"


@pytest.mark.parametrize(
    "said",
    [
        b'\r\n+CSIM: 6,"9000"\r\nOK\r\n',
        b'\r\n+CSIM: 2,"90"\r\nOK\r\n',
        b"\r\nOK\r\n",
        b"x" * 5000,
    ],
)
def test_what_no_modem_would_say_is_garbled(peer: Callable[[bytes], AtLine], said: bytes) -> None:
    with pytest.raises(Garbled):
        peer(said).card_command(QUERY_ADM)


def test_a_silent_modem_is_given_up(peer: Callable[[bytes], AtLine]) -> None:
    with pytest.raises(CardGone, match="silent"):
        peer(b"\r\n+CREG: 1\r\n").ask("AT", 0.2)


@pytest.mark.parametrize(
    ("said", "there"),
    [
        (b"\r\n+CPIN: READY\r\n\r\nOK\r\n", True),
        (b"\r\n+CME ERROR: 11\r\n", True),
        (b"\r\n+CME ERROR: SIM PUK required\r\n", True),
        (b"\r\n+CME ERROR: 14\r\n\r\nOK\r\n", True),
        (b"\r\n+CME ERROR: 10\r\n", False),
        (b"\r\n+CME ERROR: SIM not inserted\r\n", False),
        (b"\r\nERROR\r\n", False),
    ],
    ids=["ready", "pin wanted", "puk wanted", "busy first", "none", "none in words", "none in a bare error"],
)
def test_what_a_modem_says_of_its_sim_is_understood(
    peer: Callable[[bytes], AtLine], said: bytes, *, there: bool
) -> None:
    reader = ModemReader(Address("", "", {"stop_radio": "no", "baudrate": "115200"}))
    assert reader.has_card(peer(said), 5) is there


def test_nobody_at_the_address_is_no_reader() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(NoReader, match="cannot be opened"):
        open_reader(f"at_modem:socket://127.0.0.1:{port}").connect()
