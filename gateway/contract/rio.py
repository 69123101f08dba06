"""The RIO, the twelve characters that prove who may take a number along: OO Q RRRRRR CCC.

OO is the operator left, Q the kind of customer (E entreprise, P particulier), RRRRRR the contract's reference and CCC
a key over all of these and the number, so that a slip of the pen shows (ARCEP decision 2012-0576, article 13).
"""

from __future__ import annotations

import phonenumbers

from drivers.subscription import Msisdn

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+"
"""The 37 characters of a key, in the order their values are counted from 0."""

KINDS = frozenset("EP")
LENGTH = 12

_NUMBER_BEGINS_WITH_0 = ("+33", "+262", "+590", "+594", "+596")  # the French plan: 06…, 0639…, M2M 0700… of 14 digits


def normalised(rio: str) -> str:
    """Return a RIO in capitals; what is not ASCII stays as it is, to be refused."""
    return rio.upper() if rio.isascii() else rio


def control_key(operator: str, kind: str, reference: str, msisdn: Msisdn) -> str:
    """Return the key, CCC, over operator (2 characters), kind (E or P), reference (6) and the national number.

    Inter-operator algorithm for the RIO, v1.1: three sums modulo 37 in which each step counts the former ones once,
    twice and four times. The French plan's numbers are written with their leading 0 (``+33612345678`` is 0612345678,
    ``+262639012345`` is 0639012345; M2M numbers have 14 digits). No rule is published for others (+687, +377): they
    are taken as dialled at home, filled up with 0 on the left to 10 digits; a country code nobody has stays in front.
    Raises ValueError when a part has not its length or its characters.
    """
    parts = normalised(operator), normalised(kind), normalised(reference)
    if wrong := _wrong(*parts):
        raise ValueError(wrong)
    a = b = c = 0
    for char in "".join(parts) + _national(msisdn):
        value = ALPHABET.index(char)
        a, b, c = (a + value) % 37, (2 * b + value) % 37, (4 * c + value) % 37
    return ALPHABET[a] + ALPHABET[b] + ALPHABET[c]


def rio_for(operator: str, kind: str, reference: str, msisdn: Msisdn) -> str:
    """Return the RIO of a number, in capitals; ValueError when a part has not its length or its characters."""
    key = control_key(operator, kind, reference, msisdn)
    return normalised(operator + kind + reference) + key


def check_rio(rio: str, msisdn: Msisdn) -> str | None:
    """Return what is wrong with a RIO for that number and what to do, or None when all of it agrees.

    Small letters are taken for capitals. The right key is never told: it would be half a forged RIO.
    """
    if any(char.isspace() for char in rio):
        return f"a RIO has no spaces: write its {LENGTH} characters together"
    if len(rio) != LENGTH:
        return (
            f"a RIO has {LENGTH} characters, not {len(rio)}: copy it whole, as the operator left gives it (call 3179)"
        )
    rio = normalised(rio)
    operator, kind, reference, key = rio[:2], rio[2], rio[3:9], rio[9:]
    if wrong := _wrong(operator, kind, reference):
        return wrong
    if not set(key) <= set(ALPHABET):
        return "the key of a RIO, its last 3 characters, has letters A to Z, digits and + only: copy it again"
    if key != control_key(operator, kind, reference, msisdn):
        return "the key of the RIO does not fit this number: check the number, and copy the RIO again (call 3179)"
    return None


def _wrong(operator: str, kind: str, reference: str) -> str | None:
    if len(operator) != 2 or not set(operator) <= set(ALPHABET[:-1]):  # noqa: PLR2004 - OO, two characters
        return "the operator of a RIO is its first 2 characters, letters A to Z or digits: copy it again"
    if kind not in KINDS:
        return "the third character of a mobile RIO is E (entreprise) or P (particulier): copy it again"
    if len(reference) != 6 or not set(reference) <= set(ALPHABET):  # noqa: PLR2004 - RRRRRR, six characters
        return "the reference of a RIO is its characters 4 to 9, letters A to Z, digits or +: copy it again"
    return None


def _national(msisdn: Msisdn) -> str:
    for code in _NUMBER_BEGINS_WITH_0:
        if msisdn.startswith(code):
            return f"0{msisdn.removeprefix(code)}".zfill(10)
    try:
        number = phonenumbers.parse(msisdn)
    except phonenumbers.NumberParseException:
        return msisdn.removeprefix("+").zfill(10)
    shown = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
    return "".join(char for char in shown if "0" <= char <= "9").zfill(10)
