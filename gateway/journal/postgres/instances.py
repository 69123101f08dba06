"""Which instance listens where: a row each, found by the session that holds a lock."""

from __future__ import annotations

from typing import Final

from gateway.journal.postgres.locks import HELD
from gateway.journal.postgres.readers import Readers
from gateway.journal.postgres.session import Session

#: rows of sessions that are over, or whose process id is this session's now, tell nothing
_FORGET: Final = """DELETE FROM instances WHERE instance_id <> $1 AND (backend_pid = pg_backend_pid()
    OR backend_pid NOT IN (SELECT pid FROM pg_stat_activity WHERE pid IS NOT NULL))"""
_NOTE: Final = """INSERT INTO instances (instance_id, url, backend_pid, since)
    VALUES ($1, $2, pg_backend_pid(), to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"'))
    ON CONFLICT (instance_id) DO UPDATE SET url = excluded.url, backend_pid = excluded.backend_pid,
    since = excluded.since"""
_REMOVE: Final = "DELETE FROM instances WHERE instance_id = $1"
_FIND: Final = f"SELECT url FROM instances WHERE backend_pid IN (SELECT pid FROM {HELD} AND objid = $1::int)"  # noqa: S608 - constants


async def note(session: Session, instance: str, url: str) -> None:
    """Write down that whoever holds a lock by this session listens at ``url``."""
    await session.fetch(_FORGET, instance)
    await session.fetch(_NOTE, instance, url)


async def remove(session: Session, instance: str) -> None:
    """Listen no more."""
    await session.fetch(_REMOVE, instance)


async def find(readers: Readers, what: int) -> str | None:
    """Return where the holder of a lock listens."""
    rows = await readers.fetch(_FIND, what)
    return str(rows[0]["url"]) if rows else None
