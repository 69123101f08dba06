"""submit_sm and data_sm as the centre understands them, or the status that refuses them (SMPP 3.4 §4.4, §4.7)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from drivers.dialects.smpp import pdu as p
from drivers.dialects.smpp.pdu import Pdu
from drivers.dialects.smpp.submission import Part
from drivers.dialects.smpp.text import read_part
from hlr_sim.smsc import status
from hlr_sim.smsc.times import read_time
from hlr_sim.validity import MSISDN

USER_MESSAGE_REFERENCE = 0x0204  #: SMPP 3.4 §5.3.2.17
SET_DPF = 0x0421  #: SMPP 3.4 §5.3.2.29: tell when a phone that could not be reached is there again
_QOS_TIME_TO_LIVE = 0x0017  # SMPP 3.4 §5.3.2.9: data_sm's validity, in seconds
_MODE, _TRANSACTION = 0x03, 0x02  # esm_class bits 1-0


@dataclass(frozen=True, slots=True)
class Submission:
    """One message, or one part of one, as an ESME hands it in. Moments are seconds of the centre's clock."""

    to: str  # E.164 with +
    sender: str
    text: str = field(repr=False)
    system_id: str = ""
    sender_ton: int = 0
    sender_npi: int = 0
    data_coding: int = 0
    reference: int | None = None
    number: int = 1
    total: int = 1
    registered: int = 0
    user_reference: int | None = None
    due_s: float | None = None
    expires_s: float | None = None
    transaction: bool = False
    wants_alert: bool = False


@dataclass(frozen=True, slots=True)
class Rejected:
    """The command_status it is refused with."""

    status: int


def read(pdu: Pdu, system_id: str, now: datetime, longest_s: float) -> Submission | Rejected:
    """Read a submission; ``longest_s`` is how long the centre keeps messages at all."""
    fields, tlvs = pdu.fields, pdu.tlvs
    to, sender = "+" + string(pdu, "destination_addr").removeprefix("+"), string(pdu, "source_addr")
    if not MSISDN.fullmatch(to):
        return Rejected(status.INVALID_DESTINATION)
    if not sender.isascii():
        return Rejected(status.INVALID_SOURCE)
    octets = fields.get("short_message") or b""
    if p.MESSAGE_PAYLOAD in tlvs:
        if octets:
            return Rejected(status.INVALID_LENGTH)  # SMPP 3.4 §5.3.2.32: one or the other
        octets = tlvs[p.MESSAGE_PAYLOAD]
    coding, esm_class = fields.get("data_coding") or 0, fields.get("esm_class") or 0
    part = read_part(Part(octets, coding, esm_class, tlvs))
    times = _times(pdu, now, longest_s)
    if isinstance(times, Rejected):
        return times
    reference = tlvs.get(USER_MESSAGE_REFERENCE)
    return Submission(
        to=to,
        sender=sender,
        text=part.text,
        system_id=system_id,
        sender_ton=fields.get("source_addr_ton") or 0,
        sender_npi=fields.get("source_addr_npi") or 0,
        data_coding=coding,
        reference=part.reference,
        number=part.number,
        total=part.total,
        registered=fields.get("registered_delivery") or 0,
        user_reference=None if reference is None else int.from_bytes(reference[:2], "big"),
        due_s=times[0],
        expires_s=times[1],
        transaction=esm_class & _MODE == _TRANSACTION,
        wants_alert=tlvs.get(SET_DPF) == b"\1",
    )


def string(pdu: Pdu, name: str) -> str:
    """Return a C-octet string field."""
    value = pdu.fields.get(name) or b""
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _times(pdu: Pdu, now: datetime, longest_s: float) -> tuple[float | None, float] | Rejected:
    """Tell from when and until when the message may be delivered."""
    latest = now + timedelta(seconds=longest_s)
    try:
        due = read_time(string(pdu, "schedule_delivery_time"), now)
    except (ValueError, OverflowError):
        return Rejected(status.INVALID_SCHEDULE)
    try:
        until = read_time(string(pdu, "validity_period"), now)
    except (ValueError, OverflowError):
        return Rejected(status.INVALID_EXPIRY)
    if until is None and (lives := pdu.tlvs.get(_QOS_TIME_TO_LIVE)) is not None:
        until = now + timedelta(seconds=int.from_bytes(lives[:4], "big"))
    if until is not None and until <= now:
        return Rejected(status.INVALID_EXPIRY)
    return None if due is None else due.timestamp(), min(until or latest, latest).timestamp()
