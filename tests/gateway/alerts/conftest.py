"""An outbox over a journal of its own, with a scripted ESME and a clock that jumps."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.journal.sqlite import SqliteJournal
from tests.gateway.alerts.boxes import Box
from tests.gateway.alerts.centres import FakeEsme
from tests.gateway.rig import Time


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "journal.db"


@pytest.fixture
async def journal(file: Path) -> AsyncIterator[SqliteJournal]:
    opened = SqliteJournal(file)
    yield opened
    await opened.close()


@pytest.fixture
async def box(journal: SqliteJournal) -> Box:
    return Box(journal, Time(), FakeEsme())
