"""The checks of ``linegate doctor`` on the database that instances share; the password in its URL is never told."""

from __future__ import annotations

import asyncio

from gateway.cli.examination import Finding, fail
from gateway.databases import DatabaseSettings


def database(settings: DatabaseSettings, url: str | None) -> list[Finding]:
    """Examine the database at a URL; nothing is told where there is none, for then SQLite is used."""
    if not url:
        return []
    try:
        from gateway.cli.database_examination import examine  # noqa: PLC0415 - only who shares a database has asyncpg
    except ModuleNotFoundError as missing:
        return [fail("database", f"{missing.name} is not installed", "pip install 'linegate[postgres]'")]
    return asyncio.run(examine(settings, url))
