"""Segments read back, from our own simulated phones and from real ones: whatever comes, it becomes some text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from drivers.dialects.smpp.pdu import MESSAGE_PAYLOAD
from drivers.dialects.smpp.submission import Part
from drivers.dialects.smpp.text.alphabet import text_of
from drivers.dialects.smpp.text.carriage import Alphabet
from drivers.dialects.smpp.text.national import LOCKING_SHIFT, SINGLE_SHIFT, tables_for
from drivers.dialects.smpp.text.segments import (
    CONCATENATED_8,
    CONCATENATED_16,
    SAR_NUMBER,
    SAR_REFERENCE,
    SAR_TOTAL,
    UDH_INDICATOR,
)
from drivers.errors import NotSpoken

_GSM7 = ""
_CODECS = {
    1: "ascii",
    6: "iso8859-5",
    7: "iso8859-8",
    8: "utf-16-be",
    Alphabet.GSM7: _GSM7,
    Alphabet.LATIN1: "latin-1",
    Alphabet.ASCII: "ascii",
}
#: coding groups of TS 23.038 §4: general data coding up to here, message waiting in GSM 7-bit and UCS-2, message class
_LAST_GENERAL, _WAITING, _WAITING_UCS2, _MESSAGE_CLASS = 0x7, (0xC, 0xD), 0xE, 0xF
_GROUP_CODECS = (_GSM7, "latin-1", "utf-16-be", _GSM7)  # bits 3 and 2 of TS 23.038 §4's general groups


@dataclass(frozen=True, slots=True)
class PartText:
    """The text of one part, ``number`` of ``total``, from 1; no ``reference`` where a text has one part only."""

    text: str = field(repr=False)
    reference: int | None = None
    number: int = 1
    total: int = 1


def read_part(part: Part, alphabet: Alphabet = Alphabet.GSM7) -> PartText:
    """Read one part, where data_coding 0 means ``alphabet``. Raises nothing: what cannot be read becomes U+FFFD.

    A user data header that does not fit its octets is read as text; a place such as 4 of 3 is passed over.
    """
    octets = part.octets or part.tlvs.get(MESSAGE_PAYLOAD, b"")
    elements, body = _elements(octets) if part.esm_class & UDH_INDICATOR else ({}, octets)
    codec = _codec(part.data_coding, alphabet)
    if codec == _GSM7:
        text = text_of(body, tables_for(_octet(elements, LOCKING_SHIFT), _octet(elements, SINGLE_SHIFT)))
    else:
        text = body.decode(codec, "replace")
    place = _place_in_header(elements) or _place_in_tlvs(part.tlvs)
    return PartText(text, *place) if place else PartText(text)


def join(parts: Iterable[PartText]) -> str:
    """Put one text together; parts may come in any order and more than once.

    Raises NotSpoken when one is missing, or when they are of different texts.
    """
    by_number: dict[int, PartText] = {}
    for part in parts:
        by_number.setdefault(part.number, part)
    texts = {(part.reference, part.total) for part in by_number.values()}
    if len(texts) != 1:
        raise NotSpoken(f"these are parts of {len(texts)} texts: join those of one sender with one reference and total")
    ((_, total),) = texts
    if missing := sorted(set(range(1, total + 1)) - set(by_number)):
        raise NotSpoken(f"parts {missing} of {total} are missing: wait for them, or show what there is part by part")
    return "".join(by_number[number].text for number in range(1, total + 1))


def _codec(data_coding: int, alphabet: Alphabet) -> str:
    """Name the codec of a data_coding (SMPP 3.4 §5.2.19; from 0x10 on as in TS 23.038 §4); empty for GSM 7-bit."""
    group = data_coding >> 4
    if data_coding == 0:
        return _CODECS[alphabet]
    if group == 0:
        return _CODECS.get(data_coding, "latin-1")
    if group <= _LAST_GENERAL:
        return _GROUP_CODECS[data_coding >> 2 & 3]
    if group == _WAITING_UCS2:
        return "utf-16-be"
    if group in _WAITING or (group == _MESSAGE_CLASS and not data_coding & 4):
        return _GSM7
    return "latin-1"


def _elements(octets: bytes) -> tuple[dict[int, bytes], bytes]:
    """Take the user data header apart; of an element that comes twice the last counts (TS 23.040 §9.2.3.24)."""
    end = 1 + octets[0] if octets else 0
    if not 0 < end <= len(octets):
        return {}, octets
    elements: dict[int, bytes] = {}
    position = 1
    while position + 2 <= end and (after := position + 2 + octets[position + 1]) <= end:
        elements[octets[position]] = octets[position + 2 : after]
        position = after
    return elements, octets[end:]


def _octet(elements: Mapping[int, bytes], identifier: int) -> int | None:
    value = elements.get(identifier, b"")
    return value[0] if len(value) == 1 else None


def _place_in_header(elements: Mapping[int, bytes]) -> tuple[int, int, int] | None:
    for identifier, octets in ((CONCATENATED_8, 3), (CONCATENATED_16, 4)):
        value = elements.get(identifier, b"")
        if len(value) == octets and 0 < value[-1] <= value[-2]:
            return int.from_bytes(value[:-2], "big"), value[-1], value[-2]
    return None


def _place_in_tlvs(tlvs: Mapping[int, bytes]) -> tuple[int, int, int] | None:
    values = [tlvs.get(tag, b"") for tag in (SAR_REFERENCE, SAR_NUMBER, SAR_TOTAL)]
    reference, number, total = (int.from_bytes(value, "big") for value in values)
    return (reference, number, total) if all(values) and 0 < number <= total else None
