import time
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from sim_readers.card_data import CardData
from sim_readers.emulator.blank import blank
from sim_readers.emulator.card import VirtualCard
from sim_readers.emulator.face import EmulatedCard
from sim_readers.emulator.faults import Faults
from sim_readers.job.events import Again, Asked, BatchEvent, Ended, ReaderLost, Turned, TurnedAway
from sim_readers.job.outcome import Outcome
from sim_readers.job.runner import Source
from sim_readers.job.turns import Ending
from sim_readers.readers.virtual import VirtualReader
from tests.sim_readers.job.hand import Hand, places, run
from tests.sim_readers.workbench import ADM1_REFERENCE, blank_cards, image, invented, verifies, workshop


class _LooseContact(EmulatedCard):
    """A card that stays in its reader and falls silent, at the n-th command after each of so many resets."""

    def __init__(self, card: VirtualCard, silent_at: int, times: int) -> None:
        self._card = card
        self._silent_at = silent_at
        self._times = times
        self._commands = count(1)

    def power_on(self) -> bytes:
        self._commands = count(1)
        return self._card.power_on()

    def power_off(self) -> None:
        self._card.power_off()

    def transmit(self, tpdu: bytes) -> bytes:
        if next(self._commands) == self._silent_at and self._times:
            self._times -= 1
            self._card.power_off()
            return b""
        return self._card.transmit(tpdu)


@pytest.mark.parametrize("at", [1, 8, 20, 24, 30, 36, 41])
def test_a_card_that_was_torn_is_asked_for_and_done_when_it_comes_again(tmp_path: Path, at: int) -> None:
    data = invented(4)
    torn = blank(image(), data[3], faults=Faults(pull_out_at=at), record=True)
    hand = Hand(places(1), [*blank_cards(data[:3]), torn])
    report = run(workshop(tmp_path, data), hand)
    before, after = [event.result for event in hand.told(Ended)][-2:]
    assert (before.outcome, after.well) == (Outcome.TORN, True)
    assert "insert it again" in hand.told(Asked)[0].text
    assert report.done == 4
    assert torn.tries(ADM1_REFERENCE) == 3
    assert verifies([torn]) <= 2  # one after each power-up


def test_of_a_card_that_was_torn_and_done_only_the_end_is_counted(tmp_path: Path) -> None:
    data = invented(2)
    torn = blank(image(), data[1], faults=Faults(pull_out_at=25))
    report = run(workshop(tmp_path, data), Hand(places(1), [*blank_cards(data[:1]), torn]))
    assert report.counts == {Outcome.WRITTEN: 2}


@pytest.mark.parametrize("at", [2, 20, 30, 40])
def test_a_contact_that_fails_once_is_tried_again_by_itself(tmp_path: Path, at: int) -> None:
    data = invented(2)
    first, second = blank_cards(data, record=True)
    hand = Hand(places(1), [first, _LooseContact(second, at, times=1)])
    report = run(workshop(tmp_path, data), hand)
    assert (len(hand.told(Again)), hand.told(Asked)) == (1, [])
    assert report.done == 2
    assert report.results[1].apdus > at
    assert second.tries(ADM1_REFERENCE) == 3


def test_a_contact_that_fails_twice_is_asked_about(tmp_path: Path) -> None:
    data = invented(2)
    first, second = blank_cards(data)
    hand = Hand(places(1), [first, _LooseContact(second, 20, times=2)])
    report = run(workshop(tmp_path, data), hand)
    assert (len(hand.told(Again)), len(hand.told(Asked))) == (1, 1)
    assert report.counts == {Outcome.WRITTEN: 2}


def test_a_mute_card_is_asked_about_and_the_others_go_on(tmp_path: Path) -> None:
    data = invented(4)
    mute = blank(image(), data[0], faults=Faults(mute=True))
    hand = Hand(places(2), [mute, *blank_cards(data[1:])])
    report = run(workshop(tmp_path, data), hand, wanted=3)
    assert "does not answer" in hand.told(Asked)[0].text
    assert (report.ending, report.counts) == (Ending.COMPLETE, {Outcome.WRITTEN: 3})


