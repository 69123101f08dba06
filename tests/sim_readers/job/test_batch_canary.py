import threading
from dataclasses import replace
from pathlib import Path

import pytest

from sim_readers.card_data import CardData
from sim_readers.emulator.blank import blank
from sim_readers.emulator.card import VirtualCard
from sim_readers.job.events import Begun, Ended, Turned
from sim_readers.job.outcome import Outcome
from sim_readers.job.report import BatchReport
from sim_readers.job.runner import CardResult
from sim_readers.job.turns import Ending
from sim_readers.proof import Proven
from sim_readers.secret import Secret
from tests.sim_readers.job.hand import Hand, places, run
from tests.sim_readers.workbench import ADM1_REFERENCE, blank_cards, image, invented, job, verifies, workshop


class _Question:
    """Stands where the operator stands, and keeps what the station looked like then."""

    def __init__(self, hand: Hand, cards: list[VirtualCard], *, answer: bool = True) -> None:
        self.canaries: list[CardResult] = []
        self.begun = 0
        self.touched = 0
        self.thread: threading.Thread | None = None
        self._hand = hand
        self._cards = cards
        self._answer = answer

    def __call__(self, canary: CardResult) -> bool:
        self.canaries.append(canary)
        self.begun = len(self._hand.told(Begun))
        self.touched = sum(card.tpdus > 0 for card in self._cards)
        self.thread = threading.current_thread()
        return self._answer


def _ask(
    directory: Path, data: list[CardData], cards: list[VirtualCard], *, answer: bool = True
) -> tuple[BatchReport, _Question, Hand]:
    hand = Hand(places(4), cards)
    question = _Question(hand, cards, answer=answer)
    return run(workshop(directory, data), hand, confirm=question), question, hand


def test_one_card_is_done_and_proven_before_any_other_is_touched(tmp_path: Path) -> None:
    data = invented(12)
    report, question, _ = _ask(tmp_path, data, blank_cards(data))
    (canary,) = question.canaries
    assert (canary.outcome, canary.proof) == (Outcome.WRITTEN, Proven(0))
    assert (question.begun, question.touched) == (1, 1)
    assert report.done == 12


def test_the_canary_is_confirmed_in_the_callers_thread(tmp_path: Path) -> None:
    data = invented(2)
    _, question, _ = _ask(tmp_path, data, blank_cards(data))
    assert question.thread is threading.current_thread()


def test_a_canary_that_is_not_confirmed_ends_the_batch(tmp_path: Path) -> None:
    data = invented(8)
    cards = blank_cards(data)
    report, question, _ = _ask(tmp_path, data, cards, answer=False)
    assert report.ending is Ending.CANARY_DECLINED
    assert str(question.canaries[0].iccid) in report.why
    assert (report.done, sum(card.tpdus > 0 for card in cards)) == (1, 1)


def test_a_canary_whose_keys_are_not_proven_ends_the_batch(tmp_path: Path) -> None:
    data = invented(8)
    type_of_card = image("uicc")
    cards = [blank(type_of_card, each, keys_inside=True) for each in data]
    others = [replace(each, opc=Secret.from_hex("0" * 31 + "1")) for each in data]
    report, question, _ = _ask(tmp_path, others, cards)
    assert report.ending is Ending.CANARY_FAILED
    assert "not proven" in report.why
    assert question.canaries == []
    assert sum(card.tpdus > 0 for card in cards) == 1


def test_a_canary_that_may_not_be_begun_ends_the_batch(tmp_path: Path) -> None:
    data = invented(8)
    cards = blank_cards(data, record=True)
    report, question, _ = _ask(tmp_path, [replace(each, adm1=None) for each in data], cards)
    assert (report.ending, report.counts) == (Ending.CANARY_FAILED, {Outcome.REFUSED: 1})
    assert "import its vendor file" in report.why
    assert question.canaries == []
    assert verifies(cards) == 0


def test_strangers_are_no_canaries(tmp_path: Path) -> None:
    data = invented(6)
    cards = blank_cards(data)
    report, question, _ = _ask(tmp_path, data[4:], cards)
    assert report.counts == {Outcome.UNKNOWN: 4, Outcome.WRITTEN: 2}
    assert len(question.canaries) == 1


def test_cards_done_before_are_no_canaries(tmp_path: Path) -> None:
    data = invented(6)
    cards = blank_cards(data)
    run(workshop(tmp_path, data), Hand(places(1), cards[:4]))
    report, question, hand = _ask(tmp_path, data, cards)
    assert (report.already, report.done) == (4, 2)
    assert {away.turned for away in report.turned_away} == {Turned.ALREADY}
    assert question.canaries[0].iccid in {each.iccid for each in data[4:]}
    assert [event.done for event in hand.told(Ended)] == [1, 2]


def test_cards_that_are_as_wished_are_no_canaries(tmp_path: Path) -> None:
    data = invented(6)
    cards = blank_cards(data)
    run(workshop(tmp_path / "one station", data), Hand(places(1), cards[:5]))
    report, question, _ = _ask(tmp_path / "another", data, cards)
    assert report.counts == {Outcome.AS_WISHED: 5, Outcome.WRITTEN: 1}
    assert [canary.iccid for canary in question.canaries] == [data[5].iccid]


def test_one_card_alone_needs_no_confirmation(tmp_path: Path) -> None:
    data = invented(1)
    hand = Hand(places(1), blank_cards(data))
    question = _Question(hand, [])
    assert run(workshop(tmp_path, data), hand, confirm=question, wanted=1).done == 1
    hand.readers["virtual:place 0"].insert(blank_cards(data)[0])
    assert run(workshop(tmp_path / "again", data), hand, confirm=question, hot_swap=False).done == 1
    assert question.canaries == []


def test_an_operator_who_breaks_off_leaves_no_card_half_done(tmp_path: Path) -> None:
    data = invented(8)
    cards = blank_cards(data)

    def break_off(_canary: CardResult) -> bool:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(workshop(tmp_path, data), Hand(places(4), cards), confirm=break_off)
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("batch ")]
    assert workshop(tmp_path, data).bench.journal.done(job().name) == {
        each.iccid for each, card in zip(data, cards, strict=True) if card.tpdus
    }
    assert all(card.tries(ADM1_REFERENCE) == 3 for card in cards)
