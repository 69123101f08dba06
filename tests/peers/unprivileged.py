"""Programs that refuse to run as root, run as nobody then, each in a private directory and on a port of its own."""

import contextlib
import itertools
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

_NOBODY = "nobody"
_FIRST_PORT, _PORTS = (
    20_000,
    10_000,
)  # below what the kernel gives to outgoing connections: a port stays free while down
_turns = itertools.count()


def private_directory(prefix: str) -> Path:
    """Make a directory that only the program's user (and root) can enter; ``remove`` it at the end."""
    directory = Path(tempfile.mkdtemp(prefix=prefix))
    give(directory)
    return directory


def give(path: Path) -> None:
    """Let the program own a file or directory."""
    if os.geteuid() == 0:
        nobody = pwd.getpwnam(_NOBODY)
        os.chown(path, nobody.pw_uid, nobody.pw_gid)


def secret_file(path: Path, text: str) -> Path:
    """Write a file that only the program can read."""
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
    give(path)
    return path


def remove(directory: Path) -> None:
    """Remove a private directory; what a killed program is still writing is let be."""
    shutil.rmtree(directory, ignore_errors=True)


def run(arguments: Sequence[str | Path], directory: Path) -> None:
    """Run a program to its end. Raises RuntimeError with what it said, when it fails."""
    user = _NOBODY if os.geteuid() == 0 else None
    ended = subprocess.run(
        arguments,
        check=False,
        cwd=directory,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        user=user,
        group=_group(),
        extra_groups=_no_groups(),
    )
    if ended.returncode != 0:
        raise RuntimeError(f"{Path(arguments[0]).name} failed:\n{ended.stdout}{ended.stderr}")


def spawn(arguments: Sequence[str | Path], directory: Path, log: Path) -> subprocess.Popen[bytes]:
    """Start a program that stays; what it says is appended to ``log``."""
    user = _NOBODY if os.geteuid() == 0 else None
    with log.open("ab") as said:
        return subprocess.Popen(
            arguments,
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,  # ^C in a terminal is for the tests, which end it in good order
            user=user,
            group=_group(),
            extra_groups=_no_groups(),
        )


def free_port(host: str = "127.0.0.1") -> int:
    """Return a port nobody listens on, and which no outgoing connection is ever given."""
    for _ in range(_PORTS):
        port = _FIRST_PORT + (os.getpid() * 41 + next(_turns)) % _PORTS
        with contextlib.suppress(OSError), socket.create_server((host, port)):
            return port
    raise RuntimeError("no port is free")


def _group() -> int | None:
    return pwd.getpwnam(_NOBODY).pw_gid if os.geteuid() == 0 else None


def _no_groups() -> list[int] | None:
    return [] if os.geteuid() == 0 else None
