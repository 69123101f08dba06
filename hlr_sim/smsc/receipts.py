"""What an SMSC sends by itself, as PDUs without a number yet: receipts in every form, phones' messages, alerts."""

from __future__ import annotations

from datetime import UTC, datetime

from drivers.dialects.smpp import pdu as p
from drivers.dialects.smpp.pdu import Pdu
from drivers.dialects.smpp.text import Carriage, split
from drivers.dialects.smpp.text.segments import UDH_INDICATOR
from hlr_sim.smsc.ids import written
from hlr_sim.smsc.knobs import Knobs, ReceiptForm
from hlr_sim.smsc.message import Message, State, number_of
from hlr_sim.smsc.reading import USER_MESSAGE_REFERENCE

VENDOR_TLV = {0x1400: b"\x2a", 0x1FFF: b"what is this?"}  #: SMPP 3.4 §5.3.2: 0x1400-0x3FFF are the SMSC vendor's own
_RECEIPTED_MESSAGE_ID, _MESSAGE_STATE, _NETWORK_ERROR_CODE = 0x001E, 0x0427, 0x0423
_RECEIPT, _INTERMEDIATE = 0x04, 0x20  # esm_class (SMPP 3.4 §5.2.12)
_TON_INTERNATIONAL, _NPI_E164 = 1, 1
_GSM, _ABSENT_SUBSCRIBER = 3, 27  # network_error_code: type and value (TS 29.002: absentSubscriberSM)
_TEXT_CHARS = 20  # of the message, quoted in its receipt (SMPP 3.4 App. B)
_MEANINGLESS_ID = "00000000"
_ANY_NUMBER = 1  # in place of the sequence number that is given on sending


def receipts(message: Message, knobs: Knobs, now: datetime) -> list[bytes]:
    """Write the receipt of a message as it stands now; an intermediate one while it is on its way."""
    asked, form = message.asked, knobs.receipt_form
    esm_class = _INTERMEDIATE if message.state is State.ENROUTE else _RECEIPT
    to, ton, npi = asked.sender, asked.sender_ton, asked.sender_npi
    told = message.message_id if knobs.receipt_id is None else written(message.id, knobs.receipt_id)
    tlvs = _tlvs(message, knobs, told)
    if form is ReceiptForm.TLV_ONLY:
        return [_deliver(asked.to, to, (ton, npi), esm_class, b"", tlvs)]
    text = _text(message, form, told, now)
    if form is not ReceiptForm.SPLIT_TEXT:
        return [_deliver(asked.to, to, (ton, npi), esm_class, text, tlvs)]
    cut, header = text.index(b"done date"), bytes((5, 0, 3, message.id & 0xFF, 2))
    pieces = [header + b"\1" + text[:cut], header + b"\2" + text[cut:]]
    return [_deliver(asked.to, to, (ton, npi), esm_class | UDH_INDICATOR, piece, {}) for piece in pieces]


def from_phone(msisdn: str, to: str, text: str, reference: int) -> list[bytes]:
    """Write what a phone sends to an ESME's number, in parts when it is long."""
    return [
        _deliver(msisdn, to, (0, _NPI_E164), part.esm_class, part.octets, {}, coding=part.data_coding)
        for part in split(text, Carriage(), reference)
    ]


def available(msisdn: str, esme: str) -> bytes:
    """Write that a phone is there again (alert_notification, SMPP 3.4 §4.12)."""
    fields = {
        "source_addr_ton": _TON_INTERNATIONAL,
        "source_addr_npi": _NPI_E164,
        "source_addr": msisdn.removeprefix("+"),
        "esme_addr_ton": 0,
        "esme_addr_npi": 0,
        "esme_addr": esme,
    }
    return p.encode(Pdu("alert_notification", _ANY_NUMBER, fields=fields, tlvs={0x0422: b"\0"}))


def numbered(raw: bytes, sequence: int) -> bytes:
    """Give a stored PDU the number it is sent under."""
    return raw[:12] + sequence.to_bytes(4, "big") + raw[16:]


def _tlvs(message: Message, knobs: Knobs, told: str) -> dict[int, bytes]:
    tlvs: dict[int, bytes] = {}
    form = knobs.receipt_form
    if form not in (ReceiptForm.TEXT_ONLY, ReceiptForm.REFERENCE_ONLY):
        tlvs[_RECEIPTED_MESSAGE_ID] = told.encode() + (b"" if form is ReceiptForm.NO_NUL else b"\0")
        tlvs[_MESSAGE_STATE] = bytes([number_of(message.state)])
        if message.state not in (State.DELIVERED, State.ENROUTE):
            tlvs[_NETWORK_ERROR_CODE] = bytes([_GSM]) + _ABSENT_SUBSCRIBER.to_bytes(2, "big")
    if message.asked.user_reference is not None:
        tlvs[USER_MESSAGE_REFERENCE] = message.asked.user_reference.to_bytes(2, "big")
    return tlvs | VENDOR_TLV if knobs.unknown_tlvs else tlvs


def _text(message: Message, form: ReceiptForm, told: str, now: datetime) -> bytes:
    submitted = datetime.fromisoformat(message.submitted_at)
    state, error = message.state, f"{0 if message.state is State.DELIVERED else _ABSENT_SUBSCRIBER:03d}"
    done = 1 if state is State.DELIVERED else 0
    if form is ReceiptForm.ALPHABETIC_ERROR:
        error = "NIL" if done else "ABS"
    quoted = message.asked.text[:_TEXT_CHARS].encode("ascii", "replace").decode()
    shown = _MEANINGLESS_ID if form is ReceiptForm.REFERENCE_ONLY else told
    text = (
        f"id:{shown} sub:001 dlvrd:{done:03d} submit date:{_date(submitted, form)} done date:{_date(now, form)} "
        f"stat:{state} err:{error} text:{quoted}"
    )
    return text.encode()


def _date(moment: datetime, form: ReceiptForm) -> str:
    if form in (ReceiptForm.LITERAL_DATES, ReceiptForm.REFERENCE_ONLY):
        return "YYMMDDhhmm"
    at = moment.astimezone(UTC)
    return f"{at:%y%m%d%H%M%S}" if form is ReceiptForm.TWELVE_DIGIT_DATES else f"{at:%y%m%d%H%M}"


def _deliver(  # noqa: PLR0913, PLR0917 - the fields of deliver_sm, each once
    sender: str,
    to: str,
    plan: tuple[int, int],
    esm_class: int,
    octets: bytes,
    tlvs: dict[int, bytes],
    *,
    coding: int = 0,
) -> bytes:
    fields = {
        "service_type": "",
        "source_addr_ton": _TON_INTERNATIONAL,
        "source_addr_npi": _NPI_E164,
        "source_addr": sender.removeprefix("+"),
        "dest_addr_ton": plan[0],
        "dest_addr_npi": plan[1],
        "destination_addr": to,
        "esm_class": esm_class,
        "schedule_delivery_time": "",
        "validity_period": "",
        "data_coding": coding,
        "sm_length": len(octets),
        "short_message": octets,
    }
    return p.encode(Pdu("deliver_sm", _ANY_NUMBER, fields=fields, tlvs=tlvs))
