"""The table of deadlines: read by its indexes, in time's own order whatever zone a time was written in."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from gateway.journal.journal import Unit
from gateway.journal.migrate import upgrade
from gateway.journal.sqlite import SqliteJournal
from gateway.orders import diary

EIGHT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
NOUMEA = timezone(timedelta(hours=11))


async def test_times_of_all_zones_are_one_order(tmp_path: Path) -> None:
    journal, unit = SqliteJournal(tmp_path / "journal.db"), Unit()
    diary.add(unit, "line", "later", EIGHT + timedelta(minutes=1))
    diary.add(unit, "line", "sooner", (EIGHT - timedelta(minutes=1)).astimezone(NOUMEA))
    diary.add(unit, "line", "told", EIGHT)
    diary.set_proposed(unit, "line", "told", EIGHT)
    await journal.commit(unit)
    due = [row["name"] for row in await diary.due(journal, EIGHT)]
    first = await diary.up_to(journal, EIGHT.astimezone(NOUMEA), 1)
    rest = await diary.up_to(journal, EIGHT, 10, diary.place_of(first[0]))
    following = await diary.next_due(journal)
    await journal.close()
    assert due == ["sooner"]
    assert [row["name"] for row in (*first, *rest)] == ["sooner", "told"]
    assert following == EIGHT - timedelta(minutes=1)


@pytest.mark.parametrize(
    ("condition", "index"), [("proposed_at IS NULL AND ", "deadlines_due"), ("", "deadlines_by_time")]
)
def test_they_are_found_without_reading_all_of_them(tmp_path: Path, condition: str, index: str) -> None:
    upgrade(f"sqlite:///{tmp_path / 'journal.db'}")
    asked = f"SELECT * FROM deadlines WHERE {condition} (due_at, line_id, name) > ('', '', '') AND due_at <= 'x'"
    with closing(sqlite3.connect(tmp_path / "journal.db")) as database:
        plan = str(database.execute(f"EXPLAIN QUERY PLAN {asked} ORDER BY due_at, line_id, name").fetchall())
    assert f"USING INDEX {index} " in plan
    assert "TEMP B-TREE" not in plan
