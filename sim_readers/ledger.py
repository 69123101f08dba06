"""The attempt ledger: every key presented to a card is on disk before the card hears it, and what the card said after.

One file of JSON lines per station, appended under a lock and fsynced. A key stands there as an HMAC under the station's
own key, so that the same wrong key is known again without being kept.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import hmac
import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from sim_readers.durable import keep_names, open_to_append
from sim_readers.secret import Secret

_PRIVATE = 0o600
_STATION_KEY_BYTES = 32


class Outcome(StrEnum):
    """What became of an attempt; one without outcome was cut off and may have cost a try."""

    RIGHT = "right"
    WRONG = "wrong"
    NOT_HEARD = "not_heard"  # the counter proves that the card never counted it


@dataclass(frozen=True, slots=True)
class Attempt:
    """One key presented to one card. ``tries_before`` is what the card said just before."""

    number: str
    iccid: str
    key: str
    tries_before: int | None
    outcome: Outcome | None = None
    mac: str = field(default="", repr=False)


class LedgerBroken(Exception):
    """The ledger cannot be written or read: no key may be presented until it can."""


class Ledger:
    """All attempts of a station, whatever process made them. Thread-safe."""

    def __init__(self, directory: Path, clock: Callable[[], datetime], operator: str) -> None:
        self._file = directory / "attempts.jsonl"
        self._clock = clock
        self._operator = operator
        self._lock = threading.Lock()
        self._read_up_to = 0
        self._attempts: dict[str, Attempt] = {}
        self._by_key: dict[tuple[str, str], list[str]] = {}
        self._station_key = _station_key(directory / "station.key", self._file)

    def before(self, iccid: str, key: str, secret: Secret, tries: int | None) -> str:
        """Write down an attempt that is about to be made; return its number. Raises LedgerBroken."""
        number = os.urandom(8).hex()
        line = {"attempt": number, "iccid": iccid, "key": key, "mac": self._mac(iccid, key, secret), "tries": tries}
        self._append({**line, "at": self._clock().isoformat(), "operator": self._operator})
        return number

    def after(self, number: str, outcome: Outcome, tries: int | None = None) -> None:
        """Write down what the card said. Raises LedgerBroken."""
        self._append({"of": number, "outcome": outcome.value, "tries": tries, "at": self._clock().isoformat()})

    def holds_now(self, iccid: str, key: str, secret: Secret) -> None:
        """Write down that a card was given this key, which may have been wrong before. Raises LedgerBroken."""
        self.after(self.before(iccid, key, secret, None), Outcome.RIGHT)

    def attempts(self, iccid: str, key: str, secret: Secret) -> list[Attempt]:
        """Every attempt ever made with this very key on this card, oldest first. Raises LedgerBroken."""
        mac = self._mac(iccid, key, secret)
        return [attempt for attempt in self.all_attempts(iccid, key) if attempt.mac == mac]

    def all_attempts(self, iccid: str, key: str) -> list[Attempt]:
        """Every attempt ever made on this card for this key with any secret, oldest first. Raises LedgerBroken."""
        with self._lock:
            self._catch_up()
            return [self._attempts[number] for number in self._by_key.get((iccid, key), ())]

    def wrong_on(self, iccid: str, key: str) -> int:
        """How many secrets in a row a card may have refused: those cut off count too. Raises LedgerBroken."""
        in_a_row = 0
        for attempt in self.all_attempts(iccid, key):
            match attempt.outcome:
                case Outcome.RIGHT:
                    in_a_row = 0
                case Outcome.WRONG | None:
                    in_a_row += 1
                case Outcome.NOT_HEARD:
                    pass
        return in_a_row

    def _mac(self, iccid: str, key: str, secret: Secret) -> str:
        said = f"{iccid}:{key}:".encode() + secret.reveal()
        return hmac.new(self._station_key, said, hashlib.sha256).hexdigest()

    def _append(self, line: dict[str, Any]) -> None:
        with self._lock, self._opened() as descriptor:
            text = json.dumps(line, separators=(",", ":")).encode() + b"\n"
            if os.fstat(descriptor).st_size and os.pread(descriptor, 1, os.fstat(descriptor).st_size - 1) != b"\n":
                text = b"\n" + text  # a station that lost power in the middle of a line
            if os.write(descriptor, text) != len(text):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))  # half a line is no line
            os.fsync(descriptor)

    def _catch_up(self) -> None:
        with self._opened() as descriptor:
            os.lseek(descriptor, self._read_up_to, os.SEEK_SET)
            with os.fdopen(os.dup(descriptor), "rb") as file:
                for line in file:
                    if line.endswith(b"\n"):
                        self._read_up_to += len(line)
                        self._take(line)

    def _take(self, line: bytes) -> None:
        try:
            told = json.loads(line)
        except ValueError:
            return  # torn by a loss of power before its fsync: the card had not heard of it
        try:
            self._understand(told)
        except (AttributeError, KeyError, TypeError, ValueError):
            where = f"the attempt ledger {self._file.name} has a line nobody here wrote"
            raise LedgerBroken(f"{where}: restore it, for it may hide a key that was refused") from None

    def _understand(self, told: dict[str, Any]) -> None:
        if "attempt" in told:
            made = Attempt(told["attempt"], told["iccid"], told["key"], told["tries"], mac=told["mac"])
            self._attempts[made.number] = made
            self._by_key.setdefault((made.iccid, made.key), []).append(made.number)
        elif (begun := self._attempts.get(told.get("of", ""))) is not None:
            self._attempts[begun.number] = replace(begun, outcome=Outcome(told["outcome"]))

    @contextmanager
    def _opened(self) -> Iterator[int]:
        try:
            descriptor = open_to_append(self._file)
        except OSError as broken:
            raise LedgerBroken(_advice(self._file, broken)) from broken
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield descriptor
        except OSError as broken:
            raise LedgerBroken(_advice(self._file, broken)) from broken
        finally:
            os.close(descriptor)


def _advice(file: Path, broken: OSError) -> str:
    return f"the attempt ledger {file.name} cannot be used ({broken.strerror}): free its disk or give access to it"


def _station_key(file: Path, attempts: Path) -> bytes:
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        begun = attempts.is_file() and attempts.stat().st_size > 0  # before the key: whoever begins makes the key first
        if not file.exists():
            if begun:
                raise LedgerBroken(f"{file.name} is gone: restore it, for without it no earlier attempt is known again")
            _make_station_key(file)
        key = file.read_bytes()
    except OSError as broken:
        raise LedgerBroken(_advice(file, broken)) from broken
    if len(key) != _STATION_KEY_BYTES:
        raise LedgerBroken(f"{file.name} is damaged: restore it, for without it no earlier attempt is known again")
    return key


def _make_station_key(file: Path) -> None:
    """Write the key whole before it gets its name: of two processes that start together, one wins and both read it."""
    draft = file.with_suffix(f".{os.getpid()}-{os.urandom(4).hex()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE), "wb") as made:
        made.write(os.urandom(_STATION_KEY_BYTES))
        made.flush()
        os.fsync(made.fileno())
    try:
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    keep_names(file.parent)
