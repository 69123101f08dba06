"""Senders and recipients as SMPP writes them: a type, a numbering plan and the address itself (§5.2.5, §5.2.6)."""

from __future__ import annotations

import re
from functools import lru_cache

from drivers.errors import NotSpoken
from drivers.subscription import Msisdn

TON_UNKNOWN, TON_INTERNATIONAL, TON_NETWORK, TON_ALPHANUMERIC = 0, 1, 3, 5
NPI_UNKNOWN, NPI_E164 = 0, 1
MAX_NAME_SEPTETS = 11  # ten octets of address in TS 23.040 §9.1.2.5

_E164 = re.compile(r"\+[0-9]{1,15}", re.ASCII)
_DIGITS = re.compile(r"[0-9]+", re.ASCII)
_SHORT_CODE = range(3, 9)
_PROBABLY_E164 = re.compile(r"[1-9][0-9]{7,14}", re.ASCII)
_TWO_SEPTETS = frozenset("^{}\\[~]|")  # TS 23.038 §6.2.1.1
_NOT_GSM = "`"  # the one printable ASCII character without a place in the GSM alphabet

Address = tuple[int, int, str]
"""Type of number, numbering plan, and the address."""


@lru_cache(maxsize=1024)
def of_sender(sender: str) -> Address:
    """Tell a number with ``+``, a short code of 3 to 8 digits, other digits, or a name; empty is the account's own.

    Raises NotSpoken for a number longer than E.164 allows, and for a name longer than a phone can be shown.
    """
    if _E164.fullmatch(sender):
        return TON_INTERNATIONAL, NPI_E164, sender[1:]
    if not sender or _DIGITS.fullmatch(sender):
        return TON_NETWORK if len(sender) in _SHORT_CODE else TON_UNKNOWN, NPI_UNKNOWN, sender
    if not (sender.isascii() and sender.isprintable()) or _NOT_GSM in sender:
        raise NotSpoken("source_addr takes a name in printable ASCII without backquote")
    if len(sender) + sum(char in _TWO_SEPTETS for char in sender) > MAX_NAME_SEPTETS:
        raise NotSpoken(f"source_addr takes a name of at most {MAX_NAME_SEPTETS} characters; ^{{}}\\[~]| count twice")
    return TON_ALPHANUMERIC, NPI_UNKNOWN, sender


def of_recipient(to: Msisdn) -> Address:
    """Return an E.164 number without its ``+``. Raises NotSpoken for anything else: it would go astray."""
    if not _E164.fullmatch(to):
        raise NotSpoken("destination_addr takes + and at most 15 digits (E.164)")
    return TON_INTERNATIONAL, NPI_E164, to[1:]


def heard(ton: int, address: bytes) -> str:
    """Write an address that was heard as we write it: with ``+`` where it is international, else as it came."""
    text = address.decode("latin-1")
    if ton != TON_INTERNATIONAL or not text:
        return text
    return f"+{text.removeprefix('+').removeprefix('00')}"  # no country code begins with a zero


def msisdn(ton: int, address: bytes) -> Msisdn | None:
    """Return the number of a phone, ``None`` for what is none; SMSCs leave the type of full numbers out."""
    text = heard(ton, address)
    if ton == TON_UNKNOWN and _PROBABLY_E164.fullmatch(text):
        text = f"+{text}"
    return Msisdn(text) if _E164.fullmatch(text) else None
