"""Batches at the command line: readers side by side, hot swap, going on after an interruption, and how they end."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from sim_readers.emulator.blank import blank
from tests.cli.card.cards import ICCIDS, SECRETS, Table, data_of, image, vendor_text
from tests.cli.card.conftest import Card
from tests.cli.card.slot import free_port, put_in
from tests.cli.conftest import Ended, Process, Start


def lines(ended: Ended) -> list[Any]:
    return [json.loads(line) for line in ended.out.splitlines()]


def test_every_card_that_is_in_is_done_and_found_done_again(card: Card, table: Table) -> None:
    readers = [word for iccid in ICCIDS for word in ("--reader", table.put(iccid))]
    batch = ("batch", table.job, "--cards", table.cards, "--once", "--yes", "--json")
    *cards, summary = lines(card(*batch, *readers))
    assert {one["iccid"] for one in cards} == set(ICCIDS)
    assert all(one["outcome"] == "written" and one["proven"] for one in cards)
    assert (summary["event"], summary["ending"], summary["done"]) == ("summary", "complete", 3)
    assert summary["median_s"] > 0
    assert summary["cards_per_hour"] > 0
    assert summary["reported"]["waiting"] == 3
    again = card(*batch, *readers)
    assert (again.code, lines(again)[-1]["done"]) == (0, 0)
    assert [table.card(iccid).tries(0x0A) for iccid in ICCIDS] == [3, 3, 3]


def test_a_batch_goes_on_where_it_was_left(card: Card, table: Table) -> None:
    readers = [table.put(iccid) for iccid in ICCIDS]
    batch = ("batch", table.job, "--cards", table.cards, "--once", "--yes", "--json")
    assert lines(card(*batch, "--reader", readers[0]))[-1]["done"] == 1
    events = lines(card(*batch, *(word for reader in readers for word in ("--reader", reader))))
    assert {one["iccid"]: one["how"] for one in events if one["event"] == "turned_away"} == {ICCIDS[0]: "already"}
    assert events[-1]["done"] == 2


def test_a_card_done_but_never_told_of_is_told_of_when_it_is_seen_again(
    card: Card, table: Table, station: Path
) -> None:
    batch = ("batch", table.job, "--cards", table.cards, "--once", "--yes", "--json", "--reader", table.put())
    assert lines(card(*batch))[-1]["done"] == 1
    (station / "facts.jsonl").unlink()  # power went between the card and the note of it
    assert lines(card(*batch))[-1]["reported"]["waiting"] == 1
    (fact,) = [json.loads(line) for line in (station / "facts.jsonl").read_text().splitlines()]
    assert (fact["iccid"], fact["what"]) == (ICCIDS[0], "personalised")
    assert lines(card(*batch))[-1]["reported"]["waiting"] == 1


def test_people_see_a_line_a_card_and_the_figures(card: Card, table: Table) -> None:
    ended = card("batch", table.job, "--cards", table.cards, "--once", "--reader", table.put())
    assert ended.code == 0
    for word in (f"{ICCIDS[0]}: DONE: WRITTEN AND PROVEN", "cards per hour", "median per card"):
        assert word in ended.out
    assert "1 fact was not reported" in ended.err


def test_the_first_refused_key_stops_the_batch(card: Card, table: Table) -> None:
    readers = [word for iccid in ICCIDS for word in ("--reader", table.put(iccid, adm="87654321"))]
    ended = card("batch", table.job, "--cards", table.cards, "--once", "--yes", "--json", *readers)
    assert (ended.code, lines(ended)[-1]["ending"]) == (5, "key_refused")
    assert sorted(table.card(iccid).tries(0x0A) for iccid in ICCIDS) == [2, 3, 3]


def test_a_file_that_was_wrong_costs_no_further_card_until_somebody_insists(card: Card, table: Table) -> None:
    readers = [word for iccid in ICCIDS for word in ("--reader", table.put(iccid, adm="87654321"))]
    batch = ("batch", table.job, "--cards", table.cards, "--once", "--yes", *readers)
    assert card(*batch).code == 5
    again = card(*batch)
    assert (again.code, "--despite-refusals" in again.err) == (5, True)
    assert sorted(table.card(iccid).tries(0x0A) for iccid in ICCIDS) == [2, 3, 3]
    assert card(*batch, "--despite-refusals").code != 0
    assert sorted(table.card(iccid).tries(0x0A) for iccid in ICCIDS) in ([2, 2, 3], [2, 3, 3])


def test_a_card_that_is_odd_does_not_make_its_file_a_wrong_one(card: Card, table: Table) -> None:
    batch = ("batch", table.job, "--cards", table.cards, "--once", "--yes")
    assert card(*batch, "--reader", table.put(ICCIDS[0])).code == 0
    assert card(*batch, "--reader", table.put(ICCIDS[1], adm="87654321")).code == 5
    assert card(*batch, "--reader", table.put(ICCIDS[2])).code == 0


def test_a_card_that_cannot_be_done_is_exit_1_and_named(card: Card, table: Table) -> None:
    (table.directory / "cards.out").write_text(vendor_text(ICCIDS[:1]))
    readers = ("--reader", table.put(ICCIDS[0]), "--reader", table.put(ICCIDS[1]))
    ended = card("batch", table.job, "--cards", table.cards, "--once", "--yes", *readers)
    assert (ended.code, "1 card is not as wished" in ended.err) == (1, True)
    assert f"{ICCIDS[1]}: NOT OURS" in ended.out


def test_no_card_in_any_reader_is_exit_4(card: Card, table: Table) -> None:
    ended = card("batch", table.job, "--cards", table.cards, "--once", "--yes", "--reader", "vpcd:127.0.0.1:0")
    assert (ended.code, "no card" in ended.err) == (4, True)


@pytest.fixture
def port() -> int:
    return free_port()


def begun(start: Start, table: Table, port: int, *options: str) -> Process:
    arguments = ("card", "batch", table.job, "--cards", table.cards, "--reader", f"vpcd:127.0.0.1:{port}", "--json")
    return start((*arguments, "--station", "station", *options), stdin=subprocess.PIPE)


def told(process: Process) -> Any:  # noqa: ANN401 - any JSON
    assert process.stdout is not None
    return json.loads(process.stdout.readline())


def test_cards_come_and_go_until_a_signal_says_stop(start: Start, table: Table, port: int) -> None:
    process = begun(start, table, port, "--yes")
    cards = [blank(image(), data_of(iccid)) for iccid in ICCIDS[:2]]
    slot = put_in(cards[0], port)
    assert told(process)["iccid"] == ICCIDS[0]
    slot.pull_out()
    slot.insert(cards[1])
    assert (told(process)["iccid"], cards[1].content("ADF.USIM/6F07").hex()) == (ICCIDS[1], "082980109900000020")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    slot.close()
    summary = json.loads(out)
    assert (process.returncode, summary["ending"], summary["done"]) == (0, "stopped", 2), err
    assert not any(secret in out + err for secret in SECRETS)


@pytest.mark.parametrize("answer", ["n", ""])
def test_without_a_yes_to_the_first_card_no_other_is_begun(start: Start, table: Table, port: int, answer: str) -> None:
    process = begun(start, table, port, "--canary")
    slot = put_in(blank(image(), data_of(ICCIDS[0])), port)
    assert told(process)["outcome"] == "written"
    out, err = process.communicate(answer, timeout=30)
    slot.close()
    assert (process.returncode, json.loads(out)["ending"]) == (1, "canary_declined")
    assert "first card" in err


def test_with_a_yes_it_goes_on_to_the_count(start: Start, table: Table, port: int) -> None:
    process = begun(start, table, port, "--count", "2")
    slot = put_in(blank(image(), data_of(ICCIDS[0])), port)
    assert told(process)["done"] == 1
    assert process.stdin is not None
    process.stdin.write("y\n")
    process.stdin.flush()
    slot.pull_out()
    slot.insert(blank(image(), data_of(ICCIDS[1])))
    assert told(process)["done"] == 2
    out, err = process.communicate(timeout=30)
    slot.close()
    assert (process.returncode, json.loads(out)["ending"]) == (0, "complete"), err


def test_a_question_can_be_interrupted(start: Start, table: Table, port: int) -> None:
    process = begun(start, table, port)
    slot = put_in(blank(image(), data_of(ICCIDS[0])), port)
    assert told(process)["done"] == 1
    assert process.stderr is not None
    assert "(y/n)" in process.stderr.readline() + process.stderr.readline()
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=30)
    slot.close()
    assert (process.returncode, json.loads(out)["done"]) == (1, 1)


def test_only_one_at_a_station_writes_to_cards(
    start: Start, card: Card, table: Table, port: int, station: Path
) -> None:
    process = begun(start, table, port, "--yes")
    slot = put_in(blank(image(), data_of(ICCIDS[0])), port)
    assert told(process)["done"] == 1
    other = card("apply", table.job, "--cards", table.cards, "--reader", table.put(ICCIDS[1]))
    assert (other.code, "another `linegate card`" in other.err, station.name) == (2, True, "station")
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    slot.close()
