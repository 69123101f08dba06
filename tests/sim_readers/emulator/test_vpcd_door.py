import socket
from collections.abc import Iterator

import pytest

from sim_readers.emulator.vpcd_door import EMPTY_S, VpcdDoor
from sim_readers.wire.vpcd import Control, control, frame
from tests.sim_readers.plain_card import ATR, ICCID, OK, READ_ICCID, PlainCard

SOON_S = 5.0


class Slot:
    """A reader's end of the wire, byte by byte."""

    def __init__(self, door: VpcdDoor, listener: socket.socket) -> None:
        door.insert()
        self.line, _ = listener.accept()
        self.line.settimeout(SOON_S)

    def ask(self, message: bytes) -> bytes:
        self.line.sendall(message)
        return self.answer()

    def answer(self) -> bytes:
        length = int.from_bytes(self.line.recv(2, socket.MSG_WAITALL), "big")
        return self.line.recv(length, socket.MSG_WAITALL)


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


@pytest.fixture
def card() -> PlainCard:
    return PlainCard()


@pytest.fixture
def door(listener: socket.socket, card: PlainCard) -> Iterator[VpcdDoor]:
    door = VpcdDoor(card, "127.0.0.1", listener.getsockname()[1], empty_s=0.0)
    yield door
    door.close()


@pytest.fixture
def slot(door: VpcdDoor, listener: socket.socket) -> Iterator[Slot]:
    slot = Slot(door, listener)
    with slot.line:
        yield slot


def test_the_atr_is_told_before_there_is_power(slot: Slot, card: PlainCard) -> None:
    assert slot.ask(control(Control.ATR)) == ATR
    assert card.off.wait(SOON_S)


def test_power_goes_on_and_off(slot: Slot, card: PlainCard) -> None:
    assert slot.ask(control(Control.ON) + control(Control.ATR)) == ATR
    assert not card.off.is_set()
    assert slot.ask(control(Control.OFF) + control(Control.ATR)) == ATR
    assert card.off.wait(SOON_S)


def test_a_reset_is_a_reset(slot: Slot, card: PlainCard) -> None:
    slot.ask(control(Control.ON) + control(Control.ATR))
    before = card.resets
    slot.ask(control(Control.RESET) + control(Control.ATR))
    assert card.resets == before + 1


def test_a_command_cut_at_every_byte_is_answered_once(slot: Slot, card: PlainCard) -> None:
    for byte in frame(READ_ICCID):
        slot.line.sendall(bytes((byte,)))
    assert slot.answer() == ICCID + OK
    assert card.seen == [READ_ICCID]


def test_commands_in_one_piece_are_answered_in_order(slot: Slot) -> None:
    slot.line.sendall(frame(READ_ICCID) + control(Control.ATR))
    assert (slot.answer(), slot.answer()) == (ICCID + OK, ATR)


def test_pulled_out_the_line_is_closed_and_the_power_gone(slot: Slot, door: VpcdDoor, card: PlainCard) -> None:
    slot.ask(control(Control.ON) + control(Control.ATR))
    door.pull_out()
    assert slot.line.recv(1) == b""
    assert not door.inserted
    assert card.off.wait(SOON_S)


def test_a_card_that_leaves_in_the_middle_gives_no_answer(
    slot: Slot, door: VpcdDoor, card: PlainCard, listener: socket.socket
) -> None:
    card.pull_at = 0xB0
    slot.line.sendall(frame(READ_ICCID))
    assert slot.line.recv(1) == b""
    assert door.wait_removed(SOON_S)
    again = Slot(door, listener)
    with again.line:
        assert again.ask(control(Control.ATR)) == ATR


def test_a_reader_that_goes_is_seen(slot: Slot, door: VpcdDoor) -> None:
    assert not door.wait_removed(0.0)
    slot.line.close()
    assert door.wait_removed(SOON_S)
    assert not door.inserted


def test_another_card_may_follow_in_the_same_slot(slot: Slot, door: VpcdDoor, listener: socket.socket) -> None:
    other = bytes(reversed(ICCID))
    assert slot.ask(frame(READ_ICCID)) == ICCID + OK
    door.pull_out()
    door.insert(PlainCard(other))
    line, _ = listener.accept()
    with line:
        line.sendall(frame(READ_ICCID))
        assert line.recv(100) == frame(other + OK)


def test_two_cards_do_not_fit_into_one_slot(slot: Slot, door: VpcdDoor) -> None:
    with pytest.raises(RuntimeError, match="pull it out first"):
        door.insert()
    assert slot.ask(control(Control.ATR)) == ATR


def test_where_nobody_listens_nothing_is_inserted(card: PlainCard) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    door = VpcdDoor(card, "127.0.0.1", port)
    with pytest.raises(ConnectionError):
        door.insert()
    assert not door.inserted
    door.close()


def test_the_slot_is_left_empty_for_longer_than_pcscd_takes_to_look(card: PlainCard, listener: socket.socket) -> None:
    now = [100.0]
    door = VpcdDoor(card, "127.0.0.1", listener.getsockname()[1], clock=lambda: now[0])
    door.insert()
    door.pull_out()
    assert door._not_before == 100.0 + EMPTY_S > 100.4
    door.close()
