"""How far events can be told while a number is missing."""

from __future__ import annotations

from gateway.orders.horizon import Horizon


def _rows(*seqs: int) -> list[dict[str, int]]:
    return [{"seq": seq} for seq in seqs]


def test_what_follows_without_a_gap_is_told_at_once() -> None:
    assert Horizon(5).settled(_rows(4, 5, 6), 3, 0) == 3


def test_a_missing_number_is_waited_for_from_when_it_was_first_seen_to_be() -> None:
    horizon = Horizon(5)
    rows = _rows(4, 6, 7)
    assert horizon.settled(rows, 3, 100) == 1
    horizon.note(7, 100)
    horizon.note(9, 104)
    assert horizon.settled(rows, 3, 104.9) == 1
    assert horizon.settled(rows, 3, 105) == 3
    assert horizon.settled(_rows(7, 9), 6, 105) == 1, "the next one has been missing for a second only"
    assert horizon.settled(_rows(7, 9), 6, 109) == 2


def test_a_number_that_comes_late_is_told_in_its_place() -> None:
    horizon = Horizon(5)
    assert horizon.settled(_rows(5), 3, 0) == 0
    horizon.note(5, 0)
    assert horizon.settled(_rows(4, 5), 3, 1) == 2


def test_history_is_waited_for_once_however_often_numbers_are_missing_in_it() -> None:
    horizon = Horizon(5)
    horizon.note(1000, 0)
    assert horizon.settled(_rows(*range(0, 1000, 2)), -1, 5) == 500
