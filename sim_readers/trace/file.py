"""A trace kept in a file: one JSON object a line, appended, readable by its owner only."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from sim_readers.trace.exchange import Exchange
from sim_readers.trace.mask import Masked, Masking
from sim_readers.trace.sink import FileSink


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


class TraceFile(FileSink):
    """A sink that appends to a file."""

    def __init__(self, path: Path) -> None:
        """Open the file. Raises OSError."""
        super().__init__(path, os.O_APPEND)

    def render(self, exchange: Exchange) -> bytes:
        """Write a line."""
        return f"{write_line(exchange)}\n".encode()
