"""What the rows of a file are about, by name: so that a row is judged after the earlier one it depends on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Text, bindparam, func, or_, select, union_all

from gateway.journal.archived import archived_orders
from gateway.journal.batching import batch_names
from gateway.journal.journal import Journal, Unit
from gateway.journal.schema import insert_if_absent, orders, sims

_NEW = insert_if_absent(batch_names)
_MOST_NAMES = 2
_LATEST = select(func.max(batch_names.c.n).label("n")).where(
    batch_names.c.batch_id == bindparam("batch_id"),
    or_(*(batch_names.c.name == bindparam(f"name_{n}", type_=Text) for n in range(_MOST_NAMES))),
)
_TAKER = (
    select(batch_names.c.n, batch_names.c.whose)
    .where(
        batch_names.c.batch_id == bindparam("batch_id"),
        batch_names.c.name == bindparam("name"),
        batch_names.c.takes == bindparam("takes"),
    )
    .order_by(batch_names.c.n.desc())
    .limit(1)
)
#: one look at both places: an order is in one of them at any moment
_ORDER = select(
    union_all(
        *(
            select(select(table.c.order_id).where(table.c.external_id == bindparam("external_id")).limit(1).subquery())
            for table in (orders, archived_orders)
        )
    ).subquery()
)
_CARD = select(sims.c.iccid).where(sims.c.imsi == bindparam("imsi"))


@dataclass(frozen=True, slots=True)
class Taker:
    """The row that takes a number or SIM, and the name of the line it takes it for."""

    n: int
    whose: str | None


@dataclass(slots=True)
class Names:
    """The names of one batch: those written, and those about to be, of rows that are committed together."""

    journal: Journal
    batch_id: str
    fresh: dict[str, int] = field(default_factory=dict)
    fresh_takers: dict[str, Taker] = field(default_factory=dict)

    async def latest(self, names: Sequence[str]) -> int | None:
        """Return the last row that is about one of these, at most two, names."""
        known = [self.fresh[name] for name in names if name in self.fresh]
        if known:
            return max(known)  # what is about to be written comes after all that is written
        if not names:
            return None
        asked = {f"name_{n}": names[min(n, len(names) - 1)] for n in range(_MOST_NAMES)}
        rows = await self.journal.rows(_LATEST, batch_id=self.batch_id, **asked)
        found: int | None = rows[0]["n"]
        return found

    async def taker(self, name: str) -> Taker | None:
        """Return the row that takes this number or SIM for its line."""
        if name in self.fresh_takers:
            return self.fresh_takers[name]
        rows = await self.journal.rows(_TAKER, batch_id=self.batch_id, name=name, takes=1)
        return Taker(rows[0]["n"], rows[0]["whose"]) if rows else None

    def note(self, unit: Unit, n: int, about: Sequence[str], takes: Iterable[str] = ()) -> None:
        """Write what a row is about, the line first, and what it takes for that line."""
        taken = set(takes)
        told: Mapping[str, bool] = dict.fromkeys(about, False) | dict.fromkeys(taken, True)
        for name, taking in told.items():
            whose = about[0] if taking else None
            unit.add(_NEW, batch_id=self.batch_id, name=name, n=n, takes=int(taking), whose=whose)
            self.fresh[name] = n
            if taking:
                self.fresh_takers[name] = Taker(n, whose)


def external(external_id: str) -> str:
    """Name the asker's own number for an order."""
    return f"external_id {external_id}"


async def order_named(journal: Journal, external_id: str) -> str | None:
    """Return an order that bears this number of the asker's already, however long ago it ended."""
    rows = await journal.rows(_ORDER, external_id=external_id)
    return rows[0]["order_id"] if rows else None


async def card_with(journal: Journal, imsi: str) -> str | None:
    """Return the ICCID of the card that has this IMSI."""
    rows = await journal.rows(_CARD, imsi=imsi)
    return rows[0]["iccid"] if rows else None
