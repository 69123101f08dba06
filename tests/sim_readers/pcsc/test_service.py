import itertools
import threading
import time

import pytest

from sim_readers.emulator.vpcd_door import VpcdDoor
from sim_readers.errors import CardGone, NoReader
from sim_readers.pcsc.reader import PcscReader
from sim_readers.reader import Verdict
from sim_readers.readers.pcsc import diagnose, find, open_reader
from tests.sim_readers.pcscd import Pcscd
from tests.sim_readers.plain_card import ICCID, OK, READ_ICCID, PlainCard
from tests.sim_readers.slots import Slot

SOON_S = 10.0


def test_a_wait_outlives_a_restart_of_pcscd(pcscd: Pcscd, slot: Slot, reader: PcscReader, card: PlainCard) -> None:
    seen: list[bool] = []
    waiting = threading.Thread(target=lambda: seen.append(reader.wait_for_card(SOON_S)))
    waiting.start()
    time.sleep(0.2)
    pcscd.restart()
    slot.door.insert(card)
    waiting.join()
    assert seen == [True]
    assert reader.connect().transmit(READ_ICCID) == ICCID + OK


def test_pcscd_ending_in_the_middle_leaves_a_card_nobody_knows(
    pcscd: Pcscd, reader: PcscReader, door: VpcdDoor
) -> None:
    connection = reader.connect()
    pcscd.kill()
    with pytest.raises(CardGone, match="pcscd"):
        connection.transmit(READ_ICCID)
    connection.close()
    assert door.wait_removed(SOON_S)
    pcscd.resume()
    door.insert()
    assert reader.wait_for_card(SOON_S)
    assert reader.connect().transmit(READ_ICCID) == ICCID + OK


def test_without_pcscd_everything_says_what_to_do(pcscd: Pcscd, reader: PcscReader) -> None:
    pcscd.stop()
    try:
        for attempt in (reader.connect, lambda: reader.wait_for_card(0.0), lambda: open_reader("x")):
            with pytest.raises(NoReader, match=r"pcscd.*0x8010001D"):
                attempt()
        assert find() == ()
        symptoms = diagnose()
        assert [symptom.verdict for symptom in symptoms] == [Verdict.OK, Verdict.FAIL]
        assert "systemctl enable --now pcscd.socket" in symptoms[-1].advice
    finally:
        pcscd.resume()


def test_a_wait_does_not_outlive_a_pcscd_that_stays_away(pcscd: Pcscd) -> None:
    seconds = itertools.count(0.0, 3.0)
    reader = PcscReader(pcscd.reader_names[0], clock=lambda: next(seconds))
    pcscd.stop()
    try:
        with pytest.raises(NoReader, match="0x8010001D"):
            reader.wait_for_card(3600.0)
        assert 9.0 < next(seconds) < 30.0
    finally:
        pcscd.resume()
