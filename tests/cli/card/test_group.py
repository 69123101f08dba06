"""The group of card commands: help, exit codes, and nothing heavy loaded for either."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sim_readers.job.wish import read_job
from tests.cli.conftest import Linegate

COMMANDS = ("readers", "doctor", "info", "plan", "apply", "batch", "swap", "report", "pysim")


def test_help_names_every_command_and_the_exit_codes(linegate: Linegate) -> None:
    ended = linegate("card", "--help")
    assert ended.code == 0
    for word in (*COMMANDS, "Exit codes", "5 a card refused a key"):
        assert word in ended.out


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_its_exit_codes(linegate: Linegate, command: str) -> None:
    ended = linegate("card", command, "--help")
    assert (ended.code, "Exit codes" in ended.out) == (0, True)


def test_the_job_in_the_manual_can_be_read(tmp_path: Path) -> None:
    manual = (Path(__file__).parents[3] / "docs" / "cards.md").read_text()
    (tmp_path / "job.toml").write_text(manual.partition("```toml\n")[2].partition("```")[0])
    assert read_job(tmp_path / "job.toml").cards == "sims-technicophone-sfr.out"


def test_help_loads_nothing_heavy() -> None:
    heavy = "{'httpx', 'sim_readers.session', 'serial', 'smartcard', 'reportlab'} & set(sys.modules)"
    code = f"import sys; from gateway.cli import main; assert main(['card', 'apply', '--help']) == 0; sys.exit({heavy})"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert found.stderr.strip() == "set()"
