"""``python -m tests.crash``: a gateway killed as often as is asked, on either database, and a table of what came of it.

Each row is one way to die. It ends with 1 when anything acknowledged was lost, doubled or out of its turn.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.crash.every_commit import die_at_every_commit
from tests.crash.killing import DATABASES, killed_again_and_again, load_for, site_on
from tests.crash.storm import Aftermath, endure

_LONG = {"LINEGATE_LEASE_S": "5", "LINEGATE_FROZEN_S": "30"}
_SHARED = ("test_several_instances.py", "test_frozen_owner.py", "test_database_away.py", "test_cut_off.py")
_ALONE = ("test_disk_full.py", "test_clock_jumps.py")
_LOST, _DOUBLED, _TURNS = ("paper", "ends", "events", "keys", "sims"), ("effects", "messages"), ("turns", "lines")


@dataclass(frozen=True, slots=True)
class Row:
    """What came of one way to die."""

    way: str
    deaths: int
    acknowledged: int
    lost: int
    doubled: int
    out_of_turn: int
    seconds: float

    @classmethod
    def of(cls, way: str, deaths: int, after: Aftermath, began: float) -> Row:
        """Count what is wrong."""
        lost, doubled, turns = (
            sum(len(after.wrong.get(name, ())) for name in sums) for sums in (_LOST, _DOUBLED, _TURNS)
        )
        return cls(way, deaths, after.acknowledged, lost, doubled, turns, time.monotonic() - began)

    @property
    def clean(self) -> bool:
        """Whether nothing is wrong."""
        return not (self.lost or self.doubled or self.out_of_turn)


async def _killed(database: str, kills: int, seed: str) -> Row:
    began, load = time.monotonic(), load_for(kills, seed)
    with tempfile.TemporaryDirectory() as directory, site_on(database, Path(directory)) as site:
        after = await endure(site, load, killed_again_and_again(site, load, kills))
    _tell(after)
    return Row.of(f"kill -9 at random, {database}", kills, after, began)


async def _at_every_commit(database: str, moment: str, seed: str) -> Row:
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as directory, site_on(database, Path(directory)) as site:
        after, commits = await die_at_every_commit(site, seed, moment)
    _tell(after)
    return Row.of(f"kill -9 {moment} each commit, {database}", commits, after, began)


def _tell(after: Aftermath) -> None:
    """Say on stderr what is wrong."""
    for name, wrong in after.amiss.items():
        for what in wrong:
            sys.stderr.write(f"{name}: {what}\n")


def _others(files: tuple[str, ...]) -> int:
    """Play the other disasters, for longer than in the ordinary test run."""
    here = Path(__file__).parent
    command = [sys.executable, "-m", "pytest", "-q", *(str(here / file) for file in files)]
    return subprocess.run(command, check=False, cwd=here.parents[1], env={**os.environ, **_LONG}).returncode


def _table(rows: list[Row]) -> Table:
    table = Table("way", *("deaths", "acknowledged", "lost or stuck", "doubled", "out of turn", "s"))
    for row in rows:
        figures = (row.deaths, row.acknowledged, row.lost, row.doubled, row.out_of_turn)
        table.add_row(row.way, *(f"{figure:,}" for figure in figures), f"{row.seconds:.0f}")
    return table


def main() -> int:
    """Return 0 when nothing came to harm."""
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--kills", type=int, default=100, help="deaths at random, on each database")
    parser.add_argument("--database", choices=(*DATABASES, "both"), default="both")
    parser.add_argument("--seed", default=os.environ.get("LINEGATE_TEST_SEED", "olga"))
    told = parser.parse_args()
    databases = DATABASES if told.database == "both" else (told.database,)
    rows = [asyncio.run(_killed(database, told.kills, told.seed)) for database in databases]
    for database in databases:
        rows += [asyncio.run(_at_every_commit(database, moment, told.seed)) for moment in ("before", "after")]
    disasters = {"sqlite": _ALONE, "postgresql": _SHARED}
    failed = _others(tuple(file for name in databases for file in disasters[name]))
    Console().print(_table(rows))
    return int(bool(failed) or not all(row.clean for row in rows))


if __name__ == "__main__":
    sys.exit(main())
