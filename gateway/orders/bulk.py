"""Bulk orders: one action for an explicit list of lines, taken in whole, agreed to by a second person if need be.

No wildcard and no range: measures touch only the lines named (001:6642-6644).
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from gateway.contract.action import Refusal, no_claims
from gateway.contract.actions import every
from gateway.journal.journal import Conflict, Journal, Unit
from gateway.orders import bulk_book as book
from gateway.orders import records
from gateway.orders.acceptance import KeyReused
from gateway.orders.ids import new_id
from gateway.orders.judgement import Clock


def bulk_actions() -> tuple[str, ...]:
    """Name the actions that many lines can be given alike: those that take no SIM and no number for each."""
    return tuple(name for name, action in every().items() if not action.opens_line and action.claims is no_claims)


@dataclass(frozen=True, slots=True)
class Wished:
    """A bulk order as it was asked, its body checked: ``body`` without its lines."""

    action: str
    body: Mapping[str, Any]
    lines: Sequence[Mapping[str, str]]
    idempotency_key: str | None = None
    payload_hash: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """What the caller is told, and so again under the same key."""

    shown: Mapping[str, Any]
    replayed: bool = False


class Placing(Protocol):
    """Who makes orders of rows."""

    def wake(self) -> None:
        """There is something to place."""


@dataclass(frozen=True, slots=True)
class BulkOrders:
    """The door of bulk orders."""

    journal: Journal
    clock: Clock
    needs_second_person: frozenset[str]
    placer: Placing
    published: Callable[[], None]

    async def take(self, wished: Wished) -> Taken:
        """Take a bulk order in. Returns once all of it is durable. Raises KeyReused, JournalFull."""
        now, unit = self.clock(), Unit()
        awaited = wished.action in self.needs_second_person
        state = book.BulkState.AWAITING_APPROVAL if awaited else book.BulkState.PLACING
        new = book.NewBulk(new_id(now), wished.action, state, wished.body, wished.lines, now)
        shown = {"id": new.bulk_id, "external_id": new.external_id, "state": state.value, "total": len(new.lines)}
        if wished.idempotency_key is not None:
            records.add_key(unit, wished.idempotency_key, wished.payload_hash, shown, now)
        book.add(unit, new)
        try:
            await self.journal.commit(unit)
        except Conflict:
            return await self._replay(wished)
        self._told()
        return Taken(shown)

    async def decide(self, bulk_id: str, by: Mapping[str, str], *, approved: bool) -> Refusal | None:
        """Take the second person's word; return why it does not count, if so. Raises LookupError, JournalFull."""
        row = await book.bulk(self.journal, bulk_id)
        if row is None:
            raise LookupError(bulk_id)
        asked_by = json.loads(row["body"])["requested_by"]
        if row["state"] == book.BulkState.AWAITING_APPROVAL.value and folded(by["who"]) == folded(asked_by["who"]):
            return Refusal("same-person", f"{asked_by['who']} asked for it: another person must decide")
        unit = Unit()
        book.decide(unit, bulk_id, by, self.clock(), approved=approved)
        try:
            await self.journal.commit(unit)
        except Conflict:
            return Refusal("wrong-state", "it awaits nobody's approval: only one that does can be approved or rejected")
        self._told()
        return None

    async def _replay(self, wished: Wished) -> Taken:
        known = await records.answer_for_key(self.journal, wished.idempotency_key or "")
        if known is None or known[0] != wished.payload_hash:
            raise KeyReused
        return Taken(known[1], replayed=True)

    def _told(self) -> None:
        self.published()
        self.placer.wake()


def folded(who: str) -> str:
    """Write a name so that two ways of writing it are one: capitals and blanks do not make another person."""
    return "".join(unicodedata.normalize("NFKC", who).casefold().split())
