"""Message text in octets: the GSM 7-bit default alphabet unpacked (TS 23.038 §6.2.1), or UCS-2 when it must."""

from __future__ import annotations

from drivers.errors import NotSpoken

DEFAULT_ALPHABET = 0
UCS2 = 8
MAX_SEPTETS = 160
MAX_UCS2_OCTETS = 140

_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_ESCAPE = 0x1B
_EXTENSION = {
    "\f": 0x0A,
    "^": 0x14,
    "{": 0x28,
    "}": 0x29,
    "\\": 0x2F,
    "[": 0x3C,
    "~": 0x3D,
    "]": 0x3E,
    "|": 0x40,
    "€": 0x65,
}
_SEPTET = {char: bytes([n]) for n, char in enumerate(_BASIC) if n != _ESCAPE} | {
    char: bytes([_ESCAPE, n]) for char, n in _EXTENSION.items()
}
_FROM_EXTENSION = {n: char for char, n in _EXTENSION.items()}


def encode(text: str) -> tuple[int, bytes]:
    """Return data_coding and octets for one segment. Raises NotSpoken when the text needs more than one."""
    try:
        septets = b"".join(_SEPTET[char] for char in text)
    except KeyError:
        try:
            octets = text.encode("utf-16-be")
        except UnicodeEncodeError:
            raise NotSpoken("the text holds half a surrogate pair") from None
        if len(octets) > MAX_UCS2_OCTETS:
            raise NotSpoken(f"the text needs {len(octets)} octets of UCS-2; one segment holds 140") from None
        return UCS2, octets
    if len(septets) > MAX_SEPTETS:
        raise NotSpoken(f"the text needs {len(septets)} septets; one segment holds {MAX_SEPTETS}")
    return DEFAULT_ALPHABET, septets


def decode(data_coding: int, octets: bytes) -> str:
    """Return the text of one segment; what cannot be read becomes U+FFFD."""
    if data_coding == UCS2:
        return octets.decode("utf-16-be", "replace")
    if data_coding != DEFAULT_ALPHABET:
        return octets.decode("latin-1")
    chars: list[str] = []
    escaped = False
    for octet in octets:
        if escaped:
            chars.append(_FROM_EXTENSION.get(octet, "\ufffd"))
            escaped = False
        elif octet == _ESCAPE:
            escaped = True
        else:
            chars.append(_BASIC[octet] if octet < len(_BASIC) else "\ufffd")
    return "".join(chars)
