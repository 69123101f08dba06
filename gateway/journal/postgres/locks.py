"""The advisory locks of a session: which there are, getting and giving them back."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from gateway.journal.postgres.balance import NAMESPACE, PRESENCE, Holdings
from gateway.journal.postgres.session import Session

HELD: Final = f"""pg_locks WHERE locktype = 'advisory' AND classid = {NAMESPACE} AND objsubid = 2 AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""  # noqa: S608 - a constant
_LOOK: Final = f"SELECT objid::int AS what, pid = pg_backend_pid() AS own FROM {HELD}"  # noqa: S608 - constants
_TRY: Final = f"SELECT what FROM unnest($1::int[]) AS what WHERE pg_try_advisory_lock({NAMESPACE}, what)"  # noqa: S608 - a constant
_LEAVE: Final = f"SELECT pg_advisory_unlock({NAMESPACE}, what) FROM unnest($1::int[]) AS what"  # noqa: S608 - a constant
_COME: Final = f"SELECT pg_advisory_lock_shared({NAMESPACE}, {PRESENCE})"
_GO: Final = f"SELECT pg_advisory_unlock_shared({NAMESPACE}, {PRESENCE})"


async def look(session: Session) -> Holdings:
    """Ask who holds what."""
    return Holdings.from_rows(await session.fetch(_LOOK))


async def try_to_get(session: Session, what: Collection[int]) -> frozenset[int]:
    """Lock what is still free of it, and return that."""
    return frozenset(row["what"] for row in await session.fetch(_TRY, list(what)))


async def give_back(session: Session, what: Collection[int]) -> None:
    """Unlock what is held."""
    await session.fetch(_LEAVE, list(what))


async def come(session: Session) -> None:
    """Count as an instance that takes its share."""
    await session.fetch(_COME)


async def go(session: Session) -> None:
    """Count no more."""
    await session.fetch(_GO)
