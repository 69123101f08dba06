"""Messages that applications ask for: judged against line, contract and template, paced, and queued once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from drivers.dialects.smpp.text import Carriage, Policy, Preview, preview
from drivers.errors import NotSpoken
from drivers.subscription import Msisdn
from gateway.alerts import shown
from gateway.alerts.outbox.outbox import Outbox
from gateway.alerts.telling import language_of, message_to
from gateway.contract.action import Refusal
from gateway.contract.line import Life
from gateway.contract.rules import Rules
from gateway.journal.journal import Conflict, Journal, JournalFull, Unit
from gateway.orders import records
from gateway.orders.ids import new_id
from gateway.orders.judgement import Clock, Judge
from gateway.orders.messages import AlertKey, Handling, Kind, MessageState, NewMessage, OnDoubt, Priority, queue_message
from gateway.orders.order import LineRecord, LineRef
from gateway.texts import Rendered, Texts, Unfilled


@dataclass(frozen=True, slots=True)
class Posted:
    """A message as it was asked: by ``to`` or ``line``, with ``text`` or ``template``; the rest may be left out."""

    to: Msisdn | None
    line: LineRef | None
    text: str | None = field(repr=False)
    template: str | None
    values: Mapping[str, str] = field(repr=False)
    language: str | None = None
    sender: str | None = None
    contract: str | None = None
    customer: str | None = None
    external_id: str | None = None
    priority: Priority | None = None
    on_doubt: OnDoubt | None = None
    validity_s: int | None = None
    alert: tuple[str, str, int] | None = None  # counter, period, percent
    requested_by: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Keyed:
    """An idempotency key and what it stands for."""

    key: str
    payload_hash: str


@dataclass(frozen=True, slots=True)
class Queued:
    """The answer: ``replayed`` when the key has been answered before, ``repeated`` when the alert was there."""

    message: Mapping[str, Any]
    replayed: bool = False
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """A message as it would be queued, and what it costs."""

    new: NewMessage
    looks: Preview


class KeyUsed(Exception):
    """The idempotency key stands for another body."""


@dataclass(frozen=True, slots=True)
class Posting:
    """What is needed to judge and queue."""

    journal: Journal
    outbox: Outbox
    judge: Judge
    contracts: Mapping[str, Rules]
    texts: Mapping[str, Texts]
    clock: Clock
    most_segments: int

    async def post(self, asked: Posted, keyed: Keyed | None) -> Queued | Refusal:
        """Queue a message; returns once it is durable. Raises KeyUsed, JournalFull, TooFast."""
        if keyed is not None and (known := await self._known(keyed)) is not None:
            return known
        if await self.outbox.is_full():
            raise JournalFull
        draft = await self.draft(asked)
        if isinstance(draft, Refusal):
            return draft
        now = self.clock()
        slot = None if asked.customer is None else self.outbox.pacing.take(asked.customer, now)
        try:
            return await self._queue(asked, draft, keyed, slot)
        except BaseException:
            if asked.customer is not None and slot is not None:
                self.outbox.pacing.give_back(asked.customer, slot)
            raise

    async def draft(self, asked: Posted) -> Draft | Refusal:
        """Judge without writing anything."""
        record = await self._line(asked)
        if isinstance(record, Refusal):
            return record
        rules = self._rules(asked, record)
        if isinstance(rules, Refusal):
            return rules
        new = await self._made(asked, record, rules)
        if isinstance(new, Refusal):
            return new
        try:
            looks = preview(new.text, self.outbox.carriage or Carriage(), Policy.KEEP)
        except NotSpoken as wrong:
            return Refusal("text-too-long", str(wrong))
        if looks.segments > self.most_segments:
            return Refusal("text-too-long", f"it needs {looks.segments} segments; {self.most_segments} are allowed")
        return Draft(self._as_wished(asked, record, new), looks)

    async def _queue(self, asked: Posted, draft: Draft, keyed: Keyed | None, slot: datetime | None) -> Queued:
        now, new = self.clock(), draft.new
        if slot is not None and slot > now:
            new = replace(new, not_before=slot if new.not_before is None else max(slot, new.not_before))
        message_id, unit = new_id(now), Unit()
        state = MessageState.QUEUED if new.undeliverable is None else MessageState.UNDELIVERABLE
        answer = {"id": message_id, "state": state.value, "segments": draft.looks.segments}
        if keyed is not None:
            records.add_key(unit, keyed.key, keyed.payload_hash, answer, now)
        queue_message(unit, message_id, new, now)
        if asked.requested_by is not None:
            told = {"message_id": message_id, "msisdn": new.to, "requested_by": asked.requested_by}
            records.add_notice(unit, "message.accepted", now, new.line_id, **told)
        try:
            await self.journal.commit(unit)
        except Conflict as conflict:
            if asked.customer is not None and slot is not None:
                self.outbox.pacing.give_back(asked.customer, slot)
            return await self._there_before(new, keyed, conflict)
        self.outbox.wake()
        return Queued(answer)

    async def _there_before(self, new: NewMessage, keyed: Keyed | None, conflict: Conflict) -> Queued:
        """Answer with what was asked first: under this key, or as this alert."""
        known = None if keyed is None else await self._known(keyed)
        if known is not None:
            return known
        row = await shown.by_alert(self.journal, str(new.alert))
        if row is None:
            raise conflict
        first = {"id": row["message_id"], "state": row["state"], "segments": row["segments"]}
        if keyed is not None:
            unit = Unit()
            records.add_key(unit, keyed.key, keyed.payload_hash, first, self.clock())
            await self.journal.commit(unit)
        return Queued(first, repeated=True)

    async def _known(self, keyed: Keyed) -> Queued | None:
        known = await records.answer_for_key(self.journal, keyed.key)
        if known is None:
            return None
        if known[0] != keyed.payload_hash:
            raise KeyUsed
        return Queued(known[1], replayed=True)

    async def _line(self, asked: Posted) -> LineRecord | Refusal | None:
        if asked.line is not None:
            found = await self.judge.find(asked.line)
            if isinstance(found, LineRecord) and found.line.life is Life.TERMINATED:
                return Refusal("line-terminated", f"the line with {asked.line} has ended: it gets no messages")
            return found
        record = await records.find_line(self.journal, LineRef(msisdn=asked.to))
        alive = None if record is None or record.line.life is Life.TERMINATED else record
        if alive is None and asked.alert is not None:
            return Refusal("line-unknown", "an alert is about a line, and this number is none: send it without alert")
        return alive

    def _rules(self, asked: Posted, record: LineRecord | None) -> Rules | Refusal | None:
        """The contract in whose name it is sent; ``None`` where the sender is named and nothing else needs one."""
        if record is not None and asked.contract not in (None, record.line.contract):
            return Refusal("other-contract", f"the line's contract is {record.line.contract}: leave contract out")
        named = asked.contract if record is None else record.line.contract
        if named is None and len(self.contracts) == 1:
            named = next(iter(self.contracts))
        if named is None:
            if asked.sender is not None and asked.template is None:
                return None
            return Refusal("contract-needed", f"name the contract, one of: {', '.join(sorted(self.contracts))}")
        return self.judge.rules(named)

    async def _made(self, asked: Posted, record: LineRecord | None, rules: Rules | None) -> NewMessage | Refusal:
        to = asked.to if record is None or asked.to is not None else record.line.msisdn
        to = Msisdn(to or "")
        if asked.template is None or rules is None:
            text = asked.text or ""
            sender = asked.sender or ("" if rules is None else rules.sms_sender)
            new = NewMessage(to, sender, text, Kind.APPLICATION)
            return new if record is None or rules is None else _of_line(new, record, rules)
        rendered = await self._rendered(asked, (record, rules), asked.template, to)
        if isinstance(rendered, Refusal):
            return rendered
        if record is not None:
            return replace(message_to(record, rules, rendered, self.clock()), to=to)
        return NewMessage(
            to=to,
            sender=rules.sms_sender,
            text=rendered.text,
            kind=rendered.kind,
            handling=rendered.handling,
            template=rendered.template,
            language=rendered.language,
            not_before=rendered.not_before(self.clock(), rules.time_zone),
        )

    async def _rendered(
        self, asked: Posted, of: tuple[LineRecord | None, Rules], template: str, to: Msisdn
    ) -> Rendered | Refusal:
        record, rules = of
        texts = self.texts.get(rules.name)
        usual = {"msisdn": str(to)} | ({} if record is None else {"plan": record.line.plan})
        if texts is None:
            return Refusal("template-unknown", f"there are no templates of {rules.name}: send a text")
        language = asked.language
        if language is None:
            language = rules.language if record is None else await language_of(self.journal, record, rules, texts)
        try:
            rendered = texts.render(template, language, {**usual, **asked.values})
        except Unfilled as wrong:
            return Refusal("template-unfilled", f"values: {wrong}")
        there = ", ".join(sorted(texts.templates)) or "none"
        return rendered or Refusal("template-unknown", f"{rules.name} has no such template; it has: {there}")

    def _as_wished(self, asked: Posted, record: LineRecord | None, new: NewMessage) -> NewMessage:
        usual = new.handling
        handling = Handling(
            priority=usual.priority if asked.priority is None else asked.priority,
            on_doubt=usual.on_doubt if asked.on_doubt is None else asked.on_doubt,
            validity_s=usual.validity_s if asked.validity_s is None else asked.validity_s,
        )
        alert = None if asked.alert is None or record is None else AlertKey(record.line_id, *asked.alert)
        return replace(
            new,
            handling=handling,
            sender=asked.sender or new.sender,
            kind=new.kind if alert is None else Kind.ALERT,
            alert=alert,
            customer=asked.customer,
            external_id=asked.external_id,
        )


def _of_line(new: NewMessage, record: LineRecord, rules: Rules) -> NewMessage:
    plan = rules.plans.get(record.line.plan)
    deaf = plan is not None and not plan.receives_sms
    why = f"lines with the plan {record.line.plan} get no SMS" if deaf else None
    usual = new.handling
    if usual.validity_s is None:
        usual = replace(usual, validity_s=rules.sms_validity_s)
    return replace(new, line_id=record.line_id, undeliverable=why, handling=usual)
