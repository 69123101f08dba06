"""Where the journal is, as ``[database]`` of ``linegate.toml`` says: embedded in the data directory, or shared."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from gateway.contract.table import Table
from gateway.journal.journal import Journal, JournalUnusable
from gateway.journal.sqlite import SqliteJournal

_SHORTEST_LEASE_S = 2


@dataclass(frozen=True, slots=True)
class DatabaseSettings:
    """``url``: a PostgreSQL URL shared by several instances (a password may be in it), or ``None`` for SQLite.

    ``lease_s``: an instance that the database has not heard of for so long has lost what it held.
    """

    url: str | None = field(default=None, repr=False)
    lease_s: float = 5.0
    readers: int = 4


def read_database(table: Table) -> DatabaseSettings:
    """Read the table; the URL itself is in the environment, where secrets are."""
    usual = DatabaseSettings()
    url = os.environ.get(table.text("url_env", "LINEGATE_DATABASE")) or None
    if url is not None and not url.startswith(("postgresql://", "postgres://")):
        table.wrong("url_env", "the variable it names must hold a URL as postgresql://user@host/database")
    return DatabaseSettings(
        url=url,
        lease_s=float(table.number("lease_s", int(usual.lease_s), least=_SHORTEST_LEASE_S, most=60)),
        readers=table.number("readers", usual.readers, least=1, most=64),
    )


async def open_journal(data: Path, settings: DatabaseSettings, on_events: Callable[[], None]) -> Journal:
    """Open and upgrade it; ``on_events`` is called when another instance wrote some.

    Raises JournalUnusable.
    """
    if settings.url is None:
        return SqliteJournal(data / "journal.db")
    try:
        from gateway.journal.postgres.journal import PostgresJournal  # noqa: PLC0415 - its driver is an extra
    except ImportError as missing:
        advice = "LINEGATE_DATABASE names a PostgreSQL: install its driver with `pip install 'linegate[postgres]'`"
        raise JournalUnusable(f"{advice} (missing: {missing.name})") from missing

    journal = await PostgresJournal.open(settings.url, lease_s=settings.lease_s, readers=settings.readers)
    journal.on_events = on_events
    return journal
