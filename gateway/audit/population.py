"""Who may be audited: lines as the journal has them, page by page, and SIMs of the stock that serve none."""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, and_, bindparam, func, or_, select

from gateway.contract.action import SimState
from gateway.contract.line import Life
from gateway.journal.journal import Journal
from gateway.journal.listed import LINES_COUNTED, LINES_LISTED
from gateway.journal.schema import lines, sims
from gateway.orders.codec import line_from_json
from gateway.orders.order import LineRecord

IMSIS_AT_ONCE = 100

_IDLE = sims.c.state != SimState.ACTIVE.value
_OF_PREFIX = and_(sims.c.imsi > bindparam("after"), sims.c.imsi < bindparam("end"))
_IDLE_SIMS = select(sims.c.imsi).where(_IDLE, _OF_PREFIX).order_by(sims.c.imsi).limit(bindparam("most"))
_IDLE_COUNT = select(func.count().label("count")).select_from(sims).where(_IDLE, _OF_PREFIX)
_LIVING = and_(lines.c.state != Life.ORDERED.value, lines.c.state != Life.TERMINATED.value)
_SERVED = select(lines.c.imsi).where(
    lines.c.imsi.in_([bindparam(f"imsi{n}", type_=Text) for n in range(IMSIS_AT_ONCE)]), _LIVING
)


@dataclass(frozen=True, slots=True)
class Choice:
    """Which lines; ``hosts`` are pairs of contract and host, ``None`` is any. Without a state: those in service."""

    contract: str | None = None
    state: str | None = None
    hosts: tuple[tuple[str, str], ...] | None = None

    def values(self) -> dict[str, str]:
        """What is bound in the statement."""
        named = {"contract": self.contract, "state": self.state}
        for n, (contract, host) in enumerate(self.hosts or ()):
            named |= {f"contract{n}": contract, f"host{n}": host}
        return {name: value for name, value in named.items() if value is not None}


async def page_of_lines(journal: Journal, choice: Choice, after: str, most: int) -> list[LineRecord]:
    """Return lines in the order of their birth."""
    statement = page(*_shape(choice))
    rows = await journal.rows(statement, after=after, most=most, **choice.values())
    return [LineRecord(row["line_id"], line_from_json(json.loads(row["body"]))) for row in rows]


async def count_lines(journal: Journal, choice: Choice) -> int:
    """Tell how many there are."""
    rows = await journal.rows(count(*_shape(choice)), **choice.values())
    return int(rows[0]["count"])


async def page_of_idle_sims(journal: Journal, prefix: str, after: str, most: int) -> list[str]:
    """Return the IMSIs of the stock that serve no line, sorted."""
    return [row["imsi"] for row in await journal.rows(_IDLE_SIMS, most=most, **_bounds(prefix, after))]


async def count_idle_sims(journal: Journal, prefix: str) -> int:
    """Tell how many there are."""
    return int((await journal.rows(_IDLE_COUNT, **_bounds(prefix, "")))[0]["count"])


async def unserved(journal: Journal, imsis: Sequence[str]) -> list[str]:
    """Return those of at most ``IMSIS_AT_ONCE`` IMSIs that no living line has."""
    padded = [*imsis, *[imsis[-1]] * (IMSIS_AT_ONCE - len(imsis))]
    rows = await journal.rows(_SERVED, **{f"imsi{n}": imsi for n, imsi in enumerate(padded)})
    served = {row["imsi"] for row in rows}
    return [imsi for imsi in imsis if imsi not in served]


def _bounds(prefix: str, after: str) -> dict[str, str]:
    return {"after": max(prefix, after), "end": f"{prefix}:"}  # the character after 9


def _shape(choice: Choice) -> tuple[bool, bool, int | None]:
    hosts = None if choice.hosts is None else len(choice.hosts)
    return choice.contract is not None, choice.state is not None, hosts


@functools.cache
def page(contract: bool, state: bool, hosts: int | None) -> Select[Any]:  # noqa: FBT001 - see _shape
    """The statement for one shape of choice."""
    chosen = select(lines.c.line_id, lines.c.body).where(lines.c.line_id > bindparam("after"))
    if contract or hosts:
        chosen = chosen.where(LINES_LISTED)
    elif state:
        chosen = chosen.where(LINES_COUNTED)
    return chosen.where(*_conditions(contract, state, hosts)).order_by(lines.c.line_id).limit(bindparam("most"))


@functools.cache
def count(contract: bool, state: bool, hosts: int | None) -> Select[Any]:  # noqa: FBT001 - see _shape
    """The statement for one shape of choice."""
    counted = select(func.count().label("count")).select_from(lines)
    return counted.where(LINES_COUNTED, *_conditions(contract, state, hosts))


def _conditions(contract: bool, state: bool, hosts: int | None) -> list[ColumnElement[bool]]:  # noqa: FBT001 - see _shape
    conditions = [lines.c.state == bindparam("state") if state else _LIVING]
    if contract:
        conditions.append(lines.c.contract == bindparam("contract"))
    if hosts is not None:
        pairs = (
            and_(lines.c.contract == bindparam(f"contract{n}"), lines.c.host == bindparam(f"host{n}"))
            for n in range(hosts)
        )
        conditions.append(or_(*pairs))
    return conditions
