"""Validating a batch: every row before the first is placed, a few in each commit, giving way to all others."""

from __future__ import annotations

import contextlib
import logging
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

from gateway.batches import book
from gateway.batches.judging import Jury, Sense
from gateway.batches.names import Names, external
from gateway.batches.reading import Reader, Wrong
from gateway.batches.states import Batch, BatchState, Start
from gateway.journal.journal import Conflict, JournalAway, JournalFull, Row, Unit
from gateway.orders.bulk import folded
from gateway.orders.codec import dump
from gateway.orders.fair_share import FairShare
from gateway.orders.order import LineRef, NewOrder, Problem

_log = logging.getLogger(__name__)
_ROWS_A_COMMIT: Final = 16
_NO_ASKER: Final = "who asks for it must be known, as a second person has to agree: give requested_by"


@dataclass(slots=True)
class _Round:
    """Rows that are committed together."""

    unit: Unit = field(default_factory=Unit)
    valid: int = 0
    problems: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Validator:
    """Validates; needs ``second`` for these actions."""

    jury: Jury
    share: FairShare
    second: frozenset[str]

    async def some(self, batch: Batch) -> bool:
        """Validate the next few rows; tell whether there were any. Raises JournalFull."""
        journal = self.jury.journal
        rows = await book.first(journal, batch.batch_id, "received", _ROWS_A_COMMIT)
        reader = Reader(batch.batch_id, batch.options, batch.header)
        names, done = Names(journal, batch.batch_id), _Round()
        for row in rows:
            began = time.perf_counter()
            await self._row(reader, names, done, row)
            await self.share.give_way(time.perf_counter() - began)
        if rows:
            book.count(done.unit, batch.batch_id, "valid", done.valid)
            book.count(done.unit, batch.batch_id, "problems", done.problems.total())
            book.count_problems(done.unit, batch.batch_id, done.problems)
            with contextlib.suppress(Conflict):  # another instance was the office a moment ago
                await journal.commit(done.unit)
        return bool(rows)

    async def finish(self, batch: Batch) -> None:
        """Say what is next, once no row is left to validate. Raises JournalFull."""
        journal, now = self.jury.journal, self.jury.clock()
        at, unit = now.isoformat(), Unit()
        if not batch.valid:
            told = f"none of its {batch.total} rows can become an order: see rows?state=problem"
            book.move(unit, batch, BatchState.FAILED, now, detail=told, ended_at=at)
        elif batch.options.validate_only:
            book.move(unit, batch, BatchState.COMPLETED, now, validated_at=at, ended_at=at)
        elif (
            batch.problems or batch.options.start is Start.MANUAL or await book.needs_approval(journal, batch.batch_id)
        ):
            book.move(unit, batch, BatchState.READY, now, validated_at=at)
        else:
            book.move(unit, batch, BatchState.RUNNING, now, validated_at=at, started_at=at)
        with contextlib.suppress(Conflict):  # cancelled meanwhile
            await journal.commit(unit)

    async def _row(self, reader: Reader, names: Names, done: _Round, row: Row) -> None:
        wrong = await self._looked_at(reader, names, done, row)
        if wrong is None:
            done.valid += 1
            return
        if wrong.external_id is not None:
            names.note(done.unit, row["n"], (external(wrong.external_id),))
        line = None if wrong.line is None else dump(wrong.line)
        found = {"external_id": wrong.external_id, "line": line}
        book.set_problem(done.unit, row, found, wrong.to_json())
        done.problems[wrong.problem.slug] += 1

    async def _looked_at(self, reader: Reader, names: Names, done: _Round, row: Row) -> Wrong | None:
        """Read and judge a row; a fault of ours is its problem, so that it keeps no other back."""
        try:
            new = reader.read(row["n"], row["text"])
            return new if isinstance(new, Wrong) else await self._judged(new, names, done, row)
        except (JournalFull, JournalAway):
            raise
        except Exception:  # noqa: BLE001 - see above
            _log.exception("row %s of batch %s could not be judged", row["n"], row["batch_id"])
            return Wrong(Problem("internal-error", "the gateway failed on this row: try it alone, then report it"))

    async def _judged(self, new: NewOrder, names: Names, done: _Round, row: Row) -> Wrong | None:
        """Judge an order and write that its row is valid, or return why it is not."""
        asker = None
        if new.action in self.second:
            if new.requested_by is None:
                return Wrong(Problem("asker-unknown", _NO_ASKER), new.external_id, _line(new.ref))
            asker = folded(new.requested_by["who"])
        sense = await self.jury.sense(new, names)
        if not isinstance(sense, Sense):
            return Wrong(sense, new.external_id, _line(new.ref))
        about = sense.about if new.external_id is None else (*sense.about, external(new.external_id))
        names.note(done.unit, row["n"], about, sense.takes)
        found: dict[str, Any] = {"external_id": new.external_id, "line": dump(_line(new.ref)), "asker": asker}
        book.set_valid(done.unit, row, found | {"after_n": sense.after_n})
        return None


def _line(ref: LineRef) -> dict[str, str]:
    """Name the line as the row does."""
    return {name: value for name in ("msisdn", "imsi", "iccid") if (value := getattr(ref, name)) is not None}
