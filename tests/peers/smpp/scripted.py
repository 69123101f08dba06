"""A foreign peer in its library's own language: told what to do in one line of JSON, telling what happens in more."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.journeys.programs import CHECKOUT, Program

HERE = Path(__file__).parent
PATIENCE_S = 60.0
_NODE_MODULES = CHECKOUT / ".venv" / "peers" / "node_modules"
_INTERPRETERS = {".js": "node", ".pl": "perl"}
_COUNT = itertools.count(1)

Event = dict[str, Any]


def installed(program: str) -> str:
    """Find what `scripts/install_peers.sh` has installed; servers stand where ordinary users do not look."""
    found = shutil.which(program) or shutil.which(program, path="/usr/sbin")
    if found is None:
        raise RuntimeError(f"{program} is not installed: run scripts/install_peers.sh")
    return found


def command(script: str) -> list[str]:
    """Return how a script of this folder is started."""
    return [installed(_INTERPRETERS[Path(script).suffix]), str(HERE / script)]


def environment() -> dict[str, str]:
    """Return what scripts need to be told besides: where node finds what npm has installed."""
    return {**os.environ, "NODE_PATH": str(_NODE_MODULES)}


def run_script(script: str, told: Event) -> Event:
    """Run a script to its end; return the last thing it said."""
    done = subprocess.run(
        command(script),
        input=json.dumps(told) + "\n",
        env=environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, f"{script} ended with {done.returncode}: {done.stderr[-2000:]}"
    said: Event = json.loads(done.stdout.splitlines()[-1])
    return said


class Scripted:
    """A script that runs beside the test; ``events`` is everything it has said since it was ready."""

    def __init__(self, script: str, told: Event, directory: Path) -> None:
        log = directory / f"{script.replace('.', '-')}-{next(_COUNT)}"
        self._program = Program(command(script), environment(), log, json.dumps(told))
        self._out = log.with_suffix(".out")
        self._events: list[Event] = []
        self._read = 0
        self.port = int(json.loads(self._program.ready())["port"])

    @property
    def events(self) -> list[Event]:
        """Everything said so far."""
        with self._out.open("rb") as out:
            out.seek(self._read)
            said = out.read()
        whole = said[: said.rfind(b"\n") + 1]
        self._read += len(whole)
        self._events += [json.loads(line) for line in whole.splitlines()]
        return self._events

    def told(self, kind: str) -> list[Event]:
        """The events of one kind, in their order."""
        return [event for event in self.events if event.get("event") == kind]

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        self._program.kill()

    def end(self) -> None:
        """Ask it to end, and wait."""
        self._program.end()


def wait_until(sure: Callable[[], bool], what: str, patience_s: float = PATIENCE_S) -> None:
    """Wait for something another process does."""
    until = time.monotonic() + patience_s
    while not sure():
        assert time.monotonic() < until, f"in vain waited until {what}"
        time.sleep(0.02)


async def until(sure: Callable[[], bool], what: str, patience_s: float = PATIENCE_S) -> None:
    """Wait for something another process does, while this one's own tasks go on."""
    last = time.monotonic() + patience_s
    while not sure():
        assert time.monotonic() < last, f"in vain waited until {what}"
        await asyncio.sleep(0.02)
