from pathlib import Path

import pytest

from sim_readers.apdu import Command, Ins
from sim_readers.card_data import CardData
from sim_readers.emulator.blank import blank
from sim_readers.emulator.card import VirtualCard
from sim_readers.emulator.image import read_image
from sim_readers.errors import CardGone, Garbled, Refused
from sim_readers.path import GSM, MF, TELECOM, USIM
from sim_readers.reader import Transmission
from sim_readers.session import CardSession, Layout
from sim_readers.status import Generation
from tests.sim_readers.direct import Direct
from tests.sim_readers.scripted import Scripted

IMAGES = Path(__file__).parents[2] / "config" / "card_images"
ICCID = MF / 0x2FE2
DATA = CardData("8933019000000000011", "208019900000001")


def _card(name: str = "uicc") -> VirtualCard:
    return blank(read_image(IMAGES / f"{name}.toml"), DATA, record=True)


def _session(card: VirtualCard, layout: Layout | None = None) -> CardSession:
    session = CardSession(Direct(card), layout=layout)
    session.find_generation()
    return session


def _sent(card: Scripted) -> list[str]:
    return [command.hex().upper() for command in card.sent]


@pytest.mark.parametrize(("image", "generation"), [("uicc", Generation.UICC), ("gsm", Generation.GSM)])
def test_a_file_reads_the_same_on_every_generation(image: str, generation: Generation) -> None:
    session = _session(_card(image))
    assert session.generation is generation
    assert session.read(ICCID) == bytes.fromhex("983310090000000010F1")


def test_a_second_card_of_a_layout_reads_a_file_with_two_commands() -> None:
    layout, card = Layout(), _card()
    _session(_card(), layout).read(MF / 0x2F05)
    session = _session(card, layout)
    before = session.apdus
    session.read(MF / 0x2F05)
    assert session.apdus - before == 2


def test_a_card_s_number_is_read_with_one_command_after_its_generation_was_found() -> None:
    layout, card = Layout(), _card()
    _session(_card(), layout).read(ICCID)
    session = _session(card, layout)
    session.read(ICCID)
    assert session.apdus == 2


def test_a_wrong_length_is_asked_again_and_a_chain_is_fetched_to_its_end() -> None:
    card = Scripted(["6C03", "0102036102", "6C01", "049000"])
    answer = CardSession(card).send(Command(0x00, Ins.READ_BINARY, 0, 0, expects=10))
    assert (answer.data, answer.status) == (b"\x01\x02\x03\x04", 0x9000)
    assert _sent(card) == ["00B000000A", "00B0000003", "00C0000002", "00C0000001"]


def test_a_key_is_never_sent_twice_whatever_length_the_card_would_like() -> None:
    card = Scripted(["6C08", "9000"])
    answer = CardSession(card).send(Command(0x00, Ins.VERIFY, 0, 0x0A, b"12345678"))
    assert answer.status == 0x6C08
    assert len(card.sent) == 1


def test_a_question_for_tries_never_turns_into_a_command_that_waits_for_a_key() -> None:
    card = Scripted(["6C08", "9000"])
    assert CardSession(card).send(Command(0x00, Ins.VERIFY, 0, 0x01)).status == 0x6C08
    assert _sent(card) == ["0020000100"]


def test_a_card_that_announces_answers_for_ever_is_as_good_as_gone() -> None:
    with pytest.raises(Garbled, match="keeps announcing"):
        CardSession(Scripted(["6110"] * 20)).send(Command(0x00, Ins.SELECT, 0, 4, b"\x3f\x00", 256))


@pytest.mark.parametrize("answer", ["", "90"])
def test_what_is_no_answer_of_a_card_ends_the_conversation(answer: str) -> None:
    with pytest.raises(CardGone):
        CardSession(Scripted([answer])).send(Command(0x00, Ins.SELECT, 0, 0x0C, b"\x3f\x00"))


def test_a_command_waiting_in_the_card_is_no_refusal_and_is_left_to_phones() -> None:
    assert (
        CardSession(Scripted(["910B"])).must(Command(0, Ins.UPDATE_BINARY, 0, 0, b"\x01"), "writing").status == 0x910B
    )


def test_t1_carries_length_and_data_in_one_command() -> None:
    card = Scripted(["62009000"])
    card_t1 = type("T1", (Scripted,), {"transmission": property(lambda _: Transmission.T1)})([])
    assert card_t1.transmission is Transmission.T1
    CardSession(card).send(Command(0, Ins.SELECT, 0, 4, b"\x3f\x00", 256))
    with pytest.raises(CardGone):
        CardSession(card_t1).send(Command(0, Ins.SELECT, 0, 4, b"\x3f\x00", 256))
    assert (_sent(card), _sent(card_t1)) == (["00A40004023F00"], ["00A40004023F0000"])


@pytest.mark.parametrize("image", ["uicc", "gsm"])
def test_after_a_refused_selection_the_next_file_is_the_one_that_was_meant(image: str) -> None:
    session = _session(_card(image))
    number = session.read(ICCID)
    assert not session.exists(GSM / 0x6FFE)
    assert session.read(ICCID) == number


def test_on_a_gsm_sim_a_missing_file_elsewhere_does_not_lead_into_the_wrong_directory() -> None:
    session = _session(_card("gsm"))
    session.select(TELECOM / 0x6F40)
    assert not session.exists(GSM / 0x6FFE)
    session.select(TELECOM / 0x6F42)
    assert session.look(TELECOM / 0x6F42).fid == 0x6F42


def test_a_gsm_sim_has_no_applications_and_is_not_asked() -> None:
    card = _card("gsm")
    session = _session(card)
    heard = card.tpdus
    with pytest.raises(Refused, match="no applications"):
        session.read(USIM / 0x6F07)
    assert card.tpdus == heard


def test_a_file_of_another_size_than_the_layout_has_is_not_written() -> None:
    layout, bigger = Layout(), _card()
    first = _session(_card(), layout)
    first.info(USIM / 0x6F38)
    body = bigger.inside.tree.file(USIM / 0x6F38).body
    body += b"\x00" * 5
    session = _session(bigger, layout)
    with pytest.raises(Refused, match=r"has 17 bytes here and 12 .*: insert this card again"):
        session.update(USIM / 0x6F38, bytes(12))
    assert not [tpdu for tpdu in bigger.heard if tpdu[1] == Ins.UPDATE_BINARY]
    assert layout.files[USIM / 0x6F38].size == 17
