"""Where codings are easily got wrong: refusals, left padding, lengths that count digits, bytes that must survive."""

from __future__ import annotations

import dataclasses

import pytest

from sim_readers.coding import bcd
from sim_readers.coding.alphabet import decode_text, encode_text
from sim_readers.coding.location import Location
from sim_readers.coding.plmn import PlmnAct
from sim_readers.coding.session_keys import SessionKeys
from sim_readers.ef import known_files
from sim_readers.errors import WrongValue
from sim_readers.files.ad import Ad, AdministrativeData
from sim_readers.files.dir import Application
from sim_readers.files.imsi import Imsi
from sim_readers.files.keys import Keys
from sim_readers.files.msisdn import Msisdn
from sim_readers.files.plmnwact import Plmnwact
from sim_readers.files.smsp import Smsp, SmsParameters
from sim_readers.files.spn import ServiceProviderName
from sim_readers.secret import Secret


@pytest.mark.parametrize(
    ("name", "value", "size"),
    [
        ("EF.ICCID", "89330100001234567", 10),
        ("EF.ICCID", "893301000012345678901", 10),
        ("EF.ICCID", "8933010000123456784F", 10),
        ("EF.IMSI", "2089300000000012", 9),
        ("EF.IMSI", "20893", 9),
        ("EF.IMSI", "20893000000000x", 9),
        ("EF.ACC", (10,), 2),
        ("EF.ACC", (16,), 2),
        ("EF.ACC", (-1,), 2),
        ("EF.AD", AdministrativeData(4), 4),
        ("EF.AD", AdministrativeData(2), 3),
        ("EF.AD", AdministrativeData(2, info="00"), 4),
        ("EF.UST", (0,), 4),
        ("EF.UST", (33,), 4),
        ("EF.GID1", "FF", 4),
        ("EF.GID1", "0x", 4),
        ("EF.GID1", "", 4),
        ("EF.MSISDN", "+", 28),
        ("EF.MSISDN", "+336123456781234567890", 28),
        ("EF.MSISDN", "33+6", 28),
        ("EF.SMSP", SmsParameters("+33609001390", pid=256), 28),
        ("EF.SMSP", SmsParameters("+33609001390", name="Op"), 29),
        ("EF.PLMNsel", ("20893",), 6),
        ("EF.PLMNwAcT", (PlmnAct("208-93", ("5g",)),), 5),
        ("EF.LI", ("FR",), 4),
        ("EF.IMPI", "", 10),
        ("EF.DIR", Application("A000"), 10),
        ("EF.DIR", Application("A0000000871002"), 10),
        ("EF.PLMNsel", ("208-93",), 2),
        ("EF.PLMNwAcT", (PlmnAct("208-93"),), 4),
        ("EF.IMPI", "a@b.c", 6),
        ("EF.LI", ("fr", "en"), 3),
        ("EF.SPN", ServiceProviderName("TestOp"), 6),
        ("EF.LOCI", Location("FFFFFFFF", "FFFFFF0000FF", 1), 12),
        ("EF.LOCI", Location("FFFFFFFF", "FFFFFF0000", 1), 11),
    ],
)
def test_what_a_file_cannot_hold_is_refused(name: str, value: object, size: int) -> None:
    with pytest.raises(WrongValue):
        known_files()[name].encode(value, size)


@pytest.mark.parametrize(
    "raw",
    ["082180390000000010", "072180390000000010", "0829803900000000F0", "092980390000000010", "0029803900000000FF"],
)
def test_an_imsis_count_and_parity_are_checked(raw: str) -> None:
    with pytest.raises(WrongValue):
        Imsi.decode(bytes.fromhex(raw))


def test_setting_the_mncs_length_keeps_all_other_bytes() -> None:
    read = Ad.decode(bytes.fromhex("81000A00A5B6"))
    assert read is not None
    assert Ad.encode(dataclasses.replace(read, mnc_length=3), 6) == bytes.fromhex("81000A03A5B6")


