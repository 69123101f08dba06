"""Message text in octets and back: alphabets, segments, and what a text costs before it is sent."""

from __future__ import annotations

from drivers.dialects.smpp.text.alphabet import septets, text_of
from drivers.dialects.smpp.text.carriage import Alphabet, Carriage, LongText
from drivers.dialects.smpp.text.preview import Preview, preview
from drivers.dialects.smpp.text.reading import PartText, join, read_part
from drivers.dialects.smpp.text.segments import split
from drivers.dialects.smpp.text.transliterate import Composed, Policy, compose, transliterate
from drivers.errors import NotSpoken

__all__ = [
    "Alphabet",
    "Carriage",
    "Composed",
    "LongText",
    "PartText",
    "Policy",
    "Preview",
    "compose",
    "decode",
    "encode",
    "join",
    "preview",
    "read_part",
    "septets",
    "split",
    "transliterate",
]

DEFAULT_ALPHABET = 0
UCS2 = 8
MAX_SEPTETS = 160
MAX_UCS2_OCTETS = 140


def encode(text: str) -> tuple[int, bytes]:
    """Return data_coding and octets for one segment. Raises NotSpoken when the text needs more than one."""
    if (units := septets(text)) is not None:
        if len(units) > MAX_SEPTETS:
            raise NotSpoken(f"the text needs {len(units)} septets; one segment holds {MAX_SEPTETS}")
        return DEFAULT_ALPHABET, units
    try:
        octets = text.encode("utf-16-be")
    except UnicodeEncodeError:
        raise NotSpoken("the text holds half a surrogate pair") from None
    if len(octets) > MAX_UCS2_OCTETS:
        raise NotSpoken(f"the text needs {len(octets)} octets of UCS-2; one segment holds {MAX_UCS2_OCTETS}")
    return UCS2, octets


def decode(data_coding: int, octets: bytes) -> str:
    """Return the text of one segment; what cannot be read becomes U+FFFD."""
    if data_coding == UCS2:
        return octets.decode("utf-16-be", "replace")
    return text_of(octets) if data_coding == DEFAULT_ALPHABET else octets.decode("latin-1")
