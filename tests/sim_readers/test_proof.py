from dataclasses import replace
from pathlib import Path

import pytest

from sim_readers.apdu import Ins
from sim_readers.card_data import CardData
from sim_readers.emulator.blank import blank
from sim_readers.emulator.image import read_image
from sim_readers.errors import Refused
from sim_readers.milenage import Milenage
from sim_readers.proof import Disproven, Proof, Proven, Unprovable, prove
from sim_readers.secret import Secret
from sim_readers.session import CardSession
from sim_readers.status import Generation
from tests.sim_readers.direct import Direct
from tests.sim_readers.scripted import Scripted

IMAGES = Path(__file__).parents[2] / "config" / "card_images"
KI, OPC, OTHER = (Secret(bytes(15) + bytes((n,))) for n in (1, 2, 3))
RAND = bytes(range(16))
DATA = CardData("8933019000000000011", "208019900000001", KI, OPC, pin1=Secret(b"1234"))
KEYS = Milenage(KI, OPC)
RES, AUTS = KEYS.f2(RAND).hex(), KEYS.auts(RAND, 0x1234).hex()
SELECTED = "9000"
PROVEN = f"DC0E{AUTS}9000"
SRES, KC = (part.hex() for part in KEYS.gsm(RAND))


def _on_card(image: str, data: CardData, *, pin: bool = True) -> Proof:
    session = CardSession(Direct(blank(read_image(IMAGES / f"{image}.toml"), DATA, keys_inside=True)))
    session.find_generation()
    if pin:
        session.send(session.command(Ins.VERIFY, 0, 0x01, b"1234\xff\xff\xff\xff"))
    return prove(session, data, RAND)


def _told(answer: str) -> Proof:
    return prove(CardSession(Scripted([SELECTED, answer])), DATA, RAND)


def _told_in_gsm_context(answer: str) -> Proof:
    return prove(CardSession(Scripted([SELECTED, PROVEN, answer])), DATA, RAND, gsm_context=True)


@pytest.mark.parametrize(("image", "proof"), [("uicc", Proven(0)), ("gsm", Proven())])
def test_a_card_with_these_keys_proves_them(image: str, proof: Proof) -> None:
    assert _on_card(image, DATA) == proof


@pytest.mark.parametrize("wrong", [replace(DATA, ki=OTHER), replace(DATA, opc=OTHER)])
@pytest.mark.parametrize("image", ["uicc", "gsm"])
def test_a_card_with_another_ki_or_opc_is_found_out(image: str, wrong: CardData) -> None:
    assert isinstance(_on_card(image, wrong), Disproven)


@pytest.mark.parametrize("image", ["uicc", "gsm"])
def test_a_card_that_wants_its_pin_first_says_so(image: str) -> None:
    with pytest.raises(Refused):
        _on_card(image, DATA, pin=False)


def test_without_ki_or_opc_nothing_is_asked_of_the_card() -> None:
    card = Scripted([])
    assert isinstance(prove(CardSession(card), replace(DATA, opc=None), RAND), Unprovable)
    assert card.sent == []


def test_the_card_s_sequence_number_is_read_from_its_auts() -> None:
    assert _told(f"DC0E{AUTS}9000") == Proven(0x1234)


@pytest.mark.parametrize("status", ["9000", "9110"])
def test_a_right_answer_is_one_whether_or_not_the_card_has_a_command_for_a_phone(status: str) -> None:
    assert _told(f"DB08{RES}{status}") == Proven()


@pytest.mark.parametrize(
    "answer",
    [
        "DB080000000000000000",  # another RES
        f"DB01{RES[:2]}",  # one byte is no RES: every 256th card would be right
        "DB00",
        "DB",
        f"DC0E{'00' * 14}",  # another AUTS
        f"DC06{AUTS[:12]}",  # cut short
        "DC",
        f"AA08{RES}",
    ],
)
def test_an_answer_of_other_keys_or_none_proves_nothing(answer: str) -> None:
    assert isinstance(_told(f"{answer}9000"), Disproven)


@pytest.mark.parametrize("status", ["6985", "6D00", "9864", "9000"])
def test_a_card_that_does_not_carry_it_out_is_not_called_wrong(status: str) -> None:
    assert isinstance(_told(status), Unprovable)


def test_a_short_answer_of_a_gsm_sim_is_not_called_wrong() -> None:
    session = CardSession(Scripted([*["9000"] * 2, "01029000"]), Generation.GSM)
    assert isinstance(prove(session, DATA, RAND), Unprovable)


def test_the_same_keys_in_the_gsm_context_are_proven_with_the_sequence_number_of_the_other() -> None:
    assert _told_in_gsm_context(f"04{SRES}08{KC}9000") == Proven(0x1234)


@pytest.mark.parametrize(
    "answer", [f"04{SRES}08{'00' * 8}", f"04{'00' * 4}08{KC}", f"04{SRES}", f"{SRES}{KC}", "", f"04{SRES}08{KC}00"]
)
def test_other_keys_in_the_gsm_context_are_found_out(answer: str) -> None:
    proof = _told_in_gsm_context(f"{answer}9000")
    assert isinstance(proof, Disproven)
    assert "GSM context" in proof.why


@pytest.mark.parametrize("status", ["9864", "6A86", "6A81"])
def test_a_card_without_a_gsm_context_has_nothing_to_prove_there(status: str) -> None:
    assert _told_in_gsm_context(status) == Proven(0x1234)


def test_a_card_that_wants_its_pin_in_the_gsm_context_says_so() -> None:
    with pytest.raises(Refused, match="GSM context"):
        _told_in_gsm_context("6982")


def test_the_gsm_context_is_not_asked_for_where_the_other_has_disproven_or_nobody_wants_it() -> None:
    wrong, usual = Scripted([SELECTED, "9862"]), Scripted([SELECTED, PROVEN])
    assert isinstance(prove(CardSession(wrong), DATA, RAND, gsm_context=True), Disproven)
    assert prove(CardSession(usual), DATA, RAND) == Proven(0x1234)
    assert (len(wrong.sent), len(usual.sent)) == (2, 2)


@pytest.mark.parametrize("status", ["6985", "6D00", "6E00", "6F00"])
def test_a_card_that_fails_to_answer_in_the_gsm_context_is_not_taken_for_one_without_it(status: str) -> None:
    proof = _told_in_gsm_context(status)
    assert isinstance(proof, Unprovable)
    assert "AUTHENTICATE in the GSM context was not carried out" in proof.why
