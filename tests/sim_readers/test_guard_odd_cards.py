"""Cards that answer oddly, and keys that change: the guard beside the usual way."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sim_readers.apdu import Command
from sim_readers.card_data import CardData
from sim_readers.emulator.blank import blank
from sim_readers.emulator.card import VirtualCard
from sim_readers.emulator.image import read_image
from sim_readers.errors import CardGone
from sim_readers.guard import Blocked, Breaker, Guard, Held, Origin, Presented, Right, Verdict, Wrong
from sim_readers.keyref import PIN1, PUK1, PUK2, adm
from sim_readers.ledger import Ledger, Outcome
from sim_readers.secret import Secret
from sim_readers.session import CardSession
from sim_readers.status import Generation
from tests.sim_readers.direct import Direct
from tests.sim_readers.scripted import Scripted

IMAGES = Path(__file__).parents[2] / "config" / "card_images"
ICCID = "8933019000000000011"
PIN, PUK, ADM, OTHER_ADM = (Secret(value) for value in (b"1234", b"11111111", b"12345678", b"87654321"))
ADM1 = adm(0x0A, 3)
DATA = CardData(ICCID, "208019900000001", pin1=PIN, puk1=PUK, adm1=ADM)


def _ledger(directory: Path) -> Ledger:
    return Ledger(directory, lambda: datetime(2026, 12, 1, tzinfo=UTC), "anna")


def _guard(directory: Path, breaker: Breaker | None = None) -> Guard:
    return Guard(_ledger(directory), breaker, lambda _: True)


def _told(
    directory: Path, answers: Iterable[str], presented: Presented, breaker: Breaker | None = None
) -> tuple[Verdict, int]:
    """What the guard makes of a card's answers, and how often the card heard the key."""
    card = Scripted(answers)
    verdict = _guard(directory, breaker).verify(CardSession(card), ICCID, presented)
    return verdict, sum(len(sent) > 5 for sent in card.sent)


def _card(image: str = "uicc") -> VirtualCard:
    return blank(read_image(IMAGES / f"{image}.toml"), DATA, record=True)


def _session(card: VirtualCard) -> CardSession:
    session = CardSession(Direct(card))
    session.find_generation()
    return session


@pytest.mark.parametrize(
    "answers",
    [
        ["63C3", "63C3"],  # its counter does not move
        ["63CF", "63CF"],
        ["63C3", "6300", "63C3"],
        ["63C3", "6983"],
        ["63C3", "6A80", "63C2"],
        ["6A86", "63C2"],
        ["6A86", "6F00", "6A86"],
    ],
)
def test_a_key_the_card_compared_is_wrong_whatever_its_counter_says(tmp_path: Path, answers: list[str]) -> None:
    breaker = Breaker()
    verdict, heard = _told(tmp_path, answers, Presented(ADM1, ADM), breaker)
    assert (type(verdict), heard, breaker.refused_by) == (Wrong, 1, ICCID)
    assert isinstance(_told(tmp_path, ["63C3", "9000"], Presented(ADM1, ADM))[0], Held)


@pytest.mark.parametrize("status", ["6700", "6984", "6A86", "6A88", "6B00", "6D00", "6E00", "6C08"])
def test_a_command_the_card_does_not_take_makes_no_key_wrong_and_stops_no_batch(tmp_path: Path, status: str) -> None:
    breaker = Breaker()
    verdict, heard = _told(tmp_path, ["63C3", status, "63C3"], Presented(ADM1, ADM), breaker)
    assert (type(verdict), heard, breaker.refused_by) == (Held, 1, None)
    assert _told(tmp_path, ["63C3", "9000"], Presented(ADM1, ADM))[0] == Right()


@pytest.mark.parametrize("status", ["6A86", "6A88", "6D00"])
def test_where_the_card_has_no_such_key_nothing_is_called_wrong(tmp_path: Path, status: str) -> None:
    verdict, _ = _told(tmp_path, [status] * 3, Presented(ADM1, ADM))
    assert isinstance(verdict, Held)
    assert _told(tmp_path, ["63C3", "9000"], Presented(ADM1, ADM))[0] == Right()


def test_a_blocked_key_behind_a_hidden_counter_is_called_blocked_and_stops_no_batch(tmp_path: Path) -> None:
    breaker = Breaker()
    assert _told(tmp_path, ["6A86", "6983"], Presented(ADM1, ADM), breaker)[0] == Blocked(ADM1)
    assert breaker.refused_by is None


@pytest.mark.parametrize("status", ["9000", "6984"])
def test_a_pin_that_is_disabled_or_verified_is_not_presented(tmp_path: Path, status: str) -> None:
    assert _told(tmp_path, [status], Presented(PIN1, PIN)) == (Right(spent=False), 0)


