"""Where lines are seen, and the welcome abroad: one message for each border crossed, in the commit of the visit."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import bindparam, update

from drivers.subscription import Msisdn
from gateway.alerts.telling import in_service, language_of, message_to
from gateway.alerts.usage.record import UsageRecord
from gateway.contract.rules import Rules
from gateway.journal.journal import Conflict, Journal, Row, Unit
from gateway.journal.schema import insert_if_absent, row_by
from gateway.journal.usage import visits
from gateway.orders import records
from gateway.orders.desk import Listeners
from gateway.orders.ids import new_id
from gateway.orders.judgement import Clock
from gateway.orders.messages import queue_message
from gateway.orders.order import LineRecord, LineRef
from gateway.texts import Texts, country_name, country_names

_AT_ONCE = 64
_VISIT = row_by(visits, "line_id")
_NEW_VISIT = insert_if_absent(visits)
_MOVED = (
    update(visits)
    .where(visits.c.line_id == bindparam("of_line"), visits.c.attach_id == bindparam("before"))
    .values({name: bindparam(name) for name in ("country", "since", "attach_id")})
)


@dataclass(frozen=True, slots=True)
class Attach:
    """A line was seen in a country (ISO 3166-1 alpha-2); ``attach_id`` is the teller's own and names it for good."""

    attach_id: str
    ref: LineRef
    country: str
    at: datetime


def attaches_of(usage: Iterable[UsageRecord]) -> list[Attach]:
    """Read where lines were seen out of their use abroad, which tells the country late, but tells it."""
    return [
        Attach(f"usage/{record.record_id}", LineRef(msisdn=Msisdn(record.msisdn)), record.country, record.at)
        for record in usage
        if record.abroad and record.country is not None
    ]


class Outcome(StrEnum):
    """What came of one attach; the last three are the teller's to look into."""

    WELCOMED = "welcomed"  # a message was queued (or kept, for a line that gets none)
    MOVED = "moved"  # elsewhere than last, and nothing to say: home again, or no template for it
    SAME = "same"  # where it was
    DUPLICATE = "duplicate"
    LATE = "late"  # before what is known of the line, or too long ago to welcome anybody
    LINE_UNKNOWN = "line-unknown"
    NOT_IN_SERVICE = "not-in-service"
    COUNTRY_UNKNOWN = "country-unknown"


@dataclass(frozen=True, slots=True)
class _Seen:
    """An attach with its line, as the contract sees it: ``at`` is never ahead of our clock."""

    attach: Attach
    record: LineRecord
    at: datetime
    now: datetime
    last: Row | None = field(repr=False)


class Welcomer:
    """Keeps where each line was last seen, and welcomes abroad."""

    def __init__(
        self,
        journal: Journal,
        contracts: Mapping[str, Rules],
        texts: Mapping[str, Texts],
        clock: Clock,
        listeners: Listeners,
    ) -> None:
        self._journal = journal
        self._contracts = contracts
        self._texts = texts
        self._clock = clock
        self._listeners = listeners

    async def attached(self, attaches: Sequence[Attach]) -> list[Outcome]:
        """Take attaches, in the order of their times for each line; return what came of each, in the order given.

        Durable when it returns; told again, an attach does nothing. Raises JournalFull: then tell all of them again.
        """
        outcomes: dict[int, Outcome] = {}
        chains: dict[LineRef, list[int]] = defaultdict(list)
        for index, attach in enumerate(attaches):
            chains[attach.ref].append(index)
        places = asyncio.Semaphore(_AT_ONCE)

        async def follow(chain: list[int]) -> None:
            async with places:
                for index in sorted(chain, key=lambda n: attaches[n].at):
                    outcomes[index] = await self._attached(attaches[index])

        await asyncio.gather(*(follow(chain) for chain in chains.values()))
        if Outcome.WELCOMED in outcomes.values():
            self._listeners.queued()
        if {Outcome.WELCOMED, Outcome.MOVED} & set(outcomes.values()):
            self._listeners.published()
        return [outcomes[index] for index in range(len(attaches))]

    async def _attached(self, attach: Attach) -> Outcome:
        if attach.country not in country_names():
            return Outcome.COUNTRY_UNKNOWN
        record = await records.find_line(self._journal, attach.ref)
        if record is None:
            return Outcome.LINE_UNKNOWN
        if not in_service(record):
            return Outcome.NOT_IN_SERVICE
        while True:
            now = self._clock()
            rows = await self._journal.rows(_VISIT, line_id=record.line_id)
            seen = _Seen(attach, record, min(attach.at, now), now, rows[0] if rows else None)
            if (settled := _settled(seen)) is not None:
                return settled
            unit = Unit()
            outcome = await self._moved(unit, seen)
            try:
                await self._journal.commit(unit)
            except Conflict:  # it was seen somewhere else at the same time: now that is known
                continue
            return outcome

    async def _moved(self, unit: Unit, seen: _Seen) -> Outcome:
        """Write where the line is now and, if it has crossed a border to somewhere else than home, its welcome."""
        _write(unit, seen)
        texts = self._texts.get(seen.record.line.contract)
        country, told = seen.attach.country, {"attach_id": seen.attach.attach_id, "seen_at": seen.at.isoformat()}
        if texts is None or country in texts.roaming.home:
            if seen.last is not None:
                told |= {"msisdn": seen.record.line.msisdn, "country": country}
                records.add_notice(unit, "line.home", seen.now, seen.record.line_id, **told)
            return Outcome.MOVED
        late = seen.now - seen.at > timedelta(hours=texts.roaming.late_h)
        message_id = None if late else await self._welcome(unit, seen, texts)
        told |= {"msisdn": seen.record.line.msisdn, "country": country}
        records.add_notice(unit, "line.abroad", seen.now, seen.record.line_id, **told, message_id=message_id)
        if late:
            return Outcome.LATE
        return Outcome.MOVED if message_id is None else Outcome.WELCOMED

    async def _welcome(self, unit: Unit, seen: _Seen, texts: Texts) -> str | None:
        template = texts.roaming.welcome(seen.attach.country, seen.at)
        if template is None:
            return None
        line, rules = seen.record.line, self._contracts[seen.record.line.contract]
        language = await language_of(self._journal, seen.record, rules, texts)
        values = {"msisdn": line.msisdn, "plan": line.plan, "country": country_name(seen.attach.country, language)}
        rendered = texts.render(template, language, values)
        if rendered is None:
            return None
        message_id = new_id(seen.now)
        queue_message(unit, message_id, message_to(seen.record, rules, rendered, seen.now), seen.now)
        return message_id


def _settled(seen: _Seen) -> Outcome | None:
    """Tell what an attach comes to that changes nothing; ``None``: the line has moved."""
    if seen.last is None:
        return None
    if seen.last["attach_id"] == seen.attach.attach_id:
        return Outcome.DUPLICATE
    if seen.at <= datetime.fromisoformat(seen.last["since"]):
        return Outcome.LATE
    return Outcome.SAME if seen.last["country"] == seen.attach.country else None


def _write(unit: Unit, seen: _Seen) -> None:
    here = {"country": seen.attach.country, "since": seen.at.isoformat(), "attach_id": seen.attach.attach_id}
    line_id = seen.record.line_id
    if seen.last is None:
        unit.add(_NEW_VISIT, "visit", line_id=line_id, **here)
    else:
        unit.add(_MOVED, "visit", of_line=line_id, before=seen.last["attach_id"], **here)
