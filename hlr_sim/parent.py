"""The process that started the simulator: it hands the passwords over on stdin, and its death ends us."""

from __future__ import annotations

import fcntl
import json
import os
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from drivers import dialects
from drivers.commands import Login
from drivers.errors import NotSpoken
from hlr_sim.element import Account
from hlr_sim.scenario import ElementSpec, needs_login

PASSWORD_VARIABLE = "LINEGATE_SIM_PASSWORD"  # noqa: S105 - the name of a variable, not a password
_LINE_BYTES = 64 * 1024
_LOCK_RETRY_S = 0.05


class StartError(Exception):
    """The simulator cannot start; the text says what to do."""


def accounts_from_environment(specs: Sequence[ElementSpec], environment: Mapping[str, str]) -> dict[str, Account]:
    """One password for every door. Raises StartError."""
    password = environment.get(PASSWORD_VARIABLE, "")
    if not password:
        raise StartError(f"put the elements' password into {PASSWORD_VARIABLE}")
    return {spec.name: _account(spec, password, password) for spec in specs}


def accounts_from_line(specs: Sequence[ElementSpec], line: bytes) -> dict[str, Account]:
    """Read ``{"passwords": {name: …}, "ssh_passwords": {name: …}}``. Raises StartError, never quoting the line."""
    try:
        told = json.loads(line)
        passwords, ssh_passwords = dict(told["passwords"]), dict(told.get("ssh_passwords", {}))
    except (ValueError, TypeError, KeyError, AttributeError):
        raise StartError('the first line on stdin must be {"passwords": {…}, "ssh_passwords": {…}}') from None
    for spec in specs:
        if needs_login(spec):
            _need(passwords, "passwords", spec.name)
        if spec.transport == "ssh":
            _need(ssh_passwords, "ssh_passwords", spec.name)
    return {spec.name: _account(spec, passwords.get(spec.name, ""), ssh_passwords.get(spec.name, "")) for spec in specs}


def _account(spec: ElementSpec, password: str, ssh_password: str) -> Account:
    if not needs_login(spec):
        return Account("", ssh_password)
    try:  # a password nobody could log in with (SMPP 3.4 §4.1.1 allows 8 characters) is better refused now
        dialects.load(spec.dialect).client(spec.dialect_options).encode(1, Login(spec.user, password))
    except NotSpoken as unsayable:
        raise StartError(f"element {spec.name}: {unsayable}") from unsayable
    return Account(password, ssh_password)


def _need(passwords: Mapping[str, object], where: str, name: str) -> None:
    if not isinstance(password := passwords.get(name), str) or not password:
        raise StartError(f"{where} lacks one for element {name}")


def read_first_line() -> bytes:
    """Read stdin up to its first line's end, unbuffered: what follows is watched, not read."""
    line = b""
    while not line.endswith(b"\n") and len(line) < _LINE_BYTES:
        byte = os.read(sys.stdin.fileno(), 1)
        if not byte:
            break
        line += byte
    return line


def die_with_parent() -> None:
    """End this process the moment stdin ends. Nothing is lost by haste: what was answered is already committed."""

    def watch() -> None:
        while os.read(sys.stdin.fileno(), _LINE_BYTES):
            pass
        os._exit(0)

    threading.Thread(target=watch, name="parent watch", daemon=True).start()


@contextmanager
def only_one(data_dir: Path, patience_s: float) -> Iterator[None]:
    """Hold the data directory; a predecessor may still be dying, so wait for it. Raises StartError."""
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    until = time.monotonic() + patience_s
    with (data_dir / "lock").open("w") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    raise StartError(f"{data_dir} is in use by another simulator; stop it first") from None
                time.sleep(_LOCK_RETRY_S)
        yield
