"""Audits: started by people or by the night, taken up again after a stop, cancelled, and asked how far they are."""

from __future__ import annotations

import asyncio
import json
import logging

from gateway.audit import book
from gateway.audit.asked import Asked, Scope
from gateway.audit.means import Means
from gateway.audit.run import Run
from gateway.contract.action import Refusal
from gateway.journal.journal import JournalAway, Row, Unit
from gateway.orders import records
from gateway.orders.ids import new_id
from gateway.orders.order import LineRef

_log = logging.getLogger(__name__)
AT_ONCE = 4  #: audits at work; the next ones wait for their turn
MOST_UNENDED = 100
_FAULT = "it was stopped by a fault of ours, told in the gateway's log: audit again"


class TooMany(Exception):
    """There are too many audits without an end; try again after ``retry_after_s``."""

    retry_after_s = 5


class Ended(Exception):
    """The audit has ended; its state is the message."""


class Auditor:
    """All audits of one gateway."""

    def __init__(self, means: Means) -> None:
        self.means = means
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._runs: dict[str, tuple[Run, asyncio.Task[None]]] = {}
        self._looked_before = 0  # by audits that have ended since the start

    @property
    def looked(self) -> int:
        """How many lines and subscribers have been looked at since the start."""
        return self._looked_before + sum(run.looked_here for run, _ in self._runs.values())

    def run_of(self, audit_id: str) -> Run | None:
        """Return an audit at work."""
        found = self._runs.get(audit_id)
        return None if found is None else found[0]

    @property
    def nightly_running(self) -> bool:
        """Whether an audit nobody asked for is at work."""
        return any(run.asked.nightly for run, _ in self._runs.values())

    async def refuse(self, asked: Asked) -> Refusal | None:
        """Say why an audit makes no sense; ``None`` when it does."""
        hosting, rules = self.means.hosting, self.means.settings.contracts
        scope, hints = asked.scope, asked.hints
        for contract in (scope.contract, hints.contract):
            if contract is not None and isinstance(unknown := self.means.judge.rules(contract), Refusal):
                return unknown
        there = hosting.elements(scope.contract)
        if scope.element is not None and scope.element not in there:
            served = f"the lines of {scope.contract or 'the contracts'} are served by: {', '.join(there)}"
            return Refusal("unknown-element", f"no line is served by {scope.element!r}; {served}")
        named = hints.contract or scope.contract
        plans = {plan for name, its in rules.items() if named in (None, name) for plan in its.plans}
        if hints.plan is not None and hints.plan not in plans:
            return Refusal("unknown-plan", f"there is no plan {hints.plan!r}; there are: {', '.join(sorted(plans))}")
        return await self._unknown_line(scope)

    async def start(self, asked: Asked) -> str:
        """Begin an audit; returns its id once it is durable. Raises TooMany, JournalFull."""
        if len(self._runs) >= MOST_UNENDED:
            raise TooMany
        now, unit = self.means.clock(), Unit()
        audit_id = new_id(now)
        book.add_audit(unit, audit_id, asked, now)
        told = {"policy": asked.policy.value, **asked.to_json()}
        records.add_notice(unit, "audit.started", now, None, audit_id=audit_id, **told)
        await self.means.journal.commit(unit)
        self.means.published()
        row = await book.audit(self.means.journal, audit_id)
        if row is not None:
            self._take_up(row)
        return audit_id

    async def resume(self) -> int:
        """Go on with audits that had not ended when the gateway stopped; return how many."""
        rows = await book.running(self.means.journal)
        for row in rows:
            self._take_up(row)
        return len(rows)

    async def cancel(self, audit_id: str) -> None:
        """End an audit here and now. Raises LookupError, Ended."""
        row = await book.audit(self.means.journal, audit_id)
        if row is None:
            raise LookupError(audit_id)
        found = self._runs.get(audit_id)
        if found is None:
            raise Ended(row["state"])
        run, task = found
        run.cancel()
        await asyncio.wait([task])
        ended = await book.audit(self.means.journal, audit_id)
        if ended is not None and ended["state"] != "cancelled":  # it was quicker
            raise Ended(ended["state"])

    async def stop(self) -> None:
        """Stop where we are; every audit goes on at the next start."""
        tasks = [task for _, task in self._runs.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _take_up(self, row: Row) -> None:
        run = Run(self.means, row, Asked.from_json(row["policy"], json.loads(row["asked"])))
        self._runs[run.audit_id] = (run, asyncio.create_task(self._carry_out(run), name=f"audit {run.audit_id}"))

    async def _carry_out(self, run: Run) -> None:
        try:
            await run.to_the_end(self._turns)
        except JournalAway:
            _log.warning("audit %s waits for the database: whoever takes the office next goes on with it", run.audit_id)
        except Exception:  # noqa: BLE001 - whatever it is, the audit must be seen to have ended, and the others go on
            _log.exception("audit %s stopped by a fault", run.audit_id)
            await run.fail(_FAULT)
        finally:
            self._looked_before += run.looked_here
            self._runs.pop(run.audit_id, None)

    async def _unknown_line(self, scope: Scope) -> Refusal | None:
        for msisdn in scope.msisdns:
            if await records.find_line(self.means.journal, LineRef(msisdn=msisdn)) is None:
                return Refusal("line-unknown", f"there is no line {msisdn}: check the number")
        return None
