"""The journal on SQLite: what was answered is on disk, whole units or nothing, and no unit pays for another's fault."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import bindparam, func, insert, select

from gateway.journal.journal import Conflict, JournalAway, JournalFull, Unit
from gateway.journal.schema import idempotency, insert_if_absent, insert_row, numbers, row_by, update_row
from gateway.journal.sqlite import MAX_UNITS_PER_COMMIT, JournalLocked, SqliteJournal

_NEW = insert_row(numbers)
_NEW_IF_ABSENT = insert_if_absent(numbers)
_STATE = update_row(numbers, "msisdn", "state")
_ONE = row_by(numbers, "msisdn")
_COUNT = select(func.count().label("n")).select_from(numbers)
_ROOT = Path(__file__).resolve().parents[3]
_BAD = insert(idempotency).values(key=bindparam("key"), payload_hash=None, answer="", at="")  # NOT NULL is broken


def number(name: str, unit: Unit | None = None) -> Unit:
    unit = unit or Unit()
    unit.add(_NEW, msisdn=name, state="free", line_id=None, order_id=None, free_at=None)
    return unit


def _count_elsewhere(file: Path) -> int:
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as other:
        found: int = other.execute("SELECT count(*) FROM numbers").fetchone()[0]
    other.close()
    return found


async def test_what_was_committed_is_seen_by_another_connection(journal: SqliteJournal, file: Path) -> None:
    await journal.commit(number("a"))
    assert _count_elsewhere(file) == 1
    (row,) = await journal.rows(_ONE, msisdn="a")
    assert row["state"] == "free"


async def test_every_commit_is_flushed_to_disk(journal: SqliteJournal) -> None:
    settings = {
        pragma: journal._writer.execute(f"PRAGMA {pragma}").fetchone()[0]
        for pragma in ("journal_mode", "synchronous", "foreign_keys")
    }
    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


async def test_many_at_once_are_all_written(journal: SqliteJournal, file: Path) -> None:
    count = MAX_UNITS_PER_COMMIT * 2 + 7
    await asyncio.gather(*(journal.commit(number(f"n{n}")) for n in range(count)))
    assert _count_elsewhere(file) == count


async def test_a_unit_is_written_whole_or_not_at_all(journal: SqliteJournal) -> None:
    unit = number("a")
    unit.add(_STATE, "number", where_msisdn="nobody", state="free")
    with pytest.raises(Conflict) as conflict:
        await journal.commit(unit)
    assert conflict.value.what == "number"
    assert not await journal.rows(_ONE, msisdn="a")


async def test_a_conflict_takes_back_its_own_unit_only(journal: SqliteJournal) -> None:
    await journal.commit(number("taken"))

    def unit(n: int) -> Unit:
        made = number(f"n{n}")
        if n % 3 == 0:
            made.add(_NEW_IF_ABSENT, "key", msisdn="taken", state="x", line_id=None, order_id=None, free_at=None)
        return number(f"m{n}", made)

    results = await asyncio.gather(*(journal.commit(unit(n)) for n in range(60)), return_exceptions=True)
    assert [isinstance(result, Conflict) for result in results] == [n % 3 == 0 for n in range(60)]
    written = {row["msisdn"] for row in await journal.rows(select(numbers))}
    assert written == {"taken"} | {f"{letter}{n}" for letter in "mn" for n in range(60) if n % 3}


async def test_one_unit_the_database_refuses_does_not_take_the_others_along(journal: SqliteJournal) -> None:
    def unit(n: int) -> Unit:
        made = number(f"n{n}")
        if n == 30:
            made.add(_BAD, key="k")
        return made

    results = await asyncio.gather(*(journal.commit(unit(n)) for n in range(60)), return_exceptions=True)
    assert [n for n, result in enumerate(results) if result is not None] == [30]
    assert isinstance(results[30], sqlite3.IntegrityError)
    (row,) = await journal.rows(_COUNT)
    assert row["n"] == 59


@pytest.mark.parametrize("value", ["\ud800", 2**80, object()])
async def test_a_value_no_database_can_hold_fails_its_unit_and_nothing_else(
    journal: SqliteJournal, value: object
) -> None:
    bad = Unit()
    bad.add(_NEW, msisdn=value, state="free", line_id=None, order_id=None, free_at=None)
    async with asyncio.timeout(60):
        results = await asyncio.gather(
            journal.commit(number("before")),
            journal.commit(bad),
            journal.commit(number("after")),
            return_exceptions=True,
        )
        assert [isinstance(result, Exception) for result in results] == [False, True, False]
        await journal.commit(number("later"))
    (row,) = await journal.rows(_COUNT)
    assert row["n"] == 3


async def test_a_disk_that_is_full_loses_nothing_that_was_answered(journal: SqliteJournal) -> None:
    await journal.commit(number("before"))
    pages = journal._writer.execute("PRAGMA page_count").fetchone()[0]
    journal._writer.execute(f"PRAGMA max_page_count={pages + 2}")
    results = await asyncio.gather(
        *(journal.commit(number(f"{n}-{'x' * 900}")) for n in range(60)), return_exceptions=True
    )
    journal._writer.execute("PRAGMA max_page_count=1000000")
    answered = sum(result is None for result in results)
    assert 0 < answered < 60
    assert all(isinstance(result, JournalAway) for result in results if result is not None)
    await journal.commit(number("after"))
    (row,) = await journal.rows(_COUNT)
    assert row["n"] == answered + 2


async def test_too_many_waiting_are_told_to_come_back(tmp_path: Path) -> None:
    journal = SqliteJournal(tmp_path / "small.db", max_waiting=5)
    results = await asyncio.gather(*(journal.commit(number(f"n{n}")) for n in range(500)), return_exceptions=True)
    full = sum(isinstance(result, JournalFull) for result in results)
    (row,) = await journal.rows(_COUNT)
    await journal.close()
    assert full > 0
    assert row["n"] == 500 - full
    assert JournalFull.retry_after_s >= 1


async def test_whoever_gave_up_waiting_does_not_stop_the_others(journal: SqliteJournal) -> None:
    tasks = [asyncio.create_task(journal.commit(number(f"n{n}"))) for n in range(20)]
    await asyncio.sleep(0)
    tasks[7].cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [n for n, result in enumerate(results) if result is not None] == [7]
    await journal.commit(number("after"))


async def test_closing_writes_what_waits(file: Path) -> None:
    journal = SqliteJournal(file)
    tasks = [asyncio.create_task(journal.commit(number(f"n{n}"))) for n in range(3000)]
    await asyncio.sleep(0)
    await journal.close()
    await asyncio.gather(*tasks)
    assert _count_elsewhere(file) == 3000


async def test_what_comes_after_closing_is_told_so(file: Path) -> None:
    journal = SqliteJournal(file)
    await journal.close()
    with pytest.raises(Exception, match="closed"):
        await asyncio.wait_for(journal.commit(number("late")), 2)
    assert _count_elsewhere(file) == 0


async def test_a_second_instance_is_locked_out_until_the_first_is_closed(file: Path) -> None:
    first = SqliteJournal(file)
    with pytest.raises(JournalLocked, match="another process"):
        SqliteJournal(file)
    await first.close()
    second = SqliteJournal(file)
    await second.commit(number("a"))
    await second.close()
    assert _count_elsewhere(file) == 1


async def test_another_process_is_locked_out(journal: SqliteJournal, file: Path) -> None:
    program = (
        "import asyncio, pathlib, sys\n"
        "from gateway.journal.sqlite import SqliteJournal\n"
        "async def main(): SqliteJournal(pathlib.Path(sys.argv[1]))\n"
        "asyncio.run(main())\n"
    )
    tried = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", program, str(file)],
        capture_output=True,
        check=False,
        cwd=_ROOT,
    )
    assert tried.returncode != 0
    assert b"JournalLocked" in tried.stderr
    await journal.commit(number("still ours"))
    assert _count_elsewhere(file) == 1


async def test_opening_again_finds_everything_and_migrates_nothing_twice(file: Path) -> None:
    for n in range(3):
        journal = SqliteJournal(file)
        await journal.commit(number(f"n{n}"))
        (row,) = await journal.rows(_COUNT)
        await journal.close()
        assert row["n"] == n + 1
