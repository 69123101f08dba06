"""A real pcscd of our own, with virtual readers: never the system's, and out of everybody's sight.

It runs in a mount namespace where ``/run/pcscd`` is a directory of ours; programs find it by PCSCLITE_CSOCK_NAME, which
libpcsclite reads once in a process's life. vpcd would listen on every address; a library loaded before it keeps it on
loopback.
"""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DRIVER = Path("/usr/lib/pcsc/drivers/serial/libifdvpcd.so")
MISSING = "pcscd, vpcd or unshare is not installed: run scripts/install_peers.sh"
LOOPBACK_ONLY = Path(__file__).parent / "native" / "loopback_only.c"
SOCKET = "PCSCLITE_CSOCK_NAME"
READY_S = 10.0
MOST_READERS = 16
SLOTS = 2
# one line of the shell: hide the machine's /run, put ours where pcscd looks, become pcscd
BECOME = 'mount -t tmpfs none /run && mkdir /run/pcscd && mount --bind "$1" /run/pcscd && shift && exec "$@"'
ENTRY = 'FRIENDLYNAME "Linegate {n}"\nDEVICENAME /dev/null:0x{port:X}\nLIBPATH {driver}\nCHANNELID 0x{port:X}\n\n'


class Pcscd:
    """One daemon in a directory; ``kill``, ``stop``, ``start`` as often as a test likes, with the same ports."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._run = directory / "run"
        self._config = directory / "conf"
        self._log = directory / "log"
        self._process: subprocess.Popen[bytes] | None = None
        self.ports: list[int] = []

    @property
    def socket(self) -> Path:
        """Where its clients find it."""
        return self._run / "pcscd.comm"

    @property
    def _on_loopback(self) -> Path:
        return self._directory / "loopback_only.so"

    @property
    def reader_names(self) -> list[str]:
        """What its readers are called, in the order of ``ports``."""
        return [f"Linegate {n // SLOTS} 00 {n % SLOTS:02}" for n in range(len(self.ports))]

    @property
    def log(self) -> str:
        """Everything it has logged."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def environment(self) -> dict[str, str]:
        """This process's environment, for a sub-process that is to find it."""
        return {**os.environ, SOCKET: str(self.socket)}

    def start(self, readers: int) -> None:
        """Run it with so many readers, one to sixteen, and wait until they can be used."""
        assert 1 <= readers <= MOST_READERS
        self._run.mkdir(parents=True, exist_ok=True)
        self._config.mkdir(exist_ok=True)
        subprocess.run(["gcc", "-shared", "-fPIC", "-o", self._on_loopback, LOOPBACK_ONLY], check=True)
        pairs = (readers + SLOTS - 1) // SLOTS
        bases = [_free_pair() for _ in range(pairs)]
        (self._config / "vpcd").write_text("".join(self._entry(n, port) for n, port in enumerate(bases)), "utf-8")
        self.ports = [base + slot for base in bases for slot in range(SLOTS)]
        self._spawn()

    def restart(self) -> None:
        """Kill it and run it again; cards must be inserted again."""
        self.kill()
        self._spawn()

    def stop(self) -> None:
        """Ask it to end, and wait."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
            self._process = None

    def kill(self) -> None:
        """End it as a crash would (SIGKILL); its socket is left behind."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def resume(self) -> None:
        """Run it again after ``stop`` or ``kill``, as it was."""
        self._spawn()

    def _entry(self, number: int, port: int) -> str:
        # a copy each: the driver keeps one table of slots per file it is loaded from
        driver = self._directory / f"libifdvpcd{number}.so"
        shutil.copyfile(DRIVER, driver)
        return ENTRY.format(n=number, port=port, driver=driver)

    def _spawn(self) -> None:
        programs = [shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin") for program in ("unshare", "pcscd")]
        unshare, pcscd = programs
        if unshare is None or pcscd is None or not DRIVER.exists():
            raise RuntimeError(MISSING)
        for left in self._run.iterdir():
            left.unlink()
        alone = ["-m"] if os.geteuid() == 0 else ["-Urm"]
        daemon = [pcscd, "--foreground", "--config", str(self._config)]
        if "--disable-polkit" in subprocess.run([pcscd, "--help"], capture_output=True, check=False).stdout.decode():
            daemon.append("--disable-polkit")
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [unshare, *alone, "sh", "-c", BECOME, "sh", self._run, *daemon],
                env={**os.environ, "LD_PRELOAD": str(self._on_loopback)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self._wait_until_ready(self._process)

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        until = time.monotonic() + READY_S
        while not (self._lets_in() and all(_taken(port) for port in self.ports)):
            if process.poll() is not None:
                raise RuntimeError(f"pcscd ended at once:\n{self.log}")
            if time.monotonic() > until:
                self.kill()
                raise RuntimeError(f"pcscd was not ready after {READY_S} s:\n{self.log}")
            time.sleep(0.002)

    def _lets_in(self) -> bool:
        with socket.socket(socket.AF_UNIX) as client:
            return client.connect_ex(str(self.socket)) == 0


@contextmanager
def private_pcscd(readers: int) -> Iterator[Pcscd]:
    """Run one in a directory of its own, whose name is short enough for a socket, and clean up."""
    with tempfile.TemporaryDirectory(prefix="pcscd-") as directory:
        running = Pcscd(Path(directory))
        running.start(readers)
        try:
            yield running
        finally:
            running.stop()


def _taken(port: int) -> bool:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            other.bind(("", port))
        except OSError:
            return True
    return False


def _free_pair() -> int:
    while True:
        with socket.create_server(("", 0)) as first:
            base: int = first.getsockname()[1]
            try:
                socket.create_server(("", base + 1)).close()
            except (OSError, OverflowError):
                continue
        return base
