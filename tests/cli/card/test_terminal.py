"""A batch on a terminal: a board of readers, a big verdict and a bell for every card, and nothing of it in a pipe."""

from __future__ import annotations

import contextlib
import os
import pty
import subprocess
import sys
from pathlib import Path

from tests.cli.card.cards import ICCIDS, SECRETS, Table


def test_a_terminal_gets_board_verdict_and_bell(table: Table, tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    readers = [word for iccid in ICCIDS[:2] for word in ("--reader", table.put(iccid))]
    arguments = ("card", "batch", table.job, "--cards", table.cards, "--once", "--yes", "--station", "station")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LINEGATE_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "gateway.cli", *arguments, *readers],
        cwd=tmp_path,
        env={**environment, "TERM": "xterm"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=theirs,
        text=True,
    )
    os.close(theirs)
    seen = b""
    with contextlib.suppress(OSError):  # the terminal is gone when the last who has it open ends
        while piece := os.read(ours, 65536):
            seen += piece
    os.close(ours)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    shown = seen.decode()
    for word in ("DONE: WRITTEN AND PROVEN", "\a", "2 done, 0 not", *ICCIDS[:2]):
        assert word in shown
    assert shown.count("\a") == 2
    assert "cards per hour" in out
    assert "\x1b" not in out
    assert not any(secret in out + shown for secret in SECRETS)
