"""A text in segments, cut where no reader notices (TS 23.040 §9.2.3.24, SMPP 3.4 §5.2.12, §5.3.2.22-24, §5.3.2.32)."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from itertools import accumulate
from typing import assert_never

from drivers.dialects.smpp.pdu import MESSAGE_PAYLOAD
from drivers.dialects.smpp.submission import Part
from drivers.dialects.smpp.text.alphabet import ESCAPE
from drivers.dialects.smpp.text.carriage import Carriage, LongText
from drivers.dialects.smpp.text.coding import UCS2, Coding, codings_of
from drivers.dialects.smpp.text.graphemes import cut_before
from drivers.errors import NotSpoken

MAX_SEGMENTS = 255  #: they are counted in one octet
UDH_INDICATOR = 0x40  #: esm_class: the octets begin with a user data header
CONCATENATED_8, CONCATENATED_16 = 0x00, 0x08  #: information elements
SAR_REFERENCE, SAR_TOTAL, SAR_NUMBER = 0x020C, 0x020E, 0x020F

#: octets of the concatenation element in each segment; those of SAR and PAYLOAD are the SMSC's own
_CONCATENATION_OCTETS = {LongText.UDH8: 5, LongText.UDH16: 6, LongText.SAR: 5, LongText.PAYLOAD: 5}


@dataclass(frozen=True, slots=True)
class Layout:
    """A text cut into pieces of at most ``room`` units, as ``coding`` writes it, without headers."""

    coding: Coding
    pieces: tuple[bytes, ...] = field(repr=False)
    room: int


def split(text: str, how: Carriage, reference: int) -> tuple[Part, ...]:
    """Return the text's segments in order; those of one text share ``reference``, cut to 8 or 16 bits.

    Raises NotSpoken for half a surrogate pair, and for a text of more than 255 segments.
    """
    layout = lay_out(text, how)
    data_coding, wire, elements = layout.coding.data_coding, layout.coding.wire, layout.coding.elements
    if len(layout.pieces) == 1:
        header = _header(elements)
        return (Part(header + wire(layout.pieces[0]), data_coding, UDH_INDICATOR if header else 0),)
    if how.long_text is LongText.PAYLOAD:
        return (Part(b"", data_coding, tlvs={MESSAGE_PAYLOAD: wire(b"".join(layout.pieces))}),)
    total = len(layout.pieces)
    return tuple(
        _part(wire(piece), layout.coding, how.long_text, (reference, total, number))
        for number, piece in enumerate(layout.pieces, 1)
    )


def lay_out(text: str, how: Carriage) -> Layout:
    """Choose the coding and cut. Raises NotSpoken as ``split`` does."""
    layout = lay_out_at_any_length(text, how)
    if (count := len(layout.pieces)) > MAX_SEGMENTS:
        raise NotSpoken(f"the text needs {count} segments and a message has at most {MAX_SEGMENTS}: shorten it")
    return layout


def lay_out_at_any_length(text: str, how: Carriage) -> Layout:
    """Take the alphabet as it is if it can be, else the shift tables that need fewest segments, else UCS-2.

    Raises NotSpoken for half a surrogate pair.
    """
    plain, *national = codings_of(how)
    if (units := plain.write(text)) is not None:
        return _cut(text, units, plain, how)
    written = [(coding, units) for coding in national if (units := coding.write(text)) is not None]
    layouts = [_cut(text, units, coding, how) for coding, units in written]
    if not layouts:
        layouts = [_cut(text, UCS2.write(text) or b"", UCS2, how)]
    return min(layouts, key=lambda layout: len(layout.pieces))


def _cut(text: str, units: bytes, coding: Coding, how: Carriage) -> Layout:
    room = coding.room(len(_header(coding.elements)))
    if coding.units(units) <= room:
        return Layout(coding, (units,), room)
    room = coding.room(1 + _CONCATENATION_OCTETS[how.long_text] + len(coding.elements))
    pieces = _cut_characters(text, room) if coding is UCS2 else _cut_octets(units, room)
    return Layout(coding, pieces, room)


def _cut_octets(octets: bytes, room: int) -> tuple[bytes, ...]:
    """Cut one-octet units, neither behind an escape nor inside a line end; these alphabets have no combining marks."""
    pieces: list[bytes] = []
    start = 0
    while len(octets) - start > room:
        end = start + room
        if octets[end - 1] == ESCAPE or octets[end - 1 : end + 1] == b"\r\n":
            end -= 1
        pieces.append(octets[start:end])
        start = end
    return (*pieces, octets[start:])


def _cut_characters(text: str, room: int) -> tuple[bytes, ...]:
    """Cut UTF-16 between graphemes; one that is longer than a segment is cut between its characters."""
    offsets = list(accumulate((1 + (char > "\uffff") for char in text), initial=0))  # in UTF-16 units
    pieces: list[bytes] = []
    start = 0
    while offsets[-1] - offsets[start] > room:
        end = cut_before(text, start, bisect_right(offsets, offsets[start] + room) - 1)
        pieces.append(text[start:end].encode("utf-16-be"))
        start = end
    return (*pieces, text[start:].encode("utf-16-be"))


def _part(octets: bytes, coding: Coding, long_text: LongText, place: tuple[int, int, int]) -> Part:
    reference, total, number = place[0] & 0xFFFF, *place[1:]
    match long_text:
        case LongText.UDH8:
            element = bytes([CONCATENATED_8, 3, reference & 0xFF, total, number])
        case LongText.UDH16:
            element = bytes([CONCATENATED_16, 4, reference >> 8, reference & 0xFF, total, number])
        case LongText.SAR | LongText.PAYLOAD:
            tlvs = {
                SAR_REFERENCE: reference.to_bytes(2, "big"),
                SAR_TOTAL: bytes([total]),
                SAR_NUMBER: bytes([number]),
            }
            return Part(octets, coding.data_coding, tlvs=tlvs)
        case _:
            assert_never(long_text)
    return Part(_header(element + coding.elements) + octets, coding.data_coding, UDH_INDICATOR)


def _header(elements: bytes) -> bytes:
    return bytes([len(elements)]) + elements if elements else b""
