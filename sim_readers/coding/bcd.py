"""Digits as cards store them: two in a byte, the first in the low half (TS 24.008 §10.5.1.3, §10.5.4.7)."""

from __future__ import annotations

import re

from sim_readers.errors import WrongValue

DIGITS = "0123456789"
DIALLING = DIGITS + "*#p?"  # TS 31.102 table 4.4: also a pause and a wild digit
_PLMN = re.compile(r"([0-9]{3})-([0-9]{2,3})", re.ASCII)
_PAD = 0xF
_PLMN_BYTES = 3
_INTERNATIONAL = 0x91  # TS 24.008 table 10.5.118: international number, ISDN numbering plan
_UNKNOWN = 0x81
_TYPE_OF_NUMBER = 0x70
_TYPE_INTERNATIONAL = 0x10


def encode(digits: str, size: int, pad: int = _PAD, alphabet: str = DIGITS) -> bytes:
    """Write digits into exactly ``size`` bytes, the rest filled with the nibble ``pad``. Raises WrongValue."""
    if not all(digit in alphabet for digit in digits):
        raise WrongValue(f"{digits!r} must be made of {alphabet}")
    if len(digits) > 2 * size:
        raise WrongValue(f"{digits!r} has {len(digits)} digits, {2 * size} fit")
    nibbles = [alphabet.index(digit) for digit in digits] + [pad] * (2 * size - len(digits))
    return bytes(high << 4 | low for low, high in zip(nibbles[::2], nibbles[1::2], strict=True))


def decode(raw: bytes, alphabet: str = DIGITS) -> str:
    """Read the digits; F ends them. Raises WrongValue for any other half byte that is no digit."""
    nibbles = [half for byte in raw for half in (byte & 0xF, byte >> 4)]
    while nibbles and nibbles[-1] == _PAD:
        nibbles.pop()
    if any(nibble >= len(alphabet) for nibble in nibbles):
        raise WrongValue(f"{raw.hex().upper()} is not made of digits")
    return "".join(alphabet[nibble] for nibble in nibbles)


def encode_plmn(plmn: str) -> bytes:
    """Write a network, ``208-93`` or ``310-410``, as three bytes (TS 24.008 §10.5.1.13). Raises WrongValue."""
    found = _PLMN.fullmatch(plmn)
    if found is None:
        raise WrongValue(f"{plmn!r} is no network: write its MCC and MNC as 208-93 or 310-410")
    mcc, mnc = found.groups()
    third = mnc[2:] or "F"
    return bytes.fromhex(mcc[1] + mcc[0] + third + mcc[2] + mnc[1] + mnc[0])


def decode_plmn(raw: bytes) -> str:
    """Read a network. Raises WrongValue, for three bytes FF too: that is no network."""
    text = raw.hex().upper()
    if len(raw) != _PLMN_BYTES:
        raise WrongValue(f"{text} is no network: that has {_PLMN_BYTES} bytes")
    mcc, mnc = text[1] + text[0] + text[3], text[5] + text[4] + text[2].replace("F", "")
    plmn = f"{mcc}-{mnc}"
    if not _PLMN.fullmatch(plmn):
        raise WrongValue(f"{text} is no network")
    return plmn


def encode_number(number: str, size: int) -> bytes:
    """Write a telephone number into ``size`` bytes: type and plan (91 if it begins with +), then its digits.

    Raises WrongValue.
    """
    digits = number.removeprefix("+")
    if not digits:
        raise WrongValue(f"{number!r} must have digits, as +33612345678")
    kind = _UNKNOWN if digits == number else _INTERNATIONAL
    return bytes((kind,)) + encode(digits, size - 1, alphabet=DIALLING)


def decode_number(raw: bytes) -> str:
    """Read type and plan, then digits; only an international number gets a +. Raises WrongValue."""
    digits = decode(raw[1:], alphabet=DIALLING)
    if not digits:
        raise WrongValue(f"{raw.hex().upper()} is no telephone number: it has no digits")
    return f"+{digits}" if raw[0] & _TYPE_OF_NUMBER == _TYPE_INTERNATIONAL else digits
