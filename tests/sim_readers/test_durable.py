"""A new file's name is written to disk with it; an old file costs nothing more."""

import subprocess
import sys
from pathlib import Path

import pytest

from sim_readers.durable import open_to_append

_WATCHED = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
from sim_readers.job.journal import CardJournal, Step
from sim_readers.ledger import Ledger
from sim_readers.secret import Secret
station, opened = Path(sys.argv[1]), []
sys.addaudithook(lambda event, told: opened.append(str(told[0])) if event == "open" else None)
def clock():
    return datetime(2026, 12, 1, tzinfo=UTC)
ledger, journal = Ledger(station, clock, "anna"), CardJournal(station, clock)
for write in (
    lambda: None,
    lambda: ledger.before("1", "ADM1", Secret(b"12345678"), 3),
    lambda: ledger.before("1", "ADM1", Secret(b"12345678"), 3),
    lambda: journal.note("job", "1", Step.BEGUN),
    lambda: journal.note("job", "1", Step.DONE),
):
    write()
    print(opened.count(str(station)), end=" ")
"""


def test_the_directory_is_written_to_disk_once_for_each_new_file(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _WATCHED, str(tmp_path / "station")]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert ended.stdout.split() == ["1", "2", "2", "3", "3"]


def test_where_there_is_no_directory_nothing_is_made(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        open_to_append(tmp_path / "none" / "attempts.jsonl")
    assert list(tmp_path.iterdir()) == []
