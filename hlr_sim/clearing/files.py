"""The clearing house's memory: files by reference, kept in SQLite like an HLR's subscribers."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace

from drivers.porting import PortFile, PortState

FIRST = """
CREATE TABLE IF NOT EXISTS file (
    reference TEXT PRIMARY KEY, seq INTEGER NOT NULL UNIQUE, data TEXT NOT NULL) STRICT, WITHOUT ROWID;
"""
_OPEN = (PortState.REQUESTED, PortState.ACCEPTED, PortState.RELEASED)


@dataclass(frozen=True, slots=True)
class File:
    """One file and what only the house knows of it.

    ``incoming``: the number comes to whoever is connected here; else it leaves them. ``asked_on`` is the day first
    asked for, ``asked_at`` when that was, in seconds since 1970.
    """

    told: PortFile
    incoming: bool
    asked_on: str
    asked_at: float

    @property
    def is_open(self) -> bool:
        """Whether the number is still on its way."""
        return self.told.state in _OPEN

    def as_json(self) -> dict[str, object]:
        """Write what is told, and which way the number goes."""
        return asdict(self.told) | {"direction": "in" if self.incoming else "out"}


class Files:
    """Every file; those that are open are found without a look at the others. The disk is written before memory is."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        rows = database.execute("SELECT data FROM file ORDER BY seq")
        self._files = {file.told.reference: file for file in (_read(data) for (data,) in rows)}
        self._open = {reference for reference, file in self._files.items() if file.is_open}
        self.last = max((file.told.seq for file in self._files.values()), default=0)

    def find(self, reference: str) -> File | None:
        """Return the file of a reference."""
        return self._files.get(reference)

    def open(self) -> list[File]:
        """Return those still on their way."""
        return [self._files[reference] for reference in self._open]

    def of(self, msisdn: str | None) -> Iterator[File]:
        """Return a number's files, or all, in the order they last changed."""
        return (file for file in self._files.values() if msisdn in (None, file.told.msisdn))

    def since(self, seq: int, limit: int) -> tuple[PortFile, ...]:
        """Return the first files that changed after ``seq``, in the order they did."""
        found: list[PortFile] = []
        for file in reversed(self._files.values()):
            if file.told.seq <= seq:
                break
            found.append(file.told)
        return tuple(reversed(found))[:limit]

    def put(self, file: File) -> File:
        """Keep a file, new or changed, under the next ``seq``; return it with that."""
        numbered = replace(file, told=replace(file.told, seq=self.last + 1))
        row = (numbered.told.reference, numbered.told.seq, json.dumps(asdict(numbered)))
        self._database.execute("INSERT OR REPLACE INTO file VALUES (?, ?, ?)", row)
        self._files.pop(numbered.told.reference, None)  # the last one changed is the last one
        self._files[numbered.told.reference] = numbered
        self.last = numbered.told.seq
        if numbered.is_open:
            self._open.add(numbered.told.reference)
        else:
            self._open.discard(numbered.told.reference)
        return numbered

    def close(self) -> None:
        """Let go of the file on disk."""
        self._database.close()


def _read(data: str) -> File:
    kept = json.loads(data)
    told = kept.pop("told")
    return File(told=PortFile(**told | {"state": PortState(told["state"])}), **kept)
