"""From the SMSC's own PDUs to what they mean: receipts, messages from phones, phones that are there again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drivers.dialects.smpp import addresses
from drivers.dialects.smpp import pdu as p
from drivers.dialects.smpp.delivery import Available, Delivery, FromPhone, Heard
from drivers.dialects.smpp.pdu import Pdu
from drivers.dialects.smpp.receipt import receipt, tells_a_state, told
from drivers.dialects.smpp.submission import Part
from drivers.dialects.smpp.text import UCS2, read_part
from drivers.dialects.smpp.text.segments import UDH_INDICATOR
from drivers.subscription import Msisdn

#: esm_class of deliver_sm and data_sm (SMPP 3.4 §5.2.12)
_KINDS, _RECEIPT, _INTERMEDIATE, _MESSAGE = 0x3C, 0x04, 0x20, 0x00
_AVAILABILITY = 0x0422  # §5.3.2.30: 0 available, 1 denied, 2 unavailable


def heard(pdu: Pdu) -> Heard:
    """Read a deliver_sm, data_sm or alert_notification; it never fails, ``delivery`` is ``None`` for what is no use.

    Acknowledgements by the phone's user (esm_class 0x08 to 0x18) tell nothing that a receipt does not: no use.
    """
    if pdu.name == "alert_notification":
        return Heard(pdu.name, pdu.sequence, _available(pdu), needs_answer=False)
    return Heard(pdu.name, pdu.sequence, _delivery(pdu))


def _available(pdu: Pdu) -> Available | None:
    if any(pdu.tlvs.get(_AVAILABILITY, b"")):
        return None
    return Available(_phone(pdu.fields))


def _delivery(pdu: Pdu) -> Delivery | None:
    kind, words = pdu.fields["esm_class"] & _KINDS, _plain(pdu.fields["data_coding"], _octets(pdu))
    about = addresses.msisdn(pdu.fields["source_addr_ton"], pdu.fields["source_addr"])
    # a text alone is believed of a named phone only: whoever can write to us can write a receipt's words
    by_text = about is not None and told(words).is_receipt
    unmarked = kind == _MESSAGE and (tells_a_state(pdu.tlvs) or by_text)
    if kind & _RECEIPT or kind == _INTERMEDIATE or unmarked:
        return receipt(words, pdu.tlvs, about, intermediate=kind == _INTERMEDIATE)
    return _from_phone(pdu) if kind == _MESSAGE else None


def _phone(fields: Mapping[str, Any]) -> Msisdn:
    ton, address = fields["source_addr_ton"], fields["source_addr"]
    return addresses.msisdn(ton, address) or Msisdn(addresses.heard(ton, address))


def _plain(coding: int, octets: bytes) -> str:
    """Read a receipt's text: UCS-2 where it holds zeros, else ASCII whatever data_coding says, so that ids keep _."""
    return octets.decode("utf-16-be", "replace") if coding == UCS2 and 0 in octets else octets.decode("latin-1")


def _octets(pdu: Pdu) -> bytes:
    """Return the text's octets, in a receipt that has one without its user data header."""
    octets: bytes = pdu.fields.get("short_message") or pdu.tlvs.get(p.MESSAGE_PAYLOAD, b"")
    return octets[1 + octets[0] :] if octets and pdu.fields["esm_class"] & UDH_INDICATOR else octets


def _from_phone(pdu: Pdu) -> FromPhone:
    fields = pdu.fields
    read = read_part(Part(fields.get("short_message") or b"", fields["data_coding"], fields["esm_class"], pdu.tlvs))
    to = addresses.heard(fields["dest_addr_ton"], fields["destination_addr"])
    return FromPhone(_phone(fields), to, read.text, read.reference, read.number, read.total)
