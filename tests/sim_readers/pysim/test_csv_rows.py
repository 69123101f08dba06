"""pySim's card lists are read as pySim reads them, and written back with nothing lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim_readers.card_data import CardData
from sim_readers.pysim.csv_rows import (
    APPENDED_COLUMNS,
    PROG_COLUMNS,
    PROVIDER_COLUMNS,
    CsvCard,
    CsvProblem,
    read_cards,
    write_cards,
)
from sim_readers.secret import Secret

KI = "00000000000000000000000000000001"
OPC = "00000000000000000000000000000002"
QUOTED = '"A, ""B"" C"'
PROG = "\n".join(
    (
        "iccid,imsi,mcc,mnc,smsp,ki,opc,acc,pin_adm,pin1,puk1,pin2,puk2,msisdn,name",
        (
            f"8933010000123456784,208930000000001,208,93,+33609001390,{KI},{OPC},0002,12345678,"
            f"1234,12345678,5678,87654321,+33612345678,{QUOTED}"
        ),
        f"89330100001234567843,208930000000002,208,93,,{KI},{OPC},,abcd!123,,,,,,",
        "",
    )
)
PROVIDER = f"""ICCID,IMSI,KI,OPC,ADM1,PIN1,PUK1,PIN2,PUK2,UICC_SCP02_KIC1
8933010000123456784,208930000000001,{KI.upper()},{OPC},12345678,1234,12345678,5678,87654321,{KI}
8933010000123456792,208930000000002,{KI},{OPC},00000000000000FF,0000,00000000,0000,00000000,{KI}
"""


def one(columns: str, row: str) -> CardData:
    read = read_cards(f"{columns}\n{row}\n")
    assert read.problems == ()
    return read.cards[0].card


def test_a_list_of_pysim_prog_becomes_cards_and_is_written_as_it_was() -> None:
    read = read_cards(PROG)
    assert read.problems == ()
    first = read.cards[0]
    assert first.card == CardData(
        "8933010000123456784", "208930000000001", Secret.from_hex(KI), Secret.from_hex(OPC), Secret(b"1234"),
        Secret(b"12345678"), Secret(b"5678"), Secret(b"87654321"), Secret(b"12345678"),
    )  # fmt: skip
    assert first.others["smsp"] == "+33609001390"
    assert read.cards[1].card.adm1 == Secret(b"abcd!123")
    assert write_cards(read.cards, read.columns) == PROG


def test_a_list_of_the_card_key_provider_keeps_its_columns_and_its_unknown_keys() -> None:
    read = read_cards(PROVIDER)
    assert read.problems == ()
    assert read.cards[1].card.adm1 == Secret.from_hex("00000000000000FF")
    assert write_cards(read.cards, read.columns).upper() == PROVIDER.upper()
    assert KI not in repr(read)


def test_what_pysim_prog_appends_for_each_card_is_read_although_it_names_no_columns() -> None:
    read = read_cards(f"Magic,8933010000123456784,208,93,208930000000001,+33609001390,{KI},{OPC}\n")
    assert (read.problems, read.columns) == ((), APPENDED_COLUMNS)
    (only,) = read.cards
    assert (only.row, only.others["smsp"]) == (1, "+33609001390")
    assert only.card == CardData("8933010000123456784", "208930000000001", Secret.from_hex(KI), Secret.from_hex(OPC))
    assert read_cards(write_cards(read.cards, read.columns)).cards[0].card == only.card


@pytest.mark.parametrize(
    ("columns", "written", "key"),
    [
        ("pin_adm", "12345678", b"12345678"),
        ("pin_adm", "DEADBEEF", b"DEADBEEF"),
        ("pin_adm_hex", "3132333435363738", b"12345678"),
        ("pin_adm_hex", "DEADBEEF00000001", bytes.fromhex("DEADBEEF00000001")),
        ("pin_adm,pin_adm_hex", ",DEADBEEF00000001", bytes.fromhex("DEADBEEF00000001")),
        ("pin_adm,pin_adm_hex", "12345678,3132333435363738", b"12345678"),
        ("ADM1", "12345678", b"12345678"),
        ("ADM1", "DEADBEEF00000001", bytes.fromhex("DEADBEEF00000001")),
        ("adm1", "1234567812345678", bytes.fromhex("1234567812345678")),
    ],
)
def test_the_column_tells_how_an_adm_key_is_written(columns: str, written: str, key: bytes) -> None:
    assert one(f"iccid,{columns}", f"8933010000123456784,{written}").adm1 == Secret(key)


@pytest.mark.parametrize(
    ("columns", "row", "problem"),
    [
        ("iccid,pin_adm", "8933010000123456784,1234567", (2, "pin_adm")),
        ("iccid,pin_adm", "8933010000123456784,123456789", (2, "pin_adm")),
        ("iccid,pin_adm_hex", "8933010000123456784,12345678", (2, "pin_adm_hex")),
        ("iccid,ADM1", "8933010000123456784,DEADBEEF", (2, "adm1")),
        ("iccid,ADM1", "8933010000123456784,1234567", (2, "adm1")),
        ("iccid,pin_adm,adm1", "8933010000123456784,12345678,12345679", (2, "pin_adm / adm1")),
        ("iccid,ki", f"8933010000123456784,{KI}0", (2, "ki")),
        ("iccid,opc", "8933010000123456784,xyz", (2, "opc")),
        ("iccid,pin1", "8933010000123456784,123", (2, "pin1")),
        ("iccid,puk2", "8933010000123456784,1234567", (2, "puk2")),
        ("iccid,imsi", "8933010000123456784,2.0893E+14", (2, "imsi")),
        ("iccid", "8.93301E+18", (2, "iccid")),
        ("iccid,ki", "8933010000123456784", (2, "")),
        ("imsi", "208930000000001", (1, "iccid")),
        ("iccid,ICCID", "1,2", (1, "iccid")),
        ("iccid", "8933010000123456784\n8933010000123456784", (3, "iccid")),
        ("", "", (1, "iccid")),
    ],
)
def test_a_bad_row_is_named_by_row_and_column_and_repeats_no_value(
    columns: str, row: str, problem: tuple[int, str]
) -> None:
    read = read_cards(f"{columns}\n{row}\n" if columns else "")
    assert [(one.row, one.column) for one in read.problems] == [problem]
    cells = [cell for cell in row.replace("\n", ",").split(",") if len(cell) > 3]
    assert not [cell for cell in cells if cell in repr(read.problems)]


def test_one_bad_row_does_not_spoil_the_others() -> None:
    read = read_cards(f"{PROVIDER}rubbish\n")
    assert len(read.cards) == 2
    assert read.problems == (CsvProblem(4, "", "has 1 values for 10 columns"),)


def test_a_binary_adm_key_gets_the_column_pysim_prog_reads_it_from() -> None:
    card = CsvCard(CardData("8933010000123456784", "208930000000001", adm1=Secret.from_hex("00000000000000FF")))
    written = write_cards([card])
    assert "00000000000000ff" in written
    assert read_cards(written).cards[0].card == card.card
    with pytest.raises(ValueError, match="add the column pin_adm_hex") as refused:
        write_cards([card], ("iccid", "pin_adm"))
    assert "FF" not in str(refused.value).upper()


def test_a_spreadsheet_s_mark_and_line_ends_are_taken() -> None:
    read = read_cards("\ufeff" + PROVIDER.replace("\n", "\r\n"))
    assert (read.problems, len(read.cards)) == ((), 2)


@given(st.text(max_size=200) | st.text('iccid,ki\n"0123456789', max_size=200))
def test_any_text_is_read_without_a_fault(text: str) -> None:
    read = read_cards(text)
    assert read.problems or "iccid" in [name.lower() for name in read.columns]


secrets = st.binary(min_size=16, max_size=16).map(Secret)
pins = st.from_regex(r"[0-9]{4,8}", fullmatch=True).map(Secret.from_digits)
puks = st.from_regex(r"[0-9]{8}", fullmatch=True).map(Secret.from_digits)
adms = st.binary(min_size=8, max_size=8).map(Secret)
cards = st.builds(
    CardData, st.from_regex(r"[0-9]{18,20}", fullmatch=True), st.from_regex(r"[0-9]{6,15}", fullmatch=True),
    *(st.none() | part for part in (secrets, secrets, pins, puks, pins, puks, adms)),
)  # fmt: skip


@given(cards, st.sampled_from([PROG_COLUMNS, PROVIDER_COLUMNS]))
def test_every_card_written_is_read_back(card: CardData, columns: tuple[str, ...]) -> None:
    read = read_cards(write_cards([CsvCard(card)], columns))
    assert read.problems == ()
    assert read.cards[0].card == card
