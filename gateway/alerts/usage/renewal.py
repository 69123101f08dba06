"""Changing what was agreed about a line's alerts, and looking at once what the new agreement makes of its use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.alerts.usage import ledger
from gateway.alerts.usage.agreements import read_agreement
from gateway.alerts.usage.counting import Reached
from gateway.alerts.usage.crossing import Concerned, Followup, reference
from gateway.alerts.usage.means import TRIES, Means, Turns, Writing
from gateway.contract.periods import Period, period_of
from gateway.contract.thresholds import Cap, caps_of
from gateway.journal.journal import Conflict, JournalFull, Row
from gateway.orders import records
from gateway.orders.codec import dump
from gateway.orders.order import LineRecord

_FULL = 100
_BY_AGREEMENT = "agreement"  # what stands for a record's id where the limit came to the use


class Renewal:
    """Writes agreements."""

    def __init__(self, means: Means, followup: Followup, turns: Turns) -> None:
        self._means = means
        self._journal = means.journal
        self._followup = followup
        self._turns = turns

    async def agree(self, line: LineRecord, body: Mapping[str, Any]) -> dict[str, str]:
        """Replace what was agreed; return by field what is wrong with it, and then nothing was written.

        A limit that is passed already is told and acted upon at once. A waiver ends what was done at 100 %; nothing
        else here does. Raises JournalFull.
        """
        rules = self._means.contracts[line.line.contract]
        agreement, mistakes = read_agreement(body, rules)
        if mistakes:
            return mistakes
        for _ in range(TRIES):
            found = await records.line(self._journal, line.line_id) or line
            async with self._turns.of(line.line_id):
                try:
                    await self._write(Concerned(found, rules, agreement, self._means.clock()), body)
                except Conflict:
                    continue  # somebody else has counted meanwhile: look again
            self._means.listeners.published()
            self._means.listeners.queued()
            return {}
        raise JournalFull

    async def _write(self, of: Concerned, body: Mapping[str, Any]) -> None:
        writing, line_id = Writing(), of.record.line_id
        ledger.set_agreed(writing.unit, line_id, dump(body), of.now.isoformat())
        told = {"msisdn": of.record.line.msisdn, "agreed": body}
        records.add_notice(writing.unit, "usage.alerting_agreed", of.now, line_id, **told)
        async with writing.orders:
            for cap in caps_of(of.rules, of.record.line.plan, of.agreement):
                await self._look(writing, of, cap)
            await self._journal.commit(writing.unit)

    async def _look(self, writing: Writing, of: Concerned, cap: Cap) -> None:
        """See what a threshold, as it is agreed now, makes of what is used in this period."""
        period = period_of(cap.counter.period, of.now)
        key = (cap.counter.name, period.label)
        used = await ledger.used(self._journal, of.record.line_id, key) or 0
        rows = await ledger.crossings_of(self._journal, of.record.line_id, cap.name, period.label)
        reached = cap.reached(used)
        for row in rows:
            if row["percent"] not in reached:
                ledger.drop_crossing(writing.unit, row)  # it will be told again when the raised limit comes near
        full = next((row for row in rows if row["percent"] == _FULL), None)
        if cap.waived and await self._holds(of, cap, period, full):
            await self._followup.lift(writing, of, cap, period)
            if full is not None and _FULL in reached:
                ledger.set_action(writing.unit, full, "waived", None)
        elif full is not None and full["action"] == "waived" and not cap.waived and _FULL in reached:
            action, order_id = await self._followup.act(writing, of, cap, period)
            ledger.set_action(writing.unit, full, action or "", order_id)
        new = [Reached(cap, period, percent, used, _BY_AGREEMENT, of.now) for percent in reached]
        await self._followup.follow(writing, of, _without(new, rows))

    async def _holds(self, of: Concerned, cap: Cap, period: Period, full: Row | None) -> bool:
        """Tell whether what is done at 100 % holds, or is about to."""
        known_by = reference(cap, period)
        if any(r.kind is cap.rule.at_100.kind and r.reference == known_by for r in of.record.line.restrictions):
            return True
        ordered = full is not None and full["action"] == "ordered"
        return ordered and await self._means.engine.pending(of.record.line_id)


def _without(reached: list[Reached], rows: Sequence[Row]) -> list[Reached]:
    known = {row["percent"] for row in rows}
    return [one for one in reached if one.percent not in known]
