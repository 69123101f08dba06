from dataclasses import replace
from pathlib import Path

import pytest

from sim_readers.card_data import CardData
from sim_readers.emulator.card import VirtualCard
from sim_readers.job.outcome import Outcome
from sim_readers.job.turns import Ending
from tests.sim_readers.job.hand import Hand, places, run
from tests.sim_readers.workbench import (
    ADM1_REFERENCE,
    PIN1_REFERENCE,
    blank_cards,
    card_data,
    delivery,
    invented,
    verifies,
    workshop,
    wrong_adm,
)


def _tries(cards: list[VirtualCard], reference: int = ADM1_REFERENCE) -> list[int]:
    return sorted(card.tries(reference) for card in cards)


def _other_files_keys(data: list[CardData]) -> list[CardData]:
    """As a file of another delivery with the same numbers would have it."""
    return [replace(each, adm1=other.adm1) for each, other in zip(data, card_data(delivery(8, first=101)), strict=True)]


def test_a_wrong_vendor_file_stops_the_batch_after_one_card_with_two_tries_left_of_three(tmp_path: Path) -> None:
    data = invented(8)
    cards = blank_cards(data, record=True)
    hand = Hand(places(4), cards)
    report = run(workshop(tmp_path, _other_files_keys(data)), hand)
    assert report.ending is Ending.KEY_REFUSED
    assert "check that the right file is loaded" in report.why
    assert _tries(cards) == [2, 3, 3, 3, 3, 3, 3, 3]
    assert verifies(cards) == 1
    assert sum(card.tpdus > 0 for card in cards) == 1
    assert report.counts == {Outcome.KEY_REFUSED: 1}


def test_a_file_whose_pins_are_wrong_costs_one_try_of_one_pin(tmp_path: Path) -> None:
    data = card_data(delivery(8, pin1="0000"))
    cards = blank_cards(invented(8), record=True)
    report = run(workshop(tmp_path, data), Hand(places(4), cards))
    assert (report.ending, report.counts) == (Ending.CANARY_FAILED, {Outcome.REFUSED: 1})
    assert _tries(cards, PIN1_REFERENCE) == [2, 3, 3, 3, 3, 3, 3, 3]
    assert verifies(cards) == 0


@pytest.mark.parametrize("turn", range(5))
def test_a_key_refused_in_the_middle_is_the_last_that_is_presented_anywhere(tmp_path: Path, turn: int) -> None:
    data = invented(12)
    cards = blank_cards(data, record=True)
    mixed = [each if number <= turn else wrong_adm(each) for number, each in enumerate(data)]
    report = run(workshop(tmp_path, mixed), Hand(places(4), cards))
    assert report.ending is Ending.KEY_REFUSED
    assert _tries(cards) == [2, *[3] * 11]
    assert verifies(cards) == report.done + 1
    assert report.counts[Outcome.KEY_REFUSED] == 1


def test_with_the_right_file_the_others_are_done_and_the_one_that_lost_a_try_is_held_back(tmp_path: Path) -> None:
    data = invented(8)
    cards = blank_cards(data, record=True)
    run(workshop(tmp_path, _other_files_keys(data)), Hand(places(1), cards))
    report = run(workshop(tmp_path, data), Hand(places(2), [*cards[1:], cards[0]]))
    assert report.counts == {Outcome.WRITTEN: 7, Outcome.REFUSED: 1}
    assert _tries(cards) == [2, 3, 3, 3, 3, 3, 3, 3]
    (held,) = (result for result in report.results if not result.well)
    assert "--accept-tries 2" in held.reasons[0]


def test_a_ledger_that_cannot_be_written_stops_every_reader_before_a_key_is_sent(tmp_path: Path) -> None:
    data = invented(8)
    cards = blank_cards(data, record=True)
    station = workshop(tmp_path, data)
    (tmp_path / "attempts.jsonl").mkdir()
    report = run(station, Hand(places(4), cards))
    assert report.ending is Ending.LEDGER_BROKEN
    assert "free its disk or give access to it" in report.why
    assert verifies(cards) + verifies(cards, PIN1_REFERENCE) == 0
    assert sum(card.tpdus > 0 for card in cards) == 1
