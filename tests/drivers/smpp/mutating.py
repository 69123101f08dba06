"""Sound PDUs of every kind, and ways to spoil them: the same again for the same seed."""

import struct
from collections.abc import Callable, Iterator
from random import Random

from tests.drivers.smpp.wire import (
    ALERT,
    BIND_RX,
    BIND_TRX,
    BIND_TX,
    DATA,
    DELIVER,
    ENQUIRE,
    NACK,
    OUTBIND,
    QUERY,
    RESPONSE,
    SUBMIT,
    UNBIND,
    data,
    message,
    pdu,
    tlv,
)

RECEIPT = b"id:7 sub:001 dlvrd:001 submit date:2511220101 done date:2511220101 stat:DELIVRD err:000 text:hello"
TLVS = (tlv(0x001E, b"7\0"), tlv(0x0427, b"\2"), tlv(0x0204, b"\0\7"), tlv(0x0423, b"\3\0\x0b"), tlv(0x1400, b"11\0"))
BIND = b"gate\0FAKEpw01\0VMA\0\x34\0\0^3666\0"
SEEDS = (
    *(pdu(command, 1, BIND) for command in (BIND_RX, BIND_TX, BIND_TRX)),
    *(pdu(command | RESPONSE, 1, b"SMSC\0" + tlv(0x0210, b"\x34")) for command in (BIND_RX, BIND_TX, BIND_TRX)),
    pdu(SUBMIT, 2, message(b"\5\0\3\7\2\1hello", *TLVS, esm_class=0x40)),
    pdu(SUBMIT | RESPONSE, 2, b"abc123\0", status=0),
    pdu(SUBMIT | RESPONSE, 3, status=0x58),
    pdu(DELIVER, 4, message(RECEIPT, *TLVS, esm_class=4)),
    pdu(DELIVER, 5, message(RECEIPT[:60].decode().encode("utf-16-be"), esm_class=4, data_coding=8)),
    pdu(DELIVER, 6, message(b"\6\x08\4\0\7\3\2STOP", esm_class=0x40)),
    pdu(DELIVER | RESPONSE, 7, b"\0"),
    pdu(DATA, 8, data(*TLVS, tlv(0x0424, RECEIPT), esm_class=4)),
    pdu(DATA | RESPONSE, 9, b"abc\0" + tlv(0x0425, b"\1")),
    pdu(QUERY, 10, b"abc\0\1\00133612345678\0"),
    pdu(QUERY | RESPONSE, 11, b"abc\0251122010101000+\0\2\0"),
    pdu(ALERT, 12, b"\1\00133612345678\0\0\0003666\0" + tlv(0x0422, b"\0")),
    *(pdu(command, 13) for command in (ENQUIRE, ENQUIRE | RESPONSE, UNBIND, UNBIND | RESPONSE)),
    pdu(NACK, 14, status=3),
    pdu(OUTBIND, 15, b"SMSC\0FAKEpw01\0"),
)

Spoil = Callable[[bytearray, Random], None]


def _flip(raw: bytearray, chance: Random) -> None:
    raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)


def _flip_in_the_body(raw: bytearray, chance: Random) -> None:
    raw[chance.randrange(min(16, len(raw) - 1), len(raw))] = chance.randrange(256)


def _cut(raw: bytearray, chance: Random) -> None:
    """End early and say so: the frame is sound, the body is not."""
    if len(raw) > 16:
        del raw[chance.randrange(16, len(raw)) :]
        raw[:4] = struct.pack(">L", len(raw))


def _cut_in_silence(raw: bytearray, chance: Random) -> None:
    del raw[chance.randrange(1, len(raw) + 1) :]


def _lie(raw: bytearray, chance: Random) -> None:
    length = chance.choice((0, 15, 16, 70_000, 70_001, 1 << 31, (1 << 32) - 1, len(raw) - 1, len(raw) + 1))
    raw[:4] = struct.pack(">L", length)


def _double(raw: bytearray, chance: Random) -> None:
    begin = chance.randrange(len(raw))
    end = chance.randrange(begin, len(raw)) + 1
    raw[begin:begin] = raw[begin:end]
    if chance.random() < 0.7:
        raw[:4] = struct.pack(">L", len(raw))


def _add_a_tlv(raw: bytearray, chance: Random) -> None:
    tag = chance.choice((0x001E, 0x0204, 0x020C, 0x0423, 0x0424, 0x0427, 0x1400, chance.randrange(0x10000)))
    value = chance.randbytes(chance.randrange(12))
    claimed = chance.choice((len(value), len(value), 0, 0xFFFF, len(value) + 1))
    raw += struct.pack(">HH", tag, claimed) + value
    raw[:4] = struct.pack(">L", len(raw))


def _swap_the_command(raw: bytearray, chance: Random) -> None:
    raw[4:8] = chance.choice(SEEDS)[4:8]


SPOILERS: tuple[Spoil, ...] = (
    *(_flip, _flip_in_the_body, _cut, _cut_in_silence),
    *(_lie, _double, _add_a_tlv, _swap_the_command),
)


def spoiled(seed: int, count: int) -> Iterator[bytes]:
    """Sound PDUs, each spoiled in one to three ways."""
    chance = Random(seed)
    for _ in range(count):
        raw = bytearray(chance.choice(SEEDS))
        for spoil in chance.choices(SPOILERS, k=chance.choice((1, 1, 2, 3))):
            spoil(raw, chance)
        yield bytes(raw)


def chunks(raw: bytes, chance: Random) -> list[bytes]:
    """The same octets in one to four pieces."""
    places = sorted(chance.randrange(len(raw) + 1) for _ in range(chance.randrange(4)))
    return [raw[a:b] for a, b in zip([0, *places], [*places, len(raw)], strict=True)]
