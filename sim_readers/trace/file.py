"""A trace kept in a file: one JSON object a line, appended, readable by its owner only."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from sim_readers.trace.exchange import Exchange
from sim_readers.trace.mask import Masked, Masking

_MODE = 0o600


class BadTrace(ValueError):
    """A line of a trace file is none; the text names the line."""


def write_line(exchange: Exchange) -> str:
    """Write one exchange as a line of JSON; hidden bytes are ``**``."""
    return json.dumps(
        {
            "at": exchange.at.isoformat(),
            "reader": exchange.reader,
            "command": str(exchange.command),
            "response": str(exchange.response),
            "duration_s": round(exchange.duration_s, 6),
            "meaning": exchange.meaning,
            "masking": exchange.masking.value,
        },
        ensure_ascii=False,
    )


def read_line(line: str) -> Exchange:
    """Read it back. Raises BadTrace."""
    try:
        written = json.loads(line)
        return Exchange(
            at=datetime.fromisoformat(written["at"]),
            reader=str(written["reader"]),
            command=Masked.parse(written["command"]),
            response=Masked.parse(written["response"]),
            duration_s=float(written["duration_s"]),
            meaning=str(written["meaning"]),
            masking=Masking(written["masking"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        raise BadTrace("this is no line of a card trace") from None


def read_trace(path: Path) -> Iterator[Exchange]:
    """Read a file; a last line cut short by a crash is left out. Raises BadTrace naming the line, OSError."""
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if not line.endswith("\n"):
                return
            try:
                yield read_line(line)
            except BadTrace:
                raise BadTrace(f"line {number} of {path.name} is no line of a card trace") from None


class TraceFile:
    """A sink that appends to a file (0600); several readers' threads may share it.

    A disk that is full spoils the trace, not the card in the reader: ``failure`` then says what happened.
    """

    def __init__(self, path: Path) -> None:
        """Open the file. Raises OSError."""
        made = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, _MODE)
        os.fchmod(made, _MODE)  # it may have been there with another mode
        self._file = os.fdopen(made, "w", encoding="utf-8")
        self._lock = threading.Lock()
        self.failure = ""

    def __call__(self, exchange: Exchange) -> None:
        """Append one exchange."""
        with self._lock:
            try:
                self._file.write(write_line(exchange) + "\n")
                self._file.flush()
            except (OSError, ValueError) as broken:
                self.failure = f"the trace is not complete: {broken}"

    def close(self) -> None:
        """Close the file; never raises."""
        with self._lock:
            try:
                self._file.close()
            except OSError as broken:
                self.failure = f"the trace is not complete: {broken}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
