"""Connections as we want them, and what a server must be to be worked with."""

from __future__ import annotations

import asyncio
import math
from typing import Any, Final, TypeAlias

import asyncpg

from gateway.journal.postgres.errors import NO_SESSION, unusable, why_unusable
from gateway.journal.postgres.places import Place

Driver: TypeAlias = Any  #: an asyncpg.Connection, of which mypy is told nothing
OLDEST: Final = 14  #: the first with idle_session_timeout
CONNECT_S: Final = 10.0
_PROBE_S: Final = 3.0  #: a pooler that has no second session to lend would let us wait for ever
_STATEMENTS_KEPT: Final = 1000
_DURABLE: Final = """SELECT set_config('synchronous_commit', 'on', false)
    WHERE current_setting('synchronous_commit') NOT IN ('on', 'remote_apply')"""
_ALIKE: Final = (
    "SET standard_conforming_strings = on",
    "SET default_transaction_isolation = 'read committed'",
    "SET jit = off",  # point reads and writes: compiling them costs more than running them
)


async def connect(place: Place, application: str, *settings: str) -> Driver:
    """Open a connection of its own session, as new. Raises DatabaseUnusable.

    Settings are made afterwards, not asked for at the start: a pooler would refuse them.
    """
    opening = asyncio.ensure_future(
        asyncpg.connect(place.url, timeout=CONNECT_S, statement_cache_size=_STATEMENTS_KEPT)
    )
    try:
        made = await asyncio.shield(opening)
    except asyncio.CancelledError:
        opening.add_done_callback(_abandon)  # left half open, its socket would stay
        raise
    except Exception as failure:  # noqa: BLE001 - their texts may hold parts of the URL: none is handed on
        raise why_unusable(place, failure) from None
    try:
        await made.execute("DISCARD ALL", timeout=CONNECT_S)  # a pooler may have given us a used session
        every = (f"SET application_name = '{application}'", *_ALIKE, *settings)
        await made.execute(";".join(every), timeout=CONNECT_S)
    except asyncio.CancelledError:
        made.terminate()
        raise
    except Exception as failure:  # noqa: BLE001 - as above
        made.terminate()
        raise why_unusable(place, failure) from None
    return made


def _abandon(opening: asyncio.Future[Driver]) -> None:
    if not opening.cancelled() and opening.exception() is None:
        opening.result().terminate()


def writer_settings(lease_s: float) -> tuple[str, ...]:
    """Return what makes a session end when nothing is heard of its instance, and its statements plan once.

    A cut connection is noticed by the server within the lease, even in the midst of an answer.
    """
    lease_ms, idle_s = int(lease_s * 1000), max(1, math.floor(lease_s / 2))
    return (
        f"SET idle_session_timeout = {lease_ms}",
        f"SET idle_in_transaction_session_timeout = {lease_ms}",
        f"SET statement_timeout = {2 * lease_ms}",
        f"SET lock_timeout = {lease_ms}",
        f"SET tcp_user_timeout = {lease_ms}",
        f"SET tcp_keepalives_idle = {idle_s}",
        "SET tcp_keepalives_interval = 1",
        "SET tcp_keepalives_count = 3",
        "SET plan_cache_mode = force_generic_plan",
        "SET enable_seqscan = off",  # a plan made while a table is small must do when it is not
        _DURABLE,
    )


def reader_settings(patience_s: float) -> tuple[str, ...]:
    """Return what keeps a reader from writing, from reading for ever, and from plans for small tables."""
    return (
        "SET default_transaction_read_only = on",
        f"SET statement_timeout = {int(patience_s * 1000)}",
        "SET enable_seqscan = off",
    )


async def check_server(place: Place, connection: Driver) -> None:
    """See that the server can do what we need. Raises DatabaseUnusable."""
    about = "SELECT current_setting('server_version_num')::int, pg_is_in_recovery(), current_setting('server_encoding')"
    version, standby, encoding = await connection.fetchrow(about, timeout=CONNECT_S)
    if version < OLDEST * 10_000:
        raise unusable(place, f"it is PostgreSQL {version // 10_000}: {OLDEST} or newer is needed")
    if standby:
        raise unusable(place, "it is a standby, which takes no writes: name the primary, or promote it")
    if encoding != "UTF8":
        raise unusable(place, f"its encoding is {encoding}: make the database anew with createdb -E UTF8 -T template0")


async def check_sessions(place: Place, one: Driver, other: Driver) -> None:
    """See that each connection is a session of its own, where what is prepared stays. Raises DatabaseUnusable.

    A pooler by transaction lends the second connection the session that the first one used last.
    """
    try:
        async with asyncio.timeout(_PROBE_S):
            pid = await session_pid(one)
            await other.execute("BEGIN")
            others = await session_pid(other)
            again = await session_pid(one)
            await other.execute("ROLLBACK")
    except TimeoutError:
        raise unusable(place, NO_SESSION) from None
    if pid != again or pid == others:
        raise unusable(place, NO_SESSION)


async def session_pid(connection: Driver) -> int:
    """Return the server's process id of a session: a pooler would tell its own at the start."""
    return int(await connection.fetchval("SELECT pg_backend_pid()", timeout=CONNECT_S))
