"""``linegate order bulk`` against a gateway that is full, breaks off, refuses, and ends orders as it likes."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from gateway.cli import bulk as work
from gateway.cli.failure import NotReached
from tests.cli.conftest import Ended, Linegate
from tests.cli.pretender import Json, Pretender, pretending

Bulk = Callable[..., Ended]
ROWS = 100


@pytest.fixture
def pretender() -> Pretender:
    return Pretender()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "orders.jsonl"
    made.write_text("".join(json.dumps(_order(n)) + "\n" for n in range(1, ROWS + 1)))
    return made


@pytest.fixture
def bulk(pretender: Pretender, file: Path, linegate: Linegate, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bulk]:
    with ExitStack() as stack:
        monkeypatch.setenv("LINEGATE_URL", stack.enter_context(pretending(pretender)))
        monkeypatch.setenv("LINEGATE_TOKEN", pretender.token)
        yield lambda *more: linegate("order", "bulk", str(file), "--json", *more)


def _order(n: int) -> Json:
    details = {"reason": "unpaid"}
    return {"external_id": f"E-{n}", "action": "suspend", "line": {"msisdn": f"+336{n:08d}"}, "details": details}


def _nth(order: Json) -> int:
    return int(order["external_id"][2:])


def _results(file: Path) -> list[Any]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_every_row_becomes_an_order_of_its_own_and_is_followed_to_its_end(
    bulk: Bulk, pretender: Pretender, tmp_path: Path
) -> None:
    results = tmp_path / "results.jsonl"
    ended = bulk("--wait", "--results", str(results))
    assert (ended.code, ended.err) == (0, "")
    told = ended.document
    assert (told["rows"], told["accepted"], told["replayed"], told["states"]) == (ROWS, ROWS, 0, {"completed": ROWS})
    assert sorted(order["external_id"] for order in pretender.orders.values()) == sorted(
        f"E-{n}" for n in range(1, ROWS + 1)
    )
    assert {order["priority"] for order in pretender.orders.values()} == {"bulk"}
    assert sorted(row["row"] for row in _results(results)) == list(range(1, ROWS + 1))
    assert {(row["state"], row["id"] in pretender.orders) for row in _results(results)} == {("completed", True)}


def test_ends_are_heard_of_not_asked_for_and_connections_are_kept(bulk: Bulk, pretender: Pretender) -> None:
    assert bulk("--wait", "--at-once", "4").code == 0
    assert pretender.heard == {"/v1/orders": 1 + ROWS, "/v1/events": 1}  # one to see whether it is there
    assert pretender.connections == 5


def test_without_waiting_it_is_done_when_all_are_accepted(bulk: Bulk, pretender: Pretender) -> None:
    pretender.ends = lambda _: None
    ended = bulk()
    assert (ended.code, ended.document["states"]) == (0, {"acknowledged": ROWS})
    assert "/v1/events" not in pretender.heard


def test_posted_again_it_doubles_nothing_and_tells_how_all_ended(bulk: Bulk, pretender: Pretender) -> None:
    assert bulk("--wait").code == 0
    again = bulk("--wait").document
    assert (again["replayed"], again["states"], len(pretender.orders)) == (ROWS, {"completed": ROWS}, ROWS)
    anew = bulk("--wait", "--run", "december").document
    assert (anew["replayed"], len(pretender.orders)) == (0, 2 * ROWS)


@pytest.mark.parametrize("trouble", ["deaf", "mute", "nonsense", "hasty", "429", "503"])
def test_whatever_goes_wrong_on_the_way_every_order_is_posted_once(
    bulk: Bulk, pretender: Pretender, trouble: str
) -> None:
    """Unheard, heard and unanswered, answered with noise, hung up after, full, or not there for a moment."""
    pretender.trouble = lambda path, nth: trouble if path == "/v1/orders" and nth % 7 == 3 else ""
    ended = bulk("--wait")
    assert (ended.code, ended.document["states"]) == (0, {"completed": ROWS})
    assert len(pretender.orders) == ROWS


def test_a_gateway_that_is_full_for_long_is_waited_for(bulk: Bulk, pretender: Pretender) -> None:
    pretender.trouble = lambda path, nth: "429" if path == "/v1/orders" and nth < 1000 else ""
    assert bulk().document["states"] == {"acknowledged": ROWS}


def test_news_that_break_off_go_on_where_they_were(bulk: Bulk, pretender: Pretender) -> None:
    """Orders end while nobody listens: they are told afterwards."""
    pretender.ends = lambda _: None
    done = threading.Event()

    def end_all() -> None:
        while len(pretender.orders) < ROWS:
            time.sleep(0.01)
        for n, order_id in enumerate(list(pretender.orders)):
            if n % 25 == 12:
                pretender.hang_up.set()
                while pretender.hang_up.is_set():
                    time.sleep(0.005)
            pretender.end(order_id, "completed")
        done.set()

    threading.Thread(target=end_all, daemon=True).start()
    ended = bulk("--wait", "--timeout", "30")
    assert (ended.code, ended.document["states"], done.is_set()) == (0, {"completed": ROWS}, True)
    assert pretender.heard["/v1/events"] >= 4


def test_what_is_refused_or_ends_badly_is_told_with_its_reason(
    bulk: Bulk, pretender: Pretender, tmp_path: Path
) -> None:
    pretender.refuses = lambda order: "there is no line" if _nth(order) % 50 == 0 else None
    pretender.ends = lambda order: "failed" if _nth(order) % 50 == 1 else "completed"
    results = tmp_path / "results.jsonl"
    ended = bulk("--wait", "--results", str(results))
    assert ended.code == 1
    assert ended.document["states"] == {"completed": ROWS - 4, "refused": 2, "failed": 2}
    assert "4 of 100 orders" in ended.err
    bad = {row["row"]: row["detail"] for row in _results(results) if row["state"] != "completed"}
    refused = dict.fromkeys((50, 100), "there is no line; line: is wrong")
    assert bad == refused | dict.fromkeys((1, 51), "it failed")
    assert {row["row"] for row in ended.document["bad"]} == set(bad)


def test_what_has_not_ended_in_time_is_told_and_is_not_well(bulk: Bulk, pretender: Pretender) -> None:
    pretender.ends = lambda order: None if _nth(order) <= 3 else "completed"
    ended = bulk("--wait", "--timeout", "0.3")
    assert (ended.code, ended.document["states"]) == (1, {"completed": ROWS - 3, "waiting": 3})
    assert sorted(row["row"] for row in ended.document["bad"]) == [1, 2, 3]


def test_a_dry_run_posts_nothing(bulk: Bulk, pretender: Pretender) -> None:
    pretender.refuses = lambda order: "there is no line" if _nth(order) == 7 else None
    ended = bulk("--dry-run", "--wait")
    assert (ended.code, ended.document["states"]) == (1, {"would_be_accepted": ROWS - 1, "refused": 1})
    assert (pretender.orders, ended.document["accepted"]) == ({}, 0)


def test_people_get_tables(pretender: Pretender, bulk: Bulk, linegate: Linegate, file: Path) -> None:
    del bulk  # it is where the gateway is
    pretender.refuses = lambda order: "there is no line" if _nth(order) == 7 else None
    ended = linegate("order", "bulk", str(file), "--wait")
    assert ended.code == 1
    for told in ("completed", "99", "E-7", "there is no line", "100 rows in"):
        assert told in ended.out


def test_a_token_that_is_not_accepted_is_wrong_use(
    bulk: Bulk, pretender: Pretender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINEGATE_TOKEN", "TOP-other")
    for more in ((), ("--wait",), ("--dry-run",)):
        ended = bulk(*more)
        assert (ended.code, "LINEGATE_TOKEN" in ended.err, "TOP" in ended.err) == (2, True, False)
    assert pretender.orders == {}


def test_no_gateway_is_exit_3_at_once(linegate: Linegate, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINEGATE_URL", "http://127.0.0.1:1")
    for more in ((), ("--wait",), ("--dry-run",)):
        ended = linegate("order", "bulk", str(file), "--json", *more)
        assert (ended.code, ended.out, "linegate up" in ended.err) == (3, "", True)


@pytest.mark.parametrize("path", ["/v1/orders", "/v1/events"])
def test_a_gateway_that_goes_away_is_waited_for_only_so_long(
    bulk: Bulk, pretender: Pretender, file: Path, path: str
) -> None:
    del bulk  # it is where the gateway is
    pretender.ends = lambda _: None
    pretender.trouble = lambda asked, nth: "deaf" if asked == path and nth > 20 * (path == "/v1/orders") else ""
    with pytest.raises(NotReached, match="post the file again"):
        work.bulk(work.Wish(file, wait=True, as_json=True, patience_s=0.6))


@pytest.mark.parametrize("url", ["nowhere", "ftp://127.0.0.1", "http://", "http://[::1"])
def test_an_address_that_is_none_is_exit_2(
    linegate: Linegate, file: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("LINEGATE_URL", url)
    ended = linegate("order", "bulk", str(file))
    assert (ended.code, "LINEGATE_URL" in ended.err) == (2, True)


def test_the_file_itself_is_never_overwritten_with_results(bulk: Bulk, pretender: Pretender, file: Path) -> None:
    before = file.read_text()
    ended = bulk("--results", str(file))
    assert (ended.code, file.read_text(), pretender.orders) == (2, before, {})


def test_something_that_is_no_gateway_is_told_apart(bulk: Bulk, pretender: Pretender) -> None:
    pretender.accept = lambda _key, _order: (202, {}, {"hello": "world"})  # type: ignore[assignment, method-assign]  # a stranger
    ended = bulk()
    assert (ended.code, "is LINEGATE_URL a gateway" in ended.err) == (1, True)
