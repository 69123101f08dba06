"""Measure, side by side in one run: ``python -m benchmarks`` prints a table and writes ``benchmarks/results/``."""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks import end_to_end, intake, messaging, personalising, real_register
from benchmarks.bulk import measure as bulk
from benchmarks.figures import Outcome
from benchmarks.growth.measure import measure as growth
from benchmarks.report import keep, machine, record, table
from benchmarks.saga.measure import measure as saga
from benchmarks.takeover import measure as takeover
from benchmarks.workplace import Workplace

RESULTS = Path(__file__).parent / "results"


def _intake(place: Workplace) -> Outcome:
    return Outcome({"intake": intake.measure(place.stage, place.orders, place.rounds)})


def _end_to_end(place: Workplace) -> Outcome:
    orders = place.orders // 4
    return Outcome(
        {
            "end to end over tcp": end_to_end.measure(place.stage, "sfr", orders, place.rounds),
            "end to end over ssh": end_to_end.measure(place.stage, "orange", orders, place.rounds),
        }
    )


def _register(place: Workplace) -> Outcome:
    found = real_register.measure(place.directory / "osmo", place.orders // 2, place.rounds)
    return Outcome({"on a real OsmoHLR": found})


def _cards(place: Workplace) -> Outcome:
    return Outcome(dict(personalising.measure(place.rounds)))


def _messages(place: Workplace) -> Outcome:
    return Outcome(dict(messaging.measure(place.stage, place.orders, place.rounds)))


GROUPS: dict[str, Callable[[Workplace], Outcome]] = {
    "intake": _intake,
    "end-to-end": _end_to_end,
    "register": _register,
    "cards": _cards,
    "messages": _messages,
    "saga": saga,
    "growth": growth,
    "bulk": bulk,
    "takeover": takeover,
}


def main() -> None:
    """Run the groups that were named; aims are shown, not enforced: machines are small and noisy."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    asked.add_argument("groups", nargs="*", metavar="group", help=f"one or more of {', '.join(GROUPS)}; none: all")
    asked.add_argument("--orders", type=int, help="orders in a round of the older groups (2000)")
    asked.add_argument("--rounds", type=int, help="rounds the medians are taken of (5; --quick: 1)")
    asked.add_argument("--quick", action="store_true", help="a short trial: that it works, not how well")
    told = asked.parse_args()
    if unknown := sorted(set(told.groups) - GROUPS.keys()):
        asked.error(f"there is no group {unknown[0]!r}: the groups are {', '.join(GROUPS)}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what was started is ended, as at ^C
    orders, rounds = told.orders or (400 if told.quick else 2000), told.rounds or (1 if told.quick else 5)
    about = {"machine": machine(), "orders": orders, "rounds": rounds, "quick": told.quick}
    outcomes: dict[str, Outcome] = {}
    try:
        with tempfile.TemporaryDirectory(prefix="linegate-bench-") as directory, ExitStack() as held:
            place = Workplace(Path(directory), held, orders, rounds, told.quick)
            for name in told.groups or GROUPS:
                print(f"measuring: {name}", file=sys.stderr, flush=True)
                outcomes[name] = GROUPS[name](place)
    finally:  # what was measured before a group failed is kept
        if outcomes:
            _tell(about, outcomes)


def _tell(about: dict[str, Any], outcomes: dict[str, Outcome]) -> None:
    file = keep(RESULTS, time.strftime("%Y%m%d-%H%M%S"), record(about, outcomes))
    for outcome in outcomes.values():
        Console(width=120).print(table(outcome.figures))
    print(f"raw results and plots: {file}")


if __name__ == "__main__":
    main()
