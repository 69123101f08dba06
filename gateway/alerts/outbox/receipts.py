"""What receipts make of messages; each is kept as evidence, whatever it tells and how often."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta

from drivers.dialects.smpp.delivery import MessageState as Told
from drivers.dialects.smpp.matching import IdForm, canonical, worst
from gateway.alerts.outbox import book, evidence
from gateway.alerts.outbox.flight import Flight
from gateway.alerts.outbox.matching import Finder, Found, Sent
from gateway.alerts.outbox.parking import Arrived, Doubts, ParkedReceipts
from gateway.alerts.outbox.tries import by_number
from gateway.journal.journal import Conflict, Journal, Unit
from gateway.orders.judgement import Clock
from gateway.orders.messages import MessageState
from gateway.sending import MessageSettings

_MATCHED, _REPEATED, _PARKED, _ORPHAN = "matched", "repeated", "parked", "orphan"


class Receipts:
    """Takes receipts; only one caller at a time. ``counts`` are by what was told and what was made of it."""

    def __init__(self, journal: Journal, clock: Clock, settings: MessageSettings, flight: Flight) -> None:
        self.doubts = Doubts()
        self.counts: Counter[tuple[str, str]] = Counter()
        self.forms: Mapping[str, IdForm] = {}  # how each centre writes ids
        self._journal = journal
        self._clock = clock
        self._patience = timedelta(seconds=settings.park_s)
        self._trusted = timedelta(hours=settings.receipts_h)
        self._flight = flight
        self._parked = ParkedReceipts()

    async def start(self) -> None:
        """Know again what waited when we stopped, and look at it once more: its message may have been written since.

        Between the answer that makes a part known and the look at what has come for it we may have been killed.
        """
        self._parked.put(await evidence.parked(self._journal, 0))
        for row in await book.in_doubt(self._journal):
            self.doubts.note(row["reference"], row["msisdn"], row["message_id"])
        await self.take(self._parked.all())

    @property
    def parked(self) -> int:
        """How many wait for their message."""
        return len(self._parked)

    async def take(self, batch: Sequence[Arrived]) -> None:
        """Return once all of them are durable, with what they tell."""
        unit, placed, left = Unit(), list[Arrived](), list[Arrived]()
        finder = Finder(self._journal, self.forms, self._trusted)
        for arrived in batch:
            found = await finder.find(arrived)
            if found is None or self._may_prove(arrived, found):
                left.append(arrived)
            else:
                self._apply(unit, arrived, found)
                placed.append(arrived)
        if placed:
            await self._journal.commit(unit)
            self._forget(placed)
        rest = [arrived for arrived in left if not await self._resolved(arrived)]
        if len(rest) < len(left):
            await self.take(rest)  # what has just been proven may tell whose the others are
        else:
            await self._park_fresh(rest)

    async def took(self, parts: Sequence[tuple[str, str, int]]) -> None:
        """Parts are known now (centre, id, reference): the receipts that came before them are looked at again."""
        waiting = {one.seq: one for part in parts for one in self._parked.of_part(*part)}
        if waiting:
            await self.take(list(waiting.values()))

    async def doubted(self, message_id: str, reference: int, msisdn: str, centre: str) -> None:
        """A message is in doubt; a receipt for it may have come already."""
        self.doubts.note(reference, msisdn, message_id)
        await self.took([(centre, "", reference)])

    async def sweep(self) -> None:
        """Give up on receipts whose message has not turned up."""
        unit, orphans = Unit(), self._parked.older_than(self._clock() - self._patience)
        for arrived in orphans:
            self._write(unit, arrived, _ORPHAN, None, None)
        if orphans:
            await self._journal.commit(unit)
            self._forget(orphans)

    def _apply(self, unit: Unit, arrived: Arrived, found: Found) -> None:
        sent, told = found.sent, arrived.receipt.state
        outcome = _MATCHED if sent.open(found.n) and sent.parts.get(found.n) is not told else _REPEATED
        self._write(unit, arrived, outcome, sent.message_id, found.n)
        if outcome == _REPEATED:
            return
        sent.parts[found.n] = told
        evidence.set_part(unit, sent.message_id, found.n, told, arrived.at)
        if sent.complete and sent.row["state"] == MessageState.SENT:
            whole = _worst(sent)
            state = _end(whole)
            evidence.end(unit, sent.message_id, state, whole, arrived.at)
            book.tell(unit, sent.row, state, arrived.at, _why(arrived, state))

    async def _resolved(self, arrived: Arrived) -> bool:
        """Take a receipt as the proof that a message in doubt went out; tell whether it was one."""
        message_id = self.doubts.of(arrived.receipt)
        if message_id is None or message_id in self._flight:
            return False
        row = await book.message(self._journal, message_id)
        if row is None or row["state"] not in book.UNPROVEN or not row["doubtful"]:
            return False
        parts = await book.parts(self._journal, message_id)
        states = {part["n"]: part["receipt_state"] for part in parts}
        sent = Sent(row, {n: None if state is None else Told(state) for n, state in states.items()})
        missing = by_number(sent.parts, row["segments"] or 1)
        if not missing:
            return False
        unit = Unit()
        state = self._prove(unit, arrived, sent, missing)
        try:
            await self._journal.commit(unit)
        except Conflict:  # an operator, or the sender, was quicker
            return False
        self._forget([arrived])
        if state not in book.UNPROVEN:
            self.doubts.forget(row["reference"], row["msisdn"])
        return True

    def _prove(self, unit: Unit, arrived: Arrived, sent: Sent, missing: Sequence[int]) -> MessageState:
        receipt, n, row, at = arrived.receipt, missing[0], sent.row, arrived.at.isoformat()
        sent.parts[n] = receipt.state
        state, whole = MessageState(row["state"]), None
        if sent.complete:
            whole = _worst(sent)
            state = _end(whole)
        elif len(missing) == 1:
            state = MessageState.SENT
        evidence.resolve(
            unit,
            sent.message_id,
            (MessageState(row["state"]), state),
            smsc_id=receipt.message_id,
            sent_at=at,
            receipt_state=None if whole is None else whole.value,
            receipt_at=None if whole is None else at,
        )
        key = canonical(receipt.message_id)
        told = {"smsc": arrived.centre, "smsc_id": receipt.message_id, "match_key": key, "reference": row["reference"]}
        book.add_part(unit, sent.message_id, n, sent_at=at, **told)
        evidence.set_part(unit, sent.message_id, n, receipt.state, arrived.at)
        self._write(unit, arrived, _MATCHED, sent.message_id, n)
        if state != row["state"]:
            book.tell(unit, row, state, arrived.at, _why(arrived, state))
        return state

    async def _park_fresh(self, left: Sequence[Arrived]) -> None:
        unit, fresh = Unit(), [arrived for arrived in left if arrived.seq is None]
        for arrived in fresh:
            self._write(unit, arrived, _PARKED, None, None)
        if fresh:
            await self._journal.commit(unit)
            self._parked.put(await evidence.parked(self._journal, self._parked.last))

    def _write(self, unit: Unit, arrived: Arrived, outcome: str, message_id: str | None, n: int | None) -> None:
        self.counts[arrived.receipt.state.value, outcome] += 1
        if arrived.seq is not None:
            evidence.judge(unit, arrived.seq, outcome, message_id, n)
            return
        receipt = arrived.receipt
        evidence.keep(
            unit,
            at=arrived.at.isoformat(),
            smsc=arrived.centre,
            smsc_id=receipt.message_id,
            reference=receipt.reference,
            about=receipt.about,
            state=receipt.state.value,
            error=receipt.error,
            done_at=receipt.done_at,
            outcome=outcome,
            message_id=message_id,
            n=n,
        )

    def _may_prove(self, arrived: Arrived, found: Found) -> bool:
        """Whether it is rather about a part of a message in doubt of which nothing is known yet."""
        if found.by_id or self.doubts.of(arrived.receipt) != found.sent.message_id:
            return False
        return bool(arrived.receipt.message_id) or not found.sent.open(found.n)

    def _forget(self, placed: Sequence[Arrived]) -> None:
        for arrived in placed:
            if arrived.seq is not None:
                self._parked.remove(arrived.seq)


def _end(whole: Told) -> MessageState:
    return MessageState.DELIVERED if whole is Told.DELIVERED else MessageState.UNDELIVERED


def _worst(sent: Sent) -> Told:
    return worst(told for told in sent.parts.values() if told is not None)


def _why(arrived: Arrived, state: MessageState) -> str | None:
    if state is not MessageState.UNDELIVERED:
        return None
    return f"{arrived.receipt.state.value} {arrived.receipt.error}".rstrip()
