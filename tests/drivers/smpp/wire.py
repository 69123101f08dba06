"""PDUs put together by hand from SMPP 3.4 §3.2 and §4, without the codec under test."""

import struct
from collections.abc import Iterator

from drivers.dialects.smpp.client import SmppClient
from drivers.dialects.smpp.delivery import Delivery

NACK, RESPONSE = 0x80000000, 0x80000000
BIND_RX, BIND_TX, QUERY, SUBMIT, DELIVER, UNBIND, BIND_TRX = 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x09
OUTBIND, ENQUIRE, ALERT, DATA = 0x0B, 0x15, 0x0102, 0x0103


def pdu(command: int, sequence: int, body: bytes = b"", status: int = 0) -> bytes:
    return struct.pack(">LLLL", 16 + len(body), command, status, sequence) + body


def tlv(tag: int, value: bytes) -> bytes:
    return struct.pack(">HH", tag, len(value)) + value


def message(
    octets: bytes = b"",
    *tlvs: bytes,
    esm_class: int = 0,
    data_coding: int = 0,
    source: bytes = b"\1\00133612345678\0",
    destination: bytes = b"\0\0003666\0",
) -> bytes:
    """The body of a submit_sm or deliver_sm (§4.4.1, §4.6.1)."""
    flags = bytes([esm_class, 0, 0]) + b"\0\0" + bytes([0, 0, data_coding, 0])
    return b"\0" + source + destination + flags + bytes([len(octets)]) + octets + b"".join(tlvs)


def data(*tlvs: bytes, esm_class: int = 0, data_coding: int = 0) -> bytes:
    """The body of a data_sm (§4.7.1)."""
    return b"\0\1\00133612345678\0\0\0003666\0" + bytes([esm_class, 0, data_coding]) + b"".join(tlvs)


def frames(stream: bytes) -> Iterator[tuple[int, int, int]]:
    """Command id, status and sequence number of each sound frame, up to the first that is none."""
    while len(stream) >= 16:
        length, command, status, sequence = struct.unpack_from(">LLLL", stream)
        if not 16 <= length <= min(70_000, len(stream)):
            return
        yield command, status, sequence
        stream = stream[length:]


def told(body: bytes, command: int = DELIVER) -> Delivery | None:
    """What a client makes of one PDU of the SMSC's own."""
    client = SmppClient()
    assert client.feed(pdu(command, 1, body)) == []
    (heard,) = client.heard()
    return heard.delivery
