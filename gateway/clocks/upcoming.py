"""What is due, told: on one line, or over all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.contract.deadlines import Deadline, deadlines
from gateway.contract.rulebook.timing import How
from gateway.contract.rules import Rules
from gateway.journal.journal import Journal
from gateway.orders import diary, records
from gateway.orders.order import LineRecord


@dataclass(frozen=True, slots=True)
class Upcoming:
    """One deadline of a line; ``proposed_at``: humans were told, and have not decided yet."""

    record: LineRecord
    deadline: Deadline
    proposed_at: str | None

    def to_json(self) -> dict[str, Any]:
        """Lay it out: name, action, at, how, source, details, proposed_at."""
        due = self.deadline
        return {
            "name": due.clock or due.name,
            "action": due.action,
            "at": due.due_at.isoformat(),
            "how": due.how.value,
            "source": due.source,
            "details": dict(due.details),
            "proposed_at": self.proposed_at,
        }


async def due_on(journal: Journal, record: LineRecord, rules: Rules) -> list[Upcoming]:
    """Return what is still to come on a line, earliest first; what was ordered already is among its orders."""
    attended = {row["name"]: row["proposed_at"] for row in await diary.of_line(journal, record.line_id)}
    return [
        Upcoming(record, due, attended.get(due.name))
        for due in deadlines(record.line, rules)
        if due.how is How.PROPOSED or attended.get(due.name) is None
    ]


async def due_until(
    journal: Journal, contracts: Mapping[str, Rules], until: datetime, most: int, after: diary.Place = diary.FIRST
) -> tuple[list[Upcoming], diary.Place | None]:
    """Return one page of what is due by then over all lines, earliest first, and where the next page begins.

    A page may hold less than ``most`` and still have one after it: what was ordered already is left out.
    """
    rows = await diary.up_to(journal, until, most, after)
    known: dict[str, Mapping[str, Upcoming]] = {}
    found: Sequence[Upcoming | None] = [
        (await _of_line(journal, contracts, row["line_id"], known)).get(row["name"]) for row in rows
    ]
    return [one for one in found if one is not None], diary.place_of(rows[-1]) if len(rows) == most else None


async def _of_line(
    journal: Journal, contracts: Mapping[str, Rules], line_id: str, known: dict[str, Mapping[str, Upcoming]]
) -> Mapping[str, Upcoming]:
    """Return a line's deadlines by name, read once for a page."""
    if line_id not in known:
        record = await records.line(journal, line_id)
        rules = None if record is None else contracts.get(record.line.contract)
        due = [] if record is None or rules is None else await due_on(journal, record, rules)
        known[line_id] = {one.deadline.name: one for one in due}
    return known[line_id]
