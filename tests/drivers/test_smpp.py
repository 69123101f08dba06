"""What is particular to SMPP: bounds, optional parameters, and the traps of the codec underneath."""

import struct

import pytest

from drivers import commands as c
from drivers.commands import Command, Why
from drivers.dialects import smpp
from drivers.dialects.smpp import pdu
from drivers.errors import Garbled, NotSpoken
from drivers.subscription import Msisdn

NUMBER = Msisdn("+33612345678")
SUBMIT, SUBMIT_RESP, DELIVER, ENQUIRE, UNBIND, NACK = 0x04, 0x80000004, 0x05, 0x15, 0x06, 0x80000000
RECEIPT = b"\0" + b"\1\1336\0" + b"\1\1337\0" + b"\4\0\0" + b"\0\0" + b"\0\0\0\0" + b"\x02id"


def _pdu(command: int, sequence: int, body: bytes = b"", status: int = 0) -> bytes:
    return struct.pack(">LLLL", 16 + len(body), command, status, sequence) + body


def _tlv(tag: int, value: bytes) -> bytes:
    return struct.pack(">HH", tag, len(value)) + value


def _submitted(*tlvs: bytes) -> list[tuple[int, c.Reply]]:
    client = smpp.client({})
    client.encode(1, c.SendSms("Linegate", NUMBER, "hello"))
    return client.feed(_pdu(SUBMIT_RESP, 1, b"abc123\0" + b"".join(tlvs)))


def test_each_command_carries_its_own_sequence_number() -> None:
    client = smpp.client({})
    numbers = [struct.unpack_from(">L", client.encode(n, c.KeepAlive()).data, 12)[0] for n in (1, 41, 99, 2**31)]
    assert numbers == [1, 41, 99, 1]


def test_answers_may_come_in_any_order() -> None:
    client = smpp.client({})
    for number in (1, 2, 3):
        client.encode(number, c.SendSms("Linegate", NUMBER, "hello"))
    received = b"".join(_pdu(SUBMIT_RESP, n, f"id-{n}\0".encode()) for n in (3, 1, 2))
    assert client.feed(received) == [(n, c.Submitted(f"id-{n}")) for n in (3, 1, 2)]


@pytest.mark.parametrize("tag", [0x0423, 0x0425, 0x0005, 0x1401, 0xFFFF])
def test_an_optional_parameter_out_of_place_is_passed_over(tag: int) -> None:
    assert _submitted(_tlv(tag, b"\x01\x02\x03")) == [(1, c.Submitted("abc123"))]


@pytest.mark.parametrize("value", [b"abc123", b"abc123\0"])
def test_a_receipted_id_keeps_its_last_character(value: bytes) -> None:
    read = pdu.decode(_pdu(DELIVER, 1, RECEIPT + _tlv(0x001E, value)))
    assert read.tlvs[0x001E] == value
    assert read.fields["short_message"] == b"id"


def test_an_integer_of_odd_length_loses_nothing_after_it() -> None:
    read = pdu.decode(_pdu(DELIVER, 1, RECEIPT + _tlv(0x0204, b"\0\0\7") + _tlv(0x0427, b"\2")))
    assert read.tlvs == {0x0204: b"\0\0\7", 0x0427: b"\2"}


@pytest.mark.parametrize("tail", [b"\x04", b"\x04\x27\x00", b"\x04\x27\x00\x05\x02", b"\x04\x27\xff\xff"])
def test_an_optional_parameter_that_is_cut_takes_no_answer_away(tail: bytes) -> None:
    assert _submitted(tail) == [(1, c.Submitted("abc123"))]


@pytest.mark.parametrize(
    "body",
    [
        b"\0\5\0Linegate",
        b"\0\5\0" + b"9" * 30 + b"\0",
        b"\0\5\0Linegate\0\1\0011\0\0\0\0\0\0\0\0\0\0\x09short",
        b"\0\5",
        b"",
    ],
)
def test_a_field_that_does_not_fit_is_garbled(body: bytes) -> None:
    with pytest.raises(Garbled):
        smpp.server({}).feed(_pdu(SUBMIT, 1, body))


@pytest.mark.parametrize("length", [0, 1, 15, 70_001, 0xFFFFFFFF])
def test_a_length_nothing_real_has_is_garbled_at_once(length: int) -> None:
    with pytest.raises(Garbled, match=str(length)):
        smpp.client({}).feed(struct.pack(">L", length))


@pytest.mark.parametrize("sequence", [0, 0x80000000, 0xFFFFFFFF])
def test_a_sequence_number_out_of_range_is_garbled(sequence: int) -> None:
    with pytest.raises(Garbled):
        smpp.client({}).feed(_pdu(SUBMIT_RESP, sequence, b"1\0"))


