"""A GSM SIM speaks class A0, and with words of its own."""

from __future__ import annotations

import pytest

from sim_readers.emulator.card import VirtualCard
from tests.sim_readers.emulator.cards import (
    ADM,
    KC,
    NEW,
    PIN,
    PUK,
    RAND,
    SRES,
    WRONG,
    card_of,
    gsm_select,
    send,
)

VERIFY = "A020000108"


def chv_bytes(card: VirtualCard) -> str:
    """Bytes 19 to 22 of the answer to SELECT MF: CHV1, UNBLOCK CHV1, CHV2, UNBLOCK CHV2."""
    return send(card, "A0A40000023F00", "A0C0000017")[36:44]


@pytest.mark.parametrize(
    ("tpdu", "answer"),
    [
        ("A0A40000033F0000", "6702"),
        ("A0A40000023F", "6700"),
        ("A0A40004023F00", "6B00"),
        ("A0A40000026F07", "9404"),
        ("A0B0000001", "9400"),
        ("A0B2010401", "9400"),
        ("A0F2000018", "6717"),
        ("A0F2000000", "6717"),
        ("A0F2010016", "6B00"),
        ("A020000100", "6708"),
        ("A020010108" + PIN, "6B00"),
        ("A020008108" + PIN, "9000"),
        ("A020000908" + PIN, "9802"),
        ("A02C000110" + PUK + NEW, "6B00"),  # CHV1 is 00 here
        ("A088000010" + RAND, "9804"),  # not in DF.GSM
        ("A0C0000001", "6F00"),
        ("A0FF000000", "6D00"),
        ("80A40000023F00", "6E00"),
        ("A01000000100", "9000"),
    ],
)
def test_a_fresh_sim_answers(tpdu: str, answer: str) -> None:
    assert send(card_of("gsm"), tpdu) == answer


def test_select_of_a_directory_tells_the_state_of_the_chvs() -> None:
    card = card_of("gsm")

    assert gsm_select(card, "7F20") == "9F17"
    answer = send(card, "A0C0000017")
    assert answer[8:14] == "7F2002"
    assert answer[24:26] == "0A"
    assert chv_bytes(card) == "838A838A"
    send(card, VERIFY + WRONG, "A020000208" + WRONG, "A02C000210" + "39" * 8 + NEW)
    assert chv_bytes(card) == "828A8289"


def test_select_of_a_file_tells_size_conditions_and_structure() -> None:
    card = card_of("gsm")

    assert gsm_select(card, "7F20", "6F07") == "9F0F"
    assert send(card, "A0C000000F") == "000000096F0704001AFFFF010200009000"
    gsm_select(card, "3F00", "7F10", "6F44")
    assert send(card, "A0C000000F") == "0000008C6F44040011FFFF0102031C9000"


def test_status_gives_as_much_as_is_asked_for() -> None:
    card = card_of("gsm")

    assert send(card, "A0F2000016")[8:14] == "3F0001"
    assert len(send(card, "A0F2000004")) == 12


def test_files_are_read_and_written_with_their_words() -> None:
    card = card_of("gsm")
    gsm_select(card, "7F20", "6F07")

    assert send(card, "A0B0000009") == "9804"
    assert send(card, VERIFY + PIN, "A0B0000009") == "FF" * 9 + "9000"
    assert send(card, "A0D6000001AA") == "9804"
    assert send(card, "A020000A08" + ADM, "A0D6000001AA") == "9000"
    assert send(card, "A0B000000A") == "6709"
    assert send(card, "A0B0000901") == "9402"
    assert send(card, "A0B2010409") == "9408"
    gsm_select(card, "3F00", "7F10", "6F40")
    assert send(card, "A0DC01041C" + "11" * 28) == "9000"
    assert send(card, "A0B201041C") == "11" * 28 + "9000"
    assert send(card, "A0B2020C1C") == "6B00"
    assert send(card, "A0B202041C") == "9402"
    assert send(card, "A0B201041B") == "671C"


def test_three_wrong_chvs_block_and_the_last_one_says_so() -> None:
    card = card_of("gsm")

    assert [send(card, VERIFY + WRONG) for _ in range(4)] == ["9804", "9804", "9840", "9840"]
    assert send(card, VERIFY + PIN) == "9840"
    assert chv_bytes(card) == "808A838A"
    assert send(card, "A02C000010" + PUK + NEW) == "9000"
    assert chv_bytes(card) == "838A838A"
    assert send(card, VERIFY + NEW) == "9000"


def test_ten_wrong_unblock_chvs_end_it() -> None:
    card = card_of("gsm")
    said = [send(card, "A02C000010" + "39" * 8 + NEW) for _ in range(10)]

    assert said == ["9804"] * 9 + ["9840"]
    assert send(card, "A02C000010" + PUK + NEW) == "9840"


def test_chv1_is_changed_disabled_and_enabled() -> None:
    card = card_of("gsm")

    assert send(card, "A024000110" + PIN + NEW) == "9000"
    assert send(card, "A026000108" + NEW) == "9000"
    assert send(card, "A026000108" + NEW) == send(card, VERIFY + NEW) == "9808"
    assert send(card, "A0A40000023F00", "A0C0000017")[26:28] == "81"
    assert send(card, "A028000108" + NEW) == "9000"
    assert send(card, "A024000110" + NEW + "31FFFFFFFFFFFFFF") == "6F00"


def test_the_gsm_algorithm_runs_in_df_gsm_after_chv1() -> None:
    card = card_of("gsm", keys_inside=True)
    gsm_select(card, "7F20", "6F07")

    assert send(card, "A088000010" + RAND) == "9804"
    assert send(card, VERIFY + PIN, "A088000010" + RAND) == "9F0C"
    assert send(card, "A0C000000C") == (SRES + KC).upper() + "9000"
    assert send(card, "A08800000F" + RAND[2:]) == "6710"
