"""A contract says otherwise since the last start: what is due on its living lines is derived again, page by page.

Stopped anywhere it begins anew: the contract's mark is written when its last page is.
"""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, delete, select

from gateway.contract.deadlines import deadlines
from gateway.contract.line import Life
from gateway.contract.rules import Rules
from gateway.journal.journal import Journal, Row, Unit
from gateway.journal.listed import LINES_LISTED
from gateway.journal.schema import contract_marks, insert_row, lines
from gateway.orders import diary
from gateway.orders.codec import line_from_json

_PAGE: Final = 100
_DERIVED_AS: Final = "1"  # raise it when gateway.contract.deadlines derives otherwise than before
_MARKS = select(contract_marks)
_UNMARK = delete(contract_marks).where(contract_marks.c.contract == bindparam("unmarked"))
_MARK = insert_row(contract_marks)
_LINES = (
    select(lines.c.line_id, lines.c.body)
    .where(
        LINES_LISTED,
        lines.c.contract == bindparam("contract"),
        lines.c.state != Life.TERMINATED.value,
        lines.c.line_id > bindparam("after"),
    )
    .order_by(lines.c.line_id)
    .limit(bindparam("most"))
)


def mark_of(rules: Rules) -> str:
    """Return a digest of all that deadlines are derived from, the same in every process."""
    told = repr((_DERIVED_AS, _plain(rules.timing.calendar), _plain(rules.timing.clocks)))
    return hashlib.sha256(told.encode()).hexdigest()


class CatchingUp:
    """Makes the deadlines kept in the table those of the contracts as they are now."""

    def __init__(self, journal: Journal, contracts: Mapping[str, Rules]) -> None:
        self._journal = journal
        self._contracts = contracts

    async def follow(self) -> int:
        """Derive again for every contract that says otherwise than its mark; return for how many lines."""
        marks = {row["contract"]: row["mark"] for row in await self._journal.rows(_MARKS)}
        followed = 0
        for name, rules in self._contracts.items():
            mark = mark_of(rules)
            if marks.get(name) == mark:
                continue
            followed += await self._derive(name, rules)
            unit = Unit()
            unit.add(_UNMARK, unmarked=name)
            unit.add(_MARK, contract=name, mark=mark)
            await self._journal.commit(unit)
        return followed

    async def _derive(self, name: str, rules: Rules) -> int:
        after, followed = "", 0
        while page := await self._journal.rows(_LINES, contract=name, after=after, most=_PAGE):
            last = page[-1]["line_id"]
            kept = await self._kept(after, last)
            unit = Unit()
            for row in page:
                _follow(unit, row, rules, kept.get(row["line_id"], {}))
            if unit.writes:
                await self._journal.commit(unit)
            after, followed = last, followed + len(page)
            await asyncio.sleep(0)  # orders go on meanwhile
        return followed

    async def _kept(self, after: str, last: str) -> dict[str, dict[str, Row]]:
        """Return the deadlines of these lines by line and name."""
        kept: dict[str, dict[str, Row]] = {}
        for row in await diary.of_lines(self._journal, after, last):
            kept.setdefault(row["line_id"], {})[row["name"]] = row
        return kept


def _follow(unit: Unit, row: Row, rules: Rules, kept: Mapping[str, Row]) -> None:
    """Write what is due otherwise on one line; what was attended to stays so for as long as its reason does."""
    line_id = row["line_id"]
    due = {d.name: d.due_at for d in deadlines(line_from_json(json.loads(row["body"])), rules)}
    for name in sorted(kept.keys() - due.keys()):
        diary.drop(unit, line_id, name)
    for name, due_at in due.items():
        if name not in kept:
            diary.add(unit, line_id, name, due_at)
        elif kept[name]["proposed_at"] is None and datetime.fromisoformat(kept[name]["due_at"]) != due_at:
            diary.drop(unit, line_id, name)
            diary.add(unit, line_id, name, due_at)


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever rules are made of
    """Lay rules out in one order: sets have none of their own, and another in every process."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return [(field.name, _plain(getattr(value, field.name))) for field in dataclasses.fields(value)]
    if isinstance(value, frozenset):
        return sorted(str(item) for item in value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(item) for item in value]
    return str(value)
