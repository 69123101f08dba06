"""A process that holds keys leaves no core file behind, however it ends."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.card.cards import Table
from tests.cli.conftest import Start

_ABORTS = "import os; from gateway.cli.hardening import leave_no_core; {}; os.abort()"


def test_limits_and_dumpability_are_what_they_should_be() -> None:
    code = (
        "import ctypes; from gateway.cli.hardening import leave_no_core; leave_no_core();"
        "print(open('/proc/self/limits').read()); print('dumpable', ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    (line,) = [line for line in out.splitlines() if line.startswith("Max core file size")]
    assert line.split()[4:6] == ["0", "0"]
    assert "dumpable 0" in out


def test_an_abort_leaves_no_core(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", _ABORTS.format("leave_no_core()")], cwd=tmp_path)
    _, status = os.waitpid(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == -6
    assert not os.WCOREDUMP(status)
    assert list(tmp_path.iterdir()) == []


def core_limit(pid: int) -> list[str]:
    limits = Path(f"/proc/{pid}/limits").read_text().splitlines()
    return next(line for line in limits if line.startswith("Max core file size")).split()[4:6]


@pytest.mark.parametrize("command", [("up", "--sim-port", "0"), ("serve",)])
def test_gateways_begin_with_it(start: Start, command: tuple[str, ...]) -> None:
    process = start((*command, "--port", "0", "--data", "data"), {"LINEGATE_TOKEN": "t"})
    assert process.stdout is not None
    assert process.stdout.readline().startswith("ready")
    assert core_limit(process.pid) == ["0", "0"]


def test_card_commands_begin_with_it(start: Start, tmp_path: Path) -> None:
    table = Table.laid(tmp_path)
    batch = ("card", "batch", table.job, "--cards", table.cards, "--reader", "vpcd:127.0.0.1:0")
    process = start((*batch, "--station", "station"))
    while not (tmp_path / "station" / "station.lock").exists():
        assert process.poll() is None
    assert core_limit(process.pid) == ["0", "0"]
