"""From a submission to the fields and TLVs of its submit_sm (SMPP 3.4 §4.4.1)."""

from __future__ import annotations

import re
from typing import Any

from drivers.dialects.smpp import addresses
from drivers.dialects.smpp import pdu as p
from drivers.dialects.smpp.pdu import Pdu
from drivers.dialects.smpp.receipt import USER_MESSAGE_REFERENCE
from drivers.dialects.smpp.submission import Submission
from drivers.errors import NotSpoken
from drivers.subscription import Msisdn

MAX_PRIORITY = 3  # §5.2.14
MAX_REFERENCE = 0xFFFF  # §5.3.2.17
_RECEIPT_WANTED = 1  # §5.2.17: of success and of failure
_VALIDITY = re.compile(r"[0-9]{15}[-+R]", re.ASCII)  # §7.1.1


def addressed(sender: str, to: Msisdn) -> dict[str, Any]:
    """Return the fields that say from whom and to whom. Raises NotSpoken."""
    sender_ton, sender_npi, source = addresses.of_sender(sender)
    to_ton, to_npi, destination = addresses.of_recipient(to)
    return {
        "source_addr_ton": sender_ton,
        "source_addr_npi": sender_npi,
        "source_addr": source,
        "dest_addr_ton": to_ton,
        "dest_addr_npi": to_npi,
        "destination_addr": destination,
    }


def submit_sm(sequence: int, submission: Submission) -> Pdu:
    """Return the PDU; fields that are left out are written as zeros. Raises NotSpoken for what SMPP has no room for."""
    part = submission.part
    if not 0 <= submission.priority <= MAX_PRIORITY:
        raise NotSpoken(f"priority_flag takes 0 to {MAX_PRIORITY}")
    if submission.validity and not _VALIDITY.fullmatch(submission.validity):
        raise NotSpoken("validity_period takes YYMMDDhhmmss, tenths, quarters and one of + - R: 16 characters")
    fields = addressed(submission.sender, submission.to)
    fields["esm_class"] = part.esm_class
    fields["priority_flag"] = submission.priority
    fields["validity_period"] = submission.validity
    fields["registered_delivery"] = _RECEIPT_WANTED if submission.receipt else 0
    fields["data_coding"] = part.data_coding
    fields["short_message"] = part.octets
    return Pdu("submit_sm", sequence, fields=fields, tlvs=_tlvs(submission))


def _tlvs(submission: Submission) -> dict[int, bytes]:
    """Return ours, the part's and the vendor's, in this order; none may be given twice, nor the text."""
    part = submission.part
    if part.octets and p.MESSAGE_PAYLOAD in part.tlvs:
        raise NotSpoken("a text goes into short_message or into message_payload, not both (SMPP 3.4 §5.3.2.32)")
    tlvs: dict[int, bytes] = {}
    if submission.reference is not None:
        if not 0 <= submission.reference <= MAX_REFERENCE:
            raise NotSpoken(f"user_message_reference takes 0 to {MAX_REFERENCE}")
        tlvs[USER_MESSAGE_REFERENCE] = submission.reference.to_bytes(2)
    wanted = len(tlvs) + len(part.tlvs) + len(submission.tlvs)
    tlvs.update(part.tlvs)
    tlvs.update(submission.tlvs)
    if len(tlvs) != wanted:
        raise NotSpoken("a TLV is given twice: take out of vendor_tlvs what the message itself sets")
    return tlvs