@pytest.mark.parametrize("command", [0x07, 0x08, 0x21, 0x0BAD, 0x7FFFFFFF])
def test_an_unknown_command_gets_generic_nack(command: int) -> None:
    for end in (smpp.client({}), smpp.server({})):
        assert end.feed(_pdu(command, 5, b"whatever")) == []
        assert end.to_send() == _pdu(NACK, 5, status=0x03)
        assert end.to_send() == b""


@pytest.mark.parametrize(
    "command",
    [
        c.SendSms("Linegate", Msisdn("+" + "3" * 25), "hello"),
        c.SendSms("L" * 22, NUMBER, "hello"),
        c.Login("g" * 16, "FAKEpw01"),
        c.Login("gate", "FAKEpw01+"),
        c.SendSms("Linegate", NUMBER, "x" * 161),
        c.SendSms("Linegate", NUMBER, "€" * 81),
        c.SendSms("Linegate", NUMBER, "ç" * 70 + "œ"),
        c.SendSms("Linegate", NUMBER, "😀" * 36),
        c.SendSms("Linegate", NUMBER, "half a pair \ud800"),
        c.SendSms("Line\0gate", NUMBER, "hello"),
        c.SendSms("Linegâté漢", NUMBER, "hello"),
        c.SendSms("Linegate", Msisdn("+\u0663\u0663\u0666"), "hello"),
        c.Login("gate", "pa\0ss"),
        c.Login("gate", "漢字"),
    ],
    ids=lambda command: type(command).__name__,
)
def test_what_does_not_fit_is_not_spoken_rather_than_cut(command: Command) -> None:
    with pytest.raises(NotSpoken):
        smpp.client({}).encode(1, command)


def test_a_system_type_that_does_not_fit_is_not_spoken() -> None:
    with pytest.raises(NotSpoken, match="system_type"):
        smpp.client({"system_type": "t" * 13}).encode(1, c.Login("gate", "FAKEpw01"))


@pytest.mark.parametrize("text", ["x" * 160, "€" * 80, "ç" * 70, "😀" * 35, "", "@£$Ω{}\r\n"])
def test_one_full_segment_is_carried(text: str) -> None:
    command = c.SendSms("Linegate", NUMBER, text)
    (asked,) = smpp.server({}).feed(smpp.client({}).encode(1, command).data)
    assert asked.command == command


def test_a_refusal_with_a_body_is_a_refusal() -> None:
    client = smpp.client({})
    client.encode(1, c.SendSms("Linegate", NUMBER, "hello"))
    ((number, reply),) = client.feed(_pdu(SUBMIT_RESP, 1, b"abc\0", status=0x0B))
    assert number == 1
    assert isinstance(reply, c.Refused)
    assert (reply.why, reply.code) == (Why.NOT_FOUND, "0x0B")


def test_the_centres_own_requests_are_answered_but_not_what_it_tells() -> None:
    client = smpp.client({})
    assert client.feed(_pdu(ENQUIRE, 7) + _pdu(DELIVER, 8, RECEIPT) + _pdu(UNBIND, 9)) == []
    assert client.to_send() == _pdu(0x80000015, 7) + _pdu(0x80000006, 9)
    assert [heard.sequence for heard in client.heard()] == [8]


def test_a_number_used_again_before_its_answer_is_garbled() -> None:
    server = smpp.server({})
    (asked,) = server.feed(_pdu(ENQUIRE, 1))
    with pytest.raises(Garbled, match="twice"):
        server.feed(_pdu(ENQUIRE, 1))
    assert server.answer(asked.number, c.Done()) == _pdu(0x80000015, 1)
    assert len(server.feed(_pdu(ENQUIRE, 1))) == 1


def test_a_text_in_message_payload_is_read() -> None:
    body = b"\0" + b"\5\0Linegate\0" + b"\1\0011\0" + b"\0\0\0" + b"\0\0" + b"\0\0\0\0" + b"\0"
    (asked,) = smpp.server({}).feed(_pdu(SUBMIT, 1, body + _tlv(0x0424, b"hello")))
    assert asked.command == c.SendSms("Linegate", Msisdn("+1"), "hello")


def test_a_request_without_service_is_complained_about_and_nacked() -> None:
    server = smpp.server({})
    (asked,) = server.feed(_pdu(DELIVER, 3, RECEIPT))
    assert (asked.command, asked.complaint) == (None, "no service for deliver_sm")
    assert server.answer(3, c.Refused(Why.INVALID, "")) == _pdu(NACK, 3, status=0x03)


@pytest.mark.parametrize("options", [{"sytem_type": ""}, {"window": 1}])
def test_options_that_are_none_are_named(options: dict[str, object]) -> None:
    with pytest.raises(NotSpoken, match=next(iter(options))):
        smpp.client(options)
    with pytest.raises(NotSpoken, match=next(iter(options))):
        smpp.server(options)
