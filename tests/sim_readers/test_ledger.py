import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sim_readers.ledger import Ledger, LedgerBroken, Outcome
from sim_readers.secret import Secret

ICCID = "8933019000000000011"
RIGHT, OTHER = Secret(b"12345678"), Secret(b"87654321")


def _ledger(directory: Path) -> Ledger:
    return Ledger(directory, lambda: datetime(2026, 12, 1, tzinfo=UTC), "anna")


def _outcomes(ledger: Ledger, secret: Secret = RIGHT) -> list[Outcome | None]:
    return [attempt.outcome for attempt in ledger.attempts(ICCID, "ADM1", secret)]


def test_an_attempt_is_known_again_by_another_process_with_what_became_of_it(tmp_path: Path) -> None:
    first = _ledger(tmp_path)
    number = first.before(ICCID, "ADM1", RIGHT, 3)
    assert _outcomes(_ledger(tmp_path)) == [None]
    first.after(number, Outcome.WRONG, 2)
    assert _outcomes(_ledger(tmp_path)) == [Outcome.WRONG]


def test_another_key_another_card_and_another_name_are_other_attempts(tmp_path: Path) -> None:
    ledger = _ledger(tmp_path)
    ledger.after(ledger.before(ICCID, "ADM1", RIGHT, 3), Outcome.WRONG, 2)
    assert ledger.attempts(ICCID, "ADM1", OTHER) == []
    assert ledger.attempts(ICCID, "PIN1", RIGHT) == []
    assert ledger.attempts("8933019000000000029", "ADM1", RIGHT) == []


def test_two_ledgers_of_one_station_see_each_other_s_attempts_as_they_are_made(tmp_path: Path) -> None:
    here, there = _ledger(tmp_path), _ledger(tmp_path)
    assert _outcomes(there) == []
    number = here.before(ICCID, "ADM1", RIGHT, 3)
    assert _outcomes(there) == [None]
    there.after(number, Outcome.RIGHT)
    assert _outcomes(here) == [Outcome.RIGHT]


def test_the_key_stands_nowhere_in_the_station_s_files(tmp_path: Path) -> None:
    ledger = _ledger(tmp_path)
    ledger.after(ledger.before(ICCID, "ADM1", RIGHT, 3), Outcome.WRONG, 2)
    kept = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert ICCID.encode() in kept
    assert not any(form in kept for form in (b"12345678", b"3132333435363738"))


def test_only_the_operator_can_read_the_files(tmp_path: Path) -> None:
    _ledger(tmp_path / "station").before(ICCID, "ADM1", RIGHT, 3)
    modes = {file.name: file.stat().st_mode & 0o777 for file in (tmp_path / "station").iterdir()}
    assert modes == {"attempts.jsonl": 0o600, "station.key": 0o600}


def test_a_line_torn_by_a_loss_of_power_neither_counts_nor_swallows_the_next(tmp_path: Path) -> None:
    ledger = _ledger(tmp_path)
    number = ledger.before(ICCID, "ADM1", RIGHT, 3)
    with (tmp_path / "attempts.jsonl").open("ab") as file:
        file.write(b'{"attempt":"torn","icc')
    ledger.after(number, Outcome.WRONG, 2)
    assert _outcomes(_ledger(tmp_path)) == [Outcome.WRONG]


def test_every_attempt_is_a_line_that_people_can_read(tmp_path: Path) -> None:
    _ledger(tmp_path).before(ICCID, "ADM1", RIGHT, 3)
    (line,) = (tmp_path / "attempts.jsonl").read_text().splitlines()
    told = json.loads(line)
    assert {name: told[name] for name in ("iccid", "key", "tries", "operator", "at")} == {
        "iccid": ICCID,
        "key": "ADM1",
        "tries": 3,
        "operator": "anna",
        "at": "2026-12-01T00:00:00+00:00",
    }


