"""Virtual Phoenix readers: as unforgiving as real ones, on the network and on a pseudo-terminal."""

import os

import pytest

from sim_readers.emulator.phoenix_door import PhoenixDoor
from sim_readers.emulator.phoenix_pty import PtyPhoenixDoor
from sim_readers.emulator.phoenix_wire import Habits, PhoenixWire, carried
from sim_readers.errors import CardGone, NoCard
from sim_readers.reader import open_reader
from sim_readers.wire import pps
from sim_readers.wire.serial_line import close_line, open_line
from tests.sim_readers.plain_card import ICCID, QUERY_ADM, READ_ICCID, UPDATE, VERIFY_ADM
from tests.sim_readers.small_card import FAST, HASTY, INVERSE, SmallCard

OK = b"\x90\x00"
ASKED = pps.request(0x96)


def _wire(atr: bytes = FAST, *, baudrate: int = 9600, parity: str = "E") -> PhoenixWire:
    wire = PhoenixWire(SmallCard(atr), Habits(echo=False))
    wire.host.baudrate, wire.host.parity = baudrate, parity
    return wire


def _said(wire: PhoenixWire, data: bytes) -> bytes:
    return b"".join(carried(wire, data))


def test_the_card_answers_to_a_reset_at_the_default_speed() -> None:
    assert _wire().release() == FAST


def test_at_another_speed_the_host_reads_rubbish_and_the_card_hears_nothing() -> None:
    wire = _wire(baudrate=19200)
    assert wire.release() not in (FAST, b"")
    assert _said(wire, READ_ICCID) == b""


def test_with_the_wrong_parity_the_card_hears_nothing() -> None:
    wire = _wire(parity="N")
    wire.release()
    assert _said(wire, READ_ICCID) == b""


def test_after_agreement_only_the_new_speed_is_understood() -> None:
    wire = _wire()
    wire.release()
    assert _said(wire, ASKED) == ASKED
    assert _said(wire, READ_ICCID) == b""
    wire.host.baudrate = 223_200
    assert _said(wire, READ_ICCID) == b"\xb0" + ICCID + OK


def test_a_speed_request_is_heard_right_after_the_reset_only() -> None:
    wire = _wire()
    wire.release()
    _said(wire, READ_ICCID)
    assert ASKED not in _said(wire, ASKED + b"\x00")


def test_an_inverse_card_is_heard_upside_down() -> None:
    assert _wire(INVERSE).release()[:1] == b"\x03"


def test_without_a_card_nothing_answers_and_the_reader_still_echoes() -> None:
    wire = PhoenixWire(SmallCard(FAST), Habits())
    wire.host.baudrate, wire.host.parity = 9600, "E"
    wire.pull_out()
    assert wire.release() == b""
    assert _said(wire, READ_ICCID) == READ_ICCID


def test_a_card_held_in_reset_hears_nothing() -> None:
    wire = _wire()
    wire.release()
    wire.hold()
    assert _said(wire, READ_ICCID) == b""


@pytest.mark.parametrize("echo", [True, False])
def test_a_pseudo_terminal_is_a_reader_that_resets_when_opened_and_may_be_opened_often(*, echo: bool) -> None:
    card = SmallCard(FAST)
    with PtyPhoenixDoor(card, Habits(echo=echo, null_bytes=2)) as door:
        reader = open_reader(f"serial_t0:{door.path}?reset=none")
        for _ in range(3):
            connection = reader.connect()
            assert connection.atr == FAST
            assert connection.transmit(QUERY_ADM) == b"\x63\xc3"
            assert connection.transmit(VERIFY_ADM) == OK
            assert connection.transmit(UPDATE) == OK
            connection.close()
        assert card.resets == 3
        assert door.log == [("baudrate", 9600)] * 3
        reader.close()


def test_on_a_pseudo_terminal_a_card_may_be_missing_and_may_leave() -> None:
    with PtyPhoenixDoor(SmallCard(HASTY, pull_at=0xB0)) as door:
        reader = open_reader(f"serial_t0:{door.path}?reset=none")
        connection = reader.connect()
        with pytest.raises(CardGone):
            connection.transmit(READ_ICCID)
        with pytest.raises(NoCard):
            reader.connect()
        door.insert()
        assert reader.connect().transmit(QUERY_ADM) == b"\x63\xc3"
        reader.close()


def test_a_closed_pseudo_terminal_is_gone() -> None:
    with PtyPhoenixDoor(SmallCard(FAST)) as door:
        path = door.path
    assert not os.path.exists(path)  # noqa: PTH110 - a device, not a file


def test_the_door_tells_the_host_whether_a_card_is_in_and_serves_one_host_after_the_other() -> None:
    with PhoenixDoor(SmallCard(FAST)) as door:
        for present in (True, False):
            port = open_line(door.url, baudrate=9600, parity="E", stopbits=2, lines={})
            assert port.cts is present
            close_line(port)
            door.pull_out()
        assert not door.present
