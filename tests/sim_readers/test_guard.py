from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sim_readers.apdu import Ins
from sim_readers.card_data import CardData
from sim_readers.emulator.blank import blank
from sim_readers.emulator.card import VirtualCard
from sim_readers.emulator.faults import Faults
from sim_readers.emulator.image import read_image
from sim_readers.errors import CardGone
from sim_readers.guard import Blocked, Breaker, Guard, Held, Origin, Presented, Right, Verdict, Wrong
from sim_readers.keyref import PIN1, PIN2, PUK1, PUK2, KeyRef, adm, ask
from sim_readers.ledger import Ledger
from sim_readers.secret import Secret
from sim_readers.session import CardSession
from tests.sim_readers.direct import Direct

IMAGES = Path(__file__).parents[2] / "config" / "card_images"
ICCID = "8933019000000000011"
PIN, PUK, ADM = Secret(b"1234"), Secret(b"11111111"), Secret(b"12345678")
ADM1 = adm(0x0A, 3)
DATA = CardData(ICCID, "208019900000001", pin1=PIN, puk1=PUK, pin2=PIN, puk2=PUK, adm1=ADM)


def _card(image: str = "uicc", faults: Faults | None = None) -> VirtualCard:
    return blank(read_image(IMAGES / f"{image}.toml"), DATA, record=True, faults=faults)


def _session(card: VirtualCard) -> CardSession:
    session = CardSession(Direct(card))
    session.find_generation()
    return session


def _guard(directory: Path, breaker: Breaker | None = None, confirm: Callable[[str], bool] = lambda _: True) -> Guard:
    return Guard(Ledger(directory, lambda: datetime(2026, 12, 1, tzinfo=UTC), "anna"), breaker, confirm)


def _spent(card: VirtualCard) -> int:
    """How many keys the card has heard: every VERIFY, UNBLOCK, CHANGE, ENABLE or DISABLE with data."""
    return sum(tpdu[1] in (0x20, 0x24, 0x26, 0x28, 0x2C) and len(tpdu) > 5 for tpdu in card.heard)


def _verify(
    guard: Guard, card: VirtualCard, secret: bytes, accept: int | None = None, origin: Origin = Origin.VAULT
) -> Verdict:
    return guard.verify(_session(card), ICCID, Presented(ADM1, Secret(secret), origin, accept))


@pytest.mark.parametrize("image", ["uicc", "gsm"])
def test_a_right_pin_is_presented_once_and_opens_the_card(tmp_path: Path, image: str) -> None:
    card = _card(image)
    session = _session(card)
    assert _guard(tmp_path).verify(session, ICCID, Presented(PIN1, PIN)) == Right()
    assert _spent(card) == 1


def test_a_wrong_key_costs_one_try_and_is_never_sent_again_by_any_process(tmp_path: Path) -> None:
    card = _card()
    assert _verify(_guard(tmp_path), card, b"87654321") == Wrong(ADM1, 2)
    again = _verify(_guard(tmp_path), card, b"87654321", accept=2)
    assert isinstance(again, Held)
    assert "has refused this very key before" in again.why
    assert (_spent(card), card.tries(0x0A)) == (1, 2)


def test_below_the_usual_tries_nothing_is_sent_until_the_operator_says_the_number(tmp_path: Path) -> None:
    card = _card()
    _verify(_guard(tmp_path), card, b"87654321")
    held = _verify(_guard(tmp_path), card, ADM.reveal())
    assert isinstance(held, Held)
    assert "--accept-tries 2" in held.why
    assert isinstance(_verify(_guard(tmp_path), card, ADM.reveal(), accept=3), Held)
    assert _spent(card) == 1
    assert _verify(_guard(tmp_path), card, ADM.reveal(), accept=2) == Right()
    assert card.tries(0x0A) == 3


def test_the_ledger_has_the_attempt_before_the_card_hears_it(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, lambda: datetime(2026, 12, 1, tzinfo=UTC), "anna")
    known: list[int] = []

    class Listening(Direct):
        def transmit(self, command: bytes) -> bytes:
            if command[1] == Ins.VERIFY and len(command) > 5:
                known.append(len(ledger.attempts(ICCID, "ADM1", ADM)))
            return super().transmit(command)

    guard = Guard(ledger)
    assert guard.verify(CardSession(Listening(_card())), ICCID, Presented(ADM1, ADM)) == Right()
    assert known == [1]


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_wrong_key_cut_off_is_known_by_the_counter_and_never_spent_twice(tmp_path: Path, when: str) -> None:
    card = _card()
    session = _session(card)
    session.send(session.command(Ins.VERIFY, 0, 0x0A))
    cut = _card(faults=Faults(pull_out_at=card.tpdus + 1, pull_out="before" if when == "before" else "after"))
    with pytest.raises(CardGone):
        _verify(_guard(tmp_path), cut, b"87654321")
    heard = when == "after"
    assert cut.tries(0x0A) == (2 if heard else 3)
    again = _verify(_guard(tmp_path), cut, b"87654321", accept=2 if heard else None)
    assert isinstance(again, Held) if heard else again == Wrong(ADM1, 2)
    assert cut.tries(0x0A) == 2


