"""A real PgBouncer before a PostgreSQL of a test's own: on a loopback port, in a private directory."""

import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Final, Literal, Self

from tests.peers import unprivileged
from tests.peers.postgres import HOST, PASSWORD, USER, PostgresServer

READY_S = 20.0
PROGRAM: Final = "pgbouncer"
MISSING = f"{PROGRAM} is not installed: run scripts/install_peers.sh"
PoolMode = Literal["session", "transaction", "statement"]
CONFIG = """\
[databases]
* = host={host} port={server_port}
[pgbouncer]
listen_addr = {host}
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {users}
admin_users = {user}
pool_mode = {pool_mode}
default_pool_size = {pool_size}
"""


class PgBouncer:
    """One process: ``with`` starts and ends it. It knows the server's one user, whose password it wants."""

    def __init__(self, server: PostgresServer, pool_mode: PoolMode, pool_size: int = 20) -> None:
        self.port = unprivileged.free_port(HOST)
        self.directory = unprivileged.private_directory("linegate-pgbouncer-")
        self._log = self.directory / "log"
        users = unprivileged.secret_file(self.directory / "users.txt", f'"{USER}" "{PASSWORD}"\n')
        self._config = self.directory / "pgbouncer.ini"
        told = CONFIG.format(
            host=HOST,
            server_port=server.port,
            port=self.port,
            users=users,
            user=USER,
            pool_mode=pool_mode,
            pool_size=pool_size,
        )
        unprivileged.secret_file(self._config, told)
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def log(self) -> str:
        """Everything it has logged."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def url(self, database: str = "postgres", *, password: str = PASSWORD) -> str:
        """Where a database is, through it."""
        return f"postgresql://{USER}:{password}@{HOST}:{self.port}/{database}"

    def start(self) -> None:
        """Run it and wait until it lets somebody in."""
        self._process = unprivileged.spawn([_program(), self._config], self.directory, self._log)
        deadline = time.monotonic() + READY_S
        while not self._lets_in():
            if self._process.poll() is not None:
                raise RuntimeError(f"{PROGRAM} ended at once:\n{self.log}")
            if time.monotonic() > deadline:
                raise TimeoutError(f"waited {READY_S:g} s until {PROGRAM} is ready")
            time.sleep(0.01)

    def kill(self) -> None:
        """End it with every connection through it (SIGKILL)."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def close(self) -> None:
        """End it and remove its directory."""
        self.kill()
        unprivileged.remove(self.directory)

    def _lets_in(self) -> bool:
        try:
            with socket.create_connection((HOST, self.port), READY_S):
                return True
        except OSError:
            return False


def _program() -> Path:
    found = shutil.which(PROGRAM) or shutil.which(PROGRAM, path="/usr/sbin")
    if found is None:
        raise RuntimeError(MISSING)
    return Path(found)
