"""A file of activations and a real gateway: interrupted and posted again, killed under it, held by maintenance."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.cli.conftest import Ended, Process, Start
from tests.gateway.cards import card, vendor_file

TOKEN = "journey-token"
LINES = 400


class Place:
    """A gateway with so many cards in stock, a file that opens a line with each, and words for what is done."""

    def __init__(self, start: Start, directory: Path) -> None:
        self._start = start
        self._ports = ("0", "0")
        self.up()
        (directory / "cards.out").write_text(vendor_file(card(n) for n in range(1, LINES + 1)))
        rows = (f"+3361{n:07d},technicophone,{card(n).iccid},unlimited,data" for n in range(1, LINES + 1))
        (directory / "lines.csv").write_text("\n".join(("msisdn,contract,iccid,plan,options", *rows)) + "\n")
        assert self.run("import", "cards.out").code == 0

    def up(self) -> None:
        port, sim_port = self._ports
        arguments = ("up", "--port", port, "--sim-port", sim_port, "--data", "data")
        self.gateway = self._start(arguments, {"LINEGATE_TOKEN": TOKEN, "LINEGATE_SCENARIO": "tcp"})
        assert self.gateway.stdout is not None
        _, self.url, _, self.sim = self.gateway.stdout.readline().split()
        self._ports = tuple(url.rpartition(":")[2] for url in (self.url, self.sim))  # type: ignore[assignment]  # two

    def begin(self, *arguments: str) -> Process:
        return self._start(arguments, {"LINEGATE_URL": self.url, "LINEGATE_TOKEN": TOKEN})

    def run(self, *arguments: str) -> Ended:
        return ended(self.begin(*arguments))

    def get(self, path: str) -> Any:  # noqa: ANN401 - any JSON
        return httpx.get(f"{self.url}{path}", headers={"Authorization": f"Bearer {TOKEN}"}).json()

    def orders(self) -> list[Any]:
        found, cursor = [], ""
        while True:
            page = self.get(f"/v1/orders?limit=200{cursor}")
            found += page["items"]
            if page["next"] is None:
                return found
            cursor = f"&cursor={page['next']}"

    def each_line_once(self) -> None:
        orders = self.orders()
        assert sorted(order["line"]["msisdn"] for order in orders) == [f"+3361{n:07d}" for n in range(1, LINES + 1)]
        assert {order["state"] for order in orders} == {"completed"}
        for n in (1, LINES // 2, LINES):
            assert httpx.get(f"{self.sim}/network/{card(n).imsi}").json()["data"]["allowed"] is True


def ended(process: Process) -> Ended:
    out, err = process.communicate(timeout=120)
    return Ended(process.returncode, out, err)


def until(sure: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not sure():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.fixture
def site(start: Start, tmp_path: Path) -> Place:
    return Place(start, tmp_path)


def _counted(results: Path) -> int:
    return len(results.read_text().splitlines()) if results.exists() else 0


def test_interrupted_and_posted_again_every_line_is_opened_once(site: Place, tmp_path: Path) -> None:
    first = site.begin("order", "bulk", "lines.csv", "--wait", "--results", "first.jsonl")
    until(lambda: site.get("/health/ready")["backlog"] > 20)
    os.kill(first.pid, signal.SIGINT)
    assert (ended(first).code, 0 < len(site.orders()) < LINES) == (130, True)
    again = site.run("order", "bulk", "lines.csv", "--wait", "--results", "again.jsonl", "--json")
    assert (again.code, again.document["states"]) == (0, {"completed": LINES})
    assert 0 < again.document["replayed"] < LINES
    assert _counted(tmp_path / "again.jsonl") == LINES
    site.each_line_once()


def test_a_gateway_killed_and_started_again_under_it_loses_and_doubles_nothing(site: Place) -> None:
    posting = site.begin("order", "bulk", "lines.csv", "--wait", "--json", "--at-once", "4")
    until(lambda: site.get("/health/ready")["backlog"] > 20)
    os.kill(site.gateway.pid, signal.SIGKILL)
    site.up()
    end = ended(posting)
    assert (end.code, end.document["states"]) == (0, {"completed": LINES})
    site.each_line_once()


def test_in_maintenance_all_are_accepted_and_wait_and_then_all_are_done(site: Place) -> None:
    held = site.run("element", "hold", "orange", "--why", "new disks", "--json").document
    assert (held["state"], held["opened"]["who"].endswith("(cli)")) == ("maintenance", True)
    waiting = site.run("order", "bulk", "lines.csv", "--wait", "--timeout", "1", "--json")
    assert (waiting.code, waiting.document["states"]) == (1, {"waiting": LINES})
    until(lambda: {order["state"] for order in site.orders()} == {"held"})
    assert {order["waiting_for"] for order in site.orders()} == {"orange is in maintenance: new disks"}
    follow = site.begin("order", "bulk", "lines.csv", "--wait", "--json")
    released = site.run("element", "release", "orange", "--json").document
    assert released["state"] == "ok"
    end = ended(follow)
    assert (end.code, end.document["states"], end.document["replayed"]) == (0, {"completed": LINES}, LINES)
    site.each_line_once()


def test_elements_are_listed_and_shown_and_what_is_wrong_is_told(site: Place) -> None:
    until_ = ("--until", "2099-01-01T00:00:00+00:00")
    assert site.run("element", "hold", "sfr", "--why", "cables", *until_).code == 0
    listed = site.run("element", "list")
    for told in ("orange", "mml_h over tcp", "smpp over tcp", "maintenance", "sfr is in maintenance: cables"):
        assert told in listed.out
    shown = site.run("element", "show", "sfr").out
    for told in ("maintenance", "cables", "by hand", "PutKeys", "OutgoingBar"):
        assert told in shown
    assert json.loads(site.run("element", "show", "sfr", "--json").out)["opened"]["why"] == "cables"
    assert site.run("element", "release", "sfr").code == 0
    for arguments, told in (
        (("release", "sfr"), "no window of sfr was opened by hand"),
        (("show", "nobody"), "there are: orange, sfr, cmi"),
        (("hold", "sfr", "--why", "x", "--until", "2001-01-01T00:00:00+00:00"), "must lie in the future"),
        (("hold", "sfr", "--why", "x", "--until", "tomorrow"), "until"),
    ):
        refused = site.run("element", *arguments)
        assert (refused.code, told in refused.err) == (1, True), refused
