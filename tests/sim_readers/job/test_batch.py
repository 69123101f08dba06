import threading
from pathlib import Path

import pytest

from sim_readers.job.events import Begun, Ended
from sim_readers.job.outcome import Outcome
from sim_readers.job.turns import Ending
from sim_readers.reader import Connection
from sim_readers.readers.virtual import VirtualReader
from tests.sim_readers.job.hand import Hand, places, run
from tests.sim_readers.workbench import ADM1_REFERENCE, blank_cards, invented, verifies, workshop


def test_two_hundred_cards_in_four_readers_are_each_written_once(tmp_path: Path) -> None:
    data = invented(200)
    cards = blank_cards(data, record=True)
    hand = Hand(places(4), cards)
    report = run(workshop(tmp_path, data), hand, wanted=200)
    assert (report.ending, report.counts, report.done) == (Ending.COMPLETE, {Outcome.WRITTEN: 200}, 200)
    assert {result.iccid for result in report.results} == {each.iccid for each in data}
    assert verifies(cards) == 200
    assert all(card.tries(ADM1_REFERENCE) == 3 for card in cards)
    assert len({result.reader for result in report.results}) == 4


def test_figures_are_of_the_cards_that_are_well(tmp_path: Path) -> None:
    data = invented(20)
    report = run(workshop(tmp_path, data), Hand(places(2), blank_cards(data)))
    assert report.median_s is not None
    assert report.p95_s is not None
    assert report.median_apdus is not None
    assert 0 < report.median_s <= report.p95_s <= report.elapsed_s
    assert 20 < report.median_apdus < 60
    assert report.cards_per_hour == 20 / report.elapsed_s * 3600
    assert report.to_json()["counts"] == {"written": 20}


def test_what_is_done_only_grows(tmp_path: Path) -> None:
    data = invented(40)
    hand = Hand(places(4), blank_cards(data))
    run(workshop(tmp_path, data), hand)
    assert [event.done for event in hand.told(Ended)] == list(range(1, 41))


def test_no_more_cards_are_begun_than_wanted(tmp_path: Path) -> None:
    data = invented(12)
    cards = blank_cards(data)
    hand = Hand(places(4), cards)
    report = run(workshop(tmp_path, data), hand, wanted=6)
    assert (report.ending, report.done) == (Ending.COMPLETE, 6)
    assert len(hand.told(Begun)) == 6
    assert sum(card.tpdus > 0 for card in cards) == 6


def test_a_stop_finishes_the_cards_under_way_and_the_next_run_does_the_others(tmp_path: Path) -> None:
    data = invented(30)
    cards = blank_cards(data, record=True)
    hand = Hand(places(3), cards)
    hand.also = lambda _event: hand.stop.set() if len(hand.told(Begun)) == 10 else None
    first = run(workshop(tmp_path, data), hand)
    assert (first.ending, first.done) == (Ending.STOPPED, 10)
    assert first.counts == {Outcome.WRITTEN: 10}

    second = run(workshop(tmp_path, data), Hand(places(3), cards))
    assert (second.done, second.already) == (20, 10)
    assert verifies(cards) == 30


def test_without_hot_swap_each_card_that_is_there_has_one_turn(tmp_path: Path) -> None:
    data = invented(3)
    readers = [VirtualReader(str(n), card) for n, card in enumerate(blank_cards(data))] + [VirtualReader("empty")]
    report = run(workshop(tmp_path, data), Hand(readers, [], asleep=True), hot_swap=False)
    assert report.ending is Ending.COMPLETE
    assert report.counts == {Outcome.WRITTEN: 3, Outcome.NO_CARD: 1}


class _Watched(VirtualReader):
    """Notes who calls it."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.callers: set[str] = set()

    def connect(self) -> Connection:
        self.callers.add(threading.current_thread().name)
        return super().connect()

    def wait_for_removal(self, timeout_s: float) -> bool:
        self.callers.add(threading.current_thread().name)
        return super().wait_for_removal(timeout_s)


def test_every_reader_has_a_thread_of_its_own(tmp_path: Path) -> None:
    data = invented(12)
    readers = [_Watched("left"), _Watched("right")]
    before = threading.active_count()
    run(workshop(tmp_path, data), Hand(readers, blank_cards(data)))
    assert [reader.callers for reader in readers] == [{"batch virtual:left"}, {"batch virtual:right"}]
    assert threading.active_count() == before


@pytest.mark.parametrize(
    ("readers", "wanted", "why"),
    [([], None, "needs readers"), (["one", "one"], None, "each of them once"), (["one"], 0, "must be wanted")],
)
def test_a_batch_needs_readers_and_a_purpose(tmp_path: Path, readers: list[str], wanted: int | None, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        run(workshop(tmp_path, []), Hand([], []), readers=[VirtualReader(name) for name in readers], wanted=wanted)


def test_a_mistake_in_a_readers_thread_is_raised_where_the_batch_was_started(tmp_path: Path) -> None:
    data = invented(4)
    hand = Hand(places(2), blank_cards(data))
    hand.also = lambda event: 1 // 0 if isinstance(event, Ended) else None
    with pytest.raises(ZeroDivisionError):
        run(workshop(tmp_path, data), hand)
    assert len(hand.told(Ended)) == 1
