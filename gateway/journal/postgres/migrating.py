"""Bringing a shared database to the newest schema, while instances of the version before work in it.

So a version may add tables, indexes, functions, and columns that older instances need not name (nullable, or with a
default of the server); it may fill what it added. It does not rename, remove or retype anything, nor add a constraint
to what is written already: that takes two releases, the first of which no longer uses what the second takes away.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import Connection, Text, text
from sqlalchemy.dialects.postgresql.base import PGTypeCompiler
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from gateway.journal.migrate import upgrade, versions
from gateway.journal.postgres.balance import MIGRATION, NAMESPACE
from gateway.journal.postgres.connecting import Driver, connect
from gateway.journal.postgres.errors import unusable
from gateway.journal.postgres.places import Place

_ONE_AT_A_TIME: Final = text(f"SELECT pg_advisory_xact_lock({NAMESPACE}, {MIGRATION})")
_NEWER: Final = (
    "its tables are of a newer version of Linegate than this one: install that version, "
    "or go back to a backup from before it"
)


async def bring_up_to_date(place: Place, connection: Driver) -> None:
    """Apply what is missing; a database that has everything is only looked at. Raises DatabaseUnusable."""
    known = await asyncio.to_thread(versions)
    there = await connection.fetchval("SELECT to_regclass('alembic_version') IS NOT NULL")
    has = await connection.fetchval("SELECT version_num FROM alembic_version") if there else None
    if has is not None and has not in known:
        raise unusable(place, _NEWER)
    if has != known[0]:
        await asyncio.to_thread(upgrade, place.url)


def migrate(url: str, work: Callable[[Connection], None]) -> None:
    """Let Alembic work on a connection, in one transaction, while nobody else does; not for an event loop."""
    asyncio.run(_migrate(url, work))


def collate_by_octets(dialect: Any) -> None:  # noqa: ANN401 - its compilers are not declared as replaceable
    """Let every column of text compare octet by octet, as SQLite's do: moments and ids sort by that."""
    dialect.type_compiler_instance = dialect.type_compiler = _Types(dialect)


async def _migrate(url: str, work: Callable[[Connection], None]) -> None:
    async def connected() -> object:
        return await connect(Place(url), "linegate-migration")

    engine = create_async_engine("postgresql+asyncpg://", async_creator=connected, poolclass=NullPool)
    collate_by_octets(engine.dialect)
    try:
        async with engine.begin() as connection:
            await connection.execute(_ONE_AT_A_TIME)
            await connection.run_sync(work)
    finally:
        await engine.dispose()


class _Types(PGTypeCompiler):
    """Types as columns have them."""

    def visit_TEXT(self, type_: Text, **named: Any) -> str:  # noqa: ANN401, N802 - SQLAlchemy's own name
        """Write TEXT."""
        return f'{super().visit_TEXT(type_, **named)} COLLATE "C"'
