"""What is done with a bad PDU: refused by its own answer, passed over, or the end of the conversation."""

import struct

import pytest

from drivers import commands as c
from drivers.dialects.smpp import pdu as p
from drivers.dialects.smpp.client import SmppClient
from drivers.errors import Garbled, NotSpoken
from tests.drivers.smpp.wire import (
    ALERT,
    DATA,
    DELIVER,
    ENQUIRE,
    NACK,
    RESPONSE,
    SUBMIT,
    UNBIND,
    data,
    message,
    pdu,
    tlv,
)

WHOLE = message(b"hello")
LONG_SOURCE = b"\1\1" + b"3" * 21 + b"\0"


@pytest.mark.parametrize("length", [0, 15, 70_001, 0xFFFFFFFF])
def test_a_lost_frame_is_told_once_and_ends_the_conversation(length: int) -> None:
    client = SmppClient()
    for data_ in (struct.pack(">L", length), b"", pdu(ENQUIRE, 1)):
        with pytest.raises(Garbled, match=str(length)):
            client.feed(data_)
    assert client.to_send() == pdu(NACK, 0, status=0x02)
    assert client.to_send() == b""


def test_what_came_ahead_of_the_rubbish_is_not_lost() -> None:
    client = SmppClient()
    sound = pdu(DELIVER, 8, WHOLE) + pdu(SUBMIT | RESPONSE, 1, b"abc\0")
    assert client.feed(sound + b"\0\0\0\1") == [(1, c.Submitted("abc"))]
    with pytest.raises(Garbled):
        client.feed(b"")
    assert [heard.sequence for heard in client.heard()] == [8]


@pytest.mark.parametrize(
    ("command", "body", "status"),
    [
        *((DELIVER, WHOLE[:cut], 0x01) for cut in range(len(WHOLE))),
        *((DATA, data()[:cut], 0x01) for cut in range(len(data()))),
        (DELIVER, message(source=LONG_SOURCE), 0xC2),
        (DELIVER, b"\0\1\1" + b"3" * 20, 0x01),
        (DELIVER, b"\0\1\1" + b"3" * 21, 0xC2),
        (DELIVER, WHOLE + b"\0", 0xC0),
        (DELIVER, WHOLE + b"\x04\x27\x00", 0xC0),
        (DELIVER, WHOLE + b"\x04\x27\x00\x02\x02", 0xC0),
        (DELIVER, message(b"", tlv(0x0427, b"\2"), b"\x14\x00\xff\xff"), 0xC0),
        (DATA, data(b"\x04\x24\xff\xffhello"), 0xC0),
    ],
)
def test_a_request_with_a_broken_body_is_refused_and_the_next_one_is_heard(
    command: int, body: bytes, status: int
) -> None:
    client = SmppClient()
    assert client.feed(pdu(command, 5, body) + pdu(ENQUIRE, 6)) == []
    assert client.to_send() == pdu(command | RESPONSE, 5, status=status) + pdu(ENQUIRE | RESPONSE, 6)
    assert client.heard() == []


def test_a_broken_request_that_has_no_response_is_nacked() -> None:
    client = SmppClient()
    client.feed(pdu(ALERT, 5, b"\1\x01336"))
    assert client.to_send() == pdu(NACK, 5, status=0x01)


@pytest.mark.parametrize("command", [ENQUIRE, UNBIND])
def test_what_stands_in_a_request_without_body_is_passed_over(command: int) -> None:
    client = SmppClient()
    client.feed(pdu(command, 5, b"\1\2\3"))
    assert client.to_send() == pdu(command | RESPONSE, 5)


@pytest.mark.parametrize(
    ("body", "message_id"),
    [
        (b"", ""),
        (b"\0", ""),
        (b"abc", "abc"),
        (b"x" * 65, "x" * 65),
        (b"x" * 100 + b"\0", "x" * 100),
        (b"abc\0\x04", "abc"),
        (b"abc\0\x04\x27\x00\x09\x02", "abc"),
        (b"ab\xff\0", "ab\xff"),
    ],
)
def test_an_accepted_message_keeps_what_there_is_of_its_id(body: bytes, message_id: str) -> None:
    assert SmppClient().feed(pdu(SUBMIT | RESPONSE, 1, body)) == [(1, c.Submitted(message_id))]


@pytest.mark.parametrize("sequence", [0, 0x80000000, 0xFFFFFFFF])
def test_a_request_may_have_any_number(sequence: int) -> None:
    client = SmppClient()
    client.feed(pdu(ENQUIRE, sequence))
    assert client.to_send() == pdu(ENQUIRE | RESPONSE, sequence)


def test_of_two_parameters_with_one_tag_the_first_counts() -> None:
    read = p.decode(pdu(DELIVER, 1, message(b"", tlv(0x0427, b"\2"), tlv(0x0427, b"\5"))))
    assert read.tlvs == {0x0427: b"\2"}


def test_a_malformed_request_names_itself_and_its_status() -> None:
    with pytest.raises(p.Malformed) as told:
        p.decode(pdu(SUBMIT, 77, b"\0\1"))
    assert (told.value.name, told.value.sequence, told.value.status) == ("submit_sm", 77, 0x01)
    assert told.value.answer() == pdu(SUBMIT | RESPONSE, 77, status=0x01)


@pytest.mark.parametrize(
    "wrong",
    [
        p.Pdu("cancel_sm", 1),
        p.Pdu("nonsense", 1),
        p.Pdu("submit_sm", 1, fields={"no_such_field": 1}),
        p.Pdu("submit_sm", 1, fields={"esm_class": 256}),
        p.Pdu("submit_sm", 1, fields={"esm_class": -1}),
        p.Pdu("submit_sm", 1, fields={"esm_class": "4"}),
        p.Pdu("submit_sm", 1, fields={"source_addr": b"336"}),
        p.Pdu("submit_sm", 1, fields={"source_addr": "3\0006"}),
        p.Pdu("submit_sm", 1, fields={"short_message": "text"}),
        p.Pdu("submit_sm", 1, tlvs={0x10000: b""}),
        p.Pdu("submit_sm", 1, tlvs={0x0424: b"x" * 0x10000}),
        p.Pdu("submit_sm", 1, tlvs={0x0424: b"x" * 0xFFFF, 0x1400: b"x" * 5000}),
        p.Pdu("submit_sm", 1 << 32),
        p.Pdu("query_sm", 1),
    ],
    ids=repr,
)
def test_what_cannot_be_written_is_not_spoken(wrong: p.Pdu) -> None:
    with pytest.raises(NotSpoken):
        p.encode(wrong)


def test_an_answer_with_a_status_has_a_body_only_if_it_is_given_one() -> None:
    assert p.encode(p.Pdu("submit_sm_resp", 1, 0x58)) == pdu(SUBMIT | RESPONSE, 1, status=0x58)
    with_body = p.encode(p.Pdu("submit_sm_resp", 1, 0x14, {"message_id": ""}))
    assert with_body == pdu(SUBMIT | RESPONSE, 1, b"\0", status=0x14)
