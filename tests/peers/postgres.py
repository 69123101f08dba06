"""A real PostgreSQL of a test's own: a private cluster on a loopback port, which may be killed, frozen, followed."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, Self

from tests.peers import unprivileged
from tests.peers.postgres_programs import READY_S, alive, program, psql, until

HOST: Final = "127.0.0.1"
USER: Final = "linegate"
PASSWORD: Final = "FAKEpwPostgres01"
SIGNALS: Final = MappingProxyType({"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT})
CONFIG = """
fsync = on
shared_buffers = 16MB
max_connections = 100
max_wal_senders = 4
wal_keep_size = 64MB
log_min_messages = warning
"""


class PostgresServer:
    """One cluster and, while it is up, its server: ``with`` makes, starts, stops and removes it.

    Over TCP it wants the password; over the socket in its private directory it wants none.
    """

    def __init__(self, settings: Mapping[str, str] = MappingProxyType({})) -> None:
        self.port = unprivileged.free_port()
        self.directory = unprivileged.private_directory("linegate-pg-")
        self._data = self.directory / "data"
        self._log = self.directory / "log"
        self._settings = settings
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
    def pid(self) -> int:
        """The postmaster's process id."""
        assert self._process is not None, "it is not running"
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether it has been started and not been ended."""
        return self._process is not None

    @property
    def log(self) -> str:
        """Everything it has logged."""
        return self._log.read_text(encoding="utf-8", errors="replace") if self._log.exists() else ""

    def url(self, database: str = "postgres", *, password: str = PASSWORD) -> str:
        """Where a database is, over TCP."""
        return f"postgresql://{USER}:{password}@{HOST}:{self.port}/{database}"

    def socket_url(self, database: str = "postgres") -> str:
        """Where it is, over the socket in the private directory."""
        return f"postgresql://{USER}@/{database}?host={self.directory}&port={self.port}"

    def start(self) -> None:
        """Run it (and make the cluster, the first time) and wait until it lets somebody in."""
        assert self._process is None, "it is running"
        if not self._data.exists():
            self._initialise()
        listen = ["-h", HOST, "-p", str(self.port), "-k", str(self.directory)]
        arguments: list[str | Path] = [program("postgres"), "-D", self._data, *listen]
        self._process = unprivileged.spawn(arguments, self.directory, self._log)
        self._wait_until_ready(self._process)

    def stop(self, mode: str = "fast") -> None:
        """End it: ``smart`` waits for its clients, ``fast`` throws them out, ``immediate`` leaves a crash behind."""
        if self._process is not None:
            self.thaw()
            self._process.send_signal(SIGNALS[mode])
            self._process.wait(READY_S)
            self._process = None

    def restart(self, mode: str = "fast") -> None:
        """Stop it and run it again on the same data and port."""
        self.stop(mode)
        self.start()

    def kill(self) -> None:
        """End it as a power cut would (SIGKILL to the postmaster, then to each of its processes)."""
        if self._process is not None:
            everybody = self.processes()
            self._process.kill()
            for pid in everybody:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self._process.wait()
            self._process = None
            until(lambda: not any(map(alive, everybody)), "its processes are gone")

    def freeze(self) -> None:
        """Let every process of it hang: connections stay up, and nothing is answered (SIGSTOP)."""
        for pid in self.processes():
            os.kill(pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on (SIGCONT)."""
        for pid in self.processes():
            os.kill(pid, signal.SIGCONT)

    def close(self) -> None:
        """End it and remove its cluster."""
        self.kill()
        unprivileged.remove(self.directory)

    def processes(self) -> list[int]:
        """Return the process ids of the postmaster, first, and of its children."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children")
        return [self.pid, *(int(pid) for pid in children.read_text(encoding="ascii").split())]

    def fetch(self, sql: str, database: str = "postgres") -> list[tuple[str, ...]]:
        """Run statements, each in a transaction of its own, and return their rows; NULL is an empty text."""
        return psql(sql, ["-h", str(self.directory), "-p", str(self.port), "-U", USER, "-d", database])

    def execute(self, sql: str, database: str = "postgres") -> None:
        """Run statements, each in a transaction of its own."""
        self.fetch(sql, database)

    def create(self, database: str, template: str | None = None) -> str:
        """Make a database, and return its URL."""
        self.execute(f'CREATE DATABASE "{database}" TEMPLATE "{template or "template1"}"')
        return self.url(database)

    def drop(self, database: str) -> None:
        """Remove a database, whoever is connected to it."""
        self.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')

    def configure(self, **settings: str) -> None:
        """Change settings of the whole server, as far as they need no restart: an empty text takes one back."""
        for name, value in settings.items():
            self.execute(f"ALTER SYSTEM SET {name} = '{value}'" if value else f"ALTER SYSTEM RESET {name}")
        self.execute("SELECT pg_reload_conf()")
        self.execute("SELECT pg_sleep(0.1)")  # the postmaster tells its processes by signals: nothing to wait for

    def backends(self, application_name: str) -> list[int]:
        """Return the process ids that serve an application, oldest first."""
        rows = self.fetch(
            f"SELECT pid FROM pg_stat_activity WHERE application_name = '{application_name}' ORDER BY backend_start"
        )
        return [int(pid) for (pid,) in rows]

    def terminate(self, pid: int) -> bool:
        """Throw one session out; tell whether it was there."""
        return self.fetch(f"SELECT pg_terminate_backend({pid})") == [("t",)]

    @contextlib.contextmanager
    def standby(self, *, synchronous: bool = False) -> Iterator["Standby"]:
        """Run a second server that follows this one; synchronous: a commit waits until it is written there too."""
        follower = Standby(self)
        try:
            follower.start()
            self._wait_until_followed()
            if synchronous:
                self.configure(synchronous_standby_names="standby")
            yield follower
        finally:
            if synchronous and self.running:
                self.configure(synchronous_standby_names="")
            follower.close()

    def _initialise(self) -> None:
        secret = unprivileged.secret_file(self.directory / "pwfile", PASSWORD)
        asked = ["-U", USER, "--auth-local=trust", "--auth-host=scram-sha-256", "-E", "UTF8", "--locale=C"]
        quick = ["--no-sync", "--wal-segsize=1", "--no-instructions"]
        unprivileged.run([program("initdb"), "-D", self._data, f"--pwfile={secret}", *asked, *quick], self.directory)
        secret.unlink()
        with (self._data / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write(CONFIG + "".join(f"{name} = '{value}'\n" for name, value in self._settings.items()))

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        def ready() -> bool:
            if process.poll() is not None:
                self._process = None
                raise RuntimeError(f"the server ended at once:\n{self.log}")
            return self._status(process.pid) in {"ready", "standby"}

        until(ready, "it is ready")

    def _status(self, pid: int) -> str:
        """What the postmaster says of itself: the eighth line of its file, the first being its process id."""
        try:
            lines = (self._data / "postmaster.pid").read_text(encoding="ascii").splitlines()
        except FileNotFoundError:
            return ""
        return lines[7].strip() if len(lines) > 7 and lines[0] == str(pid) else ""

    def _wait_until_followed(self) -> None:
        until(lambda: self.fetch("SELECT 1 FROM pg_stat_replication WHERE state = 'streaming'") != [], "it is followed")


class Standby(PostgresServer):
    """A server that follows another by streaming replication until it is promoted."""

    def __init__(self, primary: PostgresServer) -> None:
        super().__init__()
        self._primary = primary

    def promote(self) -> None:
        """Make it a server of its own, which takes writes from here on."""
        self.execute("SELECT pg_promote(true)")

    def caught_up(self) -> None:
        """Wait until everything its primary has committed by now can be read here."""
        ((upto,),) = self._primary.fetch("SELECT pg_current_wal_lsn()")
        until(lambda: self.fetch(f"SELECT pg_last_wal_replay_lsn() >= '{upto}'") == [("t",)], "it has caught up")

    def _initialise(self) -> None:
        near = f"host={self._primary.directory} port={self._primary.port} user={USER} application_name=standby"
        quick = ["--checkpoint=fast", "--wal-method=stream", "--no-sync", "-R"]
        unprivileged.run([program("pg_basebackup"), "-D", self._data, "-d", near, *quick], self.directory)
