"""What is known to go wrong with the codec underneath, and must not here."""

import struct

import pytest

from drivers import commands as c
from drivers.dialects.smpp import pdu as p
from drivers.dialects.smpp.client import SmppClient
from drivers.dialects.smpp.delivery import FromPhone, MessageState, Receipt
from drivers.dialects.smpp.submission import Part, Submission
from drivers.errors import NotSpoken
from drivers.subscription import Msisdn
from tests.drivers.smpp.wire import (
    ALERT,
    BIND_TRX,
    DELIVER,
    ENQUIRE,
    NACK,
    RESPONSE,
    SUBMIT,
    UNBIND,
    frames,
    message,
    pdu,
    tlv,
    told,
)

NUMBER = Msisdn("+33612345678")
HELLO = Submission("Linegate", NUMBER, Part(b"hello"))


def test_every_pdu_bears_the_number_it_was_given_whatever_was_written_before_it() -> None:
    client = SmppClient()
    written = b"".join(
        [client.submit(41, HELLO), client.unbind(7), client.submit(99, HELLO), client.encode(3, c.KeepAlive()).data]
    )
    assert [sequence for _, _, sequence in frames(written)] == [41, 7, 99, 3]


def test_numbers_begin_again_behind_the_greatest_that_there_is() -> None:
    written = [SmppClient().submit(number, HELLO) for number in (0x7FFFFFFF, 0x80000000)]
    assert [int.from_bytes(one[12:16]) for one in written] == [0x7FFFFFFF, 1]


@pytest.mark.parametrize("tag", [0x0005, 0x001D, 0x0423, 0x0425, 0x1201, 0x1403, 0x3FFF, 0xFFFF])
@pytest.mark.parametrize("value", [b"", b"\1", b"\1\2\3", b"x" * 300])
def test_an_optional_parameter_that_is_known_elsewhere_or_nowhere_hinders_nothing(tag: int, value: bytes) -> None:
    assert SmppClient().feed(pdu(SUBMIT | RESPONSE, 1, b"abc\0" + tlv(tag, value))) == [(1, c.Submitted("abc"))]
    phone = told(message(b"hi", tlv(tag, value)))
    assert isinstance(phone, FromPhone)
    assert phone.text == "hi"


@pytest.mark.parametrize("value", [b"abc123", b"abc123\0"])
def test_a_receipted_id_keeps_its_last_character_with_and_without_its_nul(value: bytes) -> None:
    read = told(message(b"", tlv(0x001E, value), tlv(0x0427, b"\2"), esm_class=4))
    assert isinstance(read, Receipt)
    assert read.message_id == "abc123"


def test_only_one_nul_is_taken_off_a_receipted_id() -> None:
    read = told(message(b"", tlv(0x001E, b"ab\0\0"), tlv(0x0427, b"\2"), esm_class=4))
    assert isinstance(read, Receipt)
    assert read.message_id == "ab\0"


@pytest.mark.parametrize("odd", [tlv(0x0204, b"\0\0\7"), tlv(0x020A, b"\1"), tlv(0x0005, b""), tlv(0x0204, b"\7")])
def test_an_integer_of_odd_length_loses_nothing_behind_it(odd: bytes) -> None:
    read = told(message(b"", odd, tlv(0x001E, b"7"), tlv(0x0427, b"\5"), esm_class=4))
    assert isinstance(read, Receipt)
    assert (read.message_id, read.state) == ("7", MessageState.UNDELIVERABLE)


@pytest.mark.parametrize(
    "command",
    [
        c.SendSms("Linegate", Msisdn("+" + "3" * 25), "hello"),
        c.Login("gate", "FAKEpw012345"),
        c.Login("g" * 16, "FAKEpw01"),
    ],
    ids=lambda command: type(command).__name__,
)
def test_nothing_too_long_is_cut(command: c.Command) -> None:
    with pytest.raises(NotSpoken, match="at most"):
        SmppClient().encode(1, command)


def test_254_octets_of_text_are_written_and_255_are_not() -> None:
    written = SmppClient().submit(1, Submission("Linegate", NUMBER, Part(b"x" * 254)))
    assert p.decode(written).fields["short_message"] == b"x" * 254
    with pytest.raises(NotSpoken, match="254 octets"):
        SmppClient().submit(1, Submission("Linegate", NUMBER, Part(b"x" * 255)))


