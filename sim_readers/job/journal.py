"""The station's journal of cards: begun, keys written, done or failed; fsynced, so that a torn card is known again.

One JSON line a step. It tells which cards of a batch are finished, and on which write-only keys may be half-written.
"""

from __future__ import annotations

import errno
import json
import os
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from sim_readers.durable import open_to_append
from sim_readers.ledger import LedgerBroken


class Step(StrEnum):
    """How far a card has come; each follows the one before."""

    BEGUN = "begun"  # something was about to be written
    KEYS = "keys"  # the key files were about to be written
    DONE = "done"  # read back, and its keys proven
    FAILED = "failed"


class CardJournal:
    """What became of every card at this station. Thread-safe; one process at a time per directory."""

    def __init__(self, directory: Path, clock: Callable[[], datetime]) -> None:
        self._file = directory / "cards.jsonl"
        self._clock = clock
        self._lock = threading.Lock()
        self._steps: dict[tuple[str, str], Step] = {}
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self._file.exists():
            for line in self._file.read_text("utf-8", "replace").splitlines():
                self._take(line)

    def step(self, job: str, iccid: str) -> Step | None:
        """How far a card has come in a job; ``None`` if it never was here."""
        return self._steps.get((job, iccid))

    def note(self, job: str, iccid: str, step: Step, told: Mapping[str, Any] | None = None) -> None:
        """Write a step down, durably, before it is taken. Raises LedgerBroken."""
        line = {"at": self._clock().isoformat(), "job": job, "iccid": iccid, "step": step.value, **(told or {})}
        with self._lock:
            try:
                self._append(json.dumps(line, separators=(",", ":")).encode() + b"\n")
            except OSError as broken:
                why = f"the journal {self._file.name} cannot be written ({broken.strerror})"
                raise LedgerBroken(f"{why}: free its disk or give access to it") from broken
            self._steps[job, iccid] = step

    def done(self, job: str) -> frozenset[str]:
        """The ICCIDs a job has finished."""
        return frozenset(iccid for (of, iccid), step in self._steps.items() if of == job and step is Step.DONE)

    def _append(self, line: bytes) -> None:
        descriptor = open_to_append(self._file)
        try:
            size = os.fstat(descriptor).st_size
            if size and os.pread(descriptor, 1, size - 1) != b"\n":
                line = b"\n" + line  # a station that lost power in the middle of a line
            if os.write(descriptor, line) != len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))  # half a line is no line
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _take(self, line: str) -> None:
        try:
            told = json.loads(line)
            self._steps[told["job"], told["iccid"]] = Step(told["step"])
        except (ValueError, KeyError, TypeError):
            return  # cut off by a loss of power before its fsync: nothing had been done yet
