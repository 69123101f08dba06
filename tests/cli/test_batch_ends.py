"""Exit codes of a batch: 0 only if it stands as wished and every row of it ended well."""

from __future__ import annotations

import pytest

from gateway.cli.batch_ends import AT_ITS_END, check_well
from gateway.cli.failure import Refused
from gateway.cli.gateway_client import Json
from tests.cli.conftest import Linegate
from tests.cli.scripted import Scripted, serving

BATCH = "/v1/batches/b1"


def batch(state: str, *, over: bool = False, **told: object) -> Json:
    counts: Json = {"rows": {}, "orders": {}, "problems": {}, "total": 2, "rate_per_s": None, "eta_s": None}
    times = dict.fromkeys(("created_at", "started_at", "ended_at", "requested_by", "approved_by", "detail"))
    return {"id": "b1", "state": state, "over": over, "needs_approval": False} | counts | times | told


@pytest.mark.parametrize(
    ("state", "told", "word"),
    [
        ("ready", {}, "linegate batch start b1"),
        ("ready", {"problems": {"line-unknown": 1}}, "--accept-problems b1"),
        ("ready", {"needs_approval": True}, "linegate batch approve b1"),
        ("paused", {}, "linegate batch resume b1"),
        ("receiving", {}, "send it again"),
        ("failed", {"detail": "line 3 is too long", "over": True}, "line 3 is too long.*--idempotency-key"),
        ("cancelled", {"over": True}, "--idempotency-key"),
    ],
)
def test_a_batch_that_stands_still_is_no_end(linegate: Linegate, state: str, told: Json, word: str) -> None:
    document = batch(state) | told
    with pytest.raises(Refused, match=word):
        check_well(document)
    scripted = Scripted()
    scripted.on(f"GET {BATCH}", document)
    with serving(scripted) as url, pytest.MonkeyPatch.context() as patch:
        patch.setenv("LINEGATE_URL", url)
        followed = linegate("batch", "show", "b1", "--follow", "--json")
        shown = linegate("batch", "show", "b1", "--json")
    assert (followed.code, followed.document["state"], shown.code) == (1, state, 0)


def test_a_batch_is_followed_over_a_gateway_that_fails_for_a_moment(linegate: Linegate) -> None:
    scripted = Scripted()
    scripted.answers[f"GET {BATCH}"] = [
        (200, batch("running")),
        (503, {"status": 503, "detail": "the database does not answer"}),
        (500, {"status": 500, "detail": "a fault"}),
        (200, batch("completed", over=True, orders={"completed": 2})),
    ]
    with serving(scripted) as url, pytest.MonkeyPatch.context() as patch:
        patch.setenv("LINEGATE_URL", url)
        followed = linegate("batch", "show", "b1", "--follow", "--json")
    assert (followed.code, len(scripted.asked)) == (0, 4), followed.err


@pytest.mark.parametrize("state", ["failed", "partial", "cancelled", "rejected", "held", "in_progress"])
def test_an_order_that_did_not_end_well_is_told(state: str) -> None:
    with pytest.raises(Refused, match="1 of 2 rows"):
        check_well(batch("completed", over=True, orders={"completed": 1, state: 1}))


def test_what_is_still_under_way_is_not_counted_before_its_end() -> None:
    running = batch("running", orders={"completed": 1, "in_progress": 1})
    check_well(running, (*AT_ITS_END, "running"))
    with pytest.raises(Refused, match="1 of 2 rows"):
        check_well(running | {"orders": {"failed": 1}}, (*AT_ITS_END, "running"))


def test_every_row_ended_well() -> None:
    done = batch("completed", over=True, orders={"completed": 1, "pending": 1})
    check_well(done)
    for state in ("problem", "refused", "cancelled"):
        with pytest.raises(Refused, match="1 of 2 rows"):
            check_well(done | {"rows": {"placed": 1, state: 1}})
