"""Processes of the real thing: started, listened to, frozen and killed by their own process id."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
LINEGATE = str(Path(sys.executable).with_name("linegate"))
LOOPBACK = "127.0.0.1"
_BELOW_EPHEMERAL = range(20_000, 32_000)  # a port there is never taken by somebody's outgoing connection meanwhile
_GIVEN: set[int] = set()
_PATIENCE_S = 60.0


def free_port() -> int:
    """Return a port nobody listens at, which stays ours over restarts: it is given once."""
    while True:
        port = random.SystemRandom().choice(_BELOW_EPHEMERAL)
        if port in _GIVEN:
            continue
        _GIVEN.add(port)
        with contextlib.suppress(OSError), socket.socket() as door:
            door.bind((LOOPBACK, port))
            return port


class Program:
    """One process; what it prints goes into files of its own, which outlive it."""

    def __init__(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        log: Path,
        first_line: str | None = None,
    ) -> None:
        log.parent.mkdir(parents=True, exist_ok=True)
        self._stdout, self._stderr = log.with_suffix(".out"), log.with_suffix(".err")
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("LINEGATE_")}
        with self._stdout.open("wb") as out, self._stderr.open("wb") as err:
            self._process = subprocess.Popen(
                arguments,
                cwd=CHECKOUT,
                env={**inherited, **environment},
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=err,
            )
        if first_line is not None and self._process.stdin is not None:
            self._process.stdin.write(first_line.encode() + b"\n")
            self._process.stdin.flush()

    def ready(self) -> str:
        """Wait for the first complete line on stdout and return it."""
        until = time.monotonic() + _PATIENCE_S
        while time.monotonic() < until and self.running:
            text = self._stdout.read_text()
            if "\n" in text:
                return text.splitlines()[0]
            time.sleep(0.01)
        raise AssertionError(f"{self._stdout.stem} did not become ready: {self._stderr.read_text()[-2000:]}")

    @property
    def running(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.poll() is None

    def kill(self) -> None:
        """End it at once, without a word."""
        self._process.kill()
        self._process.wait()
        self._let_go()

    def end(self) -> int:
        """Ask it to end; return its exit code."""
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGTERM)
        try:
            code = self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        self._let_go()
        return code

    def freeze(self) -> None:
        """Let it stand still, connections open."""
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._process.send_signal(signal.SIGCONT)

    def _let_go(self) -> None:
        if self._process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.close()
