"""A ``linegate up`` of one's own, for as long as it is needed."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gateway.cli.failure import Failure
from gateway.cli.gateway_client import Address

_START_S = 60.0
_END_S = 15.0


@dataclass(frozen=True, slots=True)
class Embedded:
    """Where the two of them are."""

    gateway: Address
    sim_url: str


@contextmanager
def running(data: Path, scenario: str) -> Iterator[Embedded]:
    """Start it on free ports, end it on leaving. Raises Failure when it does not come up; it has said why on stderr."""
    token = secrets.token_urlsafe(32)
    # however this process ends, that one does not outlive it: it watches the stdin we hold
    ports = ("--port", "0", "--sim-port", "0")
    arguments = ("up", *ports, "--data", str(data), "--scenario", scenario, "--until-stdin-ends")
    process = subprocess.Popen(  # noqa: S603 - ourselves, and nothing a user typed
        [sys.executable, "-P", "-m", "gateway.cli", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "LINEGATE_TOKEN": token},
        start_new_session=True,
        text=True,
    )
    try:
        url, sim_url = _ready(process)
        yield Embedded(Address(url, token), sim_url)
    finally:
        _end(process)


def _ready(process: subprocess.Popen[str]) -> tuple[str, str]:
    too_late = threading.Timer(_START_S, process.kill)
    too_late.start()
    try:
        for line in process.stdout or ():
            if line.startswith("ready "):
                _, url, _, sim_url = line.split()
                return url, sim_url
    finally:
        too_late.cancel()
    raise Failure(f"the gateway did not come up (exit code {process.wait()}); see its message above")


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(_END_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
