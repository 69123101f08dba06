"""Why a PostgreSQL cannot be used, and what to do about it; what is said never holds the password."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import asyncpg

from gateway.journal.journal import Conflict, JournalUnusable
from gateway.journal.postgres.places import Place

CONFLICT: Final = "LG001"  #: raised by the function linegate_must_change, see migration 0009
#: serialization_failure, deadlock_detected, lock_not_available: the same again may well succeed
AGAIN: Final = frozenset({"40001", "40P01", "55P03"})
#: the session is over, or on a server that takes no writes (any more)
_OVER: Final = frozenset({"57P01", "57P02", "57P03", "57P05", "25P03", "25006"})

#: the session has forgotten what was prepared in it: somebody in between lends it to others
_FORGOTTEN: Final = "26000"

_ADVICE: Final = {
    "28P01": "it refuses user or password: put the right ones into the URL",
    "28000": "it does not let this user in from here: look into its pg_hba.conf",
    "3D000": "it has no such database: make it with createdb, or name another one in the URL",
    "42501": "the user may not make tables: GRANT CREATE ON SCHEMA public to it, or let it own the database",
    "53300": "it has no connection left: raise max_connections, or lower [database] readers",
    "57P03": "it is starting or stopping: try again",
    "26000": "a pooler in between gives each transaction another session: connect to the server, or pool by session",
    "42P05": "a pooler in between gives each transaction another session: connect to the server, or pool by session",
}
NO_SESSION: Final = _ADVICE["26000"]


class DatabaseUnusable(JournalUnusable):
    """The database cannot be worked with as it is; the text says where it is and what to do."""


class Refused(Exception):
    """The database refuses a write for what is in it; nothing of its unit was written."""

    def __init__(self, code: str, said: str) -> None:
        super().__init__(f"the database refuses a write: {said} ({code})")
        self.code = code  #: SQLSTATE


@dataclass(frozen=True, slots=True)
class Refusal:
    """A unit that failed, counted from 0, and why: an SQLSTATE and what the server says."""

    unit: int
    code: str
    said: str

    @property
    def may_pass(self) -> bool:
        """Whether the same again may well succeed."""
        return self.code in AGAIN

    @property
    def is_over(self) -> bool:
        """Whether nothing can be written in this session any more."""
        return self.code in _OVER or self.code == _FORGOTTEN

    def error(self) -> Exception:
        """Return what the unit's owner is told."""
        return Conflict(self.said) if self.code == CONFLICT else Refused(self.code, self.said)


def unusable(place: Place, advice: str) -> DatabaseUnusable:
    """Make the error for one place."""
    return DatabaseUnusable(f"the database at {place} cannot be used: {advice}")


def why_unusable(place: Place, failure: Exception) -> DatabaseUnusable:
    """Tell what a failure to connect or to prepare the database means."""
    match _origin(failure):
        case DatabaseUnusable() as known:
            return known
        case asyncpg.PostgresError(sqlstate=state) if state in _ADVICE:
            return unusable(place, _ADVICE[state])
        case asyncpg.PostgresError(sqlstate=state):
            return unusable(place, f"it says {state} ({type(failure).__name__})")
        case TimeoutError():
            return unusable(place, "it does not answer: look whether it runs, and what lies between")
        case OSError():
            return unusable(place, f"nothing answers there ({type(failure).__name__}): look whether it runs")
        case _:
            return unusable(place, f"the connection failed ({type(failure).__name__}): check each part of the URL")


def _origin(failure: BaseException) -> BaseException:
    """Return what the driver said, whatever it has been wrapped in."""
    while not isinstance(failure, DatabaseUnusable | asyncpg.PostgresError) and failure.__cause__ is not None:
        failure = failure.__cause__
    return failure


def is_over(failure: Exception) -> bool:
    """Tell whether a failure ended the session; if not, the server answered and goes on."""
    if isinstance(failure, asyncpg.PostgresError):
        return failure.sqlstate in _OVER or (failure.sqlstate or "").startswith("08")
    return isinstance(failure, OSError | asyncpg.InterfaceError | asyncpg.InternalClientError)