def test_a_vendors_parameters_go_out_to_the_letter_and_count_in_the_length() -> None:
    plain = SmppClient().submit(1, HELLO)
    dlt = {0x1400: b"1001001001\0", 0x1401: b"100710071007\0"}
    written = SmppClient().submit(1, Submission("Linegate", NUMBER, Part(b"hello"), tlvs=dlt))
    tail = b"\x14\x00\x00\x0b1001001001\0\x14\x01\x00\x0d100710071007\0"
    assert written == struct.pack(">L", len(plain) + len(tail)) + plain[4:] + tail


def test_a_failed_response_is_a_refusal_and_no_submission() -> None:
    for body in (b"", b"\0", b"abc\0", b"abc"):
        ((_, reply),) = SmppClient().feed(pdu(SUBMIT | RESPONSE, 1, body, status=0x58))
        assert reply == c.Refused(c.Why.BUSY, "0x58", "submit_sm_resp: ESME_RTHROTTLED")


def test_the_centres_unbind_is_answered_and_known() -> None:
    client = SmppClient()
    assert not client.unbound
    assert client.feed(pdu(UNBIND, 9)) == []
    assert (client.unbound, client.to_send()) == (True, pdu(UNBIND | RESPONSE, 9))


def test_our_unbind_is_over_when_it_is_answered() -> None:
    client = SmppClient()
    assert client.unbind(5) == pdu(UNBIND, 5)
    assert client.feed(pdu(SUBMIT | RESPONSE, 4, b"last\0")) == [(4, c.Submitted("last"))]
    assert not client.unbound
    assert client.feed(pdu(UNBIND | RESPONSE, 5)) == [(5, c.Done("0x00", "unbind_resp"))]
    assert client.unbound


def test_an_answer_to_an_unbind_that_was_never_said_ends_nothing() -> None:
    client = SmppClient()
    assert client.feed(pdu(UNBIND | RESPONSE, 5)) == []
    assert not client.unbound


def test_enquire_link_is_answered_before_the_bind_too() -> None:
    client = SmppClient()
    assert client.feed(pdu(ENQUIRE, 0x7FFFFFFF)) == []
    assert client.to_send() == pdu(ENQUIRE | RESPONSE, 0x7FFFFFFF)


def test_a_nack_refuses_the_request_of_its_number_and_one_without_number_refuses_none() -> None:
    refused = c.Refused(c.Why.INVALID, "0x03", "generic_nack: ESME_RINVCMDID")
    assert SmppClient().feed(pdu(NACK, 0, status=2) + pdu(NACK, 6, status=3)) == [(6, refused)]


@pytest.mark.parametrize("command", [BIND_TRX, SUBMIT, 0x03, 0x0BAD])
def test_what_a_centre_never_asks_is_nacked(command: int) -> None:
    client = SmppClient()
    assert client.feed(pdu(command, 5, message(b"hi"))) == []
    sent = client.to_send()
    assert [sequence for _, _, sequence in frames(sent)] == [5]
    assert frames(sent).__next__()[1] != 0


def test_an_answer_that_is_unknown_is_not_nacked_as_the_nack_would_refuse_a_request_of_the_peers() -> None:
    client = SmppClient()
    assert client.feed(pdu(0x80000021, 5) + pdu(DELIVER | RESPONSE, 6, b"\0")) == []
    assert client.to_send() == b""


def test_an_outbind_is_passed_over() -> None:
    client = SmppClient()
    assert client.feed(pdu(0x0B, 5, b"SMSC\0FAKEpw01\0") + pdu(ENQUIRE, 6)) == []
    assert client.to_send() == pdu(ENQUIRE | RESPONSE, 6)


def test_what_is_heard_is_told_once_and_answered_only_by_being_acknowledged() -> None:
    client = SmppClient()
    client.feed(pdu(DELIVER, 8, message(b"hi")) + pdu(0x0103, 9, b"\0\1\0011\0\0\0003666\0\0\0\0"))
    client.feed(pdu(ALERT, 10, b"\1\00133612345678\0\0\0003666\0"))
    heard = client.heard()
    assert client.heard() == []
    assert client.to_send() == b""
    assert [(one.name, one.needs_answer) for one in heard] == [
        ("deliver_sm", True),
        ("data_sm", True),
        ("alert_notification", False),
    ]
    assert [client.acknowledge(one) for one in heard] == [pdu(0x80000005, 8, b"\0"), pdu(0x80000103, 9, b"\0"), b""]
    assert client.acknowledge(heard[0], 0x64) == pdu(0x80000005, 8, b"\0", status=0x64)
