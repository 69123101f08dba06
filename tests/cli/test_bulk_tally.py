"""What became of each row, in whatever order the news come."""

from __future__ import annotations

import io
import json

import pytest

from gateway.cli.bulk_client import Outcome, Placed
from gateway.cli.bulk_rows import BulkRow
from gateway.cli.bulk_tally import Tally

A, B, C = (BulkRow(n, {"external_id": f"E-{n}"}, f"key-{n}") for n in (1, 2, 3))


def _placed(row: BulkRow, *, before: bool = False, state: str = "acknowledged") -> Placed:
    return Placed(f"id-{row.number}", state, before)


def _to_look(tally: Tally) -> list[str]:
    return [tally.to_look.get_nowait() for _ in range(tally.to_look.qsize())]


async def test_an_accepted_row_is_done_at_once_when_nobody_waits() -> None:
    tally = Tally(None, follow=False)
    tally.placed(A, _placed(A))
    tally.refused(B, Outcome("refused", detail="no such line"))
    assert (dict(tally.states), tally.accepted, tally.wrong) == ({"acknowledged": 1, "refused": 1}, 1, 1)
    assert tally.quiet.is_set()


async def test_a_row_that_is_waited_for_is_done_with_its_order() -> None:
    tally = Tally(None, follow=True)
    tally.placed(A, _placed(A))
    assert (tally.done, tally.quiet.is_set()) == (0, False)
    tally.ended("id-9", "completed")
    assert tally.done == 0
    tally.ended("id-1", "completed")
    tally.ended("id-1", "completed")
    assert (dict(tally.states), tally.quiet.is_set(), tally.wrong) == ({"completed": 1}, True, 0)


async def test_an_order_may_end_before_we_hear_that_it_was_accepted() -> None:
    tally = Tally(None, follow=True)
    tally.ended("id-1", "completed")
    tally.ended("id-2", "failed")
    tally.placed(A, _placed(A))
    tally.placed(B, _placed(B))
    assert (dict(tally.states), _to_look(tally)) == ({"completed": 1}, ["id-2"])


@pytest.mark.parametrize("state", ["failed", "rejected", "cancelled", "partial"])
async def test_of_a_bad_end_the_reason_is_looked_up(state: str) -> None:
    tally = Tally(None, follow=True)
    tally.placed(A, _placed(A))
    tally.ended("id-1", state)
    assert (tally.done, _to_look(tally)) == (0, ["id-1"])
    tally.looked(Outcome(state, "id-1", "the element said no"))
    assert (dict(tally.states), tally.wrong) == ({state: 1}, 1)
    assert tally.bad == [
        {"row": 1, "external_id": "E-1", "id": "id-1", "state": state, "detail": "the element said no"}
    ]


async def test_a_partial_order_somebody_has_resumed_meanwhile_is_waited_for() -> None:
    tally = Tally(None, follow=True)
    tally.placed(A, _placed(A))
    tally.ended("id-1", "partial")
    tally.looked(Outcome("in_progress", "id-1"))
    assert (tally.done, tally.quiet.is_set()) == (0, False)
    tally.ended("id-1", "failed")
    tally.looked(Outcome("failed", "id-1"))
    assert dict(tally.states) == {"failed": 1}


async def test_an_order_from_before_is_looked_at_for_its_news_are_old() -> None:
    tally = Tally(None, follow=True)
    for row in (A, B, C):
        tally.placed(row, _placed(row, before=True))
    assert (tally.replayed, _to_look(tally)) == (3, ["id-1", "id-2", "id-3"])
    tally.looked(Outcome("completed", "id-1"))
    tally.looked(Outcome("held", "id-2", "orange is in maintenance"))
    tally.ended("id-3", "completed")
    tally.looked(Outcome("completed", "id-3"))  # news and look say the same: it counts once
    assert (dict(tally.states), tally.quiet.is_set()) == ({"completed": 2}, False)
    tally.ended("id-2", "completed")
    assert (dict(tally.states), tally.quiet.is_set()) == ({"completed": 3}, True)


async def test_an_order_that_cannot_be_looked_at_is_not_waited_for_for_ever() -> None:
    tally = Tally(None, follow=True)
    tally.placed(A, _placed(A, before=True))
    tally.looked(Outcome("refused", "id-1", "there is no order id-1"))
    assert (dict(tally.states), tally.quiet.is_set()) == ({"refused": 1}, True)


async def test_an_order_for_a_later_day_is_not_waited_for() -> None:
    tally = Tally(None, follow=True)
    tally.placed(A, _placed(A, state="pending"))
    assert (dict(tally.states), tally.wrong, tally.quiet.is_set()) == ({"pending": 1}, 0, True)


async def test_what_is_waited_for_no_longer_has_not_ended_well() -> None:
    tally = Tally(None, follow=True)
    tally.placed(A, _placed(A))
    tally.placed(B, _placed(B))
    tally.ended("id-2", "completed")
    tally.give_up("has not ended 5 s after the last one was posted")
    assert (dict(tally.states), tally.wrong) == ({"completed": 1, "waiting": 1}, 1)
    assert tally.bad[0]["detail"].startswith("has not ended")


async def test_every_row_has_its_line_among_the_results() -> None:
    results = io.StringIO()
    tally = Tally(results, follow=True)
    tally.placed(A, _placed(A))
    tally.refused(B, Outcome("refused", detail="déjà"))
    tally.ended("id-1", "completed")
    told = [json.loads(line) for line in results.getvalue().splitlines()]
    assert told == [
        {"row": 2, "external_id": "E-2", "id": None, "state": "refused", "detail": "déjà"},
        {"row": 1, "external_id": "E-1", "id": "id-1", "state": "completed", "detail": None},
    ]


async def test_only_the_first_bad_rows_are_kept_and_ends_of_strangers_not_for_ever() -> None:
    tally = Tally(None, follow=True)
    for n in range(100):
        tally.refused(BulkRow(n, {}, ""), Outcome("refused"))
    for n in range(60_000):
        tally.ended(f"stranger-{n}", "completed")
    assert (len(tally.bad), tally.wrong, len(tally._early)) == (20, 100, 50_000)
