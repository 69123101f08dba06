"""The GSM 7-bit alphabets, unpacked (one septet an octet): TS 23.038 §6.2.1 and the tables that may replace it.

The grave accent U+0060 is not in the default alphabet, though ASCII has it where GSM has ``¿``; ``§`` is.
"""

from __future__ import annotations

from codecs import charmap_encode
from collections.abc import Mapping
from dataclasses import dataclass, field

ESCAPE = 0x1B

#: TS 23.038 §6.2.1, by code; 0x1B leads to the extension table
BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
#: TS 23.038 §6.2.1.1, by code after the escape; 0x0A is the page break, read as form feed
EXTENSION = {
    0x0A: "\f",
    0x14: "^",
    0x28: "{",
    0x29: "}",
    0x2F: "\\",
    0x3C: "[",
    0x3D: "~",
    0x3E: "]",
    0x40: "|",
    0x65: "€",
}
_UNREADABLE = "\ufffd"
_OCTETS = 256


@dataclass(frozen=True, slots=True)
class Tables:
    """A basic and an extension table in use together; ``codes`` has one or two septets for each character."""

    extension: Mapping[int, str] = field(repr=False)
    codes: Mapping[str, bytes] = field(repr=False)
    readable: str = field(repr=False)  # the basic table, filled up to 256 octets
    by_codepoint: dict[int, bytes] = field(repr=False)  # ``codes`` as the charmap codec looks them up


def tables_of(basic: str, extension: Mapping[int, str]) -> Tables:
    """Put two tables together; a character that stands in both is written in one septet."""
    codes = {char: bytes([ESCAPE, code]) for code, char in extension.items()}
    codes |= {char: bytes([code]) for code, char in enumerate(basic) if code != ESCAPE}
    by_codepoint = {ord(char): written for char, written in codes.items()}
    return Tables(extension, codes, basic.ljust(_OCTETS, _UNREADABLE), by_codepoint)


DEFAULT = tables_of(BASIC, EXTENSION)


def septets(text: str, tables: Tables = DEFAULT) -> bytes | None:
    """Return one octet for each septet; ``None`` when the tables lack a character of the text."""
    try:
        return charmap_encode(text, "strict", tables.by_codepoint)[0]
    except UnicodeEncodeError:
        return None


def text_of(octets: bytes, tables: Tables = DEFAULT) -> str:
    """Return the text of unpacked septets; codes without a character become U+FFFD, an escape at the end nothing."""
    read: list[str] = []
    start = 0
    while (escape := octets.find(ESCAPE, start)) >= 0:
        read.append(_basic(octets[start:escape], tables))
        if escape + 1 < len(octets):
            read.append(tables.extension.get(octets[escape + 1], _UNREADABLE))
        start = escape + 2
    read.append(_basic(octets[start:], tables))
    return "".join(read)


def _basic(octets: bytes, tables: Tables) -> str:
    return octets.decode("latin-1").translate(tables.readable)
