"""The measurements' own arithmetic, table and plots, and that their peers answer: what needs no machine to itself."""

import io
import json
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

from benchmarks import cards
from benchmarks.aims import Aim, aim_for
from benchmarks.figures import (
    Figure,
    Outcome,
    Spread,
    central,
    curve,
    figure_from_json,
    figure_to_json,
    percentile,
    ratio,
    spread,
)
from benchmarks.load import post_all
from benchmarks.plots import plots
from benchmarks.quick_network import change, held_after, line_of, quick_element, rules_of_lines
from benchmarks.report import keep, record, table
from benchmarks.saga.course import STEPS, Course, Job
from benchmarks.stage import serving
from drivers.commands import Done, Held, ReadSubscriber
from gateway.contract.plan import Picture, diff

_SVG = "{http://www.w3.org/2000/svg}"


def test_a_spread_is_the_median_and_both_ends() -> None:
    found = spread([3.0, 1.0, 2.0])
    assert found == Spread(2.0, 1.0, 3.0, (3.0, 1.0, 2.0))
    assert figure_from_json(json.loads(json.dumps(figure_to_json(found)))) == found
    assert central(found) == central(2.0) == 2.0


def test_a_ratio_is_taken_round_by_round() -> None:
    assert ratio([10.0, 30.0], [1.0, 2.0]).rounds == (10.0, 15.0)
    with pytest.raises(ValueError, match="zip"):
        ratio([1.0], [1.0, 2.0])


@pytest.mark.parametrize(("share", "expected"), [(0.5, 50), (0.99, 99), (1.0, 100), (0.0, 1)])
def test_a_percentile_is_a_value_that_was_measured(share: float, expected: int) -> None:
    assert percentile(reversed(range(1, 101)), share) == expected


def test_nothing_measured_is_no_figure() -> None:
    with pytest.raises(ValueError, match="nothing"):
        spread([])
    with pytest.raises(ValueError, match="nothing"):
        percentile([], 0.5)


def test_a_curve_rises_to_one_and_keeps_its_ends() -> None:
    points = curve([float(n) for n in range(1000)], points=50)
    assert len(points) <= 51
    assert points == sorted(points)
    assert points[0][0] == 0.0
    assert points[-1] == (999.0, 1.0)
    assert curve([]) == []


def test_an_aim_is_met_from_its_limit_on() -> None:
    assert Aim(least=10).met(10.0)
    assert not Aim(least=10).met(9.99)
    assert Aim(most=2).met(2.0)
    assert not Aim(most=2).met(2.01)
    assert str(Aim(least=10)) == "≥ 10"


def _outcomes() -> dict[str, Outcome]:
    rates: dict[str, Figure] = {"Linegate, SQLite": spread([900.0, 1100.0]), "DBOS, SQLite": spread([70.0, 75.0])}
    run = {"latencies_s": [0.01, 0.02, 0.03]}
    saga = Outcome(
        {"saga, orders/s": rates, "saga, ratio": {"to DBOS, SQLite": spread([9.0, 9.5])}},
        {"saturated": {}, "paced": {"20": {"Linegate, SQLite": [run], "DBOS, SQLite": [run, run]}}},
    )
    growth = Outcome(
        {"growth": {"SQLite, 1,000 lines, wall ms an order": spread([1.0])}, "memory": {"SQLite, coming, MiB": 400.0}}
    )
    takeover = Outcome({"takeover": {"median s": spread([0.2, 0.3])}}, {"SIGKILL": [0.2, 0.3]})
    bulk = Outcome({}, {"ends_s": {"SQLite, idle": [0.01, 0.02], "SQLite, under bulk": [0.02, 0.05]}})
    return {"saga": saga, "growth": growth, "takeover": takeover, "bulk": bulk}


def test_the_table_says_which_aims_were_met() -> None:
    printed = io.StringIO()
    console = Console(width=160, file=printed)
    for outcome in _outcomes().values():
        console.print(table(outcome.figures))
    lines = (line.split("│") for line in printed.getvalue().splitlines())
    rows = {cells[2].strip(): [cell.strip() for cell in cells[3:7]] for cells in lines if len(cells) == 8}
    assert rows["to DBOS, SQLite"] == ["9.25", "9.00 … 9.50", "≥ 10", "no"]
    assert rows["median s"][3] == "yes"


