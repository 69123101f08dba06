"""What has to reach the gateway one day survives power cuts, other processes, and is struck out once."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.cli.card.outbox import Outbox


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "facts.jsonl"


def test_it_waits_until_it_is_struck_out(file: Path) -> None:
    outbox = Outbox(file)
    for name in ("a", "b"):
        outbox.add({"id": name})
    outbox.strike(["a"])
    assert [one["id"] for one in outbox.waiting()] == ["b"]
    assert [one["id"] for one in Outbox(file).waiting()] == ["b"]
    assert [one["id"] for one in outbox.everything()] == ["a", "b"]
    assert file.stat().st_mode & 0o777 == 0o600


def test_what_another_process_appends_is_seen(file: Path) -> None:
    ours, theirs = Outbox(file), Outbox(file)
    assert ours.waiting() == []
    theirs.add({"id": "a"})
    assert [one["id"] for one in ours.waiting()] == ["a"]
    theirs.strike(["a"])
    assert ours.waiting() == []


def test_a_line_torn_by_a_loss_of_power_costs_nothing_else(file: Path) -> None:
    outbox = Outbox(file)
    outbox.add({"id": "a"})
    with file.open("ab") as torn:
        torn.write(b'{"id":"b","wh')
    assert [one["id"] for one in outbox.waiting()] == ["a"]
    outbox.add({"id": "c"})
    assert [one["id"] for one in Outbox(file).waiting()] == ["a", "c"]
    assert [one["id"] for one in outbox.waiting()] == ["a", "c"]


def test_written_down_anew_it_waits_again(file: Path) -> None:
    outbox = Outbox(file)
    outbox.add({"id": "a", "n": 1})
    outbox.strike(["a"])
    outbox.add({"id": "a", "n": 2})
    assert outbox.waiting() == [{"id": "a", "n": 2}]
