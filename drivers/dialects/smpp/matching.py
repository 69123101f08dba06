"""Which message a receipt is about, and what has become of a message that went out in several parts.

SMSCs write the same id differently in submit_sm_resp and in the receipt: in another case, padded with zeros, in hex
here and in decimal there. So a message's id is kept raw, and beside it as ``canonical(id, form)``, the key it is looked
up by; a receipt's ``candidates`` are looked up one after the other, among the raw ids and then among those keys. More
than one find for one candidate is no find: guessing would tell the wrong subscriber's fate.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum

from drivers.dialects.smpp.delivery import MessageState

_HEX = re.compile(r"[0-9a-f]{1,32}")
_DECIMAL = re.compile(r"[0-9]+")
_MOST = 1 << 64  # a number beyond that is no counter but a UUID without its dashes: nobody writes it in decimal


class IdForm(StrEnum):
    """How an SMSC's receipts write the id that its submit_sm_resp gave."""

    AS_IS = "as_is"  # to the letter, case and zeros too
    RECEIPT_IS_DECIMAL = "receipt_is_decimal"  # and the response is hex
    RECEIPT_IS_HEX = "receipt_is_hex"  # and the response is decimal
    ANY = "any"


def canonical(message_id: str, form: IdForm = IdForm.ANY) -> str:
    """Return the id without differences of case and of leading zeros, where these are none; never in another base."""
    if form is IdForm.AS_IS:
        return message_id
    folded = message_id.casefold()
    return folded.lstrip("0") or "0" if _HEX.fullmatch(folded) else folded


def candidates(receipt_id: str, form: IdForm = IdForm.ANY) -> tuple[str, ...]:
    """Return what the message may be known as, the likeliest first; nothing for an empty id.

    The raw id comes first, except where ``form`` says that it is in another base: "10" is then somebody else's.
    """
    if not receipt_id:
        return ()
    plain = canonical(receipt_id)
    as_hex, as_decimal = _to_hex(plain), _to_decimal(plain)
    match form:
        case IdForm.AS_IS:
            found = [receipt_id]
        case IdForm.RECEIPT_IS_DECIMAL:
            found = [as_hex] if as_hex else [receipt_id, plain]
        case IdForm.RECEIPT_IS_HEX:
            found = [as_decimal] if as_decimal else [receipt_id, plain]
        case IdForm.ANY:  # hex in the response and decimal in the receipt is the commoner of the two
            found = [receipt_id, plain, as_hex, as_decimal]
    return tuple(dict.fromkeys(one for one in found if one))


def is_final(state: MessageState) -> bool:
    """Tell whether nothing more will come. ACCEPTED is not final: most SMSCs say so of what is still on its way."""
    return state not in (MessageState.ENROUTE, MessageState.ACCEPTED, MessageState.UNKNOWN)


def worst(states: Iterable[MessageState]) -> MessageState:
    """Return the state of a message from those of its parts; UNKNOWN for no parts.

    While one part is not final the whole is not: UNKNOWN before ENROUTE before ACCEPTED. Then one part that was not
    delivered makes the whole so: REJECTED before UNDELIVERABLE, DELETED, EXPIRED and, when all were, DELIVERED.
    """
    return min(states, key=_SEVERITY.index, default=MessageState.UNKNOWN)


_SEVERITY = (
    MessageState.UNKNOWN,
    MessageState.ENROUTE,
    MessageState.ACCEPTED,
    MessageState.REJECTED,
    MessageState.UNDELIVERABLE,
    MessageState.DELETED,
    MessageState.EXPIRED,
    MessageState.DELIVERED,
)


def _to_hex(plain: str) -> str:
    """Read the canonical id as decimal, write it in hex; empty when it is not such a number."""
    if not _DECIMAL.fullmatch(plain) or len(plain) > len(str(_MOST)) or int(plain) >= _MOST:
        return ""
    return f"{int(plain):x}"


def _to_decimal(plain: str) -> str:
    """Read the canonical id as hex, write it in decimal; empty when it is not such a number."""
    if not _HEX.fullmatch(plain) or int(plain, 16) >= _MOST:
        return ""
    return str(int(plain, 16))
