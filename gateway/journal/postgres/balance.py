"""Who should hold what: every instance takes and leaves by the same rule, so that all come to hold about alike."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from gateway.journal.journal import Row
from gateway.journal.shards import EVERY_SHARD, SHARDS

NAMESPACE: Final = 0x4C47  #: the first of two keys of every advisory lock of ours; the second is what is held:
OFFICE: Final = SHARDS
PRESENCE: Final = SHARDS + 1  #: shared: one of each instance that takes part
MIGRATION: Final = SHARDS + 2  #: while the schema is changed


@dataclass(frozen=True, slots=True)
class Holdings:
    """What is held in the database at one moment."""

    instances: int
    mine: frozenset[int]
    others: frozenset[int]

    @classmethod
    def from_rows(cls, rows: Iterable[Row]) -> Holdings:
        """Read the locks of our namespace: ``what``, ``own`` (it is this session's)."""
        mine: set[int] = set()
        others: set[int] = set()
        instances = 0
        for row in rows:
            instances += row["what"] == PRESENCE
            (mine if row["own"] else others).add(int(row["what"]))
        return cls(instances, frozenset(mine), frozenset(others))

    @property
    def share(self) -> int:
        """How many shards nobody should exceed: all are held when everybody has as many."""
        return -(-SHARDS // max(1, self.instances))

    @property
    def shards(self) -> frozenset[int]:
        """The shards held here."""
        return self.mine & EVERY_SHARD

    def surplus(self) -> frozenset[int]:
        """Return what should be left to others: the same ones each time, until they are left."""
        return frozenset(sorted(self.shards, reverse=True)[: max(0, len(self.shards) - self.share)])

    def wanted(self) -> list[int]:
        """Return what is free, if there is room for it; see ``room``."""
        return sorted(EVERY_SHARD - self.mine - self.others) if self.room() else []

    def room(self) -> int:
        """Tell how many more should be taken."""
        return max(0, self.share - len(self.shards))

    def office_is_free(self) -> bool:
        """Tell whether nobody holds the office."""
        return OFFICE not in self.mine | self.others
