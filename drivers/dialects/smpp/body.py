"""What stands behind a PDU's header: the mandatory part, whose end must be found, and optional parameters (§5.3.1)."""

from __future__ import annotations

import struct
from typing import Any

from drivers.dialects.smpp.layout import HEADER_BYTES, Layout

_TLV = struct.Struct(">HH")


class Unsound(Exception):
    """The mandatory part does not fit: it ``is_cut`` short, or else a string has no end within its bounds."""

    def __init__(self, problem: str, *, is_cut: bool) -> None:
        super().__init__(problem)
        self.is_cut = is_cut


def mandatory_end(layout: Layout, raw: bytes) -> int:
    """Find where the mandatory part ends; that of an answer may end early. Raises Unsound."""
    position, total, lengths = HEADER_BYTES, len(raw), dict[str, int]()
    for name, known in layout.fields.items():
        if position == total and layout.is_response:
            break
        if known.kind is str:
            position = _string_end(raw, position, known.limit, name)
            continue
        size = lengths[known.length_in] if known.length_in else known.limit
        if position + size > total:
            raise Unsound(f"it ends inside {name}", is_cut=True)
        if known.kind is int:
            lengths[name] = raw[position] if size == 1 else int.from_bytes(raw[position : position + size])
        position += size
    return position


def fields(layout: Layout, raw: bytes, end: int) -> dict[str, Any]:
    """Let smpplib read the mandatory part; it is given nothing else, and that only when it is sound."""
    read = layout.blank({})
    read.parse_params(raw[HEADER_BYTES:end])
    return {name: getattr(read, name) for name in layout.fields}


def tlvs(raw: bytes, position: int) -> tuple[dict[int, bytes], bool]:
    """Read optional parameters, of two with the same tag the first; the flag tells whether they came out even."""
    found: dict[int, bytes] = {}
    while position + 4 <= len(raw):
        tag, length = _TLV.unpack_from(raw, position)
        position += 4
        if position + length > len(raw):
            return found, False
        found.setdefault(tag, raw[position : position + length])
        position += length
    return found, position == len(raw)


def _string_end(raw: bytes, position: int, limit: int, name: str) -> int:
    end = raw.find(b"\0", position)
    if end < 0 and len(raw) - position <= limit:
        raise Unsound(f"it ends inside {name}", is_cut=True)
    if end < 0 or end - position > limit:
        raise Unsound(f"{name} has no end within {limit} octets", is_cut=False)
    return end + 1
