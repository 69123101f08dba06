"""The operator identity statement (RIO) as a donor checks it, written here apart from the gateway's own.

Twelve characters: operator (2), ``E`` or ``P`` for business or private (1), the contract's reference (6), control key
(3) (ARCEP decision 2012-0576, article 13, which has the recipient check form and key). How the key is made is told in
the French Wikipedia's article "Relevé d'identité opérateur": over the first nine characters and the national number of
ten digits three sums run modulo 37, each multiplied by 1, 2 or 4 before the next character's place in the alphabet is
added.
"""

from __future__ import annotations

import re

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+"
_SHAPE = re.compile(r"[A-Z0-9]{2}[EP][A-Z0-9+]{9}")
_KEYLESS = 9  # characters before the control key
_MULTIPLIERS = (1, 2, 4)
#: country codes of the French numbering plan; after each a number whose national prefix is 0
_FRENCH = ("+33", "+262", "+590", "+594", "+596")
#: country codes of plans without prefix, for which no rule is published: filled up with 0 on the left
_SHORT = ("+377", "+508", "+681", "+687", "+689")
_NATIONAL_DIGITS = 10


def is_well_formed(rio: str) -> bool:
    """Tell whether it looks like a RIO at all."""
    return _SHAPE.fullmatch(rio) is not None


def fits(rio: str, msisdn: str) -> bool:
    """Tell whether it is well formed and its control key is that of the number (E.164 with ``+``)."""
    return is_well_formed(rio) and rio[_KEYLESS:] == key(rio[:_KEYLESS], msisdn)


def key(keyless: str, msisdn: str) -> str:
    """Return the control key of the first nine characters for a number. Raises ValueError on other characters."""
    places = [_ALPHABET.index(character) for character in keyless + _national(msisdn)]
    return "".join(_ALPHABET[_sum(places, by)] for by in _MULTIPLIERS)


def _sum(places: list[int], by: int) -> int:
    running = 0
    for place in places:
        running = (running * by + place) % len(_ALPHABET)
    return running


def _national(msisdn: str) -> str:
    for code in _FRENCH:
        if msisdn.startswith(code):
            return "0" + msisdn.removeprefix(code)
    for code in _SHORT:
        if msisdn.startswith(code):
            return msisdn.removeprefix(code).zfill(_NATIONAL_DIGITS)
    return msisdn.removeprefix("+").zfill(_NATIONAL_DIGITS)