def test_a_right_key_cut_off_may_be_sent_again(tmp_path: Path) -> None:
    cut = _card(faults=Faults(pull_out_at=3, pull_out="after"))
    with pytest.raises(CardGone):
        _verify(_guard(tmp_path), cut, ADM.reveal())
    assert _verify(_guard(tmp_path), cut, ADM.reveal()) == Right()


def test_a_card_that_hides_its_counter_gets_one_attempt_and_only_from_the_vault(tmp_path: Path) -> None:
    card = _card("gsm")
    key = adm(0x0A, 3)
    session = _session(card)
    typed = _guard(tmp_path).verify(session, ICCID, Presented(key, ADM, Origin.TYPED))
    assert isinstance(typed, Held)
    assert _spent(card) == 0
    first = _guard(tmp_path).verify(session, ICCID, Presented(key, Secret(b"87654321")))
    assert first == Wrong(key, None)
    assert isinstance(_guard(tmp_path).verify(session, ICCID, Presented(key, Secret(b"87654321"))), Held)
    assert _spent(card) == 1


def test_the_first_refused_key_of_a_batch_stops_every_other_card(tmp_path: Path) -> None:
    breaker, first, second = Breaker(), _card(), _card()
    assert _verify(_guard(tmp_path, breaker), first, b"87654321") == Wrong(ADM1, 2)
    held = _guard(tmp_path, breaker).verify(_session(second), "8933019000000000029", Presented(ADM1, ADM))
    assert isinstance(held, Held)
    assert ICCID in held.why
    assert (_spent(second), second.tries(0x0A)) == (0, 3)


@pytest.mark.parametrize(("image", "pin", "puk"), [("uicc", PIN1, PUK1), ("uicc", PIN2, PUK2), ("gsm", PIN1, PUK1)])
def test_three_wrong_pins_block_and_the_puk_opens_with_a_new_pin(
    tmp_path: Path, image: str, pin: KeyRef, puk: KeyRef
) -> None:
    card = _card(image)
    guard, session = _guard(tmp_path), _session(card)
    for left, wrong in ((2, b"0001"), (1, b"0002"), (0, b"0003")):
        verdict = guard.verify(session, ICCID, Presented(pin, Secret(wrong), Origin.TYPED, left + 1))
        assert verdict == Wrong(pin, left)
    assert guard.verify(session, ICCID, Presented(pin, PIN)) == Blocked(pin)
    assert guard.unblock(session, ICCID, pin, Presented(puk, PUK), Secret(b"5678")) == Right()
    assert ask(_session(card), pin).tries == 3
    assert guard.verify(_session(card), ICCID, Presented(pin, Secret(b"5678"))) == Right()


def test_ten_different_wrong_puks_kill_the_card_and_it_is_told_so(tmp_path: Path) -> None:
    card = _card()
    asked: list[str] = []

    def agree(question: str) -> bool:
        asked.append(question)
        return True

    guard = _guard(tmp_path, confirm=agree)
    for left in range(9, -1, -1):
        presented = Presented(PUK1, Secret(b"2222222%d" % left), Origin.TYPED, left + 1)
        assert guard.unblock(_session(card), ICCID, PIN1, presented, PIN) == Wrong(PUK1, left)
    dead = guard.unblock(_session(card), ICCID, PIN1, Presented(PUK1, PUK), PIN)
    assert dead == Blocked(PUK1)
    assert "the card is dead" in str(dead)
    assert _spent(card) == 10
    assert [question.split()[0] for question in asked] == ["4", "3", "2", "1"]


def test_without_a_word_of_confirmation_a_puk_that_runs_out_is_not_sent(tmp_path: Path) -> None:
    card = _card()
    for left in range(9, 3, -1):
        presented = Presented(PUK1, Secret(b"2222222%d" % left), Origin.TYPED, left + 1)
        _guard(tmp_path).unblock(_session(card), ICCID, PIN1, presented, PIN)
    before = _spent(card)
    silent = _guard(tmp_path, confirm=lambda _: False)
    assert isinstance(silent.unblock(_session(card), ICCID, PIN1, Presented(PUK1, PUK, accept_tries=4), PIN), Held)
    assert _spent(card) == before


def test_a_pin_is_changed_disabled_and_enabled_with_the_old_one_presented_once_each(tmp_path: Path) -> None:
    card, new = _card(), Secret(b"5678")
    guard = _guard(tmp_path)
    assert guard.change(_session(card), ICCID, Presented(PIN1, PIN), new) == Right()
    assert guard.switch(_session(card), ICCID, Presented(PIN1, new), on=False) == Right()
    assert guard.switch(_session(card), ICCID, Presented(PIN1, new), on=True) == Right()
    wrong = guard.change(_session(card), ICCID, Presented(PIN1, PIN), new)
    assert wrong == Wrong(PIN1, 2)


def test_no_key_is_in_any_text_a_verdict_or_an_error_makes(tmp_path: Path) -> None:
    card = _card()
    presented = Presented(ADM1, Secret(b"87654321"))
    verdict = _guard(tmp_path).verify(_session(card), ICCID, presented)
    said = f"{verdict} {verdict!r} {presented!r} {_verify(_guard(tmp_path), card, b'87654321')!r}"
    assert "87654321" not in said
    assert "3837363534333231" not in said
