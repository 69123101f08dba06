"""Readers at a real pcscd: found by themselves, named by a part of their name, all of them in a batch."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

from sim_readers.emulator.blank import blank
from sim_readers.emulator.vpcd_door import VpcdDoor
from tests.cli.card.cards import ICCIDS, Table, data_of, image
from tests.cli.conftest import Ended, Start
from tests.sim_readers.pcscd import SOCKET, Pcscd, private_pcscd

Run = Callable[..., Ended]


@pytest.fixture(scope="module")
def daemon() -> Iterator[Pcscd]:
    with private_pcscd(2) as running:
        yield running


@pytest.fixture
def run(start: Start, daemon: Pcscd) -> Run:
    def call(*arguments: str) -> Ended:
        process = start(("card", *arguments, "--station", "station"), {SOCKET: str(daemon.socket)})
        out, err = process.communicate(timeout=100)
        return Ended(process.returncode, out, err)

    return call


@pytest.fixture(scope="module")
def slots(daemon: Pcscd) -> list[VpcdDoor]:
    """The same for all tests: they know how long they must stay empty between two cards."""
    return [VpcdDoor(blank(image(), data_of(ICCIDS[0])), "127.0.0.1", port) for port in daemon.ports]


@pytest.fixture
def cards(slots: list[VpcdDoor]) -> Iterator[list[VpcdDoor]]:
    for slot, iccid in zip(slots, ICCIDS, strict=False):
        slot.insert(blank(image(), data_of(iccid)))
    yield slots
    for slot in slots:
        slot.pull_out()


def test_readers_are_found_and_a_part_of_a_name_is_enough(run: Run, daemon: Pcscd, cards: list[VpcdDoor]) -> None:
    assert all(slot.inserted for slot in cards)
    found = run("readers", "--json").document["items"]
    assert [(one["reader"], one["model"]) for one in found] == [
        (f"pcsc:{name}", "sja2") for name in daemon.reader_names
    ]
    one = run("info", "--reader", daemon.reader_names[1].lower(), "--json")
    assert (one.code, one.document["iccid"]) == (0, ICCIDS[1])
    both = run("info", "--reader", "linegate")
    assert (both.code, all(name in both.err for name in daemon.reader_names)) == (2, True)
    unlike = run("info", "--reader", "Gemplus")
    assert (unlike.code, daemon.reader_names[0] in unlike.err) == (4, True)


def test_a_batch_takes_all_readers(run: Run, table: Table, cards: list[VpcdDoor]) -> None:
    assert all(slot.inserted for slot in cards)
    ended = run("batch", table.job, "--cards", table.cards, "--once", "--yes", "--json")
    summary = json.loads(ended.out.splitlines()[-1])
    assert (ended.code, summary["done"], summary["ending"]) == (0, 2, "complete"), ended.err


def test_doctor_says_that_all_is_well(run: Run, daemon: Pcscd) -> None:
    ended = run("doctor", "--json")
    found = {one["check"]: one for one in ended.document["findings"]}
    assert (ended.code, found["pcsc: pcscd"]["verdict"]) == (0, "ok")
    assert daemon.reader_names[0] in found["readers"]["found"]
