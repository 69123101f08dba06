"""Delivery receipts as SMSCs really write them: optional parameters, or a line of text, or half of each.

The text (SMPP 3.4 App. B) is nobody's standard: fields come in any order and case, some are missing, others are added,
dates are of any length or no dates at all. So nothing is read strictly, and an optional parameter counts more.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from drivers.dialects.smpp.delivery import MessageState, Receipt
from drivers.dialects.smpp.matching import is_final
from drivers.subscription import Msisdn

RECEIPTED_MESSAGE_ID = 0x001E  # §5.3.2.12
USER_MESSAGE_REFERENCE = 0x0204  # §5.3.2.17
NETWORK_ERROR_CODE = 0x0423  # §5.3.2.31
MESSAGE_STATE = 0x0427  # §5.3.2.35
_HIGHEST_REFERENCE = 0xFFFF  # user_message_reference has two octets

_NUMBERS = (
    MessageState.ENROUTE,  # 0 is SCHEDULED in SMPP 5.0
    MessageState.ENROUTE,
    MessageState.DELIVERED,
    MessageState.EXPIRED,
    MessageState.DELETED,
    MessageState.UNDELIVERABLE,
    MessageState.ACCEPTED,
    MessageState.UNKNOWN,
    MessageState.REJECTED,
    MessageState.DELETED,  # SKIPPED in SMPP 5.0: it was not sent and will not be
)
_SPELLINGS = {
    MessageState.ENROUTE: "ENROUTE EN_ROUTE SCHEDULED BUFFERED QUEUED PENDING",
    MessageState.DELIVERED: "DELIVRD DELIVERED DELIVERD DELVRD DLVRD",
    MessageState.EXPIRED: "EXPIRED EXPIRD",
    MessageState.DELETED: "DELETED DELETD SKIPPED",
    MessageState.UNDELIVERABLE: "UNDELIVERABLE UNDELIVERED UNDELIVRD UNDLVRD UNDLIV FAILED FAILURE",
    MessageState.ACCEPTED: "ACCEPTD ACCEPTED",
    MessageState.UNKNOWN: "UNKNOWN",
    MessageState.REJECTED: "REJECTD REJECTED",
}
_SHORTEST = 4  # letters that tell every state from every other
_NETWORKS = {1: "ANSI-136", 2: "IS-95", 3: "GSM"}
_ERROR_OCTETS = 3

_HEAD_CHARACTERS = 1000  # all the fields stand in the first two hundred
_TEXT = re.compile(r"(?<![^\s,;|])text\s?:", re.IGNORECASE)
_KEY = r"(?:id|sub|dlvrd|submit[ _]?date|done[ _]?date|stat(?:us)?|err(?:or)?|text)\s?:"
_FIELD = re.compile(
    r"(?<![^\s,;|])(?P<key>id|stat(?:us)?|err(?:or)?|done[ _]?date)\s?:(?:[ \t]{0,3}(?!" + _KEY + r"))?"
    r"(?P<value>[^\s,;]*(?:[ ](?=\d[\d:]*(?:[\s,;]|$))[\d:]+)?)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Told:
    """What the text of a receipt tells; a field that is missing is empty."""

    message_id: str = ""
    stat: str = ""
    error: str = ""
    done_at: str = ""

    @property
    def is_receipt(self) -> bool:
        """Whether it is one whatever the PDU calls itself."""
        return bool(self.message_id and self.stat)


def told(text: str) -> Told:
    """Read a receipt's text. What follows ``text:`` is the message itself and may hold anything: it is not read."""
    head = text[:_HEAD_CHARACTERS].replace("\0", " ")
    if message := _TEXT.search(head):
        head = head[: message.start()]
    found: dict[str, str] = {}
    for field in _FIELD.finditer(head):
        found.setdefault(field["key"].casefold()[:2], field["value"])
    only = {key: value.partition(" ")[0] for key, value in found.items()}
    return Told(only.get("id", ""), only.get("st", ""), only.get("er", ""), found.get("do", ""))


def state_of(word: str) -> MessageState | None:
    """Read a state's word, spelled out or cut short; ``None`` for a word nobody knows."""
    upper = word.upper()
    if len(upper) < _SHORTEST:
        return None
    return next((s for s, spellings in _SPELLINGS.items() if any(w.startswith(upper) for w in spellings.split())), None)


def receipt(
    text: str, tlvs: Mapping[int, bytes], about: Msisdn | None, *, intermediate: bool = False
) -> Receipt | None:
    """Put a receipt together; ``None`` when nothing in it tells of any message.

    An ``intermediate`` notification (esm_class 0x20) tells of an attempt: it is never final.
    """
    words = told(text)
    message_id = _string(tlvs.get(RECEIPTED_MESSAGE_ID, b"")) or words.message_id
    reference = _reference(tlvs.get(USER_MESSAGE_REFERENCE, b""))
    state = _state(tlvs.get(MESSAGE_STATE, b"")) or state_of(words.stat)
    if not (message_id or words.stat or state or reference is not None):
        return None
    if state is None:
        state = MessageState.ENROUTE if intermediate and not words.stat else MessageState.UNKNOWN
    if intermediate and is_final(state):
        state = MessageState.ENROUTE
    error = _error(tlvs.get(NETWORK_ERROR_CODE, b"")) or words.error
    return Receipt(message_id, state, about, reference, error, words.done_at)


def tells_a_state(tlvs: Mapping[int, bytes]) -> bool:
    """Tell whether the optional parameters alone make it a receipt, whatever the PDU calls itself."""
    return RECEIPTED_MESSAGE_ID in tlvs and MESSAGE_STATE in tlvs


def _string(value: bytes) -> str:
    return value.removesuffix(b"\0").decode("latin-1")


def _reference(value: bytes) -> int | None:
    number = int.from_bytes(value[:8])
    return number if value and number <= _HIGHEST_REFERENCE else None


def _state(value: bytes) -> MessageState | None:
    number = int.from_bytes(value[:8])
    return _NUMBERS[number] if value and number < len(_NUMBERS) else None


def _error(value: bytes) -> str:
    if len(value) != _ERROR_OCTETS:
        return value.hex()
    code = int.from_bytes(value[1:])
    return f"{_NETWORKS.get(value[0], f'network {value[0]}')} {code}" if code else ""
