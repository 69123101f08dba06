import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sim_readers.job.journal import CardJournal, Step
from sim_readers.ledger import LedgerBroken

ICCID, OTHER = "8933019000000000011", "8933019000000000029"


def _journal(directory: Path) -> CardJournal:
    return CardJournal(directory, lambda: datetime(2026, 12, 1, tzinfo=UTC))


def test_how_far_a_card_has_come_is_known_to_the_next_process(tmp_path: Path) -> None:
    first = _journal(tmp_path)
    assert first.step("job", ICCID) is None
    for step in (Step.BEGUN, Step.KEYS, Step.DONE):
        first.note("job", ICCID, step)
        assert _journal(tmp_path).step("job", ICCID) is step
    assert _journal(tmp_path).step("another", ICCID) is None


def test_only_cards_whose_last_step_is_done_are_done(tmp_path: Path) -> None:
    journal = _journal(tmp_path)
    journal.note("job", ICCID, Step.DONE)
    journal.note("job", OTHER, Step.DONE)
    journal.note("job", OTHER, Step.FAILED, {"why": "6581"})
    journal.note("another", OTHER, Step.DONE)
    assert _journal(tmp_path).done("job") == {ICCID}


@pytest.mark.parametrize("torn", [b'{"at":"2026', b"\x00" * 40, b"\xff\xfe", b"17\n", b'{"job":"job","iccid":"'])
def test_a_torn_line_is_not_believed_and_does_not_swallow_the_next(tmp_path: Path, torn: bytes) -> None:
    _journal(tmp_path).note("job", ICCID, Step.BEGUN)
    with (tmp_path / "cards.jsonl").open("ab") as file:
        file.write(torn)
    again = _journal(tmp_path)
    assert again.step("job", ICCID) is Step.BEGUN
    again.note("job", ICCID, Step.DONE)
    assert _journal(tmp_path).step("job", ICCID) is Step.DONE


def test_a_journal_that_cannot_be_written_stops_the_work_with_advice(tmp_path: Path) -> None:
    journal = _journal(tmp_path)
    (tmp_path / "cards.jsonl").mkdir()
    with pytest.raises(LedgerBroken, match=r"cards.jsonl cannot be written"):
        journal.note("job", ICCID, Step.BEGUN)
    assert journal.step("job", ICCID) is None


_ON_A_FULL_DISK = """
import resource, sys
from datetime import UTC, datetime
from pathlib import Path
from sim_readers.job.journal import CardJournal, Step
from sim_readers.ledger import LedgerBroken
journal = CardJournal(Path(sys.argv[1]), lambda: datetime(2026, 12, 1, tzinfo=UTC))
resource.setrlimit(resource.RLIMIT_FSIZE, (20, 20))
try:
    journal.note("job", sys.argv[2], Step.DONE)
except LedgerBroken:
    sys.exit("full")
"""


def test_on_a_disk_with_room_for_half_a_line_no_step_is_taken(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _ON_A_FULL_DISK, str(tmp_path), ICCID]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.stderr.strip() == "full"
    assert _journal(tmp_path).step("job", ICCID) is None
