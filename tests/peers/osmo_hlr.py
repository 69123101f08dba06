"""A real OsmoHLR, run for one test on a loopback address of its own: its three ports are always the same."""

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

VTY_PORT, CTRL_PORT, GSUP_PORT = 4258, 4259, 4222
READY_S = 20.0
PROGRAM = "osmo-hlr"
MISSING = f"{PROGRAM} is not installed: run scripts/install_peers.sh"
CONFIG = """\
log stderr
 logging filter all 1
 logging color 0
 logging print category 1
 logging print level 1
 logging timestamp 0
 logging level set-all notice
{password}line vty
{login} bind {host}
ctrl
 bind {host}
hlr
 gsup
  bind ip {host}
"""


class OsmoHlr:
    """One process and its database; ``kill`` and ``start`` may be called as often as a test likes."""

    vty_port, ctrl_port, gsup_port = VTY_PORT, CTRL_PORT, GSUP_PORT

    def __init__(self, host: str, directory: Path, password: str = "") -> None:
        self.host = host
        self.database = directory / "hlr.db"
        self._log = directory / "hlr.log"
        self._config = directory / "hlr.cfg"
        secret, login = (f"password {password}\n", " login\n") if password else ("", "")
        self._config.write_text(CONFIG.format(host=host, password=secret, login=login), encoding="utf-8")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Whom to send signals to."""
        assert self._process is not None, "it is not running"
        return self._process.pid

    @property
    def log(self) -> str:
        """Everything it has logged."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    async def start(self) -> None:
        """Run it and wait until every port lets somebody in."""
        self._spawn()
        async with asyncio.timeout(READY_S):
            for port in (VTY_PORT, CTRL_PORT, GSUP_PORT):
                while not await self._lets_in(port):  # noqa: ASYNC110 - another process's port cannot be waited for
                    await asyncio.sleep(0.01)

    def kill(self) -> None:
        """End it as a power cut would (SIGKILL), and wait until it is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        """Let it hang: connections stay up and new ones are let in, but nothing is answered (SIGSTOP)."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on with what has piled up (SIGCONT)."""
        os.kill(self.pid, signal.SIGCONT)

    async def restart(self) -> None:
        """Kill it and run it again on the same database."""
        self.kill()
        await self.start()

    @contextlib.contextmanager
    def locked(self) -> Iterator[sqlite3.Connection]:
        """Hold its database as another hand would; nothing is written meanwhile."""
        with contextlib.closing(sqlite3.connect(self.database, isolation_level=None)) as other_hand:
            other_hand.execute("BEGIN IMMEDIATE")
            try:
                yield other_hand
            finally:
                other_hand.execute("ROLLBACK")

    def query(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        """Ask or change its database behind its back."""
        with contextlib.closing(sqlite3.connect(self.database, isolation_level=None)) as other_hand:
            return other_hand.execute(statement, values).fetchall()

    def _spawn(self) -> None:
        program = shutil.which(PROGRAM)
        if program is None:
            raise RuntimeError(MISSING)
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [program, "-c", self._config, "-l", self.database],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._config.parent,
            )

    async def _lets_in(self, port: int) -> bool:
        assert self._process is not None, "it is not running"
        if self._process.poll() is not None:
            raise RuntimeError(f"{PROGRAM} ended at once:\n{self.log}")
        try:
            _, writer = await asyncio.open_connection(self.host, port)
        except OSError:
            return False
        writer.close()
        await writer.wait_closed()
        return True


@contextlib.contextmanager
def own_address() -> Iterator[str]:
    """Keep a loopback address to ourselves: a datagram socket nobody sends to marks it as taken."""
    start = os.getpid()
    for n in range(254):
        host = f"127.0.1.{(start + n) % 254 + 1}"
        with contextlib.ExitStack() as stack:
            try:
                mark = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
                mark.bind((host, VTY_PORT))
                for port in (VTY_PORT, CTRL_PORT, GSUP_PORT):  # somebody without such manners may be there
                    with socket.create_server((host, port)):
                        pass
            except OSError:
                continue
            yield host
            return
    raise RuntimeError("every address from 127.0.1.1 to 127.0.1.254 is taken")


@contextlib.asynccontextmanager
async def osmo_hlr(password: str = "") -> AsyncIterator[OsmoHlr]:
    """Run one, and end it whatever happens; ``password`` guards its VTY."""
    with own_address() as host, tempfile.TemporaryDirectory(prefix="osmo-hlr-") as directory:
        hlr = OsmoHlr(host, Path(directory), password)
        try:
            await hlr.start()
            yield hlr
        finally:
            hlr.kill()
