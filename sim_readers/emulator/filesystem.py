"""The files of a virtual card: a tree of directories, and elementary files of bytes or records."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

from sim_readers.emulator.access import Access
from sim_readers.emulator.memory import Memory
from sim_readers.emulator.refusals import No, Refusal
from sim_readers.path import ADF, FilePath

CURRENT_APPLICATION = 0x7FFF  # TS 102 221 §8.3


class Structure(IntEnum):
    """Structure of an EF, as bits 1 to 3 of its file descriptor have it (TS 102 221 §11.1.1.4.3)."""

    TRANSPARENT = 1
    LINEAR = 2
    CYCLIC = 6


@dataclass(slots=True, eq=False)
class Directory:
    """The MF, a DF, or an application with its AID. ``arr``: EF.ARR and the record that holds its rules."""

    fid: int
    parent: Directory | None
    aid: bytes = b""
    label: str = ""
    arr: tuple[int, int] | None = None
    directories: dict[int, Directory] = field(default_factory=dict, repr=False)
    files: dict[int, File] = field(default_factory=dict, repr=False)

    @property
    def application(self) -> Directory | None:
        """The application it is in, or is; none below the MF."""
        if self.fid == CURRENT_APPLICATION:
            return self
        return self.parent.application if self.parent else None

    def child(self, fid: int) -> Directory | File | None:
        """Return the directory or file of this identifier immediately below."""
        return self.directories.get(fid) or self.files.get(fid)

    def by_sfi(self, sfi: int) -> File:
        """Return the file with a short identifier. Raises Refusal."""
        for file in self.files.values():
            if file.sfi == sfi:
                return file
        raise Refusal(No.NOT_FOUND)


@dataclass(slots=True, eq=False)
class File:
    """An EF. ``body`` is in the card's memory and may be shared; records lie in it one after the other."""

    fid: int
    structure: Structure
    access: Access
    body: bytearray = field(repr=False)
    record_size: int = 0
    sfi: int | None = None
    arr: tuple[int, int] | None = None

    @property
    def records(self) -> int:
        """How many records it has."""
        return len(self.body) // self.record_size if self.record_size else 0

    def read(self, offset: int, wanted: int) -> bytes:
        """Return ``wanted`` bytes of a transparent file. Raises Refusal with the right length if it has fewer."""
        self._room(offset)
        if offset + wanted > len(self.body):
            raise Refusal(No.EXACT_LENGTH, len(self.body) - offset)
        return bytes(self.body[offset : offset + wanted])

    def update(self, memory: Memory, offset: int, data: bytes) -> None:
        """Write into a transparent file. Raises Refusal."""
        self._room(offset)
        if offset + len(data) > len(self.body):
            raise Refusal(No.LENGTH)
        memory.write(self.body, offset, data)

    def record(self, number: int) -> bytes:
        """Return a record, counted from 1. Raises Refusal."""
        start = self._start(number)
        return bytes(self.body[start : start + self.record_size])

    def update_record(self, memory: Memory, number: int, data: bytes) -> None:
        """Write a whole record of a linear file. Raises Refusal."""
        start = self._start(number)
        memory.write(self.body, start, self._whole(data))

    def push_record(self, memory: Memory, data: bytes) -> None:
        """Write the oldest record of a cyclic file, which becomes number 1 (TS 102 221 §8.2.2.3). Raises Refusal."""
        rotated = self._whole(data) + bytes(self.body[: -self.record_size])
        memory.write(self.body, 0, rotated)

    def _room(self, offset: int) -> None:
        if self.structure is not Structure.TRANSPARENT:
            raise Refusal(No.WRONG_STRUCTURE)
        if offset >= len(self.body):
            raise Refusal(No.OFFSET)

    def _start(self, number: int) -> int:
        if self.structure is Structure.TRANSPARENT:
            raise Refusal(No.WRONG_STRUCTURE)
        if not 1 <= number <= self.records:
            raise Refusal(No.NO_RECORD)
        return (number - 1) * self.record_size

    def _whole(self, data: bytes) -> bytes:
        if self.structure is Structure.TRANSPARENT:
            raise Refusal(No.WRONG_STRUCTURE)
        if len(data) != self.record_size:
            raise Refusal(No.LENGTH)
        return data


@dataclass(slots=True, eq=False)
class Tree:
    """All there is on a card: the MF, and the applications by the names paths give them."""

    master: Directory
    applications: dict[str, Directory] = field(default_factory=dict)

    def find(self, path: FilePath) -> Directory | File:
        """Return what is at a path. Raises KeyError when nothing is."""
        first, *steps = path.steps
        here: Directory | File = self.applications[first] if first in ADF else self.master
        for step in steps:
            below = here.child(int(step, 16)) if isinstance(here, Directory) else None
            if below is None:
                raise KeyError(str(path))
            here = below
        return here

    def file(self, path: FilePath) -> File:
        """Return the EF at a path. Raises KeyError when there is none."""
        found = self.find(path)
        if isinstance(found, Directory):
            raise KeyError(str(path))
        return found
