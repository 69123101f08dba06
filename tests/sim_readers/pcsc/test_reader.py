import subprocess
import sys
import threading
import time

import pytest

from sim_readers.emulator.vpcd_door import VpcdDoor
from sim_readers.errors import CardGone, NoCard, NoReader, ReaderBusy
from sim_readers.pcsc.reader import PcscReader
from sim_readers.reader import Transmission
from sim_readers.readers.pcsc import open_reader
from tests.sim_readers.pcscd import Pcscd
from tests.sim_readers.plain_card import (
    ADM,
    ATR,
    ICCID,
    NOT_ALLOWED,
    OK,
    READ_ICCID,
    SELECT_MF,
    UPDATE,
    VERIFY_ADM,
    PlainCard,
)
from tests.sim_readers.slots import Slot, Slots

SOON_S = 10.0
INTRUDER = """
import sys
from smartcard import scard
_, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_SYSTEM)
code, card, _ = scard.SCardConnect(context, sys.argv[1], scard.SCARD_SHARE_SHARED, scard.SCARD_PROTOCOL_T0)
if not code:
    code, answer = scard.SCardTransmit(card, scard.SCARD_PCI_T0, list(bytes.fromhex(sys.argv[2])))
print(bytes(answer).hex() if not code else f"{code & 0xFFFFFFFF:08X}")
"""


def intruder(pcscd: Pcscd, reader: str, command: bytes) -> str:
    """What another program gets to see that wants to share our card."""
    arguments = [sys.executable, "-c", INTRUDER, reader, command.hex()]
    run = subprocess.run(arguments, env=pcscd.environment(), capture_output=True, check=True, timeout=60)
    return run.stdout.decode().strip()


def test_a_card_can_be_spoken_to(reader: PcscReader, door: VpcdDoor) -> None:
    connection = reader.connect()
    assert connection.atr == ATR
    assert connection.transmission is Transmission.T0
    assert connection.transmit(SELECT_MF) == OK
    assert connection.transmit(READ_ICCID) == ICCID + OK
    assert door.inserted


def test_another_program_is_kept_out_while_we_hold_the_card(
    pcscd: Pcscd, slot: Slot, reader: PcscReader, door: VpcdDoor
) -> None:
    connection = reader.connect()
    connection.transmit(VERIFY_ADM)
    assert intruder(pcscd, slot.reader_name, UPDATE) == "8010000B"
    assert connection.transmit(UPDATE) == OK
    assert door.inserted


def test_another_program_cannot_use_the_key_we_verified(
    pcscd: Pcscd, slot: Slot, reader: PcscReader, door: VpcdDoor
) -> None:
    connection = reader.connect()
    assert (connection.transmit(VERIFY_ADM), connection.transmit(UPDATE)) == (OK, OK)
    connection.close()
    assert intruder(pcscd, slot.reader_name, UPDATE) == NOT_ALLOWED.hex()
    assert door.inserted


def test_we_cannot_use_a_key_another_program_verified(
    pcscd: Pcscd, slot: Slot, reader: PcscReader, door: VpcdDoor, card: PlainCard
) -> None:
    assert intruder(pcscd, slot.reader_name, VERIFY_ADM) == OK.hex()
    assert card.seen[-1].endswith(ADM)
    assert reader.connect().transmit(UPDATE) == NOT_ALLOWED
    assert door.inserted


def test_a_reset_forgets_the_key(reader: PcscReader, door: VpcdDoor, card: PlainCard) -> None:
    connection = reader.connect()
    connection.transmit(VERIFY_ADM)
    before = card.resets
    assert connection.reset() == ATR
    assert connection.transmit(UPDATE) == NOT_ALLOWED
    assert card.resets == before + 1
    assert door.inserted


def test_closing_takes_the_power(reader: PcscReader, door: VpcdDoor, card: PlainCard) -> None:
    connection = reader.connect()
    connection.close()
    connection.close()
    assert card.off.wait(SOON_S)
    with pytest.raises(CardGone, match="connect again"):
        connection.transmit(READ_ICCID)
    assert door.inserted


