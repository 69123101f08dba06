"""What became of the rows of a file: counted, written down row by row, the first bad ones kept to be shown."""

from __future__ import annotations

import asyncio
import json
from collections import Counter, OrderedDict
from dataclasses import dataclass
from typing import IO

from gateway.cli.bulk_client import Outcome, Placed
from gateway.cli.bulk_rows import BulkRow
from gateway.cli.gateway_client import Json
from gateway.cli.waiting import ENDED

WELL = frozenset({"completed", "would_be_accepted", "acknowledged", "pending"})
_SEEN_ENOUGH = ENDED | {"refused"}  # refused: the gateway does not let it be looked at
_MOST_SHOWN = 20
_EARLY = 50_000  # ends of orders that are not known to be ours: of ours the 202 is a blink away


@dataclass(frozen=True, slots=True)
class _Row:
    """All that is kept of a row while its order goes on."""

    number: int
    external_id: object


class Tally:
    """Counts; with ``follow``, a row is done when its order has ended, and ``to_look`` are orders to be looked at."""

    def __init__(self, results: IO[str] | None, *, follow: bool) -> None:
        self.states: Counter[str] = Counter()
        self.bad: list[Json] = []
        self.accepted = 0
        self.replayed = 0
        self.refusals = 0  # rows that have become no order, or were only previewed
        self.to_look: asyncio.Queue[str] = asyncio.Queue()
        self.quiet = asyncio.Event()  # nothing is awaited now
        self.quiet.set()
        self._results = results
        self._follow = follow
        self._pending: dict[str, _Row] = {}
        self._early: OrderedDict[str, str] = OrderedDict()

    @property
    def done(self) -> int:
        """How many rows are done."""
        return self.states.total()

    @property
    def wrong(self) -> int:
        """How many of them were refused or ended badly."""
        return sum(count for state, count in self.states.items() if state not in WELL)

    def refused(self, row: BulkRow, outcome: Outcome) -> None:
        """Take the outcome of a row that has become no order."""
        self.refusals += 1
        self._note(_row(row), outcome)

    def placed(self, row: BulkRow, placed: Placed) -> None:
        """Take a row whose order was accepted."""
        self.accepted += 1
        self.replayed += placed.before
        if not self._follow or placed.state == "pending":  # one for a later day is not waited for
            self._note(_row(row), Outcome(placed.state, placed.order_id))
            return
        self._pending[placed.order_id] = _row(row)
        self.quiet.clear()
        if (state := self._early.pop(placed.order_id, None)) is not None:
            self.ended(placed.order_id, state)
        elif placed.before:
            self.to_look.put_nowait(placed.order_id)  # it may have ended before we listened

    def ended(self, order_id: str, state: str) -> None:
        """Take news of an order, ours or not; of a bad end the reason is looked up."""
        if order_id not in self._pending:
            self._early[order_id] = state
            if len(self._early) > _EARLY:
                self._early.popitem(last=False)
        elif state in WELL:
            self._finish(Outcome(state, order_id))
        else:
            self.to_look.put_nowait(order_id)

    def looked(self, outcome: Outcome) -> None:
        """Take what was seen of an order; one that goes on is waited for further."""
        if outcome.state in _SEEN_ENOUGH:
            self._finish(outcome)

    def give_up(self, why: str) -> None:
        """Wait no longer."""
        for order_id in tuple(self._pending):
            self._finish(Outcome("waiting", order_id, why))

    def _finish(self, outcome: Outcome) -> None:
        row = self._pending.pop(outcome.order_id or "", None)
        if row is not None:
            self._note(row, outcome)
        if not self._pending:
            self.quiet.set()

    def _note(self, row: _Row, outcome: Outcome) -> None:
        self.states[outcome.state] += 1
        told = {"row": row.number, "external_id": row.external_id, "id": outcome.order_id}
        told |= {"state": outcome.state, "detail": outcome.detail}
        if outcome.state not in WELL and len(self.bad) < _MOST_SHOWN:
            self.bad.append(told)
        if self._results is not None:
            self._results.write(json.dumps(told, ensure_ascii=False) + "\n")


def _row(row: BulkRow) -> _Row:
    return _Row(row.number, row.order.get("external_id"))