def test_a_card_that_hides_its_counter_gets_no_second_key_without_the_operator_s_word(tmp_path: Path) -> None:
    assert _told(tmp_path, ["6A86", "6300", "6A86"], Presented(ADM1, OTHER_ADM))[0] == Wrong(ADM1, None)
    verdict, heard = _told(tmp_path, ["6A86", "9000"], Presented(ADM1, ADM))
    assert heard == 0
    assert "1 of at most 3 may be spent: say --accept-tries 1" in str(verdict)
    assert _told(tmp_path, ["6A86", "9000"], Presented(ADM1, ADM, accept_tries=1))[0] == Right()
    assert _told(tmp_path, ["6A86", "9000"], Presented(ADM1, ADM))[0] == Right()


def test_a_typed_puk_is_not_for_a_card_that_hides_its_counter(tmp_path: Path) -> None:
    card = Scripted(["6700"])
    guard = _guard(tmp_path)
    verdict = guard.unblock(CardSession(card), ICCID, PIN1, Presented(PUK1, PUK, Origin.TYPED), PIN)
    assert isinstance(verdict, Held)
    assert "only a key from the vault" in str(verdict)


@pytest.mark.parametrize("secret", [b"123", b"123456789", b"12 4", b"1234\xff\xff\xff\xff", b""])
def test_what_can_be_no_pin_costs_no_try(tmp_path: Path, secret: bytes) -> None:
    card = Scripted([])
    verdict = _guard(tmp_path).verify(CardSession(card), ICCID, Presented(PIN1, Secret(secret)))
    assert "must have 4 to 8 digits" in str(verdict)
    changed = _guard(tmp_path).change(CardSession(card), ICCID, Presented(PIN1, PIN), Secret(secret))
    assert "the new PIN must have 4 to 8 digits" in str(changed)
    assert card.sent == []


def test_what_can_be_no_adm_or_puk_costs_no_try(tmp_path: Path) -> None:
    card, guard = Scripted([]), _guard(tmp_path)
    assert "8 bytes" in str(guard.verify(CardSession(card), ICCID, Presented(ADM1, Secret(b"1234"))))
    short = Presented(PUK1, Secret(b"1234"))
    assert "8 digits" in str(guard.unblock(CardSession(card), ICCID, PIN1, short, PIN))
    assert card.sent == []


def test_the_puk_of_another_pin_is_not_sent(tmp_path: Path) -> None:
    card = Scripted([])
    verdict = _guard(tmp_path).unblock(CardSession(card), ICCID, PIN1, Presented(PUK2, PUK), PIN)
    assert isinstance(verdict, Held)
    assert card.sent == []


@pytest.mark.parametrize("way", ["unblock", "change"])
def test_a_pin_that_was_wrong_once_is_right_after_the_card_was_given_it(tmp_path: Path, way: str) -> None:
    card, new, guard = _card(), Secret(b"5678"), _guard(tmp_path)
    assert guard.verify(_session(card), ICCID, Presented(PIN1, new)) == Wrong(PIN1, 2)
    if way == "unblock":
        done = guard.unblock(_session(card), ICCID, PIN1, Presented(PUK1, PUK), new)
    else:
        done = guard.change(_session(card), ICCID, Presented(PIN1, PIN, accept_tries=2), new)
    assert done == Right()
    assert _guard(tmp_path).verify(_session(card), ICCID, Presented(PIN1, new)) == Right()


def test_a_right_key_cut_off_is_not_blamed_for_the_wrong_key_that_came_after_it(tmp_path: Path) -> None:
    ledger, card = _ledger(tmp_path), _card()
    ledger.before(ICCID, "ADM1", ADM, 3)  # cut off before the card heard it
    assert _guard(tmp_path).verify(_session(card), ICCID, Presented(ADM1, OTHER_ADM)) == Wrong(ADM1, 2)
    assert _guard(tmp_path).verify(_session(card), ICCID, Presented(ADM1, ADM, accept_tries=2)) == Right()


def test_a_wrong_adm_that_was_cut_off_stops_the_batch_when_its_card_comes_again(tmp_path: Path) -> None:
    breaker = Breaker()
    with pytest.raises(CardGone):
        _told(tmp_path, ["63C3"], Presented(ADM1, ADM), breaker)
    assert isinstance(_told(tmp_path, ["63C2"], Presented(ADM1, ADM, accept_tries=2), breaker)[0], Held)
    assert breaker.refused_by == ICCID
    assert [attempt.outcome for attempt in _ledger(tmp_path).attempts(ICCID, "ADM1", ADM)] == [Outcome.WRONG]


def test_a_gsm_sim_s_9804_is_a_wrong_key_even_if_its_counter_stands_still(tmp_path: Path) -> None:
    told = bytes.fromhex("000000003F00010000000000" + "0A01" + "000000" + "00" + "838A838A" + "00").hex()
    card = Scripted(["9F17", told + "9000", "9804", "9F17", told + "9000"])
    verdict = _guard(tmp_path).verify(CardSession(card, Generation.GSM), ICCID, Presented(PIN1, PIN))
    assert verdict == Wrong(PIN1, 3)


def test_no_secret_is_in_what_a_command_shows_of_itself() -> None:
    assert "12345678" not in repr(Command(0, 0x20, 0, 0x0A, ADM.reveal()))
