"""Frames, bounds and TLVs around smpplib's codec, which trusts its input and drops what it does not expect.

smpplib sees only the mandatory part, whose end we find ourselves; optional parameters are read here (§5.3.1).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Any

from smpplib import command_codes, smpp
from smpplib.command import Command as PduClass
from smpplib.exceptions import UnknownCommandError

from drivers.errors import Garbled, NotSpoken

HEADER_BYTES = 16
MAX_PDU_BYTES = 70_000  #: message_payload can hold 64 KiB; nothing real is longer
MAX_SEQUENCE = 0x7FFFFFFF  #: SMPP 3.4 §5.1.4

OK = 0x00
INVALID_COMMAND = 0x03
INVALID_BIND = 0x04
BIND_FAILED = 0x0D
MESSAGE_QUEUE_FULL = 0x14
SYSTEM_ERROR = 0x08
INVALID_DESTINATION = 0x0B
SUBMIT_FAILED = 0x45
THROTTLED = 0x58

MESSAGE_PAYLOAD = 0x0424  #: §5.3.2.32: the text, where it does not stand in short_message

_INT = {1: ">B", 2: ">H", 4: ">L"}


class _Numbering:
    """What smpplib wants in place of its own client; the real number is set on the PDU afterwards."""

    sequence = 0

    def next_sequence(self) -> int:
        """Return a number that is overwritten."""
        return 0


@dataclass(frozen=True, slots=True)
class Pdu:
    """One protocol data unit: mandatory fields by name (bytes for strings), TLVs by tag. Never printed whole."""

    name: str
    sequence: int
    status: int = OK
    fields: dict[str, Any] = field(default_factory=dict, repr=False)
    tlvs: dict[int, bytes] = field(default_factory=dict, repr=False)


class UnknownPdu(Exception):
    """A well-framed PDU with a command id that is not ours; answer generic_nack (SMPP 3.4 §4.3)."""

    def __init__(self, sequence: int) -> None:
        super().__init__(f"unknown command id in PDU {sequence}")
        self.sequence = sequence


def take(buffer: bytearray) -> bytes | None:
    """Cut the next whole PDU off the buffer; ``None`` when more bytes are needed. Raises Garbled."""
    if len(buffer) < 4:  # noqa: PLR2004 - the length field itself
        return None
    (length,) = struct.unpack_from(">L", buffer)
    if not HEADER_BYTES <= length <= MAX_PDU_BYTES:
        raise Garbled(f"a PDU claims {length} bytes")
    if len(buffer) < length:
        return None
    raw = bytes(buffer[:length])
    del buffer[:length]
    return raw


def decode(raw: bytes) -> Pdu:
    """Read one framed PDU. Raises UnknownPdu or Garbled, nothing else."""
    _, command_id, status, sequence = struct.unpack_from(">LLLL", raw)
    try:
        name = command_codes.get_command_name(command_id)
        pdu = smpp.make_pdu(name, client=_Numbering())
    except (UnknownCommandError, KeyError, AttributeError):
        raise UnknownPdu(sequence) from None
    if not 0 < sequence <= MAX_SEQUENCE and name != "generic_nack":
        raise Garbled(f"sequence number {sequence} is out of range")
    if len(raw) == HEADER_BYTES and name.endswith("_resp"):
        return Pdu(name, sequence, status)
    end = _mandatory_end(pdu, raw)
    try:
        pdu.parse(raw[:end])
    except (struct.error, KeyError, ValueError, TypeError, IndexError) as problem:
        raise Garbled(f"{name} cannot be read ({type(problem).__name__})") from problem
    fields = {n: getattr(pdu, n) for n in pdu.params_order if not pdu.field_is_optional(n)}
    return Pdu(name, sequence, status, fields, _tlvs(raw, end))


def encode(pdu: Pdu) -> bytes:
    """Write one PDU. Raises NotSpoken for a value longer than its field: a truncated number is a mis-send."""
    if pdu.status != OK and pdu.name.endswith("_resp"):
        return struct.pack(">LLLL", HEADER_BYTES, command_codes.get_command_code(pdu.name), pdu.status, pdu.sequence)
    built = smpp.make_pdu(pdu.name, client=_Numbering(), **pdu.fields)
    for name, value in pdu.fields.items():
        limit = getattr(built.params[name], "max", None)
        if isinstance(value, str) and (not value.isascii() or "\0" in value):
            raise NotSpoken(f"{name} of {pdu.name} takes ASCII characters only")
        if limit is not None and isinstance(value, str) and len(value) >= limit:
            raise NotSpoken(f"{name} of {pdu.name} takes at most {limit - 1} characters")
        if limit is not None and isinstance(value, bytes) and len(value) > limit:
            raise NotSpoken(f"{name} of {pdu.name} takes at most {limit} octets")
    built.sequence, built.status = pdu.sequence, pdu.status
    raw: bytes = built.generate()
    tail = b"".join(struct.pack(">HH", tag, len(value)) + value for tag, value in pdu.tlvs.items())
    return struct.pack(">L", len(raw) + len(tail)) + raw[4:] + tail


def _mandatory_end(pdu: PduClass, raw: bytes) -> int:
    """Find where the mandatory part ends. Raises Garbled when a field does not fit."""
    position, values = HEADER_BYTES, dict[str, int]()
    for name in pdu.params_order:
        if pdu.field_is_optional(name) or (position == len(raw) and pdu.command.endswith("_resp")):
            break
        parameter = pdu.params[name]
        if parameter.type is int:
            size = parameter.size
            if position + size > len(raw):
                raise Garbled(f"{pdu.command} ends inside {name}")
            (values[name],) = struct.unpack_from(_INT[size], raw, position)
            position += size
        elif parameter.type is str:
            end = raw.find(b"\0", position)
            if end < 0 or end - position >= parameter.max:
                raise Garbled(f"{name} of {pdu.command} has no end within {parameter.max} octets")
            position = end + 1
        else:
            position += values.get(parameter.len_field, 0)
            if position > len(raw):
                raise Garbled(f"{pdu.command} ends inside {name}")
    return position


def _tlvs(raw: bytes, position: int) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    while position < len(raw):
        if position + 4 > len(raw):
            raise Garbled("an optional parameter has no length")
        tag, length = struct.unpack_from(">HH", raw, position)
        position += 4
        if position + length > len(raw):
            raise Garbled(f"optional parameter 0x{tag:04x} ends outside its PDU")
        found.setdefault(tag, raw[position : position + length])
        position += length
    return found
