"""The clocks: what is due is ordered in the commit that marks it, or told once to humans; killed anywhere, once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.clocks.catching_up import CatchingUp
from gateway.clocks.placing import order_of
from gateway.contract.action import Refusal
from gateway.contract.actions import every
from gateway.contract.deadlines import Deadline, deadlines
from gateway.contract.line import Life
from gateway.contract.rulebook.timing import How
from gateway.contract.rules import Rules
from gateway.journal.journal import Journal, Row, Unit
from gateway.orders import diary, records
from gateway.orders.engine import Engine
from gateway.orders.errands import WrongState
from gateway.orders.judgement import Clock
from gateway.orders.order import LineRecord
from gateway.orders.routine import again_and_again

_log = logging.getLogger(__name__)
_LOOK_S: Final = 1.0
_PAGE: Final = 100


@dataclass(frozen=True, slots=True)
class _Due:
    """One deadline whose time has come, and its line."""

    record: LineRecord
    deadline: Deadline
    now: datetime

    @property
    def told(self) -> dict[str, object]:
        """What events say of it."""
        return {
            "msisdn": self.record.line.msisdn,
            "action": self.deadline.action,
            "details": dict(self.deadline.details),
            "due_at": self.deadline.due_at.isoformat(),
            "clock": self.deadline.clock or self.deadline.name,
            "source": self.deadline.source,
        }


class Clocks:
    """Attends to deadlines; holds nothing of its own: the table is the only memory."""

    def __init__(
        self,
        journal: Journal,
        engine: Engine,
        contracts: Mapping[str, Rules],
        clock: Clock,
        published: Callable[[], None],
    ) -> None:
        self._journal = journal
        self._engine = engine
        self._contracts = contracts
        self._clock = clock
        self._published = published
        self._hands = asyncio.Lock()  # two at once would each order what is due

    async def run(self) -> None:
        """Follow contracts that were changed, then look at the clock for as long as the gateway runs."""
        followed = False

        async def attend() -> None:
            nonlocal followed
            if not followed:
                await self.follow_contracts()
                followed = True
            await self.tend()

        await again_and_again("attending to deadlines", _LOOK_S, attend, _log)

    async def follow_contracts(self) -> int:
        """Derive the deadlines of living lines again where a contract says otherwise than before; return how many."""
        return await CatchingUp(self._journal, self._contracts).follow()

    async def tend(self) -> int:
        """Attend to everything that is due now; return how many deadlines were. Raises what the last failure was.

        A line with orders under way is looked at again later: they may change what is due on it.
        """
        async with self._hands:
            now, after, attended = self._clock(), diary.FIRST, 0
            failures: list[BaseException] = []
            while rows := await diary.due(self._journal, now, _PAGE, after):
                after = diary.place_of(rows[-1])
                for result in await self._attend_page(rows, now):
                    if isinstance(result, BaseException):
                        failures.append(result)
                    else:
                        attended += result
            if failures:
                raise failures[-1]
            return attended

    async def _attend_page(self, rows: Sequence[Row], now: datetime) -> list[int | BaseException]:
        """Lines beside one another, so that they share commits; a line's deadlines one after the other."""
        names: dict[str, list[str]] = {}
        for row in rows:
            names.setdefault(row["line_id"], []).append(row["name"])
        lines = (self._attend_line(line_id, due, now) for line_id, due in names.items())
        return await asyncio.gather(*lines, return_exceptions=True)

    async def _attend_line(self, line_id: str, names: Sequence[str], now: datetime) -> int:
        """Attend to what is due on one line, as the line is now; return how much of it was."""
        attended = 0
        for name in names:
            record = await records.line(self._journal, line_id)
            if record is not None and record.line.contract not in self._contracts:
                return attended  # its file is away: nobody can say what is due
            found = None
            if record is not None:
                rules = self._contracts[record.line.contract]
                found = next((d for d in deadlines(record.line, rules) if d.name == name), None)
            if record is None or found is None:
                attended += await self._forget(line_id, name)
            elif found.due_at > now:
                await self._move(line_id, found)
            else:
                attended += await self._attend(_Due(record, found, now))
        return attended

    async def _attend(self, due: _Due) -> bool:
        if await self._engine.pending(due.record.line_id):
            return False
        match due.deadline.how:
            case How.PROPOSED:
                await self._tell(due, "clock.proposed")
                return True
            case How.AUTOMATIC if due.record.line.life is Life.ORDERED:
                return await self._call_off(due)
            case How.AUTOMATIC:
                return await self._place(due)

    async def _place(self, due: _Due) -> bool:
        """One commit: the order, and the mark that it was placed."""
        unit, line_id = Unit(), due.record.line_id
        async with self._engine.enclosed(unit, order_of(due.record.line, due.deadline)) as taken:
            diary.set_proposed(unit, line_id, due.deadline.name, due.now)
            if isinstance(taken, Refusal):
                why = {"problem": taken.slug, "detail": taken.detail}
                records.add_notice(unit, "clock.refused", due.now, line_id, **due.told, **why)
            await self._journal.commit(unit)
        self._published()
        return True

    async def _call_off(self, due: _Due) -> bool:
        """A line never activated has nothing to terminate: what would have opened it is cancelled."""
        line_id = due.record.line_id
        for order_id in await records.pending_of_line(self._journal, line_id):
            row = await records.order(self._journal, order_id)
            if row is None or not every()[row["action"]].opens_line:
                continue
            try:
                await self._engine.cancel(order_id)
            except WrongState:
                return False  # it is being activated just now, or so soon that it may not be taken back
        unit = Unit()
        diary.drop(unit, line_id, due.deadline.name)
        records.add_notice(unit, "clock.cancelled", due.now, line_id, **due.told)
        await self._commit(unit)
        return True

    async def _tell(self, due: _Due, event: str) -> None:
        unit = Unit()
        diary.set_proposed(unit, due.record.line_id, due.deadline.name, due.now)
        records.add_notice(unit, event, due.now, due.record.line_id, **due.told)
        await self._commit(unit)

    async def _move(self, line_id: str, deadline: Deadline) -> None:
        """It is due later than was written."""
        unit = Unit()
        diary.drop(unit, line_id, deadline.name)
        diary.add(unit, line_id, deadline.name, deadline.due_at)
        await self._journal.commit(unit)

    async def _forget(self, line_id: str, name: str) -> bool:
        unit = Unit()
        diary.drop(unit, line_id, name)
        await self._journal.commit(unit)
        return True

    async def _commit(self, unit: Unit) -> None:
        await self._journal.commit(unit)
        self._published()
