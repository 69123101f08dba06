"""A USIM that has keys of its own for the GSM context: they are written and proven with the others."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from sim_readers.job.journal import Step
from sim_readers.job.outcome import Outcome
from tests.sim_readers.direct import Direct
from tests.sim_readers.job.one_card import DATA, KI, OPC, Inserted, apply, card, put, workshop, writes

AF20, AF22 = "ADF.USIM/AF20", "ADF.USIM/AF22"
CONTENT = b"\x14" + KI.reveal() + OPC.reveal()
OTHERS = "14" + "00" * 15 + "03" + "00" * 15 + "04"


@dataclass
class Keeps(Direct):
    """Says that it wrote one file, and did not."""

    file: str = AF22
    _here: bool = False

    def transmit(self, command: bytes) -> bytes:
        if command[1] == 0xA4:
            self._here = command.hex().upper().endswith("7FFF" + self.file[-4:])
        return b"\x90\x00" if command[1] == 0xD6 and self._here else super().transmit(command)


@pytest.mark.parametrize("name", ["sja2", "sja5"])
def test_all_key_files_are_written_and_that_of_the_proof_last(tmp_path: Path, name: str) -> None:
    fresh = card(name)
    assert apply(workshop(tmp_path), fresh).well
    assert [fresh.content(path) for path in (AF20, AF22, "ADF.ISIM/AF20", "3F00/A515/6F20")] == [CONTENT] * 4
    assert [tpdu[-2:].hex().upper() for tpdu in fresh.heard if tpdu[1] == 0xA4 and tpdu[-2] == 0xAF][-2:] == [
        AF22[-4:],
        AF20[-4:],
    ]


def test_a_card_that_keeps_other_keys_for_the_gsm_context_is_not_proven(tmp_path: Path) -> None:
    faulty = card()
    put(faulty, AF22, OTHERS)
    station = workshop(tmp_path)
    result = station.apply(Inserted(Keeps(faulty)))
    assert result.outcome is Outcome.FAILED
    assert "other keys for the GSM context" in result.reasons[0]
    assert faulty.content(AF20) == CONTENT
    assert station.bench.journal.step("one", DATA.iccid) is Step.FAILED


def test_a_finished_card_whose_other_keys_went_astray_is_written_again(tmp_path: Path) -> None:
    station, done = workshop(tmp_path), card()
    assert apply(station, done).well
    put(done, AF22, OTHERS)
    again = apply(station, done)
    assert (again.outcome, done.content(AF22)) == (Outcome.WRITTEN, CONTENT)


def test_where_keys_are_only_checked_other_keys_of_the_gsm_context_are_found(tmp_path: Path) -> None:
    done = card()
    assert apply(workshop(tmp_path), done).well
    put(done, AF22, OTHERS)
    before = writes(done)
    result = apply(workshop(tmp_path, keys="check"), done)
    assert (result.outcome, writes(done)) == (Outcome.FAILED, before)
    assert "GSM context" in result.reasons[0]


def test_a_card_that_offers_no_gsm_context_is_well_without_it(tmp_path: Path) -> None:
    station = workshop(tmp_path, files={"EF.UST": [1, 2]})
    without = card()
    assert apply(station, without).well
    assert without.content(AF22) == CONTENT
