"""``linegate card …`` as a test calls it: at a station of its own, with cards in files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.card.cards import SECRETS, Table
from tests.cli.conftest import Ended, Linegate

Card = Callable[..., Ended]


@pytest.fixture
def table(tmp_path: Path) -> Table:
    return Table.laid(tmp_path)


@pytest.fixture
def station(tmp_path: Path) -> Path:
    return tmp_path / "station"


@pytest.fixture
def card(linegate: Linegate, station: Path) -> Card:
    """Run a card command; whatever it prints or keeps is searched for secrets."""

    def run(command: str, *arguments: str) -> Ended:
        ended = linegate("card", command, *arguments, "--station", str(station))
        kept = "".join(file.read_text("utf-8", "replace") for file in station.rglob("*.jsonl"))
        for secret in SECRETS:
            assert secret not in ended.out + ended.err + kept
        assert "Traceback" not in ended.err
        return ended

    return run