def test_a_ledger_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    ledger = _ledger(tmp_path)
    (tmp_path / "attempts.jsonl").mkdir()
    with pytest.raises(LedgerBroken, match=r"attempts.jsonl cannot be used"):
        ledger.before(ICCID, "ADM1", RIGHT, 3)


def test_a_damaged_station_key_is_never_replaced_in_silence(tmp_path: Path) -> None:
    _ledger(tmp_path)
    (tmp_path / "station.key").write_bytes(b"short")
    with pytest.raises(LedgerBroken, match=r"station.key is damaged"):
        _ledger(tmp_path)


_ONE_OF_MANY = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from sim_readers.ledger import Ledger, Outcome
from sim_readers.secret import Secret
ledger = Ledger(Path(sys.argv[1]), lambda: datetime.now(UTC), "many")
for _ in range(25):
    ledger.after(ledger.before(sys.argv[2], "ADM1", Secret(b"12345678"), 3), Outcome.RIGHT)
"""


def test_many_processes_that_start_together_share_one_ledger(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _ONE_OF_MANY, str(tmp_path / "station"), ICCID]
    processes = [subprocess.Popen(command) for _ in range(6)]
    assert [process.wait(timeout=60) for process in processes] == [0] * 6
    assert _outcomes(_ledger(tmp_path / "station")) == [Outcome.RIGHT] * 150


def test_a_station_key_that_is_gone_is_not_replaced_once_there_are_attempts(tmp_path: Path) -> None:
    _ledger(tmp_path).before(ICCID, "ADM1", RIGHT, 3)
    (tmp_path / "station.key").unlink()
    with pytest.raises(LedgerBroken, match=r"station.key is gone"):
        _ledger(tmp_path)


@pytest.mark.parametrize("line", ["17", "[]", '{"attempt":"a"}', '{"attempt":"a","iccid":"b","key":"c","tries":3}'])
def test_a_line_that_nobody_here_wrote_is_not_passed_over(tmp_path: Path, line: str) -> None:
    ledger = _ledger(tmp_path)
    (tmp_path / "attempts.jsonl").write_text(line + "\n")
    with pytest.raises(LedgerBroken, match="a line nobody here wrote"):
        ledger.attempts(ICCID, "ADM1", RIGHT)


def test_a_directory_that_cannot_be_made_is_a_broken_ledger(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LedgerBroken, match="free its disk or give access"):
        _ledger(tmp_path / "file" / "station")


_ON_A_FULL_DISK = """
import resource, sys
from datetime import UTC, datetime
from pathlib import Path
from sim_readers.ledger import Ledger, LedgerBroken
from sim_readers.secret import Secret
ledger = Ledger(Path(sys.argv[1]), lambda: datetime(2026, 12, 1, tzinfo=UTC), "anna")
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
try:
    ledger.before(sys.argv[3], "ADM1", Secret(b"12345678"), 3)
except LedgerBroken as broken:
    sys.exit("full" if "free its disk" in str(broken) else str(broken))
"""


@pytest.mark.parametrize("room", [0, 40])
def test_on_a_disk_with_room_for_half_a_line_no_attempt_may_be_made(tmp_path: Path, room: int) -> None:
    command = [sys.executable, "-c", _ON_A_FULL_DISK, str(tmp_path), str(room), ICCID]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.stderr.strip() == "full"
    assert _outcomes(_ledger(tmp_path)) == []


def test_wrong_keys_are_counted_until_a_right_one_and_those_cut_off_with_them(tmp_path: Path) -> None:
    ledger = _ledger(tmp_path)
    ledger.after(ledger.before(ICCID, "ADM1", OTHER, None), Outcome.WRONG)
    ledger.before(ICCID, "ADM1", RIGHT, None)
    assert ledger.wrong_on(ICCID, "ADM1") == 2
    ledger.after(ledger.before(ICCID, "ADM1", RIGHT, None), Outcome.NOT_HEARD)
    assert ledger.wrong_on(ICCID, "ADM1") == 2
    ledger.holds_now(ICCID, "ADM1", RIGHT)
    assert ledger.wrong_on(ICCID, "ADM1") == 0
