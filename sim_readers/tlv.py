"""BER-TLV as cards use it: tags of several bytes, lengths of up to four, padding after the last object.

ISO/IEC 7816-4 §5.2.2; TS 101 220 §7.1.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sim_readers.errors import Garbled

_PADDING = b"\xff\x00"
_MORE_TAG = 0x1F
_MORE = 0x80
_MOST_LENGTH_BYTES = 3


@dataclass(frozen=True, slots=True)
class Tlv:
    """One data object. The tag is written as it stands: 0x62, 0x9F70. Values may be secret."""

    tag: int
    value: bytes = field(repr=False)

    def to_bytes(self) -> bytes:
        """Write tag, length, value."""
        return write(self.tag, self.value)


def write(tag: int, value: bytes) -> bytes:
    """Write one object, its length as short as it can be."""
    head = tag.to_bytes(max(1, (tag.bit_length() + 7) // 8), "big")
    size = len(value)
    if size < _MORE:
        return head + bytes((size,)) + value
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return head + bytes((_MORE | len(length),)) + length + value


def parse(raw: bytes) -> tuple[Tlv, ...]:
    """Read all objects one after the other; FF or 00 at the end is padding. Raises Garbled."""
    found: list[Tlv] = []
    at = 0
    while raw[at:].strip(_PADDING):
        tag, at = _tag(raw, at)
        size, at = _length(raw, at)
        if at + size > len(raw):
            raise Garbled(f"data object {tag:X} is said to have {size} bytes, {len(raw) - at} are there")
        found.append(Tlv(tag, raw[at : at + size]))
        at += size
    return tuple(found)


def value_of(objects: Iterable[Tlv], tag: int) -> bytes | None:
    """The value of the first object with a tag, if there is one."""
    return next((item.value for item in objects if item.tag == tag), None)


def _tag(raw: bytes, at: int) -> tuple[int, int]:
    first = raw[at]
    if first in _PADDING:
        raise Garbled(f"{first:02X} begins no data object")
    at += 1
    if first & _MORE_TAG != _MORE_TAG:
        return first, at
    tag = first
    while at < len(raw):
        tag = tag << 8 | raw[at]
        at += 1
        if not tag & _MORE:
            return tag, at
    raise Garbled("the tag of a data object does not end")


def _length(raw: bytes, at: int) -> tuple[int, int]:
    if at >= len(raw):
        raise Garbled("a data object has a tag and no length")
    first = raw[at]
    at += 1
    if first < _MORE:
        return first, at
    more = first & ~_MORE
    if not 1 <= more <= _MOST_LENGTH_BYTES or at + more > len(raw):
        raise Garbled(f"{first:02X} begins no length of a data object")
    return int.from_bytes(raw[at : at + more], "big"), at + more
