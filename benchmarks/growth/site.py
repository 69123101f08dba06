"""A journal filled with lines, ready for gateways to work on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.growth.filling import Ledger, PostgresLedger, SqliteLedger, fill
from benchmarks.growth.pattern import Patterns
from benchmarks.processes import quick
from benchmarks.workplace import Workplace


@dataclass(frozen=True, slots=True)
class Site:
    """A journal with so many lines, and where an instance keeps what is not in it."""

    ledger: Ledger
    data: Path
    lines: int


@contextmanager
def site(place: Workplace, database: str, lines: int, patterns: Patterns) -> Iterator[Site]:
    """Fill one, and remove it in the end."""
    data = place.directory / f"{database}-{lines}"
    data.mkdir()
    if database == "SQLite":
        yield _filled(Site(SqliteLedger(data), data, lines), patterns)
        (data / "journal.db").unlink()  # gigabytes
        return
    with place.databases.empty() as url:
        yield _filled(Site(PostgresLedger(place.databases.server, url), data, lines), patterns)


def _filled(site: Site, patterns: Patterns) -> Site:
    quick(site.data, site.ledger.place).stop()  # makes the schema
    for name in {one.table for one in patterns.fixed}:
        site.ledger.change(f"DELETE FROM {name}")
    fill(site.ledger, patterns.fixed, range(1))
    fill(site.ledger, patterns.line, range(site.lines))
    site.ledger.settle()
    return site
