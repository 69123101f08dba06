"""Cards pulled out and stations that lose power in the middle: inserted again, they go on, and it has cost no try."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from sim_readers.emulator.blank import blank
from sim_readers.emulator.faults import Faults, SlowCard
from tests.cli.card.cards import ICCIDS, Table, data_of, image
from tests.cli.card.slot import free_port, put_in
from tests.cli.conftest import Process, Start

ADM1 = 0x0A


def begun(start: Start, table: Table, port: int) -> Process:
    arguments = ("card", "apply", table.job, "--cards", table.cards, "--reader", f"vpcd:127.0.0.1:{port}", "--json")
    return start((*arguments, "--station", "station", "--wait", "30"))


@pytest.mark.parametrize("at", [20, 40, 60])
def test_a_card_pulled_out_goes_on_when_it_is_inserted_again(start: Start, table: Table, at: int) -> None:
    card = blank(image(), data_of(ICCIDS[0]), faults=Faults(pull_out_at=at))
    port = free_port()
    process = begun(start, table, port)
    slot = put_in(card, port)
    out, err = process.communicate(timeout=60)
    slot.pull_out()
    assert (process.returncode, json.loads(out)["outcome"], "insert it again" in err) == (1, "torn", True)
    again = begun(start, table, port)
    slot = put_in(card, port)
    out, err = again.communicate(timeout=60)
    slot.close()
    told = json.loads(out)
    assert (again.returncode, told["outcome"], told["proven"]) == (0, "written", True), err
    assert card.tries(ADM1) == 3


def test_a_station_that_loses_power_goes_on_where_it_was(start: Start, table: Table, tmp_path: Path) -> None:
    card = blank(image(), data_of(ICCIDS[0]))
    port = free_port()
    process = begun(start, table, port)
    slot = put_in(SlowCard(card, time.sleep, per_tpdu_s=0.02), port)
    journal = tmp_path / "station" / "cards.jsonl"
    while not (journal.exists() and journal.read_text().endswith("\n")):
        assert process.poll() is None
    process.kill()
    process.wait()
    slot.pull_out()
    assert [json.loads(line)["step"] for line in journal.read_text().splitlines()] == ["begun"]
    again = begun(start, table, port)
    slot = put_in(card, port)
    out, err = again.communicate(timeout=60)
    slot.close()
    told = json.loads(out)
    assert (again.returncode, told["outcome"], told["proven"]) == (0, "written", True), err
    assert card.tries(ADM1) == 3
