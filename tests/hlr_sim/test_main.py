"""The process: its ready line, how it ends, and what is still there after it was killed."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from drivers import commands as c
from drivers import dialects
from drivers.commands import Done, Login
from drivers.session import Limits, Session
from drivers.ssh import SshTarget, connect_ssh
from drivers.stream import Stream
from drivers.subscription import Iccid, Imsi, Msisdn

CHECKOUT = Path(__file__).parents[2]
HLRS = ("cmi", "opt-nc", "orange-mayotte", "monaco-telecom")
OTHERS = (*HLRS, "npc", "eir")
SECRETS = {
    "passwords": {"orange": "a-pw", "sfr": "b-pw", "smsc": "c-pw", **dict.fromkeys(OTHERS, "e-pw")},
    "ssh_passwords": {"orange": "d-pw"},
}
ANNA = Imsi("208010000000001")
Process = subprocess.Popen[bytes]
Start = Callable[..., Process]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    started: list[Process] = []

    def begin(*arguments: str, told: object = SECRETS, data: str = "data") -> Process:
        process = subprocess.Popen(
            [sys.executable, "-m", "hlr_sim", "--data", str(tmp_path / data), "--port", "0", *arguments],
            cwd=CHECKOUT,
            env={**os.environ, "LINEGATE_SIM_PASSWORD": "env-pw"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        started.append(process)
        if told is not None:
            assert process.stdin is not None
            process.stdin.write(json.dumps(told).encode() + b"\n")
            process.stdin.flush()
        return process

    yield begin
    for process in started:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()


def ready(process: Process) -> dict[str, Any]:
    assert process.stdout is not None
    told: dict[str, Any] = json.loads(process.stdout.readline())
    return told


def complaint(process: Process) -> str:
    assert process.stderr is not None
    text = process.stderr.read().decode()
    assert process.wait(10) == 2
    return text


def orange(told: dict[str, Any]) -> Session:
    port, key = told["elements"]["orange"]["port"], told["elements"]["orange"]["host_key"]
    target = SshTarget("127.0.0.1", port, "linegate", f"[127.0.0.1]:{port} {key}\n", "d-pw")

    async def connect() -> Stream:
        return await connect_ssh(target)

    return Session("orange", connect, lambda: dialects.load("mml_h").client({}), Login("linegate", "a-pw"), Limits())


def test_the_ready_line_names_every_door(start: Start) -> None:
    told = ready(start())
    assert told["ready"] is True
    assert {n: (e["dialect"], e["transport"], e["host"]) for n, e in told["elements"].items()} == {
        "orange": ("mml_h", "ssh", "127.0.0.1"),
        "sfr": ("mml_h", "tcp", "127.0.0.1"),
        **dict.fromkeys(HLRS, ("mml_h", "tcp", "127.0.0.1")),
        "npc": ("npc", "tcp", "127.0.0.1"),
        "eir": ("eir", "tcp", "127.0.0.1"),
        "smsc": ("smpp", "tcp", "127.0.0.1"),
    }
    assert all(element["port"] for element in told["elements"].values())
    assert [name for name, element in told["elements"].items() if "host_key" in element] == ["orange"]
    assert httpx.get(told["http"] + "/health").json()["status"] == "up"


def test_the_end_of_stdin_ends_it(start: Start) -> None:
    process = start()
    ready(process)
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(5) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly(start: Start, number: signal.Signals) -> None:
    process = start()
    ready(process)
    process.send_signal(number)
    assert process.wait(10) == 0
    assert process.stderr is not None
    assert process.stderr.read() == b""


async def test_kill_and_restart_keeps_subscribers_and_the_host_key(start: Start) -> None:
    process = start()
    before = ready(process)
    session = orange(before)
    assert isinstance(await session.send(c.PutKeys(ANNA, Iccid("")), c.Credentials("0" * 32, "f" * 32)), Done)
    assert isinstance(await session.send(c.CreateSubscriber(ANNA, Msisdn("+33612345678"))), Done)
    process.kill()
    await session.close()
    after = ready(start())
    assert after["elements"]["orange"]["host_key"] == before["elements"]["orange"]["host_key"]
    session = orange(after)
    assert isinstance(await session.send(c.ReadSubscriber(ANNA)), c.Held)
    assert isinstance(await session.send(c.ReadKeys(ANNA)), c.KeysHeld)
    await session.close()
    async with httpx.AsyncClient(base_url=after["http"]) as page:
        assert (await page.get(f"/network/{ANNA}")).json()["attach"] == "accepted"


async def test_what_was_answered_under_load_survives_a_kill(start: Start) -> None:
    process = start()
    session = orange(ready(process))
    imsis = [Imsi(f"2080100{n:08d}") for n in range(2000)]
    answered: set[Imsi] = set()

    async def put(imsi: Imsi) -> None:
        await session.send(c.PutKeys(imsi, Iccid("")), c.Credentials("0" * 32))
        answered.add(imsi)
        if len(answered) == 300:
            process.kill()

    await asyncio.gather(*(put(imsi) for imsi in imsis), return_exceptions=True)
    await session.close()
    assert 300 <= len(answered) < len(imsis)
    session = orange(ready(start()))
    for imsi in answered:
        assert isinstance(await session.send(c.ReadKeys(imsi)), c.KeysHeld)
    await session.close()


def test_passwords_from_the_environment_need_no_line(start: Start) -> None:
    process = start("--passwords-env", told=None)
    assert ready(process)["ready"] is True


@pytest.mark.parametrize(
    ("told", "named"),
    [
        (
            {
                "passwords": {"orange": "x", "sfr": "TOP", **dict.fromkeys(OTHERS, "z")},
                "ssh_passwords": {"orange": "y"},
            },
            "smsc",
        ),
        ({"passwords": SECRETS["passwords"]}, "ssh_passwords"),
        ({"passwords": SECRETS["passwords"] | {"sfr": 7}, "ssh_passwords": {"orange": "y"}}, "sfr"),
        ({**SECRETS, "passwords": SECRETS["passwords"] | {"smsc": "TOP-secret"}}, "at most 8"),
        ("TOP", "stdin"),
    ],
)
def test_a_missing_password_is_named_and_none_is_printed(start: Start, told: object, named: str) -> None:
    text = complaint(start(told=told))
    assert named in text
    assert "TOP" not in text
    assert "Traceback" not in text


def test_a_bad_scenario_is_named(start: Start, tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text('spec = "9"')
    assert "bad.toml: spec: " in complaint(start("--scenario", str(tmp_path / "bad.toml")))


def test_a_port_that_is_taken_is_an_error_not_a_trace(start: Start) -> None:
    taken = ready(start())["http"].rpartition(":")[2]
    assert "Traceback" not in complaint(start("--port", taken, data="other"))


def test_two_cannot_hold_one_directory_but_a_successor_waits(start: Start) -> None:
    first = start()
    ready(first)
    second = start()
    first.send_signal(signal.SIGTERM)
    assert ready(second)["ready"] is True
