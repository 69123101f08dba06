"""What an IMEI looks like and what tells one handset from another (TS 23.003 §6.2)."""

from __future__ import annotations

from typing import Final

from gateway.contract.action import Refusal
from gateway.contract.identity import luhn_holds

IMEI_PATTERN: Final = r"^[0-9]{14,16}$"
_HANDSET: Final = 14  # TAC and serial number; the check digit says nothing new, a software version changes
_WITH_CHECK_DIGIT: Final = 15


def handset_of(imei: str) -> str:
    """Return the 14 digits that are the handset's, however its IMEI was written."""
    return imei[:_HANDSET]


def misread(imei: str) -> Refusal | None:
    """Return a refusal when the check digit of a 15-digit IMEI is wrong (TS 23.003 §6.2.1, annex B)."""
    if len(imei) != _WITH_CHECK_DIGIT or luhn_holds(imei):
        return None
    return Refusal("imei-check-digit", f"IMEI {imei} has a wrong check digit: read it again, *#06# shows it")
