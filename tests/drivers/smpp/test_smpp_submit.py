"""The submit_sm and the bind, octet by octet as SMPP 3.4 §4.1 and §4.4.1 lay them out."""

from dataclasses import replace

import pytest

from drivers import commands as c
from drivers.dialects import smpp
from drivers.dialects.smpp.client import SmppClient
from drivers.dialects.smpp.submission import Part, Submission
from drivers.errors import NotSpoken
from drivers.subscription import Msisdn
from tests.drivers.smpp.wire import tlv

PLAIN = Submission("Linegate", Msisdn("+33612345678"), Part(b"ping"))
WHOLE = Submission(
    "+33600000001",
    Msisdn("+33612345678"),
    Part(b"\5\0\3\7\2\1\0h", data_coding=8, esm_class=0x40, tlvs={0x020C: b"\0\7"}),
    receipt=True,
    validity="000000000500000R",
    priority=3,
    reference=0xBEEF,
    tlvs={0x1400: b"11\0"},
)
WHOLE_ON_THE_WIRE = """
 00 00 00 62  00 00 00 04  00 00 00 00  00 00 00 07
 00
 01 01  33 33 36 30 30 30 30 30 30 30 31 00
 01 01  33 33 36 31 32 33 34 35 36 37 38 00
 40 00 03
 00
 30 30 30 30 30 30 30 30 30 35 30 30 30 30 30 52 00
 01 00 08 00
 08  05 00 03 07 02 01 00 68
 02 04 00 02 be ef
 02 0c 00 02 00 07
 14 00 00 03 31 31 00
"""


def test_everything_there_is_to_a_submission_stands_in_its_place() -> None:
    assert SmppClient().submit(7, WHOLE).hex() == bytes.fromhex(WHOLE_ON_THE_WIRE).hex()


def test_a_plain_submission_is_what_a_short_message_always_was() -> None:
    client = SmppClient()
    command = c.SendSms("Linegate", Msisdn("+33612345678"), "ping")
    assert client.submit(7, PLAIN) == client.encode(7, command).data


@pytest.mark.parametrize(
    ("sender", "on_the_wire"),
    [
        ("Linegate", b"\5\0Linegate\0"),
        ("Line gate 1", b"\5\0Line gate 1\0"),
        ("AB{}[]", b"\5\0AB{}[]\0"),
        ("1A", b"\5\x001A\0"),
        ("366", b"\3\x00366\0"),
        ("3666", b"\3\x003666\0"),
        ("36600000", b"\3\x0036600000\0"),
        ("366000000", b"\0\x00366000000\0"),
        ("36", b"\0\x0036\0"),
        ("+33600000001", b"\1\00133600000001\0"),
        ("", b"\0\0\0"),
    ],
)
def test_a_sender_is_typed_by_what_it_is(sender: str, on_the_wire: bytes) -> None:
    written = SmppClient().submit(1, replace(PLAIN, sender=sender))
    assert written[17:].startswith(on_the_wire + b"\1\00133612345678\0")


@pytest.mark.parametrize(
    "sender", ["Linegate SAS", "ABCD{}[]", "L`gate", "Ligne é", "漢", "A\0B", "A\nB", "+1234567890123456"]
)
def test_a_sender_no_phone_could_show_is_not_spoken(sender: str) -> None:
    with pytest.raises(NotSpoken, match="source_addr"):
        SmppClient().submit(1, replace(PLAIN, sender=sender))


@pytest.mark.parametrize("to", ["", "+", "33612345678", "+3361234567890123", "+336\n", "+\u0663\u0663", "3666", "+33x"])
def test_a_recipient_that_is_no_number_is_not_spoken(to: str) -> None:
    with pytest.raises(NotSpoken, match="destination_addr"):
        SmppClient().submit(1, replace(PLAIN, to=Msisdn(to)))


@pytest.mark.parametrize(
    "wrong",
    [
        replace(PLAIN, priority=4),
        replace(PLAIN, priority=-1),
        replace(PLAIN, reference=-1),
        replace(PLAIN, reference=0x10000),
        replace(PLAIN, validity="tomorrow"),
        replace(PLAIN, validity="000000000500000X"),
        replace(PLAIN, validity="000000000500000R\n"),
        replace(PLAIN, part=Part(b"x", data_coding=256)),
        replace(PLAIN, part=Part(b"x", esm_class=-1)),
        replace(PLAIN, part=Part(b"x", tlvs={0x0424: b"x"})),
        replace(PLAIN, part=Part(b"", tlvs={0x0424: b"x" * 70_000})),
        replace(PLAIN, reference=7, tlvs={0x0204: b"\0\1"}),
        replace(PLAIN, part=Part(b"x", tlvs={0x1400: b"1"}), tlvs={0x1400: b"2"}),
        replace(PLAIN, tlvs={-1: b""}),
    ],
    ids=str,
)
def test_a_submission_out_of_its_bounds_is_not_spoken(wrong: Submission) -> None:
    with pytest.raises(NotSpoken):
        SmppClient().submit(1, wrong)


def test_a_long_text_goes_into_message_payload_alone() -> None:
    written = SmppClient().submit(1, replace(PLAIN, part=Part(b"", tlvs={0x0424: b"x" * 1000})))
    assert written.endswith(b"\0" + tlv(0x0424, b"x" * 1000))


@pytest.mark.parametrize(("binding", "command_id"), [("receiver", 0x01), ("transmitter", 0x02), ("transceiver", 0x09)])
def test_a_bind_says_how_and_in_which_version(binding: str, command_id: int) -> None:
    client = smpp.client({"binding": binding, "system_type": "VMA", "address_range": "^3666"})
    body = b"gate\0FAKEpw01\0VMA\0\x34\0\0^3666\0"
    written = client.encode(1, c.Login("gate", "FAKEpw01"))
    assert written.data == bytes([0, 0, 0, 16 + len(body), 0, 0, 0, command_id, 0, 0, 0, 0, 0, 0, 0, 1]) + body
    assert "FAKEpw01" not in written.masked
    answer = bytes([0, 0, 0, 21, 0x80, 0, 0, command_id, 0, 0, 0, 0, 0, 0, 0, 1]) + b"SMSC\0"
    assert client.feed(answer) == [(1, c.Done("0x00", f"bind_{binding}_resp"))]


def test_another_binding_is_not_spoken() -> None:
    with pytest.raises(NotSpoken, match="transceiver"):
        smpp.client({"binding": "both"})
