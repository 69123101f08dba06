"""The rules of T=0 that real readers depend on, and words for what a card does not know."""

from __future__ import annotations

import pytest

from tests.sim_readers.emulator.cards import PIN, card_of, gsm_select, select, send, usim


@pytest.mark.parametrize(
    ("tpdu", "answer"),
    [
        ("00A40004", "6700"),  # a header without P3
        ("00A40004023F0000", "6700"),  # case 4 with its Le
        ("00A40004033F00", "6700"),  # Lc says more than follows
        ("00A4000402", "6700"),  # Lc and nothing
        ("00A40004013F", "6700"),
        ("00A40004003F00", "6700"),
        ("00B000000A00", "6700"),  # data after a command that only asks
        ("00A40204023F00", "6A86"),
        ("00A40008023F00", "6A86"),
        ("00A40004026F99", "6A82"),
        ("00A4080403" + "2FE200", "6700"),
        ("00B0000001", "6986"),
        ("00B2010401", "6986"),
        ("00B0800001", "6A82"),  # SFI 0: no file
        ("00B0E20001", "6A86"),
        ("0020010100", "6A86"),
        ("0020000900", "6A88"),
        ("0020000107" + "31323334FFFFFF", "6700"),
        ("00FF000000", "6D00"),
        ("00F2000000", "6D00"),  # STATUS is of class 80
        ("80A40004023F00", "6D00"),
        ("0070000001", "6700"),
        ("0070000000", "6881"),
        ("01A40004023F00", "6881"),
        ("40A40004023F00", "6881"),
        ("04A40004023F00", "6882"),
        ("0CA40004023F00", "6882"),
        ("B0A40004023F00", "6E00"),
        ("FFFFFFFFFF", "6E00"),
        ("80F2000000", "6C25"),
        ("80F2000C00", "9000"),
        ("80F2000100", "6A88"),  # no application yet
        ("80F2000200", "6A86"),
        ("801000000100", "9000"),
        ("00C0000000", "6985"),
        ("0088008111" + "10" + "00" * 16, "6985"),  # no application
    ],
)
def test_a_fresh_card_answers(tpdu: str, answer: str) -> None:
    assert send(card_of("uicc"), tpdu) == answer


def test_what_waits_is_fetched_once_in_the_same_class_and_right_away() -> None:
    card = card_of("uicc")

    assert send(card, "00A40004022FE2") == "6116"
    whole = send(card, "00C0000016")
    assert whole.startswith("6214")
    assert whole.endswith("9000")
    assert send(card, "00C0000016") == "6985"
    assert send(card, "00A40004022FE2", "A0C0000016") == "6F00"
    assert send(card, "00A40004022FE2", "0020000100", "00C0000016") == "6985"


def test_get_response_tells_the_length_when_asked_for_too_much_and_goes_on_when_asked_for_less() -> None:
    card = card_of("uicc")

    assert send(card, "00A40004022FE2", "00C0000017") == "6C16"
    assert send(card, "00C0000004") == "621482026112"
    assert send(card, "00C0010012") == "6A86"
    assert send(card, "00A40004022FE2", "00C0000004", "00C0000012")[-4:] == "9000"
    assert send(card, "00A40004022FE2", "00C000000100") == "6700"


def test_status_tells_the_directory_and_the_application() -> None:
    card = card_of("uicc")
    assert usim(card) == "9000"

    assert send(card, "80F2000112") == "8410A0000000871002FF33FF0189000001009000"
    assert send(card, "80F2000037").startswith("62358202782183027FFF8410A0000000871002")


def test_a_gsm_sim_knows_one_class_and_a_uicc_may_know_both() -> None:
    assert send(card_of("gsm"), "00A40004023F00") == "6E00"
    assert send(card_of("gsm"), "A0A40000023F00") == "9F17"
    assert gsm_select(card_of("uicc"), "3F00") == "9F17"


def test_both_classes_see_the_same_file() -> None:
    card = card_of("uicc", keys_inside=True)
    usim(card)
    assert send(card, "00200001 08" + PIN) == "9000"
    assert select(card, "6F07") == "9000"
    imsi = send(card, "00B0000009")

    assert gsm_select(card, "3F00", "7F20", "6F07") == "9F0F"
    assert send(card, "A0B0000009") == imsi == "0829803900000000109000"
