import subprocess
import sys

import pytest

from sim_readers.errors import NoReader
from sim_readers.pcsc.reader import choose
from sim_readers.reader import Verdict
from sim_readers.readers.pcsc import diagnose, find, open_reader
from tests.sim_readers.pcscd import SOCKET, Pcscd
from tests.sim_readers.plain_card import ICCID, OK, READ_ICCID, PlainCard
from tests.sim_readers.slots import Slots

SOON_S = 10.0
DIAGNOSE = "from sim_readers.readers.pcsc import diagnose; [print(s.check, s.verdict, s.advice) for s in diagnose()]"


def test_readers_are_found_by_name(pcscd: Pcscd) -> None:
    assert [*find()] == pcscd.reader_names


def test_a_reader_is_opened_by_a_pattern_too(slots: Slots) -> None:
    slot = slots.insert(PlainCard())
    pattern = f"/{slot.reader_name[-7:]}$/"
    reader = open_reader(pattern)
    assert reader.wait_for_card(SOON_S)
    assert reader.connect().transmit(READ_ICCID) == ICCID + OK
    assert reader.name == f"pcsc:{pattern}"
    reader.close()


def test_a_pattern_that_matches_several_readers_lists_them(pcscd: Pcscd) -> None:
    with pytest.raises(NoReader, match="make it match one") as several:
        open_reader("/Linegate/")
    assert all(name in str(several.value) for name in pcscd.reader_names)


def test_a_name_nobody_bears_lists_those_there_are(pcscd: Pcscd) -> None:
    with pytest.raises(NoReader, match=pcscd.reader_names[3]):
        open_reader("Linegate")


def test_a_broken_pattern_is_refused() -> None:
    with pytest.raises(NoReader, match="no regular expression"):
        choose(["a"], "/[/")


def test_the_diagnosis_tells_of_every_reader(pcscd: Pcscd, slots: Slots) -> None:
    slot = slots.insert(PlainCard())
    reader = open_reader(slot.reader_name)
    assert reader.wait_for_card(SOON_S)
    symptoms = {symptom.check: symptom for symptom in diagnose()}
    assert [*symptoms] == ["pyscard", "pcscd", *pcscd.reader_names]
    assert symptoms[slot.reader_name].found == "a card is in it"
    reader.connect()
    held = {symptom.check: symptom for symptom in diagnose()}[slot.reader_name]
    assert (held.verdict, held.found) == (Verdict.WARN, "another program holds its card")
    reader.close()


def test_the_diagnosis_names_what_is_missing(pcscd: Pcscd) -> None:
    without_pyscard = [sys.executable, "-c", f"import sys; sys.modules['smartcard'] = None; {DIAGNOSE}"]
    run = subprocess.run(without_pyscard, capture_output=True, check=True, timeout=60)
    assert run.stdout.startswith(b"pyscard fail readers at PC/SC need pyscard: pip install 'linegate[pcsc]'")
    left_behind = {**pcscd.environment(), SOCKET: str(pcscd.socket.parent)}
    run = subprocess.run([sys.executable, "-c", DIAGNOSE], env=left_behind, capture_output=True, check=True, timeout=60)
    assert b"pcscd fail pcscd has left its socket behind" in run.stdout
