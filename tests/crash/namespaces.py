"""Namespaces of the kernel: a small disk, or a cable that can be pulled. Making them takes root, or leave to be it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.journeys.programs import CHECKOUT
from tests.peers.postgres import PASSWORD, USER, PostgresServer
from tests.peers.unprivileged import free_port

_NEED = "run the tests as root, or in a container with CAP_NET_ADMIN and CAP_SYS_ADMIN"
_NETWORK = "10.213"  # of the two ends of the cable; nobody else's


class SmallDisk:
    """A directory that is a file system of few bytes, seen only by what ``prefix`` runs."""

    def __init__(self, directory: Path, size_kib: int) -> None:
        directory.mkdir(exist_ok=True)
        mount = 'mount -t tmpfs -o size="$1"k,mode=700 tmpfs "$0" && echo there && exec cat'
        own = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--mount"]
        self._keeper = subprocess.Popen(
            [*own, "sh", "-c", mount, str(directory), str(size_kib)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._keeper.stdout is not None
        assert self._keeper.stdout.readline() == "there\n", f"no file system could be mounted: {_NEED}"
        as_root = [] if os.geteuid() == 0 else ["--user", "--preserve-credentials"]
        self.prefix = ["nsenter", *as_root, "--mount", "--target", str(self._keeper.pid)]
        self._ballast = Path(f"/proc/{self._keeper.pid}/root{directory}/ballast")

    def fill(self) -> None:
        """Leave no room."""
        with self._ballast.open("ab", buffering=0) as file:
            for size in (65536, 4096, 1):
                try:
                    while True:
                        file.write(bytes(size))
                except OSError:
                    continue

    def clear(self) -> None:
        """Give the room back."""
        self._ballast.unlink(missing_ok=True)

    def close(self) -> None:
        """Let it go, and all that is on it."""
        self._keeper.kill()
        self._keeper.wait()
        for pipe in (self._keeper.stdin, self._keeper.stdout):
            if pipe is not None:
                pipe.close()


class Cable:
    """A way to a database through a network namespace of its own, which has one end of a cable."""

    def __init__(self, name: str, server: PostgresServer, database: str) -> None:
        self._name = name
        number = os.getpid() % 250
        here, there = f"{_NETWORK}.{number}.1", f"{_NETWORK}.{number}.2"
        self._relay: subprocess.Popen[str] | None = None
        _ip("netns", "add", name)
        try:
            _ip("link", "add", f"{name}h", "type", "veth", "peer", "name", "far", "netns", name)
            _ip("addr", "add", f"{here}/30", "dev", f"{name}h")
            _ip("link", "set", f"{name}h", "up")
            _ip("-n", name, "addr", "add", f"{there}/30", "dev", "far")
            self.plug()
            port, socket = free_port(), f"{server.directory}/.s.PGSQL.{server.port}"
            module = [sys.executable, "-m", "tests.crash.namespaces", there, str(port), socket]
            self._relay = subprocess.Popen(
                ["ip", "netns", "exec", name, *module], cwd=CHECKOUT, stdout=subprocess.PIPE, text=True
            )
            assert self._relay.stdout is not None
            assert self._relay.stdout.readline() == "listening\n"
        except BaseException:
            self.close()
            raise
        self.url = f"postgresql://{USER}:{PASSWORD}@{there}:{port}/{database}"

    def pull(self) -> None:
        """From here on nothing arrives at either end, and nobody is told."""
        _ip("-n", self._name, "link", "set", "far", "down")

    def plug(self) -> None:
        """Put it in again."""
        _ip("-n", self._name, "link", "set", "far", "up")

    def close(self) -> None:
        """Take all of it away."""
        if self._relay is not None:
            self._relay.kill()
            self._relay.wait()
            if self._relay.stdout is not None:
                self._relay.stdout.close()
        _ip("netns", "del", self._name)


@contextmanager
def cable(server: PostgresServer, database: str) -> Iterator[Cable]:
    """Lay a cable to a database, and take it away."""
    laid = Cable(f"lg{os.getpid()}", server, database)
    try:
        yield laid
    finally:
        laid.close()


def _ip(*arguments: str) -> None:
    ended = subprocess.run(["ip", *arguments], check=False, capture_output=True, text=True)
    assert ended.returncode == 0, f"ip {' '.join(arguments)}: {ended.stderr.strip()}: {_NEED}"


async def _relay(host: str, port: int, socket: str) -> None:
    """Carry bytes between a TCP port, in whatever network this process is in, and a socket in the file system."""

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_unix_connection(socket)
        except OSError:
            writer.close()
            return
        await asyncio.gather(carry(reader, back), carry(there, writer))

    async with await asyncio.start_server(connected, host, port) as server:
        sys.stdout.write("listening\n")
        sys.stdout.flush()
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_relay(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
