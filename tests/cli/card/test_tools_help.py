"""The help of PIN, file and emulation commands: there, with exit codes, and quick to come."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.cli.conftest import Linegate

COMMANDS = (
    *(("pin", name) for name in ("status", "verify", "unblock", "change", "enable", "disable")),
    *(("puk", name) for name in ("show", "history")),
    *((name,) for name in ("export", "import", "label", "trace", "emulate")),
)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_its_exit_codes(linegate: Linegate, command: tuple[str, ...]) -> None:
    ended = linegate("card", *command, "--help")
    assert (ended.code, "Exit codes" in ended.out) == (0, True)


@pytest.mark.parametrize("command", ["pin", "export", "emulate"])
def test_help_loads_nothing_heavy(command: str) -> None:
    heavy = "{'httpx', 'sim_readers.session', 'serial', 'smartcard', 'reportlab', 'cryptography'} & set(sys.modules)"
    asked = f"assert main(['card', {command!r}, '--help']) == 0"
    code = f"import sys; from gateway.cli import main; {asked}; sys.exit({heavy})"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert found.stderr.strip() == "set()"
