"""Frames, bounds and TLVs around smpplib's codec, which trusts its input and drops what it does not expect.

smpplib sees only the mandatory part, whose end we find ourselves; optional parameters are read here (§5.3.1).

What is done with a bad PDU:

- A command_length below 16 or above 70,000: ``take`` raises Garbled. Where the next PDU begins cannot be known, so the
  peer is told generic_nack 0x02 (sequence 0, §4.3) and the connection is closed.
- A command id that is unknown: ``decode`` raises UnknownPdu. A request gets generic_nack 0x03, an answer nothing (the
  peer would take a nack of that number for one of its own request), and the conversation goes on.
- A request with a broken body in a sound frame: ``decode`` raises Malformed, which names the status. It is answered by
  its own response, or by generic_nack where it has none (alert_notification), and the conversation goes on. Statuses:
  0x01 where the mandatory part is cut short, 0xC2 where a string has no end within its bounds, 0xC0 where the optional
  parameters do not come out even. What stands in a request that has no body is passed over.
- An answer with a broken body: its status counts; of the body what is there is taken (an id without its NUL, or of
  more than 64 octets), and optional parameters up to the broken one. No body at all is well.
- An answer with a sequence number that nobody can have sent (0, or above 0x7FFFFFFF): ``decode`` raises Garbled; but
  in a generic_nack it means that the peer did not understand where a PDU began. A request may have any.
- An optional parameter that comes twice: the first one counts.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Any

from drivers.dialects.smpp import body
from drivers.dialects.smpp import layout as shapes
from drivers.dialects.smpp.layout import HEADER_BYTES, Layout
from drivers.errors import Garbled, NotSpoken

MAX_PDU_BYTES = 70_000  #: message_payload can hold 64 KiB; nothing real is longer
MAX_SEQUENCE = 0x7FFFFFFF  #: SMPP 3.4 §5.1.4

OK = 0x00
INVALID_MESSAGE_LENGTH = 0x01
INVALID_COMMAND_LENGTH = 0x02
INVALID_COMMAND = 0x03
INVALID_BIND = 0x04
SYSTEM_ERROR = 0x08
INVALID_DESTINATION = 0x0B
BIND_FAILED = 0x0D
MESSAGE_QUEUE_FULL = 0x14
SUBMIT_FAILED = 0x45
THROTTLED = 0x58
INVALID_OPTIONAL_PART = 0xC0
INVALID_PARAMETER_LENGTH = 0xC2

OUTBIND = 0x0B  #: command id (SMPP 3.4 §4.1.7); it has no response
MESSAGE_PAYLOAD = 0x0424  #: §5.3.2.32: the text, where it does not stand in short_message

_HEADER = struct.Struct(">LLLL")
_TLV = struct.Struct(">HH")

_LENGTH_BYTES = 4  # command_length, which every PDU begins with (SMPP 3.4 §3.2)


@dataclass(frozen=True, slots=True)
class Pdu:
    """One protocol data unit: mandatory fields by name (bytes for strings), TLVs by tag. Never printed whole."""

    name: str
    sequence: int
    status: int = OK
    fields: dict[str, Any] = field(default_factory=dict, repr=False)
    tlvs: dict[int, bytes] = field(default_factory=dict, repr=False)


class UnknownPdu(Exception):
    """A well-framed PDU with a command id that is not ours (SMPP 3.4 §4.3)."""

    def __init__(self, sequence: int, command_id: int = 0) -> None:
        super().__init__(f"unknown command id 0x{command_id:08x} in PDU {sequence}")
        self.sequence = sequence
        self.command_id = command_id

    @property
    def is_response(self) -> bool:
        """Whether it would be an answer: then it is none to us, and none is due."""
        return bool(self.command_id & shapes.RESPONSE)


class Malformed(Garbled):
    """A request in a sound frame whose body cannot be read; answer it with ``status`` and go on."""

    def __init__(self, name: str, sequence: int, status: int, problem: str) -> None:
        super().__init__(f"{name} {sequence}: {problem}")
        self.name = name
        self.sequence = sequence
        self.status = status

    def answer(self) -> bytes:
        """Return the refusal in bytes."""
        resp = f"{self.name}_resp"
        return encode(Pdu(resp if resp in shapes.by_name() else "generic_nack", self.sequence, self.status))


def take(buffer: bytearray) -> bytes | None:
    """Cut the next whole PDU off the buffer; ``None`` when more bytes are needed. Raises Garbled."""
    if len(buffer) < _LENGTH_BYTES:
        return None
    length = int.from_bytes(buffer[:_LENGTH_BYTES])
    if not HEADER_BYTES <= length <= MAX_PDU_BYTES:
        raise Garbled(f"a PDU claims {length} bytes")
    if len(buffer) < length:
        return None
    raw = bytes(buffer[:length])
    del buffer[:length]
    return raw


def decode(raw: bytes) -> Pdu:
    """Read one framed PDU. Raises UnknownPdu, Malformed or Garbled, nothing else."""
    _, command_id, status, sequence = _HEADER.unpack_from(raw)
    layout = shapes.by_id().get(command_id)
    if layout is None:
        raise UnknownPdu(sequence, command_id)
    if layout.is_response:
        return _response(layout, raw, status, sequence)
    try:
        end = body.mandatory_end(layout, raw)
    except body.Unsound as problem:
        code = INVALID_MESSAGE_LENGTH if problem.is_cut else INVALID_PARAMETER_LENGTH
        raise Malformed(layout.name, sequence, code, str(problem)) from None
    tlvs, sound = body.tlvs(raw, end)
    if layout.fields and not sound:
        raise Malformed(layout.name, sequence, INVALID_OPTIONAL_PART, "an optional parameter ends outside its PDU")
    return Pdu(layout.name, sequence, status, body.fields(layout, raw, end), tlvs)


def encode(pdu: Pdu) -> bytes:
    """Write one PDU; an answer with a status and nothing else has no body (SMPP 3.4 §4.4.2).

    Raises NotSpoken for a value that does not fit its field: a truncated number is a mis-send.
    """
    layout = shapes.by_name().get(pdu.name)
    if layout is None:
        raise NotSpoken(f"{pdu.name} cannot be written")
    if pdu.status != OK and layout.is_response and not pdu.fields and not pdu.tlvs:
        return _HEADER.pack(HEADER_BYTES, layout.command_id, pdu.status, pdu.sequence)
    for name, value in pdu.fields.items():
        known = layout.fields.get(name)
        if known is None or not known.fits(value):
            raise NotSpoken(_complaint(layout, name))
    built = layout.blank(pdu.fields)
    built.sequence, built.status = pdu.sequence, pdu.status
    try:
        raw: bytes = built.generate()
        tail = b"".join([_TLV.pack(tag, len(value)) + value for tag, value in pdu.tlvs.items()])
    except (ValueError, struct.error):
        raise NotSpoken(f"{pdu.name} cannot be written: a field is missing or a TLV is out of its bounds") from None
    if len(raw) + len(tail) > MAX_PDU_BYTES:
        raise NotSpoken(f"{pdu.name} would take {len(raw) + len(tail)} octets; {MAX_PDU_BYTES} is the most")
    return (len(raw) + len(tail)).to_bytes(4) + raw[4:] + tail if tail else raw


def _complaint(layout: Layout, name: str) -> str:
    if name not in layout.fields:
        return f"{layout.name} has no mandatory field {name}"
    limit = layout.fields[name].limit
    kinds = {int: f"a number of {limit} octet(s)", str: f"at most {limit} ASCII characters"}
    return f"{name} of {layout.name} takes {kinds.get(layout.fields[name].kind, f'at most {limit} octets')}"


def _response(layout: Layout, raw: bytes, status: int, sequence: int) -> Pdu:
    if not 0 < sequence <= MAX_SEQUENCE and layout.name != "generic_nack":
        raise Garbled(f"{layout.name} with sequence number {sequence}, which nobody can have sent")
    if len(raw) == HEADER_BYTES:
        return Pdu(layout.name, sequence, status)
    try:
        end = body.mandatory_end(layout, raw)
    except body.Unsound:  # the first field of every response is a string
        text = raw[HEADER_BYTES:].partition(b"\0")[0]
        return Pdu(layout.name, sequence, status, {next(iter(layout.fields)): text})
    return Pdu(layout.name, sequence, status, body.fields(layout, raw, end), body.tlvs(raw, end)[0])
