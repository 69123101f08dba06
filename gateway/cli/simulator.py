"""The simulated network as a child process: it gets its passwords on stdin, and ends when that ends.

It is started, never imported: the gateway and what it is tried against stay strangers.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import string
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gateway.cli.doors import led
from gateway.cli.failure import Failure
from gateway.elements import ElementConfig

_ALPHABET = string.ascii_letters + string.digits
_PASSWORD_CHARS = 8  # SMPP 3.4 §5.2.2 allows no more; the doors are on this machine and the passwords live one run
_SSH_PASSWORD_CHARS = 32
_START_S = 30.0
_END_S = 5.0


@dataclass(frozen=True, slots=True)
class Passwords:
    """One for every door; they are made for one run, and never written anywhere."""

    elements: Mapping[str, str] = field(repr=False)
    ssh: Mapping[str, str] = field(repr=False)

    @classmethod
    def made_for(cls, names: Iterable[str]) -> Passwords:
        """Draw them."""
        known = tuple(names)
        return cls(
            {name: _drawn(_PASSWORD_CHARS) for name in known}, {name: _drawn(_SSH_PASSWORD_CHARS) for name in known}
        )

    def line(self) -> bytes:
        """Write them as the simulator reads them."""
        return json.dumps({"passwords": dict(self.elements), "ssh_passwords": dict(self.ssh)}).encode() + b"\n"


@dataclass(frozen=True, slots=True)
class Simulator:
    """A simulated network that is up."""

    url: str
    doors: Mapping[str, Mapping[str, Any]]
    process: Process

    def reached(self, elements: Mapping[str, ElementConfig], passwords: Passwords) -> dict[str, ElementConfig]:
        """Point every configured element at its door; see ``doors.led``. Raises WrongUse when one has none."""
        return led(elements, self.doors, passwords.elements, passwords.ssh)


@asynccontextmanager
async def simulator(data: Path, port: int, scenario: Path, passwords: Passwords) -> AsyncIterator[Simulator]:
    """Start it, and end it on leaving. Raises Failure when it does not come up; it has said why on stderr."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",  # the simulator comes from the installation, never from whatever directory this is started in
        "-m",
        "hlr_sim",
        "--data",
        str(data),
        "--port",
        str(port),
        "--scenario",
        str(scenario),
        stdin=PIPE,
        stdout=PIPE,
        start_new_session=True,  # Ctrl-C is for us: we end it when our orders have been put down
    )
    try:
        ready = await _come_up(process, passwords)
        yield Simulator(str(ready["http"]), ready["elements"], process)
    finally:
        await _end(process)


def _drawn(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


async def _come_up(process: Process, passwords: Passwords) -> dict[str, Any]:
    if process.stdin is None or process.stdout is None:
        raise Failure("the simulated network was started without its pipes")
    process.stdin.write(passwords.line())
    try:
        line = await asyncio.wait_for(process.stdout.readline(), _START_S)
        ready = json.loads(line)
    except TimeoutError:
        raise Failure(f"the simulated network was not up after {_START_S:g} s") from None
    except ValueError:
        code = await process.wait() if process.stdout.at_eof() else None
        raise Failure(f"the simulated network did not start (exit code {code}); see its message above") from None
    return dict(ready)


async def _end(process: Process) -> None:
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), _END_S)
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
