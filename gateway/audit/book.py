"""Reading and writing audits and their findings: the only file of this package that knows these tables."""

from __future__ import annotations

import asyncio
import functools
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Text, bindparam, func, select

from drivers.subscription import Imsi, Msisdn
from gateway.audit.asked import Asked
from gateway.audit.comparison import Difference, Kind
from gateway.journal.archived import archived_orders
from gateway.journal.journal import Journal, JournalFull, Row, Unit
from gateway.journal.schema import audits, findings, insert_row, orders, row_by, update_row
from gateway.orders.codec import dump

OUTCOMES = ("reported", "repairing", "adopting", "left")
DUE = "due"  #: an order about this finding is about to be placed; until then ``detail`` is its body

_ADD = insert_row(audits, "detail", "ended_at")
_PROGRESS = update_row(audits, "audit_id", "total", "done", "place", "counts", "detail")
_END = update_row(audits, "audit_id", "state", "detail", "ended_at")
_BY_ID = row_by(audits, "audit_id")
_RUNNING = row_by(audits, "state").order_by(audits.c.seq)
_NEWEST = (
    select(audits).where(audits.c.seq < bindparam("before")).order_by(audits.c.seq.desc()).limit(bindparam("most"))
)
_LAST_ENDED = select(audits).where(audits.c.ended_at.is_not(None)).order_by(audits.c.ended_at.desc()).limit(1)
_LAST_NIGHTLY = (  # inside a JSON text quotes are escaped, so nothing anybody wrote looks like this
    select(audits.c.started_at).where(audits.c.asked.contains('"nightly":true')).order_by(audits.c.seq.desc()).limit(1)
)
_ADD_FINDING = insert_row(findings, "order_id")
_OUTCOME = update_row(findings, "audit_id", "outcome", "detail", "order_id").where(findings.c.n == bindparam("where_n"))
_LAST_N = select(func.max(findings.c.n).label("n")).where(findings.c.audit_id == bindparam("audit_id"))
_DUE = (
    select(findings.c.n, findings.c.detail)
    .where(findings.c.audit_id == bindparam("audit_id"), findings.c.outcome == DUE)
    .order_by(findings.c.n)
    .limit(bindparam("most"))
)
_THE_NEWEST = 2**62


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference and what is done about it: reported, due, repairing, adopting or left (``detail`` says why)."""

    kind: Kind
    element: str
    imsi: Imsi
    msisdn: Msisdn | None
    line_id: str | None
    differences: tuple[Difference, ...]
    outcome: str
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a finding: a word, why, and the order that was placed."""

    word: str
    detail: str | None = None
    order_id: str | None = None


@dataclass(slots=True)
class Progress:
    """How far an audit has come; ``source`` and ``after`` are where it goes on."""

    total: int = 0
    done: int = 0
    source: str = ""
    after: str = ""
    kinds: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)

    @classmethod
    def from_row(cls, row: Row) -> Progress:
        """Read it back."""
        place, counts = json.loads(row["place"]), json.loads(row["counts"])
        notes = row["detail"].split("\n") if row["detail"] else []
        kinds, outcomes = Counter(counts["kinds"]), Counter(counts["outcomes"])
        return cls(row["total"], row["done"], place["source"], place["after"], kinds, outcomes, notes)

    @property
    def detail(self) -> str | None:
        """The notes, one a line."""
        return "\n".join(self.notes) or None

    def note(self, text: str) -> None:
        """Say something about the audit as a whole, once."""
        if text not in self.notes:
            self.notes.append(text)

    def columns(self) -> dict[str, object]:
        """Lay it out for the journal."""
        return {
            "total": self.total,
            "done": self.done,
            "place": dump({"source": self.source, "after": self.after}),
            "counts": dump({"kinds": self.kinds, "outcomes": self.outcomes}),
        }


def add_audit(unit: Unit, audit_id: str, asked: Asked, now: datetime) -> None:
    """Write a new audit."""
    columns = Progress().columns()
    asked_json = dump(asked.to_json())
    unit.add(
        _ADD,
        audit_id=audit_id,
        state="running",
        policy=asked.policy.value,
        asked=asked_json,
        started_at=now.isoformat(),
        **columns,
    )


