"""Selecting, reading and writing on a UICC."""

from __future__ import annotations

import pytest

from sim_readers.emulator.card import VirtualCard
from tests.sim_readers.emulator.cards import ADM, PIN, card_of, select, send, usim


def opened() -> VirtualCard:
    """In the USIM, PIN1 and ADM1 verified."""
    card = card_of("uicc")
    assert usim(card) == "9000"
    assert send(card, "0020000108" + PIN) == send(card, "0020000A08" + ADM) == "9000"
    return card


def test_an_identifier_reaches_children_parent_siblings_and_the_mf_and_nothing_else() -> None:
    card = card_of("uicc")

    assert select(card, "7F10", "6F40", "7F20", "7F10", "3F00", "2FE2") == "9000"
    assert select(card, "6F40") == "6A82"
    assert select(card, "7FFF") == "6A82"
    assert usim(card) == "9000"
    assert select(card, "6F07", "7FFF", "3F00", "7F20", "7FFF", "6F07") == "9000"


def test_a_refused_select_leaves_everything_as_it_was() -> None:
    card = card_of("uicc")
    assert select(card, "2FE2", "6FFF") == "6A82"

    assert send(card, "00B000000A") == "983310000021436587F49000"


@pytest.mark.parametrize(
    ("tpdu", "answer"),
    [
        ("00A4080C047F106F40", "9000"),
        ("00A4080C022FE2", "9000"),
        ("00A4080C047FFF6F07", "9000"),
        ("00A4080C047F106F07", "6A82"),
        ("00A4080C062FE26F406F40", "6A82"),
        ("00A4080C032FE200", "6700"),
        ("00A4090C026F07", "9000"),
        ("00A4090C027F10", "6A82"),  # the USIM is current
        ("00A4040C05A000000087", "9000"),
        ("00A4040C10A0000000871002FF33FF018900000100", "9000"),
        ("00A4040C11A0000000871002FF33FF01890000010000", "6A82"),
        ("00A4040C04A0000000", "6A82"),
        ("00A4040C07A0000000871003", "6A82"),
        ("00A4040407A0000000871004", "6137"),
        ("00A40000023F00", "6125"),
    ],
)
def test_paths_and_names(tpdu: str, answer: str) -> None:
    card = card_of("uicc")
    usim(card)
    assert send(card, tpdu) == answer


def test_binary_files_are_read_and_written_within_their_bounds() -> None:
    card = opened()
    select(card, "6F07")

    assert send(card, "00D6000009082980390000000010") == "9000"
    assert card.content("ADF.USIM/6F07").hex() == "082980390000000010"
    assert send(card, "00B0000000") == "6C09"
    assert send(card, "00B0000403") == "0000009000"
    assert send(card, "00B0000406") == "6C05"
    assert send(card, "00B0000901") == "6B00"
    assert send(card, "00D600080200AA") == "6700"
    assert send(card, "00D6000900") == "6700"
    assert send(card, "00D6000901AA") == "6B00"
    assert send(card, "00B2010409") == "6981"
    assert send(card, "00A201040108") == "6981"
    assert send(card, "00DC010401AA") == "6981"


def test_a_short_identifier_in_p1_selects_the_file() -> None:
    card = opened()

    assert send(card, "00D686000200FF") == "9000"  # EF.ACC has 06
    assert send(card, "00B0000002") == "00FF9000"
    assert send(card, "00B08F0001") == "F09000"  # EF.START-HFN has 0F
    assert send(card, "00B09F0001") == "6A82"
    assert send(card, "00B0000001") == "F09000"  # and stays the current one


def test_linear_records_by_number_next_and_previous() -> None:
    card = opened()
    select(card, "6FB7")
    for number in range(1, 6):
        assert send(card, f"00DC{number:02X}0404" + f"{number:02X}" * 4) == "9000"

    assert card.record("ADF.USIM/6FB7", 3) == b"\x03" * 4
    assert send(card, "00B2030404") == "030303039000"
    assert send(card, "00B2000404") == "6A83"  # no current record
    assert send(card, "00B2000204") == "010101019000"
    assert send(card, "00B2000404") == "010101019000"
    assert send(card, "00B2000304") == "6A83"
    assert send(card, "00B2000204", "00B2000204") == "030303039000"
    assert send(card, "00B2060404") == "6A83"
    assert send(card, "00B2010403") == "6C04"
    assert send(card, "00B2010400") == "6C04"
    assert send(card, "00B2010204") == "6A86"
    assert send(card, "00B2010004") == "6A86"
    assert send(card, "00DC010403" + "00" * 3) == "6700"
    assert send(card, "00DC060404" + "00" * 4) == "6A83"
    assert send(card, "00B0000004") == "6981"
    assert send(card, "00D6000001AA") == "6981"
    select(card, "6FB7")
    assert send(card, "00B2000304") == "050505059000"  # previous of none is the last


def test_records_by_short_identifier() -> None:
    card = opened()

    assert send(card, "00DC010C0411F1FFFF") == "9000"  # EF.ECC has 01
    assert send(card, "00B2010C04") == "11F1FFFF9000"


def test_search_finds_the_records_that_hold_a_text() -> None:
    card = opened()
    select(card, "6FB7")
    send(card, "00DC02040411F2FF00", "00DC04040411F3FF00")

    assert send(card, "00A201040211F2") == "6101"
    assert send(card, "00C0000001") == "029000"
    assert send(card, "00A201040111", "00C0000002") == "02049000"
    assert send(card, "00A205050111", "00C0000002") == "04029000"
    assert send(card, "00A20104021234") == "6282"
    assert send(card, "00A206040111") == "6A83"
    assert send(card, "00A201060111") == "6A86"


def test_the_newest_record_of_a_cyclic_file_is_its_first() -> None:
    card = opened()
    select(card, "3F00", "7F10", "6F44")
    for number in range(1, 7):
        assert send(card, "00DC00031C" + f"{number:02X}" * 28) == "9000"

    assert send(card, "00B201041C")[:2] == "06"
    assert send(card, "00B205041C")[:2] == "02"
    assert send(card, "00B200021C")[:2] == "05"
    assert send(card, "00B200031C", "00B200031C")[:2] == "02"  # around the corner
    assert send(card, "00DC01041C" + "00" * 28) == "6A86"
    assert send(card, "00DC00031B" + "00" * 27) == "6700"


def test_access_takes_the_key_that_the_file_names() -> None:
    card = card_of("uicc")
    usim(card)
    select(card, "6F07")

    assert send(card, "00B0000009") == "6982"
    send(card, "0020000108" + PIN)
    assert send(card, "00B0000009") == "FF" * 9 + "9000"
    assert send(card, "00D60000010A") == "6982"
    send(card, "0020000A08" + ADM)
    assert send(card, "00D60000010A") == "9000"
    assert select(card, "3F00", "2FE2") == "9000"
    assert send(card, "00D600000100") == "6982"  # never
    card.power_on()
    usim(card)
    select(card, "6F07")
    assert send(card, "00B0000009") == send(card, "00D60000010A") == "6982"