def test_every_aim_of_the_table_names_a_figure_by_its_words() -> None:
    assert aim_for("saga, ratio", "to DBOS, PostgreSQL") == Aim(least=10)
    assert aim_for("saga, ratio", "to nobody") is None


def test_results_are_kept_with_their_plots(tmp_path: Path) -> None:
    file = keep(tmp_path, "run", record({"machine": {"cores": 2}}, _outcomes()))
    kept = json.loads(file.read_text("utf-8"))
    assert kept["results"]["saga, orders/s"]["Linegate, SQLite"]["rounds"] == [900.0, 1100.0]
    assert kept["raw"]["takeover"] == {"SIGKILL": [0.2, 0.3]}
    drawn = {path.name for path in tmp_path.glob("*.svg")}
    names = ("throughput", "latency-20", "growth", "memory", "interactive", "takeover")
    assert drawn == {f"run-{name}.svg" for name in names}


def test_plots_are_well_formed_and_draw_every_contender() -> None:
    drawn = plots(json.loads(json.dumps(record({}, _outcomes()))))
    page = ET.fromstring(drawn["throughput"])
    assert {"Linegate, SQLite", "DBOS, SQLite"} <= {found.text for found in page.iter(f"{_SVG}text")}
    assert len(list(ET.fromstring(drawn["latency-20"]).iter(f"{_SVG}polyline"))) == 2


def test_a_run_without_a_group_draws_none_of_its_plots() -> None:
    assert plots(record({}, {"intake": Outcome({"intake": {"ratio": 0.8}})})) == {}


async def test_the_bare_route_takes_the_orders_that_intake_is_measured_with() -> None:
    command = [sys.executable, "-m", "benchmarks.bare_route"]
    with serving(command, {"LINEGATE_TOKEN": "FAKEtoken"}) as port:
        posted = await post_all(port, "/v1/orders", [cards.future_change(n) for n in range(20)], 4, "FAKEtoken")
    assert posted.statuses == {202: 20}


def test_the_order_of_the_saga_is_three_commands_there_and_three_back() -> None:
    rules = rules_of_lines()
    can = quick_element(rules).capabilities
    for turn in (0, 1):
        was, now = (Picture("sfr", line_of(7, n).iccid, held_after(7, n, rules)[1], can) for n in (turn, turn + 1))
        assert len(diff(was, now)) == STEPS
    there, back = (json.loads(change(7, turn))["details"] for turn in (0, 1))
    assert (there["add"], there["remove"]) == (back["remove"], back["add"])


async def test_the_quick_element_holds_what_it_was_told() -> None:
    rules = rules_of_lines()
    element = quick_element(rules, delay_s=0)
    (before, was), (_, wanted) = (held_after(7, turn, rules) for turn in (0, 1))
    assert await element.send(ReadSubscriber(before.imsi)) == Held(was)
    can = element.capabilities
    for step in diff(Picture("sfr", before.iccid, was, can), Picture("sfr", before.iccid, wanted, can)):
        assert isinstance(await element.send(step.command), Done)
    assert await element.send(ReadSubscriber(before.imsi)) == Held(wanted)
    await element.close()


@pytest.mark.parametrize("per_s", [None, 10_000.0])
async def test_a_course_asks_for_every_order_once_and_times_each(per_s: float | None) -> None:
    course, asked = Course(Job("", lines=5, each=2, per_s=per_s, submitters=2)), list[int]()

    async def submit(order: int) -> None:
        asked.append(order)
        course.began(order)
        course.ended(order)

    told = await course.run(submit)
    assert sorted(asked) == list(range(10))
    assert told["orders"] == len(told["latencies_s"]) == len(told["accepted_s"]) == 10
    assert told["out_of_turn"] == 0


async def test_a_course_counts_orders_that_begin_before_the_one_ahead_of_them_has_ended() -> None:
    course = Course(Job("", lines=1, each=2, submitters=1))

    async def submit(order: int) -> None:
        course.began(order)
        if order == 1:
            course.ended(0)
            course.ended(1)

    assert (await course.run(submit))["out_of_turn"] == 1
