"""Cards that answer a SELECT oddly: of a generation that is hard to tell, or with a file that is deactivated."""

import pytest

from sim_readers.errors import Garbled, Refused
from sim_readers.path import MF, USIM
from sim_readers.reader import Transmission
from sim_readers.session import CardSession
from sim_readers.status import Generation
from tests.sim_readers.scripted import Scripted

ICCID = MF / 0x2FE2


def _fcp(life: str) -> str:
    inner = "82024121" + "83026F46" + f"8A01{life}" + "80020011"
    return f"62{len(inner) // 2:02X}{inner}"


def _sent(card: Scripted) -> list[str]:
    return [command.hex().upper() for command in card.sent]


@pytest.mark.parametrize(
    ("answers", "generation"),
    [
        (["6E00"], Generation.GSM),
        (["6D00", "9F16"], Generation.GSM),
        (["6D00", "9000"], Generation.GSM),
        (["6D00", "6E00"], Generation.UICC),
        (["6D00", "6D00"], Generation.UICC),
        (["9000"], Generation.UICC),
        (["6120"], Generation.UICC),
        (["6A82"], Generation.UICC),
        (["6A86"], Generation.UICC),
    ],
)
def test_a_card_that_knows_no_class_00_in_whatever_words_is_a_gsm_sim(
    answers: list[str], generation: Generation
) -> None:
    card = Scripted(answers)
    session = CardSession(card)
    session.find_generation()
    assert session.generation is generation
    assert len(card.sent) == len(answers)


def test_a_card_whose_number_could_not_be_selected_is_not_read_without_selecting_it() -> None:
    card = Scripted(["6A82", "9000"])
    session = CardSession(card)
    session.find_generation()
    session.select(ICCID)
    assert len(card.sent) == 2


def test_the_description_of_a_deactivated_file_is_fetched_although_the_card_only_warns() -> None:
    fcp = _fcp("04")
    card = Scripted(["9000", "6283", f"6C{len(fcp) // 2:02X}", f"{fcp}9000", "6985"])
    session = CardSession(card)
    assert session.look(USIM / 0x6F46).invalidated
    assert _sent(card)[2:] == ["00C0000000", f"00C00000{len(fcp) // 2:02X}"]
    with pytest.raises(
        Refused, match=r"reading ADF.USIM/6F46, a file that is deactivated on this card: the card says 6985"
    ):
        session.read(USIM / 0x6F46)


@pytest.mark.parametrize("nothing", ["6F00", "6985", "6D00"])
def test_a_deactivated_file_that_is_not_even_described_is_refused_in_plain_words(nothing: str) -> None:
    session = CardSession(Scripted(["9000", "6283", nothing]))
    with pytest.raises(Refused, match=r"selecting ADF.USIM/6F46: the card says 6283, the file is deactivated"):
        session.look(USIM / 0x6F46)


def test_a_deactivated_file_exists() -> None:
    session = CardSession(Scripted(["9000", "6283", "6F00", "6A82"]))
    assert session.exists(USIM / 0x6F46)
    assert not session.exists(USIM / 0x6F47)


def test_over_t1_a_warning_comes_with_the_whole_answer_and_nothing_is_fetched() -> None:
    kind = type("T1", (Scripted,), {"transmission": property(lambda _: Transmission.T1)})
    card = kind(["9000", f"{_fcp('04')}6283"])
    assert CardSession(card).look(USIM / 0x6F46).invalidated
    assert len(card.sent) == 2


def test_a_file_selected_in_silence_is_known_to_be_deactivated_when_it_is_not_written() -> None:
    session = CardSession(Scripted(["9000", "6283", "6985"]))
    with pytest.raises(Refused, match="a file that is deactivated on this card"):
        session.update(USIM / 0x6F46, b"\x01")


def test_a_description_that_is_none_without_any_warning_is_garbled() -> None:
    with pytest.raises(Garbled, match="without the template"):
        CardSession(Scripted(["9000", "9000"])).look(USIM / 0x6F46)
