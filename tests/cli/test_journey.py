"""From an empty directory to a line in service, as somebody at a terminal would do it; and how it all ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.cli.conftest import Ended, Process, Start

DEMO = Path(__file__).parents[2] / "config" / "demo"
TOKEN = "journey-token"
NUMBER, ICCID, IMSI = "+33699000001", "8933019000000000011", "208019900000001"
ACTIVATION = {"contract": "technicophone", "iccid": ICCID, "plan": "unlimited", "options": ["data"]}


@dataclass(frozen=True, slots=True)
class Up:
    process: Process
    url: str
    sim: str


def ready(process: Process) -> Up:
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line.startswith("ready "):
        pytest.fail(f"{line!r} is no ready line; stderr: {process.stderr.read() if process.stderr else ''}")
    _, url, _, sim = line.split()
    return Up(process, url, sim)


def ended(process: Process, timeout_s: float = 60) -> Ended:
    out, err = process.communicate(timeout=timeout_s)
    return Ended(process.returncode, out, err)


def children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def simulator_of(up: Up) -> int:
    found = [c for c in children(up.process.pid) if b"hlr_sim" in Path(f"/proc/{c}/cmdline").read_bytes()]
    assert len(found) == 1
    return found[0]


def gone(pid: int) -> bool:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.02)
    return False


@pytest.fixture
def up(start: Start) -> Callable[..., Up]:
    def begin(port: str = "0", sim_port: str = "0", token: str = TOKEN) -> Up:
        arguments = ("up", "--port", port, "--sim-port", sim_port, "--data", "data")
        return ready(start(arguments, {"LINEGATE_TOKEN": token} if token else {}))

    return begin


def test_the_demo_ends_as_its_file_says(start: Start) -> None:
    end = ended(start(["demo", "--json"]), 120)
    assert (end.code, end.err) == (0, "")
    told = end.document
    assert (told["otherwise"], [r for r in told["orders"] if r["differences"]]) == (0, [])
    actions = {json.loads(line)["order"]["action"] for line in (DEMO / "orders.jsonl").read_text().splitlines()}
    assert {result["action"] for result in told["orders"]} == actions
    assert len(actions) == 12
    completed = [result for result in told["orders"] if result["state"] == "completed"]
    assert all(result["sms"] and result["accepted_at"] and result["stored_at"] for result in completed)


def test_a_demo_that_ends_otherwise_says_in_what(start: Start, tmp_path: Path) -> None:
    first = json.loads((DEMO / "orders.jsonl").read_text().splitlines()[0])
    first["expect"]["home"]["data.allowed"] = False
    (tmp_path / "orders.jsonl").write_text(json.dumps(first))
    end = ended(start(["demo", "--orders", "orders.jsonl"]))
    assert end.code == 1
    assert "home data.allowed: expected no, got yes" in end.out
    assert "1 of 1" in end.err


def test_from_an_empty_directory_to_a_line_in_service(start: Start, up: Callable[..., Up]) -> None:
    place = up()
    environment = {"LINEGATE_URL": place.url, "LINEGATE_TOKEN": TOKEN}

    def linegate(*arguments: str) -> Any:  # noqa: ANN401 - any JSON, or a table
        end = ended(start(arguments, environment))
        assert (end.code, end.err) == (0, ""), end
        return end.document if "--json" in arguments else end.out

    details = json.dumps(ACTIVATION)
    new = ("order", "new", "activate", "--msisdn", NUMBER, "--details", details)
    assert linegate("import", str(DEMO / "sims.out"), "--json")["imported"] == 38
    assert IMSI in linegate(*new, "--dry-run")
    assert linegate("order", "list", "--json")["items"] == []
    order = linegate(*new, "--wait", "--json", "--external-id", "J-1")
    assert (order["state"], order["external_id"], order["requested_by"]["channel"]) == ("completed", "J-1", "cli")
    line = linegate("line", "show", NUMBER, "--json")
    assert (line["state"], line["imsi"], line["options"]) == ("active", IMSI, ["data"])
    assert [o["id"] for o in linegate("order", "list", "--line", NUMBER, "--json")["items"]] == [order["id"]]
    assert linegate("order", "show", order["id"], "--json")["steps"]
    assert linegate("line", "history", NUMBER, "--json")["items"][0]["type"] == "order.accepted"
    for command in (("line", "show", NUMBER), ("line", "history", NUMBER), ("order", "show", order["id"])):
        assert "activ" in linegate(*command)
    assert linegate("doctor", "--json")["healthy"] is True
    assert httpx.get(f"{place.sim}/network/{IMSI}").json()["data"]["allowed"] is True


def test_refusals_and_bad_endings_are_exit_1(start: Start, up: Callable[..., Up], tmp_path: Path) -> None:
    environment = {"LINEGATE_URL": up().url, "LINEGATE_TOKEN": TOKEN}
    nobody = ended(
        start(["order", "new", "suspend", "--msisdn", NUMBER, "--details", '{"reason":"fraud"}', "--json"], environment)
    )
    assert (nobody.code, nobody.document["status"]) == (1, 404)
    (tmp_path / "bad.out").write_text((DEMO / "sims.out").read_text().replace(" 00000003 ", " 3 "))
    refused = ended(start(["import", "bad.out", "--json"], environment))
    assert (refused.code, refused.document["imported"], refused.document["items"][0]["refused"]) == (1, 37, 1)
    stranger = ended(start(["order", "list"], {**environment, "LINEGATE_TOKEN": "other"}))
    assert (stranger.code, "LINEGATE_TOKEN" in stranger.err) == (2, True)
    late = ["order", "new", "activate", "--msisdn", NUMBER, "--details", json.dumps(ACTIVATION)]
    late += ["--at", "2099-01-01T00:00:00+00:00", "--wait", "--timeout", "0.2", "--json"]
    waiting = ended(start(late, environment))
    assert (waiting.code, waiting.document["state"]) == (1, "pending")
    moved = [
        ended(start(["order", v, waiting.document["id"], "--json"], environment)) for v in ("hold", "resume", "cancel")
    ]
    assert [end.document["state"] for end in moved] == ["held", "pending", "cancelled"]
    assert ended(start(["order", "cancel", waiting.document["id"]], environment)).code == 1


def test_several_orders_of_a_file_are_posted_though_one_is_refused(
    start: Start, up: Callable[..., Up], tmp_path: Path
) -> None:
    environment = {"LINEGATE_URL": up().url, "LINEGATE_TOKEN": TOKEN}
    assert ended(start(["import", str(DEMO / "sims.out")], environment)).code == 0
    good = {"action": "activate", "line": {"msisdn": NUMBER}, "details": ACTIVATION}
    bad = {"action": "suspend", "line": {"msisdn": "+33699000099"}, "details": {"reason": "fraud"}}
    (tmp_path / "orders.jsonl").write_text("\n".join(json.dumps(order) for order in (bad, good)))
    post = ["order", "post", "orders.jsonl", "--wait", "--idempotency-key", "K", "--json"]
    first = ended(start(post, environment))
    assert (first.code, [o["state"] for o in first.document]) == (1, ["refused", "completed"])
    assert [o["id"] for o in ended(start(post, environment)).document] == [o["id"] for o in first.document]


def test_it_goes_on_where_it_was_killed_and_the_simulator_dies_with_it(start: Start, up: Callable[..., Up]) -> None:
    place = up()
    environment = {"LINEGATE_URL": place.url, "LINEGATE_TOKEN": TOKEN}
    assert ended(start(["import", str(DEMO / "sims.out")], environment)).code == 0
    new = ["order", "new", "activate", "--msisdn", NUMBER, "--details", json.dumps(ACTIVATION), "--wait"]
    assert ended(start(new, environment)).code == 0
    simulator = simulator_of(place)
    os.kill(place.process.pid, signal.SIGKILL)
    again = up(*(url.rpartition(":")[2] for url in (place.url, place.sim)))
    assert gone(simulator)
    assert (again.url, again.sim) == (place.url, place.sim)
    assert ended(start(["line", "show", NUMBER], environment)).code == 0
    assert httpx.get(f"{again.sim}/network/{IMSI}").json()["attach"] == "accepted"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_both(up: Callable[..., Up], number: signal.Signals) -> None:
    place = up()
    simulator = simulator_of(place)
    os.kill(place.process.pid, number)
    end = ended(place.process)
    assert (end.code, end.err) == (0, "")
    assert gone(simulator)


def test_without_its_simulator_it_ends_and_says_so(up: Callable[..., Up]) -> None:
    place = up()
    os.kill(simulator_of(place), signal.SIGKILL)
    end = ended(place.process)
    assert (end.code, "simulated network ended" in end.err, "Traceback" in end.err) == (1, True, False)


def test_a_token_is_made_and_told_and_no_secret_is_on_any_command_line(start: Start) -> None:
    process = start(["up", "--port", "0", "--sim-port", "0", "--data", "data"])
    assert process.stdout is not None
    word, token = process.stdout.readline().split()
    place = ready(process)
    assert word == "token"
    assert httpx.get(f"{place.url}/v1/orders", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    simulator = Path(f"/proc/{simulator_of(place)}")
    assert token.encode() not in (simulator / "cmdline").read_bytes() + (simulator / "environ").read_bytes()


def test_one_that_may_not_outlive_its_starter_does_not(start: Start) -> None:
    arguments = ("up", "--port", "0", "--sim-port", "0", "--data", "data", "--until-stdin-ends")
    place = ready(start(arguments, {"LINEGATE_TOKEN": TOKEN}, stdin=subprocess.PIPE))
    simulator = simulator_of(place)
    assert place.process.stdin is not None
    place.process.stdin.close()
    assert place.process.wait(20) == 0
    assert gone(simulator)
