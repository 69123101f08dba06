"""Where the journal is, as ``[database]`` of ``linegate.toml`` says: embedded in the data directory, or shared."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from gateway.contract.table import Table

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