def set_progress(unit: Unit, audit_id: str, progress: Progress) -> None:
    """Write how far it has come."""
    unit.add(_PROGRESS, where_audit_id=audit_id, detail=progress.detail, **progress.columns())


def end_audit(unit: Unit, audit_id: str, state: str, detail: str | None, now: datetime) -> None:
    """Write its end."""
    unit.add(_END, where_audit_id=audit_id, state=state, detail=detail, ended_at=now.isoformat())


def add_finding(unit: Unit, audit_id: str, n: int, finding: Finding, now: datetime) -> None:
    """Write one finding."""
    unit.add(
        _ADD_FINDING,
        audit_id=audit_id,
        n=n,
        kind=finding.kind.value,
        element=finding.element,
        imsi=finding.imsi,
        msisdn=finding.msisdn,
        line_id=finding.line_id,
        differences=dump([difference.to_json() for difference in finding.differences]),
        outcome=finding.outcome,
        detail=finding.detail,
        at=now.isoformat(),
    )


def set_outcome(unit: Unit, audit_id: str, n: int, outcome: Outcome) -> None:
    """Write what became of a finding that was due."""
    columns = {"outcome": outcome.word, "detail": outcome.detail, "order_id": outcome.order_id}
    unit.add(_OUTCOME, where_audit_id=audit_id, where_n=n, **columns)


async def commit(journal: Journal, unit: Unit) -> None:
    """Make a unit durable, however much waits to be written before it."""
    while True:
        try:
            await journal.commit(unit)
        except JournalFull as full:
            await asyncio.sleep(full.retry_after_s)
        else:
            return


async def audit(journal: Journal, audit_id: str) -> Row | None:
    """Return one audit's row."""
    rows = await journal.rows(_BY_ID, audit_id=audit_id)
    return rows[0] if rows else None


async def running(journal: Journal) -> Sequence[Row]:
    """Return the audits without an end, oldest first."""
    return await journal.rows(_RUNNING, state="running")


async def newest(journal: Journal, before: int | None, most: int) -> Sequence[Row]:
    """Return audits, newest first."""
    return await journal.rows(_NEWEST, before=before or _THE_NEWEST, most=most)


async def last_ended(journal: Journal) -> Row | None:
    """Return the audit that ended last."""
    rows = await journal.rows(_LAST_ENDED)
    return rows[0] if rows else None


async def last_nightly(journal: Journal) -> datetime | None:
    """Tell when the last audit nobody asked for was started."""
    rows = await journal.rows(_LAST_NIGHTLY)
    return datetime.fromisoformat(rows[0]["started_at"]) if rows else None


async def last_n(journal: Journal, audit_id: str) -> int:
    """Tell how many findings there are: they are numbered from 1."""
    return (await journal.rows(_LAST_N, audit_id=audit_id))[0]["n"] or 0


async def due(journal: Journal, audit_id: str, most: int) -> list[tuple[int, str]]:
    """Return the findings whose order is not placed yet: number and body of the order."""
    return [(row["n"], row["detail"]) for row in await journal.rows(_DUE, audit_id=audit_id, most=most)]


@functools.cache
def findings_listed(*, by_kind: bool) -> Select[Any]:
    """The statement, for all kinds or for one."""
    state = func.coalesce(orders.c.state, archived_orders.c.state)
    placed = findings.outerjoin(orders, orders.c.order_id == findings.c.order_id)
    both = placed.outerjoin(archived_orders, archived_orders.c.order_id == findings.c.order_id)
    chosen = select(findings, state.label("order_state")).select_from(both)
    chosen = chosen.where(findings.c.audit_id == bindparam("audit_id"), findings.c.n > bindparam("after"))
    if by_kind:
        chosen = chosen.where(findings.c.kind == bindparam("kind", type_=Text))
    return chosen.order_by(findings.c.n).limit(bindparam("most"))


async def page_of_findings(
    journal: Journal, audit_id: str, kind: str | None, after: int, most: int
) -> Sequence[Mapping[str, Any]]:
    """Return findings in their order, each with the state of its order."""
    named = {} if kind is None else {"kind": kind}
    statement = findings_listed(by_kind=kind is not None)
    return await journal.rows(statement, audit_id=audit_id, after=after, most=most, **named)