def test_the_same_iccid_in_two_readers_at_once_is_done_once(tmp_path: Path) -> None:
    data = invented(2)
    first, one, other = blank_cards([*data, data[1]], record=True)
    readers = places(3)
    readers[0].insert(first)
    hand = Hand(readers, [], asleep=True)

    def go_on(event: BatchEvent) -> None:
        if isinstance(event, Ended) and event.done == 1:
            readers[1].insert(one)
            readers[2].insert(other)
        if hand.told(TurnedAway) and len(hand.told(Ended)) == 2:
            hand.stop.set()

    hand.also = go_on
    station = workshop(tmp_path, data)
    station.source = _taking_its_time(station.source)
    report = run(station, hand)
    assert (report.done, report.duplicates) == (2, 1)
    assert "set both aside" in report.turned_away[0].why
    assert sorted(verifies([card]) for card in (one, other)) == [0, 1]


def _taking_its_time(source: Source) -> Source:
    def find(iccid: str) -> CardData:
        time.sleep(0.3)
        return source(iccid)

    return find


def test_the_second_card_with_an_imsi_is_not_written(tmp_path: Path) -> None:
    data = invented(3)
    data[2] = replace(data[2], imsi=data[1].imsi)
    cards = blank_cards(data, record=True)
    report = run(workshop(tmp_path, data), Hand(places(1), cards))
    assert (report.done, [away.turned for away in report.turned_away]) == (2, [Turned.DUPLICATE])
    assert data[1].iccid in report.turned_away[0].why
    assert verifies(cards[2:]) == 0


def test_a_lost_reader_ends_alone(tmp_path: Path) -> None:
    data = invented(20)
    readers = places(3)
    hand = Hand(readers, blank_cards(data))
    hand.also = lambda event: readers[0].close() if isinstance(event, Ended) and event.done == 5 else None
    station = workshop(tmp_path, data)
    station.timer = lambda: time.monotonic() * 40
    report = run(station, hand)
    assert report.lost_readers == (readers[0].name,)
    assert hand.told(ReaderLost)[0].why
    assert report.done >= 19  # at most the card that was in it


class _LastCard(EmulatedCard):
    """A card whose reader is unplugged at its n-th command."""

    def __init__(self, card: VirtualCard, reader: VirtualReader, at: int) -> None:
        self._card = card
        self._reader = reader
        self._at = at

    def power_on(self) -> bytes:
        return self._card.power_on()

    def power_off(self) -> None:
        self._card.power_off()

    def transmit(self, tpdu: bytes) -> bytes:
        if self._card.tpdus == self._at:
            self._reader.close()
            return b""
        return self._card.transmit(tpdu)


def test_a_card_whose_reader_is_unplugged_amid_it_is_counted_as_torn(tmp_path: Path) -> None:
    data = invented(6)
    cards = blank_cards(data)
    left, right = places(2)
    left.insert(cards[0])
    right.insert(_LastCard(cards[1], right, 25))
    hand = Hand([left, right], cards[2:])
    station = workshop(tmp_path, data)
    station.timer = lambda: time.monotonic() * 40
    report = run(station, hand)
    assert report.counts == {Outcome.WRITTEN: 5, Outcome.TORN: 1}
    assert report.lost_readers == (right.name,)


def test_without_any_reader_left_the_batch_ends(tmp_path: Path) -> None:
    readers = places(2)
    for reader in readers:
        reader.close()
    station = workshop(tmp_path, [])
    station.timer = lambda: time.monotonic() * 40
    report = run(station, Hand(readers, [], asleep=True))
    assert (report.ending, len(report.lost_readers)) == (Ending.NO_READER_LEFT, 2)


def test_a_reader_in_others_hands_is_waited_for(tmp_path: Path) -> None:
    data = invented(1)
    (reader,) = places(1)
    reader.insert(blank_cards(data)[0])
    other = reader.connect()
    hand = Hand([reader], [], asleep=True)
    hand.also = lambda event: other.close() if isinstance(event, Asked) else None
    report = run(workshop(tmp_path, data), hand, hot_swap=False)
    assert "in use" in hand.told(Asked)[0].text
    assert report.counts == {Outcome.WRITTEN: 1}
