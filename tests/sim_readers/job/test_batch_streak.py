"""Several bad cards in a row end a batch; one here and there does not."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from sim_readers.card_data import CardData
from sim_readers.emulator.blank import blank
from sim_readers.emulator.card import VirtualCard
from sim_readers.emulator.faults import Faults
from sim_readers.job.events import Asked
from sim_readers.job.outcome import Outcome
from sim_readers.job.runner import CardResult
from sim_readers.job.streak import Streak
from sim_readers.job.turns import Ending
from sim_readers.secret import Secret
from tests.sim_readers.job.hand import Hand, places, run
from tests.sim_readers.workbench import PIN1_REFERENCE, blank_cards, image, invented, verifies, workshop


def _cards(data: Iterable[CardData], bad: Iterable[int]) -> list[VirtualCard]:
    """Cards whose memory fails at the first write, where they are bad."""
    worn = set(bad)
    return [
        blank(image(), each, faults=Faults(write_fails_at=1) if number in worn else None, record=True)
        for number, each in enumerate(data)
    ]


def _ended(outcome: Outcome, iccid: str | None = "1") -> CardResult:
    return CardResult("reader", outcome, iccid, reasons=("6581",))


@pytest.mark.parametrize("readers", [1, 4])
def test_three_bad_cards_in_a_row_end_the_batch_with_what_was_wrong(tmp_path: Path, readers: int) -> None:
    data = invented(20)
    cards = _cards(data, range(1, 20))
    report = run(workshop(tmp_path, data), Hand(places(readers), cards))
    assert report.ending is Ending.CARDS_FAILED
    assert report.why.startswith("three cards in a row failed: ")
    assert report.why.count("6581") == 3
    assert sum(each.iccid in report.why for each in data[1:]) == 3
    assert 3 <= report.counts[Outcome.FAILED] <= 2 + readers
    assert report.done == 1


def test_two_bad_cards_in_a_row_again_and_again_end_nothing(tmp_path: Path) -> None:
    data = invented(12)
    cards = _cards(data, [1, 2, 4, 5, 7, 8, 10, 11])
    report = run(workshop(tmp_path, data), Hand(places(1), cards))
    assert (report.ending, report.counts) == (Ending.STOPPED, {Outcome.WRITTEN: 4, Outcome.FAILED: 8})


def test_how_many_are_too_many_is_the_caller_s_decision(tmp_path: Path) -> None:
    data = invented(12)
    report = run(workshop(tmp_path, data), Hand(places(1), _cards(data, range(1, 12))), most_failures=7)
    assert report.why.startswith("7 cards in a row failed: ")
    assert report.counts[Outcome.FAILED] == 7
    with pytest.raises(ValueError, match="at least one card"):
        run(workshop(tmp_path, data), Hand(places(1), []), most_failures=0)


def test_a_file_with_wrong_pins_from_the_second_card_on_costs_three_cards_a_try(tmp_path: Path) -> None:
    data = invented(10)
    cards = blank_cards(data, record=True)
    wrong = [data[0], *(replace(each, pin1=Secret(b"9999")) for each in data[1:])]
    report = run(workshop(tmp_path, wrong), Hand(places(1), cards))
    assert (report.ending, report.counts[Outcome.REFUSED]) == (Ending.CARDS_FAILED, 3)
    assert verifies(cards, PIN1_REFERENCE) == 4
    assert sorted(card.tries(PIN1_REFERENCE) for card in cards) == [2] * 3 + [3] * 7


def test_strangers_and_cards_done_before_are_not_in_the_row(tmp_path: Path) -> None:
    data = invented(8)
    cards = blank_cards(data)
    report = run(workshop(tmp_path, [data[0], data[7]]), Hand(places(1), cards))
    assert report.counts == {Outcome.WRITTEN: 2, Outcome.UNKNOWN: 6}
    again = run(workshop(tmp_path, data), Hand(places(1), [cards[0], cards[7], *cards[1:7]]))
    assert (again.already, again.done) == (2, 6)


def test_cards_pulled_out_once_by_a_hasty_hand_are_not_in_the_row(tmp_path: Path) -> None:
    data = invented(6)
    hasty = [blank(image(), each, faults=Faults(pull_out_at=25)) for each in data[1:]]
    hand = Hand(places(1), [*blank_cards(data[:1]), *hasty])
    report = run(workshop(tmp_path, data), hand)
    assert report.counts == {Outcome.WRITTEN: 6}
    assert len(hand.told(Asked)) == 5


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.KEY_REFUSED, Outcome.REFUSED])
def test_every_bad_end_counts_and_a_card_that_is_well_begins_anew(outcome: Outcome) -> None:
    streak = Streak(2)
    assert streak.judge(_ended(outcome, "1")) is None
    assert streak.judge(_ended(Outcome.AS_WISHED, "2")) is None
    assert streak.judge(_ended(outcome, "3")) is None
    assert streak.judge(_ended(outcome, "4")) == "two cards in a row failed: 3: 6581 | 4: 6581"


@pytest.mark.parametrize("outcome", [Outcome.UNKNOWN, Outcome.NO_CARD, Outcome.TORN])
def test_what_says_nothing_of_the_job_neither_counts_nor_begins_anew(outcome: Outcome) -> None:
    streak = Streak(2)
    assert streak.judge(_ended(Outcome.FAILED, "1")) is None
    assert streak.judge(_ended(outcome, "2")) is None
    assert streak.judge(_ended(Outcome.FAILED, "3")) is not None


def test_one_bad_card_put_in_again_and_again_is_one() -> None:
    streak = Streak(2)
    assert [streak.judge(_ended(Outcome.FAILED)) for _ in range(5)] == [None] * 5


def test_a_card_that_is_torn_twice_counts_however_it_came_to_it() -> None:
    streak = Streak(3)
    assert streak.judge(_ended(Outcome.TORN, None), torn_twice=True) is None
    assert streak.judge(_ended(Outcome.TORN, "1")) is None
    assert streak.judge(_ended(Outcome.TORN, "1")) is None
    assert streak.judge(_ended(Outcome.TORN, "2"), torn_twice=True) == (
        "three cards in a row failed: a card without number: 6581 | 1: 6581 | 2: 6581"
    )
