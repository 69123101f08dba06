"""A technician's day: two vendor files of a hundred cards through four readers, cards in and out by themselves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.stock.vendor import VendorSim, parse
from tests.cli.card.cards import JOB
from tests.cli.conftest import Process, Start
from tests.gateway.cards import ORANGE, SFR
from tests.sim_readers.pcscd import SOCKET, Pcscd, private_pcscd
from tests.sim_readers.workbench import delivery

EACH = 100
FILES = ("orange.out", "sfr.out")
PATIENCE_S = 240


@pytest.fixture(scope="module")
def daemon() -> Iterator[Pcscd]:
    with private_pcscd(4) as running:
        yield running


def lines(text: str) -> list[Any]:
    return [json.loads(line) for line in text.splitlines()]


def of_all(option: str) -> list[str]:
    return [word for file in FILES for word in (option, file)]


def tray(start: Start, ports: list[int]) -> Process:
    """Start it, and wait until four cards are in."""
    slots = [word for port in ports for word in ("--vpcd", f"127.0.0.1:{port}")]
    process = start(("card", "emulate", *of_all("--tray"), *slots, "--results", "results", "--json"))
    assert process.stdout is not None
    events = [json.loads(process.stdout.readline()) for _ in (*ports, "ready")]
    assert [event["event"] for event in events] == [*["in"] * len(ports), "ready"]
    return process


def personalise(start: Start, pcscd: Pcscd) -> list[Any]:
    batch = ("card", "batch", "job.toml", *of_all("--cards"), "--yes", "--count", "1000", "--station", "station")
    process = start((*batch, "--json"), {SOCKET: str(pcscd.socket)})
    out, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, (out[-2000:], err[-2000:])
    return lines(out)


def held(file: Path) -> dict[str, Any]:
    return {one["iccid"]: one for one in lines(file.read_text())}


@pytest.mark.timeout(2 * PATIENCE_S)
def test_two_hundred_cards_go_through_four_readers(start: Start, daemon: Pcscd, tmp_path: Path) -> None:
    (tmp_path / "job.toml").write_text(JOB.format(keys="write"))
    texts = [delivery(EACH, ORANGE), delivery(EACH, SFR, pin1="0000")]
    for file, text in zip(FILES, texts, strict=True):
        (tmp_path / file).write_text(text)
    emulated = tray(start, daemon.ports)
    *events, summary = personalise(start, daemon)
    out, err = emulated.communicate(timeout=30)
    assert (emulated.returncode, err) == (0, "")
    assert [event["slot"] for event in lines(out) if event["event"] == "empty"]
    done = [event for event in events if event["event"] == "card"]
    assert (len(done), {event["outcome"] for event in done}) == (2 * EACH, {"written"})
    assert all(event["proven"] for event in done)
    assert len({event["reader"] for event in done}) == len(daemon.ports)
    print(f"median per card {summary['median_s']:.3f} s, {summary['cards_per_hour']:.0f} cards an hour")  # noqa: T201 - the figure is wanted
    results, sims = tmp_path / "results", [sim for text in texts for sim in parse(text).sims]
    check(sims, held(results))
    assert not any(secret in results.read_text() for sim in sims for secret in long_ones(sim))
    assert results.stat().st_mode & 0o777 == 0o600


def check(sims: list[VendorSim], results: dict[str, Any]) -> None:
    assert {iccid: one["imsi"] for iccid, one in results.items()} == {sim.iccid: sim.imsi for sim in sims}
    assert all(one["own_keys"][use] for one in results.values() for use in ("gsm", "usim", "usim_gsm", "isim"))
    assert all(one["writes"] > 0 for one in results.values())
    full = {"PIN1": 3, "PIN2": 3, "ADM1": 3, "PUK1": 10, "PUK2": 10}
    assert all(one["tries"] == full for one in results.values())
    names = {one["files"]["ADF.USIM/6F46"] for one in results.values()}  # EF.SPN is the same on all
    assert len(names) == 1


def long_ones(sim: VendorSim) -> list[str]:
    return [value for name, value in sim.secrets.items() if not name.startswith("pin")]


def test_cards_that_stay_come_back_when_the_service_starts_anew(start: Start, daemon: Pcscd, tmp_path: Path) -> None:
    (tmp_path / "orange.out").write_text(delivery(2))
    slots = [word for port in daemon.ports[:2] for word in ("--vpcd", f"127.0.0.1:{port}")]
    emulated = start(("card", "emulate", "--cards", "orange.out", *slots))
    assert emulated.stdout is not None
    assert [emulated.stdout.readline().split()[0] for _ in range(3)][-1] == "ready"
    names = [f"pcsc:{name}" for name in daemon.reader_names[:2]]
    assert seen(start, daemon, names) == names
    daemon.restart()
    assert seen(start, daemon, names) == names
    emulated.terminate()
    assert emulated.wait(20) == 0


def seen(start: Start, pcscd: Pcscd, wanted: list[str]) -> list[str]:
    """Look until cards are recognised in the readers wanted, or for a while."""
    found: list[str] = []
    for _ in range(10):
        process = start(("card", "readers", "--json", "--station", "station"), {SOCKET: str(pcscd.socket)})
        out, _ = process.communicate(timeout=60)
        found = [one["reader"] for one in json.loads(out)["items"] if one["model"] == "sja5"]
        if found == wanted:
            break
    return found
