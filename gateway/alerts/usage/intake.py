"""Taking usage records in: each counts once, in its own period, and what it brings about is written with it.

One unit for many lines of a batch: what is read of them and the commit cost little more than for one. Two batches at
once may count for one line: they take turns, and if they did not (a number that moves between lines just now), the
second one's unit conflicts; then each line has a unit of its own, and only the one concerned looks again.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gateway.alerts.usage import ledger, lines
from gateway.alerts.usage.agreements import as_agreed
from gateway.alerts.usage.counting import Key, Tally
from gateway.alerts.usage.crossing import Concerned, Followup
from gateway.alerts.usage.means import TRIES, Means, Turns, Writing
from gateway.alerts.usage.record import Hit, Misfit, UsageRecord, assess
from gateway.contract.rules import Rules
from gateway.contract.thresholds import caps_of
from gateway.journal.journal import Conflict, JournalFull
from gateway.orders.order import LineRecord

_LINES_AT_ONCE = 200
_RECORDS_AT_ONCE = 500  # then others have their turn


@dataclass(frozen=True, slots=True)
class Problem:
    """A record that was kept out, and why."""

    place: int
    record_id: str
    why: Misfit


@dataclass(slots=True)
class Taken:
    """What became of a batch; ``late`` are those of the accepted that counted in a period that was over."""

    accepted: int = 0
    duplicates: int = 0
    late: int = 0
    problems: list[Problem] = field(default_factory=list)
    crossings: list[dict[str, Any]] = field(default_factory=list)

    def add(self, other: Taken) -> None:
        """Add what became of another part."""
        self.accepted += other.accepted
        self.duplicates += other.duplicates
        self.late += other.late
        self.problems += other.problems
        self.crossings += other.crossings

    def problem(self, record: UsageRecord, why: Misfit) -> None:
        """Note a record that was kept out."""
        self.problems.append(Problem(record.place, record.record_id, why))


_Fresh = list[tuple[UsageRecord, str, tuple[Hit, ...]]]
_Group = tuple[str, list[UsageRecord]]


@dataclass(frozen=True, slots=True)
class _New:
    """The records of a line that are to be counted."""

    line: LineRecord
    fresh: _Fresh

    @property
    def keys(self) -> list[Key]:
        """The counters they count in, each once."""
        return list(dict.fromkeys(_key(hit) for _, _, hits in self.fresh for hit in hits))


@dataclass(frozen=True, slots=True)
class _Tallied:
    """A line with its records counted: ``was`` is what its counters stood at before."""

    of: Concerned
    fresh: _Fresh
    was: dict[Key, int | None]
    tally: Tally


class Intake:
    """The door for usage records."""

    def __init__(self, means: Means, followup: Followup, turns: Turns) -> None:
        self._journal = means.journal
        self._contracts = means.contracts
        self._clock = means.clock
        self._listeners = means.listeners
        self._followup = followup
        self._turns = turns

    async def take(self, batch: Sequence[UsageRecord]) -> Taken:
        """Count a batch; durable on return, and counted once however often it comes.

        Raises JournalFull: part of it may be counted, and is known when it comes again.
        """
        by_number: dict[str, list[UsageRecord]] = {}
        for record in batch:
            by_number.setdefault(record.msisdn, []).append(record)
        taken, groups = Taken(), list(by_number.items())
        for start in range(0, len(groups), _LINES_AT_ONCE):
            await self._several(groups[start : start + _LINES_AT_ONCE], taken)
        taken.problems.sort(key=lambda problem: problem.place)
        if taken.crossings:
            self._listeners.published()
            self._listeners.queued()
        return taken

    async def _several(self, groups: Sequence[_Group], taken: Taken) -> None:
        """Count the records of several numbers: in one unit, or each in its own where one of them cannot be counted."""
        try:
            taken.add(await self._together(groups))
        except JournalFull:
            raise
        except Exception:  # noqa: BLE001 - a conflict or a fault in one line must not keep the others from being counted
            parts = await asyncio.gather(*(self._alone(group) for group in groups), return_exceptions=True)
            for part in parts:
                if isinstance(part, BaseException):
                    raise part from None
                taken.add(part)

    async def _alone(self, group: _Group) -> Taken:
        for _ in range(TRIES):
            with contextlib.suppress(Conflict):  # somebody else has counted meanwhile: look again
                return await self._together([group])
        raise JournalFull

    async def _together(self, groups: Sequence[_Group]) -> Taken:
        """Count what is new, in one commit. Raises Conflict, and then nothing was written."""
        part, known_lines = Taken(), list[tuple[LineRecord, list[UsageRecord]]]()
        found = await lines.by_number(self._journal, [msisdn for msisdn, _ in groups])
        for msisdn, batch in groups:
            record = found.get(msisdn)
            if record is None or record.line.contract not in self._contracts:
                _unknown(part, batch)
            else:
                known_lines.append((record, batch))
        async with self._turns.of_all(record.line_id for record, _ in known_lines):
            await self._count(known_lines, part)
        return part

    async def _count(self, groups: Sequence[tuple[LineRecord, list[UsageRecord]]], part: Taken) -> None:
        now, ids = self._clock(), [record.record_id for _, batch in groups for record in batch]
        known = await ledger.known(self._journal, ids)
        news: list[_New] = []
        for line, batch in groups:
            fresh = await self._fresh(batch, self._contracts[line.line.contract], now, (known, part))
            if fresh:
                news.append(_New(line, fresh))
        if news:
            part.crossings = await self._write(await self._tallied(news, now), now)

    async def _tallied(self, news: Sequence[_New], now: datetime) -> list[_Tallied]:
        """Add up what is new of each line to what was counted of it before."""
        used = await ledger.used_by(self._journal, {(new.line.line_id, *key) for new in news for key in new.keys})
        agreed = await ledger.agreed_by(self._journal, [new.line.line_id for new in news])
        tallied: list[_Tallied] = []
        for new in news:
            line_id, rules = new.line.line_id, self._contracts[new.line.line.contract]
            agreement = as_agreed(agreed.get(line_id), rules)
            was = {key: used.get((line_id, *key)) for key in new.keys}
            tally = Tally(caps_of(rules, new.line.line.plan, agreement), {key: was[key] or 0 for key in was})
            for record, _, hits in new.fresh:
                for hit in hits:
                    tally.add(_key(hit), hit.period, hit.amount, record.record_id, record.at)
            tallied.append(_Tallied(Concerned(new.line, rules, agreement, now), new.fresh, was, tally))
        return tallied

    async def _write(self, tallied: Sequence[_Tallied], now: datetime) -> list[dict[str, Any]]:
        """Write the counts of all lines, and what follows from them, in one unit; return the new crossings."""
        writing, at, crossings = Writing(), now.isoformat(), list[dict[str, Any]]()
        reached = [(one.of.record.line_id, each) for one in tallied for each in one.tally.reached]
        before = await self._followup.before(reached)
        async with writing.orders:
            for one in tallied:
                for record, digest, _ in one.fresh:
                    ledger.add_record(writing.unit, record.record_id, digest, at)
                for key, used in one.was.items():
                    line_id = one.of.record.line_id
                    ledger.set_used(writing.unit, line_id, key, used, becomes=one.tally.used[key], at=at)
                crossings += await self._followup.follow(writing, one.of, one.tally.reached, before)
            await self._journal.commit(writing.unit)
        return crossings

    async def _fresh(
        self, batch: list[UsageRecord], rules: Rules, now: datetime, notes: tuple[dict[str, str], Taken]
    ) -> _Fresh:
        """Return what is to be counted; note what is known from now on, and what becomes of the records."""
        known, part = notes
        fresh: _Fresh = []
        for n, record in enumerate(batch, start=1):
            if n % _RECORDS_AT_ONCE == 0:
                await asyncio.sleep(0)
            digest, before = record.digest, known.get(record.record_id)
            if before is not None:
                if before == digest:
                    part.duplicates += 1
                else:
                    part.problem(record, _REUSED)
                continue
            hits = assess(record, rules, now)
            if isinstance(hits, Misfit):
                part.problem(record, hits)
                continue
            known[record.record_id] = digest
            fresh.append((record, digest, hits))
            part.accepted += 1
            part.late += any(hit.period.ends <= now for hit in hits)
        return fresh


_REUSED = Misfit("id-reused", "this id was counted with another content: every record has an id of its own")


def _key(hit: Hit) -> Key:
    return (hit.counter.name, hit.period.label)


def _unknown(part: Taken, batch: list[UsageRecord]) -> None:
    for record in batch:
        part.problem(
            record, Misfit("line-unknown", "there is no line with this msisdn under a contract known here: check it")
        )