def test_numbers_are_at_the_right_end_of_a_record_whatever_name_is_before_them() -> None:
    assert Msisdn.decode(b"Alice\xff" + bytes.fromhex("07913316325476F8FFFFFFFFFFFF")) == "+33612345678"
    assert Smsp.encode(SmsParameters("+33609001390"), 30)[:3] == bytes.fromhex("FFFFFD")


def test_a_destinations_length_counts_digits_and_a_centres_bytes() -> None:
    raw = Smsp.encode(SmsParameters("+33609001390", "+336090013901"), 28)
    assert (raw[1], raw[13]) == (12, 7)
    with pytest.raises(WrongValue, match="counts digits"):
        Smsp.decode(raw[:1] + b"\x07" + raw[2:])
    with pytest.raises(WrongValue, match="counts bytes"):
        Smsp.decode(raw[:13] + b"\x0c" + raw[14:])


def test_gaps_in_a_list_of_networks_are_left_out() -> None:
    assert Plmnwact.decode(bytes.fromhex("FFFFFF0000 02F8394000 FFFFFFFFFF")) == (PlmnAct("208-93", ("eutran",)),)


def test_a_technology_nobody_named_keeps_its_bit() -> None:
    read = Plmnwact.decode(bytes.fromhex("02F839040F"))
    assert read is not None
    assert Plmnwact.encode(read, 5) == bytes.fromhex("02F839040F")


def test_session_keys_are_read_and_never_shown() -> None:
    raw = bytes.fromhex("01" + "00" * 31 + "5A")
    read = Keys.decode(raw)
    assert read == SessionKeys(1, Secret(raw[1:]))
    assert Keys.encode(SessionKeys(1, Secret(raw[1:])), 33) == raw
    assert "5a" not in f"{read!r} {Keys.to_json(SessionKeys(1, Secret(raw[1:])))}".lower()
    with pytest.raises(WrongValue, match="only ever set back"):
        Keys.from_json({"identifier": 1})


@pytest.mark.parametrize(
    ("raw", "plmn"), [("02F839", "208-93"), ("02F810", "208-01"), ("130014", "310-410"), ("00F110", "001-01")]
)
def test_a_network_has_two_or_three_digits_of_mnc(raw: str, plmn: str) -> None:
    assert bcd.encode_plmn(plmn).hex().upper() == raw
    assert bcd.decode_plmn(bytes.fromhex(raw)) == plmn


@pytest.mark.parametrize("raw", ["FFFFFF", "02F8", "02F83900", "F2F839", "02F8F9", "A2F839"])
def test_what_is_no_network_is_refused(raw: str) -> None:
    with pytest.raises(WrongValue):
        bcd.decode_plmn(bytes.fromhex(raw))


@pytest.mark.parametrize("plmn", ["20893", "208-9", "208-9301", "20-893", "208 93", "2o8-93", "٢٠٨-93", ""])
def test_a_network_is_written_with_its_dash(plmn: str) -> None:
    with pytest.raises(WrongValue, match="208-93"):
        bcd.encode_plmn(plmn)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("00", "@"),
        ("1B65", "€"),
        ("800416FFFF", "Ж"),
        ("800416FF", "Ж"),
        ("81030834B5CEFF", "4\u0435\u044e"),
        ("810308B431B6FF", "д1ж"),
        ("82050530 2D82D32D31", "-Բփ-1"),
        ("810508341B", None),
        ("82020400B0", None),
        ("8203043041B442", "A\u0464B"),
        ("FFFF", ""),
        ("1B", None),
        ("1B00", None),
        ("41FF42", None),
        ("85", None),
        ("81", None),
        ("80D800", None),
    ],
)
def test_a_text_is_read_in_all_codings(raw: str, text: str | None) -> None:
    if text is None:
        with pytest.raises(WrongValue):
            decode_text(bytes.fromhex(raw))
    else:
        assert decode_text(bytes.fromhex(raw)) == text


@pytest.mark.parametrize("text", ["Жы", "TestOp!", "\ud800", "a\uffff"])
def test_a_text_that_does_not_fit_or_is_none_is_refused(text: str) -> None:
    with pytest.raises(WrongValue):
        encode_text(text, 4)
