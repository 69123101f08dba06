"""What is known of a database after it has been asked, for ``database_advice`` to judge: values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Pooling(StrEnum):
    """Whose session a connection is."""

    DIRECT = "direct"
    SESSION = "session"
    TRANSACTION = "transaction"
    STATEMENT = "statement"
    UNKNOWN = "unknown"  #: there is a pooler, and it gave us too few sessions at once to tell


@dataclass(frozen=True, slots=True)
class Room:
    """Connections: ``most`` that this user may have in this database, limits of either included; ``others``: not ours.

    ``needed``: for each instance.
    """

    most: int
    others: int
    needed: int

    @property
    def instances(self) -> int:
        """How many instances fit."""
        return max(0, self.most - self.others) // self.needed


@dataclass(frozen=True, slots=True)
class Holder:
    """One instance's session: where it is, and what of Linegate's locks it holds."""

    name: str
    shards: int
    office: bool


@dataclass(frozen=True, slots=True)
class Tenancy:
    """Who holds what now; ``migrating``: somebody is changing the schema."""

    holders: tuple[Holder, ...]
    migrating: bool


@dataclass(frozen=True, slots=True)
class Schema:
    """Versions: what the database has, what this program brings, and whether it knows the former."""

    there: str | None
    newest: str
    known: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """One database, as the user of the URL sees it.

    ``usual``: settings of a session as they come; ``ours``: after a session of Linegate's has made its own; times as
    the server has them in ``pg_settings`` (keepalives in seconds, time-outs in milliseconds).
    ``refused``: what could not be set, with the server's words.
    """

    usual: Mapping[str, str]
    ours: Mapping[str, str]
    refused: tuple[str, ...]
    standby: bool
    may_create: bool
    clock_ahead_s: float
    room: Room
    tenancy: Tenancy
    schema: Schema

    @property
    def version(self) -> int:
        """The server's version, as 15 is."""
        return int(self.usual["server_version_num"]) // 10_000
