"""Asking a database for its facts: everything in transactions that are rolled back, so that any pooler lets it pass."""

from __future__ import annotations

import time
from typing import Any, Final

import asyncpg

from gateway.cli.database_facts import Facts, Holder, Room, Schema, Tenancy
from gateway.databases import DatabaseSettings
from gateway.journal.migrate import versions
from gateway.journal.postgres import balance
from gateway.journal.postgres.connecting import writer_settings
from gateway.journal.postgres.locks import HELD
from gateway.journal.shards import SHARDS

APPLICATION: Final = "linegate"  #: what the names of all our sessions begin with
_BESIDES: Final = 3  #: connections of an instance besides its readers: it writes, it listens, and one is being replaced

_WANTED: Final = (
    "server_version", "server_version_num", "server_encoding", "standard_conforming_strings", "transaction_read_only",
    "fsync", "full_page_writes", "synchronous_commit", "synchronous_standby_names", "autovacuum", "track_counts",
    "idle_session_timeout", "tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_keepalives_count",
    "tcp_user_timeout",
)  # fmt: skip
_SETTINGS: Final = (
    "SELECT name, setting FROM pg_settings WHERE name = ANY($1::text[]) "
    "UNION ALL SELECT 'over_tcp', CASE WHEN inet_client_addr() IS NULL THEN 'off' ELSE 'on' END"
)
_ABOUT: Final = """
SELECT pg_is_in_recovery() AS standby,
       coalesce(has_schema_privilege(current_schema(), 'CREATE'), false) AS may_create,
       to_regclass('alembic_version') IS NOT NULL AS has_schema,
       to_regclass('instances') IS NOT NULL AS has_instances
"""
_ROOM: Final = """
SELECT (SELECT sum(CASE name WHEN 'max_connections' THEN setting::int ELSE -setting::int END)::int FROM pg_settings
        WHERE name IN ('max_connections', 'superuser_reserved_connections', 'reserved_connections')) AS server,
       (SELECT CASE WHEN rolsuper THEN -1 ELSE rolconnlimit END FROM pg_roles WHERE rolname = current_user) AS role,
       (SELECT CASE WHEN rolsuper THEN -1 ELSE datconnlimit END FROM pg_database, pg_roles
        WHERE datname = current_database() AND rolname = current_user) AS database,
       (SELECT count(*)::int FROM pg_stat_activity
        WHERE (backend_type = 'client backend' OR (backend_type IS NULL AND datid IS NOT NULL))
        AND pid <> pg_backend_pid() AND coalesce(application_name, '') NOT LIKE $1 || '%') AS others
"""
_LOCKS: Final = f"""
SELECT pid, host(client_addr) AS place, count(*) FILTER (WHERE objid::int < {SHARDS})::int AS shards,
       bool_or(objid::int = {balance.OFFICE}) AS office, bool_or(objid::int = {balance.MIGRATION}) AS migrating
FROM (SELECT pid, objid FROM {HELD}) AS held LEFT JOIN pg_stat_activity USING (pid)
GROUP BY pid, place ORDER BY place, pid
"""  # noqa: S608 - constants
_WHERE_THEY_LISTEN: Final = "SELECT backend_pid, url FROM instances"


async def ask(connection: Any, settings: DatabaseSettings) -> Facts:  # noqa: ANN401 - asyncpg has no types
    """Ask for everything. Raises what asyncpg does when the server ends the conversation."""
    transaction = connection.transaction()
    await transaction.start()
    try:
        about = await connection.fetchrow(_ABOUT)
        ahead_s = await _clock_ahead_s(connection)
        usual = await _settings(connection)
        tenancy = await _tenancy(connection, has_instances=about["has_instances"])
        schema = await _schema(connection, has_schema=about["has_schema"])
        room = await _room(connection, settings.readers + _BESIDES)
        refused = await _set_as_an_instance_does(connection, settings.lease_s)
        return Facts(
            usual=usual,
            ours=await _settings(connection),
            refused=refused,
            standby=about["standby"],
            may_create=about["may_create"],
            clock_ahead_s=ahead_s,
            room=room,
            tenancy=tenancy,
            schema=schema,
        )
    finally:
        await transaction.rollback()


async def _settings(connection: Any) -> dict[str, str]:  # noqa: ANN401 - asyncpg has no types
    return {row["name"]: row["setting"] for row in await connection.fetch(_SETTINGS, list(_WANTED))}


async def _set_as_an_instance_does(connection: Any, lease_s: float) -> tuple[str, ...]:  # noqa: ANN401 - no types
    refused = []
    for statement in writer_settings(lease_s):
        try:
            async with connection.transaction():
                await connection.execute(statement)
        except asyncpg.PostgresError as failure:
            refused.append(f"{statement}: {failure.sqlstate}")
    return tuple(refused)


async def _clock_ahead_s(connection: Any) -> float:  # noqa: ANN401 - asyncpg has no types
    before = time.time()
    server = await connection.fetchval("SELECT extract(epoch FROM clock_timestamp())::float8")
    return float(server) - (before + time.time()) / 2


async def _room(connection: Any, needed: int) -> Room:  # noqa: ANN401 - asyncpg has no types
    row = await connection.fetchrow(_ROOM, APPLICATION)
    limits = [row["server"], *(limit for limit in (row["role"], row["database"]) if limit >= 0)]
    return Room(most=min(limits), others=row["others"], needed=needed)


async def _tenancy(connection: Any, *, has_instances: bool) -> Tenancy:  # noqa: ANN401 - asyncpg has no types
    listening = await connection.fetch(_WHERE_THEY_LISTEN) if has_instances else []
    urls = {row["backend_pid"]: row["url"] for row in listening}
    rows = await connection.fetch(_LOCKS)
    holders = tuple(
        Holder(
            urls.get(row["pid"]) or f"at {row['place'] or 'its socket'}, pid {row['pid']}", row["shards"], row["office"]
        )
        for row in rows
        if not row["migrating"]
    )
    return Tenancy(holders, migrating=any(row["migrating"] for row in rows))


async def _schema(connection: Any, *, has_schema: bool) -> Schema:  # noqa: ANN401 - asyncpg has no types
    known = versions()
    there = await connection.fetchval("SELECT min(version_num) FROM alembic_version") if has_schema else None
    return Schema(there, known[0], known=there is None or there in known)
