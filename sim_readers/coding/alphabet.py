"""Texts on a card: the GSM default alphabet, one character in a byte, or UCS2.

TS 102 221 annex A; TS 23.038 §6.2.1.
"""

from __future__ import annotations

from sim_readers.errors import WrongValue

_DEFAULT = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = {0x0A: "\f", 0x14: "^", 0x28: "{", 0x29: "}", 0x2F: "\\", 0x3C: "[", 0x3D: "~", 0x3E: "]", 0x40: "|"} | {
    0x65: "€"
}
_ESCAPE = 0x1B
_UCS2 = 0x80
_UCS2_IN_HALVES = 0x81  # a length, the base's middle byte, then bytes: high ones add to the base
_UCS2_BASED = 0x82  # the same with both bytes of the base
_HIGH = 0x80
_FF = b"\xff"
_BYTES_OF = {letter: bytes((code,)) for code, letter in enumerate(_DEFAULT) if code != _ESCAPE} | {
    letter: bytes((_ESCAPE, code)) for code, letter in _EXTENSION.items()
}


def encode_text(text: str, size: int) -> bytes:
    """Write a text into ``size`` bytes, filled up with FF; UCS2 only when it has to be. Raises WrongValue."""
    if all(letter in _BYTES_OF for letter in text):
        raw = b"".join(_BYTES_OF[letter] for letter in text)
    else:
        raw = bytes((_UCS2,)) + _ucs2(text)
    if len(raw) > size:
        raise WrongValue(f"{text!r} needs {len(raw)} bytes, {size} are there")
    return raw.ljust(size, _FF)


def decode_text(raw: bytes) -> str:
    """Read a text in any of the four codings. Raises WrongValue."""
    if raw[:1] and raw[0] == _UCS2:
        return _read_ucs2(raw[1:])
    if raw[:1] and raw[0] in (_UCS2_IN_HALVES, _UCS2_BASED):
        return _read_based(raw)
    return _read_default(raw.rstrip(_FF))


def _ucs2(text: str) -> bytes:
    try:
        raw = text.encode("utf-16-be")
    except UnicodeEncodeError:
        raise WrongValue(f"{text!r} has half a character in it") from None
    if "\uffff" in text:
        raise WrongValue(f"{text!r} has U+FFFF in it, which ends a text on a card")
    return raw


def _read_ucs2(body: bytes) -> str:
    pairs = [body[at : at + 2] for at in range(0, len(body), 2)]
    while pairs and not pairs[-1].strip(_FF):
        pairs.pop()
    try:
        return b"".join(pairs).decode("utf-16-be")
    except UnicodeDecodeError:
        raise WrongValue(f"{body.hex().upper()} is no UCS2 text") from None


def _read_based(raw: bytes) -> str:
    head = 3 if raw[0] == _UCS2_IN_HALVES else 4
    if len(raw) < head or len(raw) < head + raw[1]:
        raise WrongValue(f"{raw.hex().upper()} is no UCS2 text: it is too short")
    base = raw[2] << 7 if raw[0] == _UCS2_IN_HALVES else int.from_bytes(raw[2:4], "big")
    codes = [base + (byte & ~_HIGH) if byte & _HIGH else ord(_DEFAULT[byte]) for byte in raw[head : head + raw[1]]]
    if any(0xD800 <= code < 0xE000 or code >= 0xFFFF or code == _ESCAPE for code in codes):  # noqa: PLR2004 - surrogates
        raise WrongValue(f"{raw.hex().upper()} is no UCS2 text")
    return "".join(map(chr, codes))


def _read_default(raw: bytes) -> str:
    letters: list[str] = []
    bytes_left = iter(raw)
    for code in bytes_left:
        if code == _ESCAPE:
            letters.append(_EXTENSION.get(next(bytes_left, _ESCAPE), ""))
        else:
            letters.append(_DEFAULT[code] if code < _HIGH else "")
        if not letters[-1]:
            raise WrongValue(f"{raw.hex().upper()} is no text of the GSM alphabet")
    return "".join(letters)
