"""Bytes into rows, as they come: a row is a line of the file, in both formats, so that a torn one is known as such."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from gateway.batches.states import Format

_BOM: Final = b"\xef\xbb\xbf"


class RowTooLong(Exception):
    """A line of the file is longer than may be."""

    def __init__(self, line: int, most: int) -> None:
        super().__init__(f"line {line} of the file is longer than {most} bytes: shorten or split it")
        self.line = line


@dataclass(frozen=True, slots=True)
class Place:
    """How far a file has been taken: bytes, lines, and the header of a CSV once it was there."""

    offset: int = 0
    lines: int = 0
    header: str | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """Whole rows, by their line from 1, and the place behind them; text is empty where it was no UTF-8."""

    rows: tuple[tuple[int, str], ...]
    offset: int
    lines: int
    header: str | None


class Splitter:
    """Takes bytes from a place on and gives whole rows; keeps at most one unfinished line."""

    def __init__(self, form: Format, place: Place, most_bytes: int) -> None:
        """``most_bytes``: of one line."""
        self._form = form
        self._most = most_bytes
        self._place = place
        self._rest = bytearray()
        self._rows: list[tuple[int, str]] = []

    @property
    def waiting(self) -> int:
        """How many rows are ready to be given."""
        return len(self._rows)

    def feed(self, data: bytes) -> None:
        """Take some more bytes. Raises RowTooLong; the rows before that line stay ready."""
        self._rest += data
        begin = 0
        while (end := self._rest.find(b"\n", begin)) >= 0:
            self._line(bytes(self._rest[begin:end]), end + 1 - begin)
            begin = end + 1
        del self._rest[:begin]
        if len(self._rest) > self._most:
            raise RowTooLong(self._place.lines + 1, self._most)

    def finish(self) -> None:
        """Take the last line, which may lack its end. Raises RowTooLong."""
        if self._rest:
            self._line(bytes(self._rest), len(self._rest))
            self._rest.clear()

    def take(self) -> Piece:
        """Give the rows that are ready, and the place behind them."""
        rows, self._rows = tuple(self._rows), []
        return Piece(rows, self._place.offset, self._place.lines, self._place.header)

    def _line(self, raw: bytes, size: int) -> None:
        number, header = self._place.lines + 1, self._place.header
        if len(raw) > self._most:
            raise RowTooLong(number, self._most)
        text = _text(raw.removeprefix(_BOM) if number == 1 else raw)
        if text is None or text.strip():
            if self._form is Format.CSV and header is None:
                header = text or ""
            else:
                self._rows.append((number, text or ""))
        self._place = Place(self._place.offset + size, number, header)


def _text(raw: bytes) -> str | None:
    """Decode a line; ``None`` when it is no text, or holds what no database keeps."""
    try:
        text = raw.rstrip(b"\r").decode()
    except UnicodeDecodeError:
        return None
    return None if "\x00" in text else text