def test_a_held_card_is_busy_for_the_next(reader: PcscReader, door: VpcdDoor) -> None:
    reader.connect()
    with pytest.raises(ReaderBusy, match=r"another program holds the card.*0x8010000B"):
        reader.connect()
    assert door.inserted


def test_an_empty_reader_has_no_card(reader: PcscReader) -> None:
    assert not reader.wait_for_card(0.0)
    with pytest.raises(NoCard, match=r"insert one.*0x8010000C"):
        reader.connect()


def test_coming_and_going_are_seen(reader: PcscReader, door: VpcdDoor) -> None:
    assert not reader.wait_for_removal(0.0)
    door.pull_out()
    assert reader.wait_for_removal(SOON_S)
    door.insert()
    assert reader.wait_for_card(SOON_S)


def test_cards_are_swapped_again_and_again(reader: PcscReader, door: VpcdDoor) -> None:
    for n in range(3):
        door.pull_out()
        door.insert(PlainCard(bytes((n,)) * 10))
        assert reader.wait_for_card(SOON_S)
        connection = reader.connect()
        assert connection.transmit(READ_ICCID) == bytes((n,)) * 10 + OK
        if n:  # pulled before we let go, or after: both must leave a slot that works
            door.pull_out()
        connection.close()


def test_a_card_pulled_out_in_the_middle_is_gone_and_stays_gone(
    reader: PcscReader, door: VpcdDoor, card: PlainCard
) -> None:
    connection = reader.connect()
    card.pull_at = 0xD6
    with pytest.raises(CardGone, match=r"taken out.*0x80100016"):
        connection.transmit(UPDATE)
    door.insert(PlainCard())
    assert reader.wait_for_card(SOON_S)
    with pytest.raises(CardGone, match="connect again"):
        connection.transmit(READ_ICCID)


def test_an_answer_too_short_ends_the_connection(reader: PcscReader, door: VpcdDoor, card: PlainCard) -> None:
    connection = reader.connect()
    card.says = b"\x90"
    with pytest.raises(CardGone):
        connection.transmit(READ_ICCID)
    with pytest.raises(CardGone, match="connect again"):
        connection.transmit(READ_ICCID)
    assert door.inserted


def test_a_mute_card_is_no_card(reader: PcscReader, door: VpcdDoor, card: PlainCard) -> None:
    card.atr = b"\x3b"
    with pytest.raises(NoCard):
        reader.connect()
    assert door.inserted


def test_readers_do_not_wait_for_one_another(slots: Slots) -> None:
    cards = [PlainCard(bytes((n,)) * 10) for n in range(4)]
    readers = [open_reader(slots.insert(card).reader_name) for card in cards]
    read: dict[int, bytes] = {}

    def work(n: int) -> None:
        assert readers[n].wait_for_card(SOON_S)
        read[n] = readers[n].connect().transmit(READ_ICCID)

    cards[0].hold.clear()
    threads = [threading.Thread(target=work, args=(n,)) for n in range(len(readers))]
    for thread in threads:
        thread.start()
    for thread in threads[1:]:
        thread.join(SOON_S)
    others = sorted(read)
    cards[0].hold.set()
    threads[0].join(SOON_S)
    for reader in readers:
        reader.close()
    assert others == [1, 2, 3]
    assert read == {n: bytes((n,)) * 10 + OK for n in range(len(readers))}


def test_closing_from_another_thread_ends_a_wait_soon(reader: PcscReader) -> None:
    threading.Timer(0.1, reader.close).start()
    begun = time.monotonic()
    assert not reader.wait_for_card(60.0)
    assert time.monotonic() - begun < SOON_S


def test_a_closed_reader_connects_no_more(reader: PcscReader, door: VpcdDoor, card: PlainCard) -> None:
    reader.connect()
    reader.close()
    assert card.off.wait(SOON_S)
    with pytest.raises(NoReader, match="closed"):
        reader.connect()
    assert card.off.is_set()
    assert door.inserted
