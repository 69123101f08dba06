"""What is printed and kept of a run: the table, and the raw results with their plots beside them."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.table import Table

from benchmarks.aims import aim_for
from benchmarks.figures import Figure, Outcome, Spread, central, figure_to_json
from benchmarks.plots import plots


def machine() -> dict[str, Any]:
    """Say what the figures were measured on."""
    pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    return {
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "machine": platform.machine(),
        "system": platform.system() + " " + platform.release(),
        "memory_gib": round(pages * size / 2**30, 1),
        "load_before": list(os.getloadavg()),
        "revision": _revision(),
    }


def record(about: Mapping[str, Any], outcomes: Mapping[str, Outcome]) -> dict[str, Any]:
    """Lay a run out as it is kept: figures by measurement, raw values by group."""
    figures = {
        name: {figure: figure_to_json(value) for figure, value in found.items()}
        for outcome in outcomes.values()
        for name, found in outcome.figures.items()
    }
    return {**about, "results": figures, "raw": {group: outcome.raw for group, outcome in outcomes.items()}}


def keep(directory: Path, stem: str, kept: Mapping[str, Any]) -> Path:
    """Write results and plots; return where the results are."""
    directory.mkdir(exist_ok=True)
    file = directory / f"{stem}.json"
    file.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    for name, drawn in plots(kept).items():
        (directory / f"{stem}-{name}.svg").write_text(drawn, encoding="utf-8")
    return file


def table(figures: Mapping[str, Mapping[str, Figure]]) -> Table:
    """Show every figure with its spread, what is aimed at, and whether that was met."""
    shown = Table("measurement", "figure", "median", "from … to", "aim", "met")
    for name, found in figures.items():
        for n, (figure, value) in enumerate(found.items()):
            aim = aim_for(name, figure)
            met = "" if aim is None else "yes" if aim.met(central(value)) else "no"
            ends = f"{_number(value.low)} … {_number(value.high)}" if isinstance(value, Spread) else ""
            shown.add_row("" if n else name, figure, _number(central(value)), ends, str(aim or ""), met)
    return shown


def _number(value: float) -> str:
    return f"{value:,.2f}" if abs(value) < 100 else f"{value:,.0f}"


def _revision() -> str:
    asked = ["git", "describe", "--always", "--dirty"]
    told = subprocess.run(asked, capture_output=True, text=True, check=False, cwd=Path(__file__).parent)
    return told.stdout.strip()
