"""Handsets in the journal: the only file that knows their columns."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Text, bindparam, delete, select

from gateway.handsets.identity import handset_of
from gateway.journal.handsets import OPEN, handset_wishes, handsets
from gateway.journal.journal import Journal, Row, Unit
from gateway.journal.schema import insert_row, row_by
from gateway.orders import records
from gateway.orders.codec import dump


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants of a handset, and why."""

    imei: str
    blocked: bool
    requested_by: Mapping[str, str]
    reason: str | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """What one register is still to be told of one handset."""

    handset: str
    imei: str
    blocked: bool
    reason: str
    element: str
    version: int

    @classmethod
    def from_row(cls, row: Row) -> Wish:
        """Read one back."""
        names = ("handset", "imei", "element", "version")
        return cls(blocked=bool(row["blocked"]), reason=row["reason"] or "", **{name: row[name] for name in names})


_BY_ID = row_by(handsets, "handset")
_DROP = delete(handsets).where(handsets.c.handset == bindparam("of_handset"))
_DROP_WISHES = delete(handset_wishes).where(handset_wishes.c.handset == bindparam("of_handset"))
_NEW = insert_row(handsets)
_NEW_WISH = insert_row(handset_wishes)
_WISHES = row_by(handset_wishes, "handset").order_by(handset_wishes.c.element)
_OPEN_OF_ELEMENT = (
    select(handsets, handset_wishes.c.element)
    .join(handset_wishes, handset_wishes.c.handset == handsets.c.handset)
    .where(handset_wishes.c.element == bindparam("element"), OPEN)
    .order_by(handsets.c.asked_at)
    .limit(bindparam("most"))
)
_SETTLE = (
    handset_wishes.update()
    .where(
        handset_wishes.c.handset == bindparam("of_handset"),
        handset_wishes.c.element == bindparam("of_element"),
        handset_wishes.c.version == bindparam("of_version"),
        OPEN,
    )
    .values({name: bindparam(f"new_{name}") for name in ("state", "code", "text", "at")})
)
_PAGE = (
    select(handsets)
    .where(handsets.c.handset > bindparam("after", type_=Text))
    .order_by(handsets.c.handset)
    .limit(bindparam("most"))
)


async def handset(journal: Journal, imei: str) -> Row | None:
    """Return what is wished of a handset."""
    rows = await journal.rows(_BY_ID, handset=handset_of(imei))
    return rows[0] if rows else None


async def wishes(journal: Journal, imei: str) -> Sequence[Row]:
    """Return how far every register has come with a handset."""
    return await journal.rows(_WISHES, handset=handset_of(imei))


async def page(journal: Journal, after: str, most: int) -> Sequence[Row]:
    """Return handsets by their digits."""
    return await journal.rows(_PAGE, after=after, most=most)


async def open_wishes(journal: Journal, element: str, most: int) -> list[Wish]:
    """Return what a register is still to be told, the oldest wish first."""
    rows = await journal.rows(_OPEN_OF_ELEMENT, element=element, most=most)
    return [Wish.from_row(row) for row in rows]


def write(unit: Unit, asked: Asked, version: int, elements: Sequence[str], at: datetime) -> None:
    """Replace what was wished of a handset, and have every register told."""
    one = handset_of(asked.imei)
    unit.add(_DROP_WISHES, of_handset=one)
    unit.add(_DROP, of_handset=one)
    unit.add(
        _NEW,
        handset=one,
        imei=asked.imei,
        blocked=int(asked.blocked),
        version=version,
        reason=asked.reason,
        reference=asked.reference,
        requested_by=dump(asked.requested_by),
        asked_at=at.isoformat(),
    )
    for element in elements:
        unit.add(_NEW_WISH, handset=one, element=element, state="open", version=version)
    told = {"reason": asked.reason, "reference": asked.reference, "requested_by": asked.requested_by}
    word = "handset.block_requested" if asked.blocked else "handset.unblock_requested"
    records.add_notice(unit, word, at, None, imei=asked.imei, **told)


def settle(unit: Unit, wish: Wish, at: datetime, refused: tuple[str, str] | None) -> None:
    """Write a register's final word; the unit conflicts ("wish") when something else is wished by now."""
    code, text = refused or ("0", "read back")
    values = {"new_state": "refused" if refused else "confirmed", "new_code": code, "new_text": text}
    of = {"of_handset": wish.handset, "of_element": wish.element, "of_version": wish.version}
    unit.add(_SETTLE, "wish", **of, **values, new_at=at.isoformat())
    word = "refused" if refused else "blocked" if wish.blocked else "unblocked"
    told: dict[str, Any] = {"code": code, "text": text} if refused else {}
    records.add_notice(unit, f"handset.{word}", at, None, imei=wish.imei, element=wish.element, **told)


def told_by(row: Row) -> dict[str, str]:
    """Return who asked for what is wished now."""
    found: dict[str, str] = json.loads(row["requested_by"])
    return found
