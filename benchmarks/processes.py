"""Gateways in processes of their own, which are looked at from outside: how long, how much, how big; and killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from tests.peers.postgres import PostgresServer

_TOKEN = "fake-token-of-the-bench"
#: fields of proc(5), counted from the one after the name: utime and stime, cutime and cstime
_USER_AND_SYSTEM, _ENDED_CHILDREN = (11, 12), (13, 14)
_TICKS_A_S = os.sysconf("SC_CLK_TCK")
_PATIENCE_S = 60


@dataclass(slots=True)
class Instance:
    """One process that serves: when it was started, and how long it took until it listened."""

    process: subprocess.Popen[str]
    port: int
    born: datetime
    ready_s: float
    token: str = field(default=_TOKEN, repr=False)

    def cpu_s(self) -> float:
        """Return the processor time it has used, all its threads together."""
        return _cpu_s(self.process.pid)

    def memory_mib(self, what: str = "VmRSS") -> float:
        """Return how much memory it holds now (VmRSS), or has held at most (VmHWM)."""
        told = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return next(int(line.split()[1]) for line in told.splitlines() if line.startswith(what + ":")) / 1024

    def kill(self) -> None:
        """End it as a crash would; return once it is gone."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """End it in good order, if it still runs."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(_PATIENCE_S)
            except subprocess.TimeoutExpired:
                self.kill()
        if self.process.stdout is not None:
            self.process.stdout.close()


def start(command: list[str], environment: Mapping[str, str], token: str = _TOKEN) -> Instance:
    """Start a server that prints ``ready http://…:PORT``; return once it has. Raises RuntimeError if it ends first."""
    born, started = datetime.now(UTC), time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, **environment})
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("ready http://"):
            port = int(line.split()[1].rpartition(":")[2])
            return Instance(process, port, born, time.perf_counter() - started, token)
    raise RuntimeError(f"{command[2]} ended with {process.wait()} before it was ready")


def quick(data: Path, place: str, *options: str) -> Instance:
    """Start ``benchmarks.instance`` on a PostgreSQL URL, or else on SQLite in its data directory."""
    environment = {"LINEGATE_TOKEN": _TOKEN, "LINEGATE_DATABASE": place}
    return start([sys.executable, "-m", "benchmarks.instance", str(data), *options], environment)


@contextmanager
def running(data: Path, place: str, *options: str) -> Iterator[Instance]:
    """Run one for as long as it is needed."""
    instance = quick(data, place, *options)
    try:
        yield instance
    finally:
        instance.stop()


def server_cpu_s(server: PostgresServer | None) -> float:
    """Return the processor time a database server has used: its processes, and those of them that have ended."""
    if server is None:
        return 0.0
    parent, *children = server.processes()
    used = _cpu_s(parent, *_ENDED_CHILDREN)
    for child in children:
        with suppress(FileNotFoundError, ProcessLookupError):  # it has ended since it was listed
            used += _cpu_s(child)
    return used


def _cpu_s(pid: int, *more: int) -> float:
    told = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    fields = told.rpartition(")")[2].split()
    return sum(int(fields[n]) for n in (*_USER_AND_SYSTEM, *more)) / _TICKS_A_S
