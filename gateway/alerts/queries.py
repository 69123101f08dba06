"""Questions phones send by SMS: answered once each, to lines of ours only, and not without end."""

from __future__ import annotations

import hashlib
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from drivers.dialects.smpp.delivery import FromPhone
from gateway.alerts.telling import in_service, language_of, message_to
from gateway.contract.rules import Rules
from gateway.journal.journal import Journal, Unit
from gateway.journal.messaging import messages
from gateway.journal.schema import row_by
from gateway.orders import records
from gateway.orders.codec import dump
from gateway.orders.desk import Listeners
from gateway.orders.judgement import Clock
from gateway.orders.messages import queue_message
from gateway.orders.order import LineRecord, LineRef
from gateway.texts import Rendered, Texts, Unfilled

_WINDOW_S = 120  # an SMSC that heard no deliver_sm_resp says it again within this time
_HOUR = timedelta(hours=1)
_BY_ID = row_by(messages, "message_id")


class Figures(Protocol):
    """Who knows what a line has used and has left."""

    async def balance(self, record: LineRecord, language: str, now: datetime) -> Mapping[str, str]:
        """Say it for templates: ``balance`` (absent where nothing limits the line), ``used`` and ``period_end``."""


class Reply(StrEnum):
    """What came of a message from a phone; only the first is an answer."""

    ANSWERED = "answered"
    REPEATED = "repeated"  # the same message, delivered again
    LIMITED = "limited"  # the line has had its answers for this hour
    STRANGER = "stranger"  # no line of ours, or none in service
    UNASKED = "unasked"  # nothing we answer: another number, no word we know, a later part of a long message


class Queries:
    """Answers questions in the name of each line's contract."""

    def __init__(  # noqa: PLR0913 - the parts it is made of
        self,
        journal: Journal,
        contracts: Mapping[str, Rules],
        texts: Mapping[str, Texts],
        figures: Figures,
        *,
        clock: Clock,
        listeners: Listeners,
    ) -> None:
        self._journal = journal
        self._contracts = contracts
        self._texts = texts
        self._figures = figures
        self._clock = clock
        self._listeners = listeners
        self._answering: set[str] = set()
        self._recent = _Recent()

    async def asked(self, centre: str, message: FromPhone) -> Reply:
        """Answer one message; durable when it returns. Raises JournalFull: then the SMSC must deliver it again."""
        record = await records.find_line(self._journal, LineRef(msisdn=message.sender))
        if record is None or not in_service(record):
            return Reply.STRANGER
        texts = self._texts.get(record.line.contract)
        template = None if texts is None else _asks_for(texts, message)
        if texts is None or template is None:
            return Reply.UNASKED
        now = self._clock()
        ours, earlier = _names(centre, message, now)
        if ours in self._answering or await self._answered(ours, earlier, now):
            return Reply.REPEATED
        if not self._recent.allow(record.line_id, texts.questions.per_hour, now):
            return Reply.LIMITED
        self._answering.add(ours)
        try:
            return await self._answer(_Question(centre, ours, record, template, now), texts)
        finally:
            self._answering.discard(ours)

    async def _answered(self, ours: str, earlier: str, now: datetime) -> bool:
        """Tell whether this message has been answered within the window, which may have begun in the one before."""
        if await self._journal.rows(_BY_ID, message_id=ours):
            return True
        before = await self._journal.rows(_BY_ID, message_id=earlier)
        return bool(before) and now - datetime.fromisoformat(before[0]["created_at"]) < timedelta(seconds=_WINDOW_S)

    async def _answer(self, question: _Question, texts: Texts) -> Reply:
        record, now = question.record, question.now
        rules = self._contracts[record.line.contract]
        rendered = await self._rendered(question, texts, rules)
        if rendered is None:
            return Reply.UNASKED
        unit = Unit()
        queue_message(unit, question.message_id, message_to(record, rules, rendered, now), now)
        told = {"msisdn": record.line.msisdn, "smsc": question.centre, "template": rendered.template}
        records.add_notice(unit, "query.answered", now, record.line_id, **told, message_id=question.message_id)
        await self._journal.commit(unit)
        self._listeners.queued()
        self._listeners.published()
        return Reply.ANSWERED

    async def _rendered(self, question: _Question, texts: Texts, rules: Rules) -> Rendered | None:
        line = question.record.line
        language = await language_of(self._journal, question.record, rules, texts)
        values = dict(await self._figures.balance(question.record, language, question.now))
        template = question.template
        if "balance" not in values and template != texts.questions.otherwise:
            template = texts.questions.metered or template
        try:
            return texts.render(template, language, {**values, "msisdn": line.msisdn, "plan": line.plan})
        except Unfilled:  # a contract that counts nothing has no figures: the SMSC must not ask for ever
            return None


@dataclass(frozen=True, slots=True)
class _Question:
    centre: str
    message_id: str
    record: LineRecord
    template: str
    now: datetime


class _Recent:
    """How many answers each line had within the last hour. A restart forgets: it bounds a nuisance, not a promise."""

    def __init__(self) -> None:
        self._times: deque[tuple[datetime, str]] = deque()
        self._counts: Counter[str] = Counter()

    def allow(self, line_id: str, most: int, now: datetime) -> bool:
        """Count one more, unless that is too many."""
        while self._times and self._times[0][0] <= now - _HOUR:
            _, gone = self._times.popleft()
            self._counts[gone] -= 1
            if not self._counts[gone]:
                del self._counts[gone]
        if self._counts[line_id] >= most:
            return False
        self._counts[line_id] += 1
        self._times.append((now, line_id))
        return True


def _asks_for(texts: Texts, message: FromPhone) -> str | None:
    """Name the template that answers; the first part of a long message has the word, the others ask nothing."""
    if message.number != 1 or (texts.questions.numbers and message.to not in texts.questions.numbers):
        return None
    return texts.questions.answer_to(message.text)


def _names(centre: str, message: FromPhone, now: datetime) -> tuple[str, str]:
    """Return the id of the answer to this message, and the one it would have had in the window before."""
    said = dump([centre, message.sender, message.to, message.text, message.reference])
    digest = hashlib.sha256(said.encode()).hexdigest()[:20]
    window = int(now.timestamp()) // _WINDOW_S
    ours, earlier = (f"{number * _WINDOW_S * 1000:012x}{digest}" for number in (window, window - 1))
    return ours, earlier
