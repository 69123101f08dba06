"""Measure, side by side in one run: ``python -m benchmarks`` prints a table and writes ``benchmarks/results/``."""

from __future__ import annotations

import argparse
import json
import os
import platform
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import end_to_end, intake, messaging, personalising, real_register
from benchmarks.stage import network

RESULTS = Path(__file__).parent / "results"
AIMS = {
    "intake": {"ratio": 0.7},
    "end to end over tcp": {"ratio": 0.5},
    "end to end over ssh": {"ratio": 0.5},
    "on a real OsmoHLR": {"ratio of lines": 0.5, "ratio of reads": 0.5},
    "a card through pcscd": {"ratio": 0.5, "APDUs saved": 2},
    "four readers in one process": {"scaling": 3.5},
    "four readers at pcscd": {"scaling": 3.5},
    "alerts end to end": {"ratio of usage to receipt": 0.25, "ratio of outbox to receipt": 0.25},
}


def main() -> None:
    """Run every measurement; aims are shown, not enforced: machines are small and noisy."""
    arguments = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    arguments.add_argument("--orders", type=int, default=2000, help="orders in a round")
    arguments.add_argument("--rounds", type=int, default=5, help="rounds the medians are taken of")
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory() as directory, network(Path(directory)) as stage:
        results = {
            "intake": intake.measure(stage, chosen.orders, chosen.rounds),
            "end to end over tcp": end_to_end.measure(stage, "sfr", chosen.orders // 4, chosen.rounds),
            "end to end over ssh": end_to_end.measure(stage, "orange", chosen.orders // 4, chosen.rounds),
            "on a real OsmoHLR": real_register.measure(Path(directory) / "osmo", chosen.orders // 2, chosen.rounds),
            **personalising.measure(chosen.rounds),
            **messaging.measure(stage, chosen.orders, chosen.rounds),
        }
    RESULTS.mkdir(exist_ok=True)
    machine = {"python": platform.python_version(), "cores": os.cpu_count(), "machine": platform.machine()}
    record = {"machine": machine, "orders": chosen.orders, "rounds": chosen.rounds, "results": results}
    (RESULTS / f"{time.strftime('%Y%m%d-%H%M%S')}.json").write_text(json.dumps(record, indent=2) + "\n")
    table = Table("measurement", "figure", "median", "aim")
    for name, figures in results.items():
        for figure, value in figures.items():
            aim = f"≥ {AIMS[name][figure]}" if figure in AIMS[name] else ""
            table.add_row(name, figure, f"{value:,.2f}" if value < 100 else f"{value:,.0f}", aim)
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
