"""The ways a text can be written to one SMSC: each a data_coding, the size of its units, and the characters it has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, partial

from drivers.dialects.smpp.text.alphabet import DEFAULT, septets, text_of
from drivers.dialects.smpp.text.carriage import Alphabet, Carriage
from drivers.dialects.smpp.text.national import LANGUAGES, LOCKING_SHIFT, SINGLE_SHIFT, Language, tables_for
from drivers.errors import NotSpoken

SEGMENT_OCTETS = 140  #: on the air, user data header included (TS 23.040 §9.2.3.16)
_UCS2_BITS = 16


def _as_it_is(units: bytes) -> bytes:
    return units


@dataclass(frozen=True, slots=True)
class Coding:
    """One way of writing. ``write`` returns the units that the air counts, ``None`` when it lacks a character.

    Units of 7 and 8 bits take one octet each, those of 16 bits two; ``wire`` turns them into short_message's octets.
    ``elements`` are the information elements every segment needs for it (TS 23.040 §9.2.3.24).
    """

    name: str
    data_coding: int
    bits: int
    known: frozenset[str] = field(repr=False)
    write: Callable[[str], bytes | None] = field(repr=False)
    wire: Callable[[bytes], bytes] = field(default=_as_it_is, repr=False)
    elements: bytes = b""

    def room(self, header_octets: int) -> int:
        """Return how many units one segment holds beside a user data header."""
        return (SEGMENT_OCTETS - header_octets) * 8 // self.bits

    def units(self, written: bytes) -> int:
        """Return how many units these are."""
        return len(written) // 2 if self.bits == _UCS2_BITS else len(written)

    def lacks(self, text: str) -> tuple[str, ...]:
        """Return the characters of the text that it does not have, each once."""
        return tuple(dict.fromkeys(char for char in text if char not in self.known))


def _latin1(text: str) -> bytes | None:
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return None


def _ucs2(text: str) -> bytes:
    try:
        return text.encode("utf-16-be")
    except UnicodeEncodeError:
        raise NotSpoken("the text holds half a surrogate pair: take the broken character out") from None


def _ascii(text: str) -> bytes | None:
    # the SMSC sends it on as GSM 7-bit, so that is what counts: brackets and the like take two septets
    return septets(text) if text.isascii() else None


def _ascii_on_the_wire(units: bytes) -> bytes:
    return text_of(units).encode("ascii")


def _national(name: str, *, locking: Language | None, single: Language | None) -> Coding:
    tables = tables_for(locking and locking.identifier, single and single.identifier)
    elements = b"".join(
        bytes([element, 1, language.identifier])
        for element, language in ((SINGLE_SHIFT, single), (LOCKING_SHIFT, locking))
        if language
    )
    return Coding(name, 0, 7, frozenset(tables.codes), partial(septets, tables=tables), elements=elements)


GSM7 = Coding("gsm7", 0, 7, frozenset(DEFAULT.codes), septets)
LATIN1 = Coding("latin1", 0, 8, frozenset(map(chr, range(256))), _latin1)
ASCII = Coding("ascii", 0, 7, frozenset(filter(str.isascii, DEFAULT.codes)), _ascii, _ascii_on_the_wire)
UCS2 = Coding("ucs2", 8, 16, frozenset(), _ucs2)  # UTF-16 in fact; it has what the others lack
_PLAIN = {Alphabet.GSM7: GSM7, Alphabet.LATIN1: LATIN1, Alphabet.ASCII: ASCII}


@cache
def codings_of(how: Carriage) -> tuple[Coding, ...]:
    """Return the codings to try before UCS-2; the first of them is the one that every phone reads."""
    plain = _PLAIN[how.alphabet]
    if how.national is None:
        return (plain,)
    language, name = LANGUAGES[how.national], f"gsm7-{how.national}"
    single = _national(name, locking=None, single=language)
    if language.locking is None:
        return plain, single
    locking = _national(name, locking=language, single=None)
    return plain, single, locking, _national(name, locking=language, single=language)
