"""Milenage on the card, with the vectors of TS 35.208 and the sequence numbers of TS 33.102 annex C."""

from __future__ import annotations

import pytest

from sim_readers.emulator.card import VirtualCard
from sim_readers.milenage import Milenage
from sim_readers.secret import Secret
from tests.sim_readers.emulator.cards import (
    ADM,
    AUTN,
    CK,
    IK,
    KC,
    KI,
    OP,
    OPC,
    PIN,
    RAND,
    RES,
    SRES,
    card_of,
    gsm_select,
    select,
    send,
    usim,
)

MILENAGE = Milenage(Secret.from_hex(KI), Secret.from_hex(OPC))
ISIM = "00A4040C07A0000000871004"


def ready(name: str = "uicc") -> VirtualCard:
    card = card_of(name, keys_inside=True)
    usim(card)
    send(card, "0020000108" + PIN)
    return card


def challenge(card: VirtualCard, autn: str) -> str:
    """AUTHENTICATE in 3G context; the answer that was fetched, or the status word."""
    said = send(card, "0088008122" + "10" + RAND + "10" + autn)
    return send(card, "00C00000" + said[2:]) if said.startswith("61") else said


def autn_of(sqn: int) -> str:
    return MILENAGE.autn(bytes.fromhex(RAND), sqn, b"\x80\x00").hex()


def test_the_vector_of_the_standard_gives_its_answer() -> None:
    assert challenge(ready(), AUTN) == f"DB08{RES}10{CK}10{IK}08{KC}9000".upper()


def test_the_isim_gives_no_kc_and_has_no_gsm_context() -> None:
    card = ready()
    assert send(card, ISIM) == "9000"

    assert challenge(card, AUTN) == f"DB08{RES}10{CK}10{IK}9000".upper()
    assert send(card, "0088008011" + "10" + RAND) == "9864"


def test_the_gsm_context_needs_no_sequence_number() -> None:
    card = ready()

    assert send(card, "0088008011" + "10" + RAND) == "610E"
    assert send(card, "00C000000E") == f"04{SRES}08{KC}9000".upper()
    assert send(card, "0088008011" + "10" + RAND) == "610E"


def test_a_wrong_mac_is_told() -> None:
    assert challenge(ready(), AUTN[:-2] + "00") == "9862"


@pytest.mark.parametrize(
    ("tpdu", "answer"),
    [
        ("0088008222" + "10" + RAND + "10" + AUTN, "6A86"),
        ("0088018122" + "10" + RAND + "10" + AUTN, "6A86"),
        ("0088008121" + "10" + RAND + "10" + AUTN[2:], "6700"),
        ("0088008122" + "0F" + RAND + "10" + AUTN, "6A80"),
        ("0088008122" + "10" + RAND + "0F" + AUTN, "6A80"),
        ("0088008010" + RAND, "6700"),
    ],
)
def test_a_malformed_challenge_is_refused(tpdu: str, answer: str) -> None:
    assert send(ready(), tpdu) == answer


def test_authentication_takes_the_pin_and_an_application() -> None:
    card = card_of("uicc", keys_inside=True)
    usim(card)

    assert challenge(card, AUTN) == "6982"
    assert send(card, "0020000108" + PIN) == select(card, "3F00") == "9000"
    assert challenge(card, AUTN) == "6985"


def test_an_old_sequence_number_asks_for_resynchronisation_over_resets() -> None:
    card = ready()
    assert challenge(card, autn_of(0x2000)).startswith("DB")
    card.power_on()
    usim(card)
    send(card, "0020000108" + PIN)

    said = challenge(card, autn_of(0x2000))

    assert said.startswith("DC0E")
    assert said.endswith("9000")
    assert MILENAGE.sqn_in(bytes.fromhex(said[4:32]), bytes.fromhex(RAND)) == 0x2000
    assert challenge(card, autn_of(0x2020)).startswith("DB")


def test_each_index_keeps_a_sequence_of_its_own() -> None:
    card = ready()

    assert challenge(card, autn_of(0x2001)).startswith("DB")
    assert challenge(card, autn_of(0x1FE2)).startswith("DB")
    assert challenge(card, autn_of(0x1FE1)).startswith("DC")


def test_a_refused_challenge_uses_up_nothing() -> None:
    card = ready()
    assert challenge(card, AUTN[:-2] + "00") == "9862"

    assert challenge(card, autn_of(0x20)).startswith("DB")


def test_keys_written_to_their_files_are_the_keys_that_answer() -> None:
    card = card_of("sja5")
    usim(card)
    send(card, "0020000108" + PIN, "0020000A08" + ADM)
    for fid, body in (("AF20", "14" + KI + OPC), ("AF22", "04" + KI + OP)):
        assert select(card, fid) == "9000"
        assert send(card, "00D6000021" + body) == "9000"
        assert send(card, "00B0000021") == body.upper() + "9000"

    assert challenge(card, AUTN).startswith(f"DB08{RES}".upper())
    assert send(card, "0088008011" + "10" + RAND, "00C000000E") == f"04{SRES}08{KC}9000".upper()


def test_op_in_the_place_of_opc_gives_another_key() -> None:
    card = card_of("sja5")
    usim(card)
    send(card, "0020000108" + PIN, "0020000A08" + ADM)
    select(card, "AF20")

    assert send(card, "00D6000021" + "04" + KI + OPC) == "9000"
    assert challenge(card, AUTN) == "9862"
    assert send(card, "00D6000001" + "1F", "0088008122" + "10" + RAND + "10" + AUTN) == "6985"  # XOR: not spoken


def test_keys_that_can_only_be_written_answer_all_the_same() -> None:
    card = card_of("sjs1")
    send(card, "0020000A08" + ADM)
    assert select(card, "7F20", "00FF") == "9000"
    assert send(card, "00D6000010" + KI) == "9000"
    assert send(card, "00B0000010") == "6982"
    assert select(card, "00F7") == send(card, "00D6000011" + "01" + OPC) == "9000"
    usim(card)

    assert challenge(card, AUTN).startswith(f"DB08{RES}".upper())
    assert gsm_select(card, "3F00", "7F20") == "9F17"
    assert send(card, "A088000010" + RAND, "A0C000000C") == (SRES + KC).upper() + "9000"


def test_a_factory_card_has_keys_of_zeros() -> None:
    card = card_of("sja5")
    usim(card)
    send(card, "0020000108" + PIN)

    assert card.content("ADF.USIM/AF20") == b"\x14" + bytes(32)
    assert challenge(card, AUTN) == "9862"
