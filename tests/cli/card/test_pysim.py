"""The technician's own pySim writes, at a real pcscd; plan, keys and verdict are ours, whatever it prints."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sim_readers.emulator.blank import blank
from sim_readers.emulator.card import VirtualCard
from sim_readers.emulator.vpcd_door import VpcdDoor
from tests.cli.card import shell_stand_in
from tests.cli.card.cards import ADM, ICCIDS, SECRETS, Table, data_of, image
from tests.cli.conftest import Ended, Start
from tests.sim_readers.pcscd import SOCKET, Pcscd, private_pcscd

Run = Callable[..., Ended]


@pytest.fixture(scope="module")
def daemon() -> Iterator[Pcscd]:
    with private_pcscd(1) as running:
        yield running


@pytest.fixture(scope="module")
def slot(daemon: Pcscd) -> VpcdDoor:
    """One for all tests: it knows how long it must stay empty between two cards."""
    return VpcdDoor(blank(image(), data_of(ICCIDS[0])), "127.0.0.1", daemon.ports[0])


@pytest.fixture
def card(slot: VpcdDoor) -> Iterator[VirtualCard]:
    """A card with IMSI and keys, and nothing else, in the first reader."""
    made = blank(image(), data_of(ICCIDS[0]), keys_inside=True)
    slot.insert(made)
    yield made
    slot.pull_out()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    folder = tmp_path / "pysim"
    folder.mkdir()
    shutil.copyfile(str(shell_stand_in.__file__), folder / "pySim-shell.py")
    (folder / "manner").write_text("obey")
    return folder


@pytest.fixture
def run(start: Start, daemon: Pcscd, table: Table, checkout: Path) -> Run:
    def call(*arguments: str, reader: str = daemon.reader_names[0]) -> Ended:
        bridge = ("--checkout", str(checkout), "--python", sys.executable, "--cards", table.cards, "--reader", reader)
        process = start(
            ("card", "pysim", table.job, *bridge, "--station", "station", *arguments), {SOCKET: str(daemon.socket)}
        )
        out, err = process.communicate(timeout=100)
        kept = "".join(file.read_text("utf-8", "replace") for file in (checkout.parent / "station").rglob("*.jsonl"))
        assert not [secret for secret in SECRETS if secret in out + err + kept]
        assert "Traceback" not in err
        return Ended(process.returncode, out, err)

    return call


def facts(table: Table) -> list[str]:
    kept = (table.directory / "station" / "facts.jsonl").read_text().splitlines()
    return [str(json.loads(line)["what"]) for line in kept]


def test_pysim_writes_what_differs_and_the_card_is_proven(
    run: Run, table: Table, card: VirtualCard, checkout: Path
) -> None:
    planned = run("--json")
    assert (planned.code, planned.document["outcome"], planned.document["proven"]) == (0, "written", True), planned.err
    assert "EF.SPN" in [one["file"] for one in planned.document["planned"]["differences"]]
    assert planned.document["plan"]["differences"] == []
    assert (planned.document["pysim"]["succeeded"], "ADM1 ******" in planned.document["pysim"]["output"]) == (
        True,
        True,
    )
    assert card.content("ADF.USIM/6F46")[1:14] == b"Technicophone"
    (checkout / "ran").unlink()
    again = run()
    assert (again.code, "AS WISHED ALREADY" in again.out, (checkout / "ran").exists()) == (0, True, False)
    assert facts(table) == ["personalised", "checked"]


@pytest.mark.parametrize("manner", ["nothing", "half"])
def test_a_pysim_that_says_nothing_wrong_and_does_not_write_is_found_out(
    run: Run, table: Table, card: VirtualCard, checkout: Path, manner: str
) -> None:
    (checkout / "manner").write_text(manner)
    left = {"nothing": "EF.ACC, EF.AD, EF.SPN, EF.SMSP", "half": "EF.SMSP"}[manner]
    ended = run("--json")
    assert (ended.code, ended.document["outcome"], ended.document["pysim"]["succeeded"]) == (1, "failed", True)
    assert f"not as wished: {left}\n" in ended.err
    assert (facts(table), card.tries(0x0A)) == (["failed"], 3)


def test_a_pysim_that_complains_of_a_card_that_is_right_does_not_spoil_it(
    run: Run, card: VirtualCard, checkout: Path
) -> None:
    assert card.tries(0x0A) == 3
    (checkout / "manner").write_text("complain")
    ended = run()
    assert (ended.code, "SwMatchError" in ended.out, "DONE: WRITTEN AND PROVEN" in ended.out) == (0, True, True)


def test_a_key_the_card_refuses_is_presented_once_and_by_us(
    run: Run, table: Table, card: VirtualCard, checkout: Path
) -> None:
    listed = Path(table.cards)
    listed.write_text(listed.read_text().replace(ADM, "87654321"))
    first = run("--json")
    assert (first.code, first.document["outcome"], first.document["pysim"]) == (5, "key_refused", None)
    again = run("--accept-tries", "2")
    assert (again.code, "refused this very key before" in again.err) == (1, True)
    assert (card.tries(0x0A), (checkout / "ran").exists(), facts(table)) == (2, False, ["adm_refused", "failed"])


def test_a_plan_that_cannot_be_carried_out_ends_it(run: Run, card: VirtualCard, checkout: Path) -> None:
    card.inside.keys.by_name["adm1"].tries = 2
    ended = run()
    assert (ended.code, "--accept-tries 2" in ended.err, (checkout / "ran").exists()) == (3, True, False)


def test_what_may_hold_keys_is_left_to_ourselves(run: Run, table: Table, card: VirtualCard, checkout: Path) -> None:
    listed = Path(table.cards)
    listed.write_text(listed.read_text().replace(data_of(ICCIDS[0]).imsi, "208019900000009"))
    card.inside.memory.bodies["ADF.USIM/6F08"][:] = bytes(33)
    ended = run()
    assert (ended.code, "linegate card apply" in ended.err, (checkout / "ran").exists()) == (3, True, False)


def test_where_there_is_no_pysim_or_no_reader_for_it_one_is_told(
    run: Run, table: Table, card: VirtualCard, checkout: Path
) -> None:
    assert card.tries(0x0A) == 3
    elsewhere = run(reader=table.put())
    assert (elsewhere.code, "PC/SC only" in elsewhere.err) == (2, True)
    (checkout / "pySim-shell.py").unlink()
    nothing = run()
    assert (nothing.code, "clone" in nothing.err) == (2, True)
    assert run("--checkout", "nowhere").code == 2
