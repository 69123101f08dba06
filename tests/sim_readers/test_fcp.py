"""What cards say of their files: a UICC's FCPs and a GSM SIM's answers, taken apart by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim_readers.ef import Structure
from sim_readers.errors import Garbled
from sim_readers.fcp import FileInfo, FileKind, PinState, parse_fcp, parse_gsm

EF, DF, TRANSPARENT, LINEAR = FileKind.EF, FileKind.DF, Structure.TRANSPARENT, Structure.LINEAR_FIXED


def uicc(inner: str) -> FileInfo:
    body = bytes.fromhex(inner)
    return parse_fcp(bytes((0x62, len(body))) + body)


@pytest.mark.parametrize(
    ("raw", "info"),
    [
        (
            "62168202782183023F008A0105C60990014083010183010A",
            FileInfo(FileKind.MF, 0x3F00, pins=(PinState(0x01, enabled=False), PinState(0x0A, enabled=True))),
        ),
        ("620F8202412183022FE28A01058002000A", FileInfo(EF, 0x2FE2, TRANSPARENT, 10, sfi=2)),
        (
            "621A8205422100260283022F008A01058B032F06038002004C8801F0",
            FileInfo(EF, 0x2F00, LINEAR, 38, 2, sfi=30, access_reference=(0x2F06, 3)),
        ),
        (
            "62258202782183027FFF8410A0000000871002FFFFFFFF89070900008A0105C606900180830181",
            FileInfo(FileKind.ADF, 0x7FFF, pins=(PinState(0x81, enabled=True),)),
        ),
    ],
    ids=["MF", "ICCID", "DIR", "ADF.USIM"],
)
def test_a_uiccs_description_is_understood(raw: str, info: FileInfo) -> None:
    assert parse_fcp(bytes.fromhex(raw)) == info


@pytest.mark.parametrize(
    ("descriptor", "kind", "structure"),
    [
        ("82024121", EF, TRANSPARENT),
        ("82020121", EF, TRANSPARENT),
        ("82024921", EF, TRANSPARENT),
        ("8205422100100A", EF, LINEAR),
        ("8205462100100A", EF, None),
        ("82027921", EF, None),
        ("82027821", DF, None),
        ("82023821", DF, None),
    ],
)
def test_kind_and_structure_are_in_the_descriptor(descriptor: str, kind: FileKind, structure: Structure | None) -> None:
    info = uicc(descriptor + "83026F078002000A")
    assert (info.kind, info.structure) == (kind, structure)


def test_records_have_a_size_and_a_number() -> None:
    assert (uicc("82054221001C0583026F408002008C").size, uicc("82054221001C0583026F40").records) == (28, 5)
    cyclic = uicc("82054621001C0583026F40")
    assert (cyclic.structure, cyclic.size, cyclic.records) == (None, 28, 5)
    assert uicc("82044221001C83026F408002008C").records == 5


@pytest.mark.parametrize(
    ("given_", "sfi"), [("", 7), ("8800", None), ("880138", 7), ("8801F0", 30), ("880100", None), ("8801F8", None)]
)
def test_a_short_identifier_is_given_or_denied_or_the_end_of_the_long_one(given_: str, sfi: int | None) -> None:
    assert uicc("8202412183026F07" + given_).sfi == sfi


@pytest.mark.parametrize(("life_cycle", "invalidated"), [("05", False), ("07", False), ("04", True), ("06", True)])
def test_a_deactivated_file_is_invalidated(life_cycle: str, invalidated: bool) -> None:  # noqa: FBT001 - a parameter
    assert uicc("8202412183026F078A01" + life_cycle).invalidated is invalidated


@pytest.mark.parametrize(
    ("given_", "reference"),
    [("8B036F0602", (0x6F06, 2)), ("8B066F0600010103", (0x6F06, 3)), ("8B046F060004", (0x6F06, 4)), ("8B0102", None)],
)
def test_rules_are_referred_to_by_file_and_record(given_: str, reference: tuple[int, int] | None) -> None:
    assert uicc("8202412183026F07" + given_).access_reference == reference


def test_rules_given_in_place_are_kept_as_they_are() -> None:
    assert uicc("8202412183026F078C03011AAA").security == bytes.fromhex("011AAA")
    assert uicc("8202412183026F07AB028000").security == bytes.fromhex("8000")


def test_more_keys_than_one_byte_of_states_are_counted_on() -> None:
    keys = "".join(f"8301{key:02X}" for key in (1, 2, 3, 4, 5, 6, 7, 8, 0x81))
    pins = uicc(f"82027821C6{4 + 27:02X}90020180" + keys).pins
    assert [pin.reference for pin in pins if pin.enabled] == [8, 0x81]


def test_a_key_without_a_state_is_not_guessed_at() -> None:
    info = uicc("82027821C605900083010A")
    assert info.pin(0x0A) == PinState(0x0A)
    assert info.pin(0x01) is None


@pytest.mark.parametrize("raw", ["", "62", "6F0482024121", "6200", "620483026F07", "62028200", "62058205412100"])
def test_what_describes_no_file_is_garbled(raw: str) -> None:
    with pytest.raises(Garbled):
        parse_fcp(bytes.fromhex(raw))


GSM_MF = "0000" + "1234" + "3F00" + "01" + "0000000000" + "09" + "13" + "02040800" + "838A838A"
GSM_ICCID = "0000" + "000A" + "2FE2" + "04" + "00" + "0FF044" + "01" + "01" + "00"
GSM_SMSP = "0000" + "0050" + "6F42" + "04" + "00" + "1100FF" + "01" + "02" + "01" + "28"


def chv(reference: int, tries: int, unblock_tries: int, *, enabled: bool = True) -> PinState:
    return PinState(reference, enabled, tries, unblock_tries)


@pytest.mark.parametrize(
    ("raw", "info"),
    [
        (GSM_MF, FileInfo(FileKind.MF, 0x3F00, pins=(chv(1, 3, 10), chv(2, 3, 10)))),
        (
            GSM_MF.replace("3F0001", "7F2002").replace("0913", "0993").replace("838A838A", "80890000"),
            FileInfo(DF, 0x7F20, pins=(chv(1, 0, 9, enabled=False),)),
        ),
        (GSM_MF + "0000000000", FileInfo(FileKind.MF, 0x3F00, pins=(chv(1, 3, 10), chv(2, 3, 10)))),
        (GSM_ICCID, FileInfo(EF, 0x2FE2, TRANSPARENT, 10, security=bytes.fromhex("0FF044"))),
        (GSM_SMSP, FileInfo(EF, 0x6F42, LINEAR, 40, 2, security=bytes.fromhex("1100FF"))),
        (
            GSM_SMSP.replace("FF010201", "FF000203"),
            FileInfo(EF, 0x6F42, None, 40, 2, invalidated=True, security=bytes.fromhex("1100FF")),
        ),
    ],
    ids=["MF", "DF with CHV1 off and blocked, no CHV2", "MF, longer", "ICCID", "SMSP", "cyclic and invalidated"],
)
def test_a_gsm_sims_description_is_understood(raw: str, info: FileInfo) -> None:
    assert parse_gsm(bytes.fromhex(raw)) == info


@pytest.mark.parametrize("raw", ["", GSM_MF[:42], GSM_ICCID[:26], GSM_ICCID.replace("2FE204", "2FE203")])
def test_what_a_gsm_sim_would_not_say_is_garbled(raw: str) -> None:
    with pytest.raises(Garbled):
        parse_gsm(bytes.fromhex(raw))


@given(st.binary(max_size=40), st.sampled_from(["", "82024121", "82054221001C05", "82027821"]))
def test_any_bytes_describe_a_file_or_are_garbled(raw: bytes, head: str) -> None:
    body = bytes.fromhex(head) + raw
    for parse, said in ((parse_fcp, bytes((0x62, len(body))) + body), (parse_gsm, raw), (parse_fcp, raw)):
        try:
            info = parse(said)
        except Garbled:
            continue
        assert info.kind in FileKind
