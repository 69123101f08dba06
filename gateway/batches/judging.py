"""The sense of a row: judged as an order would be now, or, where earlier rows or orders come first, after them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Protocol

from gateway.batches.names import Names, card_with, external, order_named
from gateway.contract.action import Claims, Refusal
from gateway.contract.actions import every
from gateway.contract.effects import begins_at
from gateway.contract.line import Life
from gateway.journal.journal import Journal
from gateway.orders import records
from gateway.orders.acceptance import Preview
from gateway.orders.judgement import Clock, Judge
from gateway.orders.order import LineRecord, NewOrder, Problem

_SOON: Final = timedelta(seconds=1)


class Previewing(Protocol):
    """Who tells what an order would do, writing nothing."""

    async def preview(self, new: NewOrder) -> Preview | Refusal:
        """See Acceptance.preview."""


@dataclass(frozen=True, slots=True)
class Sense:
    """A row that may become an order: the earlier row it was judged after, what it is about and takes for it."""

    after_n: int | None
    about: tuple[str, ...]
    takes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Jury:
    """Judges rows; writes nothing."""

    journal: Journal
    engine: Previewing
    judge: Judge
    clock: Clock

    async def sense(self, new: NewOrder, names: Names) -> Sense | Problem:
        """Judge one row, those before it in the file being known by ``names``."""
        if (twice := await self._twice(new, names)) is not None:
            return twice
        record = await self._record(new)
        ref, line = await self._named(new, record, names)
        earlier = await names.latest((line, ref))
        claims = every()[new.action].claims(new.details, new.ref.msisdn)
        takes = tuple(_taken(claims))
        for name in takes:
            if (other := await names.taker(name)) is not None:
                kind, _, value = name.partition(" ")
                slug = "sim-not-available" if kind == "iccid" else "msisdn-not-available"
                return Problem(slug, f"row {other.n} of this file takes the {kind} {value}: give each its own")
        result = await self.engine.preview(new)
        if isinstance(result, Refusal) and (
            result.timeless or not (earlier is not None or await self._open_ended(new, record))
        ):
            return Problem(result.slug, result.detail)
        return Sense(earlier, (line,) if record is not None else (line, ref), takes)

    async def _named(self, new: NewOrder, record: LineRecord | None, names: Names) -> tuple[str, str]:
        """Name what the row names, and the line that is as all rows about it do, however each of them names it.

        What an earlier row takes is that row's line, which may have no id yet.
        """
        ref, imsi = str(new.ref), new.ref.imsi
        if imsi is not None and (iccid := await card_with(self.journal, imsi)) is not None:
            ref = f"iccid {iccid}"  # what is taken is the card
        if not every()[new.action].opens_line and (taker := await names.taker(ref)) is not None:
            return ref, taker.whose or ref
        return ref, ref if record is None else f"line {record.line_id}"

    async def _twice(self, new: NewOrder, names: Names) -> Problem | None:
        """Tell where the row's own number was used before: nothing is overwritten, nothing done twice."""
        if new.external_id is None:
            return None
        if (row := await names.latest((external(new.external_id),))) is not None:
            return Problem("external-id-repeated", f"row {row} of this file has this external_id: give each its own")
        if (order := await order_named(self.journal, new.external_id)) is not None:
            told = f"the order {order} has this external_id already: give this one its own, or take the row out"
            return Problem("external-id-taken", told)
        return None

    async def _record(self, new: NewOrder) -> LineRecord | None:
        """Return the line the row is for, if it is there; an activation opens a new one over a terminated one."""
        found = await self.judge.find(new.ref)
        if isinstance(found, Refusal):
            return None
        return None if every()[new.action].opens_line and found.line.life is Life.TERMINATED else found

    async def _open_ended(self, new: NewOrder, record: LineRecord | None) -> bool:
        """Tell whether orders that wait, or come before a later date, may still change the answer."""
        if every()[new.action].opens_line:
            return False
        if record is not None and await records.pending_of_line(self.journal, record.line_id):
            return True
        now, asked = self.clock(), new.requested_start
        if asked is None and not new.at_once and record is not None:
            rules = self.judge.rules(record.line.contract)
            asked = None if isinstance(rules, Refusal) else begins_at(rules, new.action, new.details, now)
        return asked is not None and asked > now + _SOON


def _taken(claims: Claims) -> list[str]:
    found = {"iccid": (claims.iccid,), "msisdn": (claims.msisdn, claims.coming)}
    return [f"{kind} {value}" for kind, values in found.items() for value in values if value is not None]
