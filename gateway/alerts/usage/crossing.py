"""What follows when a percentage of a limit is reached: a message, and at 100 % what the contract does then.

Both are written in the commit that counts the use; neither waits for the other.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from gateway.alerts.usage import ledger
from gateway.alerts.usage.counting import Key, Reached
from gateway.alerts.usage.means import Means, Writing
from gateway.contract.action import Lane, Refusal
from gateway.contract.actions import bar_outgoing, lift_limit, limit_use
from gateway.contract.line import Kind, Life, Reason
from gateway.contract.periods import Period
from gateway.contract.quantities import say, say_date
from gateway.contract.rules import Rules
from gateway.contract.thresholds import Agreement, Cap, percent_used
from gateway.contract.usage import AtLimit
from gateway.journal.bulk import any_of, as_list
from gateway.journal.messaging import messages
from gateway.orders import records
from gateway.orders.codec import dump
from gateway.orders.ids import new_id
from gateway.orders.messages import AlertKey, NewMessage, queue_message
from gateway.orders.messages import Kind as MessageKind
from gateway.orders.order import LineRecord, LineRef, NewOrder
from gateway.texts import Rendered, Texts

_FULL = 100
_NO_SMS = "data-only line: no SMS by design"
_MUTED = "muted: the customer wants no messages about this limit"
_AT_LEAST_AHEAD = timedelta(seconds=5)  # a lift is always after what it lifts
_ASKED_BY = {"who": "linegate/usage", "channel": "usage"}
_BY_ALERTS = select(messages.c.alert_key, messages.c.message_id).where(any_of(messages.c.alert_key, "alerts"))


@dataclass(frozen=True, slots=True)
class Concerned:
    """The line it is about, under its contract, with what was agreed; and when it is looked at."""

    record: LineRecord
    rules: Rules
    agreement: Agreement
    now: datetime


@dataclass(frozen=True, slots=True)
class Before:
    """What followed before: percentages by line, threshold and period; messages by alert."""

    percents: Mapping[ledger.LineKey, set[int]]
    alerts: Mapping[str, str]


def reference(cap: Cap, period: Period) -> str:
    """What a limit laid over a line is known by: the threshold and its period."""
    return f"{cap.name} {period.label}"


class Followup:
    """Tells and acts, within a unit that somebody else commits."""

    def __init__(self, means: Means, texts: Mapping[str, Texts]) -> None:
        self._journal = means.journal
        self._engine = means.engine
        self._texts = texts

    async def before(self, reached: Collection[tuple[str, Reached]]) -> Before:
        """Read what followed before for many lines, each with what it has reached: two statements for all of them."""
        keys = {(line_id, *one.group) for line_id, one in reached}
        alerts = as_list(str(_alert(line_id, one)) for line_id, one in reached)
        if not keys:
            return Before({}, {})
        rows = await self._journal.rows(_BY_ALERTS, alerts=alerts)
        return Before(
            await ledger.crossed_by(self._journal, keys), {row["alert_key"]: row["message_id"] for row in rows}
        )

    async def follow(
        self, writing: Writing, of: Concerned, reached: Sequence[Reached], before: Before | None = None
    ) -> list[dict[str, Any]]:
        """Write everything that follows; return the crossings that are new, as they are told."""
        if before is None:
            before = await self.before([(of.record.line_id, one) for one in reached])
        groups: dict[Key, list[Reached]] = {}
        for one in reached:
            groups.setdefault(one.group, []).append(one)
        told: list[dict[str, Any]] = []
        for (threshold, period), group in groups.items():
            there = before.percents.get((of.record.line_id, threshold, period), set())
            highest = max(there | {one.percent for one in group})
            for one in (one for one in group if one.percent not in there):
                told.append(await self._one(writing, of, one, before, overtaken=one.percent < highest))  # noqa: PERF401 - in turn
        return told

    async def act(self, writing: Writing, of: Concerned, cap: Cap, period: Period) -> tuple[str | None, str | None]:
        """Order what is due at 100 %; return what was done, and the order's id."""
        kind = cap.rule.at_100.kind
        if kind is None:
            return None, None
        if cap.waived:
            return "waived", None
        known_by = reference(cap, period)
        if cap.rule.at_100 is AtLimit.BAR_OUTGOING:
            order = _order("bar_outgoing", of, bar_outgoing.Details(Reason.CREDIT_LIMIT, known_by), Lane.EMERGENCY)
        else:
            order = _order("limit_use", of, limit_use.Details(kind, known_by), Lane.EMERGENCY)  # type: ignore[arg-type]  # the bar is dealt with above
        limited = await writing.orders.enter_async_context(self._engine.enclosed(writing.unit, order))
        if isinstance(limited, Refusal):
            return f"refused: {limited.slug}", None
        if cap.rule.until.value == "period_end" and not _has_ladder(kind, of.rules):
            ends = max(period.ends, of.now + _AT_LEAST_AHEAD)
            await self.lift(writing, of, cap, period, ends)
        return "ordered", limited.order_id

    async def lift(self, writing: Writing, of: Concerned, cap: Cap, period: Period, at: datetime | None = None) -> None:
        """Order the end of what was done at 100 %; without a time at once."""
        details = lift_limit.Details(cap.rule.at_100.kind or Kind.FAIR_USE, reference(cap, period))  # type: ignore[arg-type]  # the kinds a threshold lays are those
        order = _order("lift_limit", of, details, Lane.INTERACTIVE if at is None else Lane.BULK, at)
        await writing.orders.enter_async_context(self._engine.enclosed(writing.unit, order))

    async def _one(
        self, writing: Writing, of: Concerned, one: Reached, before: Before, *, overtaken: bool
    ) -> dict[str, Any]:
        outcome, action, message_id, order_id = "overtaken", None, None, None
        if one.period.ends <= of.now:
            outcome = "past"
        elif of.record.line.life is not Life.ACTIVE:
            outcome = "not_in_service"
        elif not overtaken:
            if one.percent == _FULL:
                action, order_id = await self.act(writing, of, one.cap, one.period)
            outcome, message_id = self._tell(writing, of, one, before, (action, order_id))
        followed = {"outcome": outcome, "action": action, "message_id": message_id, "order_id": order_id}
        ledger.add_crossing(writing.unit, of.record.line_id, one, of.now, **followed)
        told = {
            "msisdn": of.record.line.msisdn,
            "threshold": one.cap.name,
            "counter": one.cap.counter.name,
            "period": one.period.label,
            "percent": one.percent,
            "used": one.used,
            "limit": one.cap.limit,
        } | followed
        records.add_notice(writing.unit, "usage.threshold_crossed", of.now, of.record.line_id, **told)
        return told

    def _tell(
        self, writing: Writing, of: Concerned, one: Reached, before: Before, done: tuple[str | None, str | None]
    ) -> tuple[str, str | None]:
        """Queue the message, or keep it as evidence that it was not to be sent; once, whatever is agreed and undone."""
        action, order_id = done
        rendered = self._render(of, one, action)
        if rendered is None:
            return "no_text", None
        key = _alert(of.record.line_id, one)
        first = before.alerts.get(str(key))
        if first is not None:
            return "alerted", first
        outcome, why = "alerted", None
        if not of.rules.plans[of.record.line.plan].receives_sms:
            outcome, why = "undeliverable", _NO_SMS
        elif one.cap.muted:
            outcome, why = "muted", _MUTED
        message_id = new_id(of.now)
        message = NewMessage(
            to=of.record.line.msisdn,
            sender=of.rules.sms_sender,
            text=rendered.text,
            kind=MessageKind.ALERT,
            handling=rendered.handling,
            line_id=of.record.line_id,
            order_id=order_id,
            template=rendered.template,
            language=rendered.language,
            alert=key,
            undeliverable=why,
        )
        queue_message(writing.unit, message_id, message, of.now)
        return outcome, message_id

    def _render(self, of: Concerned, one: Reached, action: str | None) -> Rendered | None:
        """``<template>_<percent>_<ordered|waived>`` wins over ``<template>_<percent>``, that over ``<template>``."""
        texts = self._texts.get(of.rules.name)
        if texts is None:
            return None
        language = texts.spoken(of.agreement.language or of.rules.language)
        template, values = one.cap.rule.template, values_of(of, one, language)
        for name in (f"{template}_{one.percent}_{action}", f"{template}_{one.percent}", template):
            rendered = texts.render(name, language, values)
            if rendered is not None:
                return rendered
        return None


def values_of(of: Concerned, one: Reached, language: str) -> dict[str, str]:
    """What a template may say; ``period_end`` is the last day of the period."""

    def said(kept: int) -> str:
        return say(kept, one.cap.counter.measure, one.cap.counter.currency, language)

    return {
        "msisdn": of.record.line.msisdn,
        "plan": of.record.line.plan,
        "counter": one.cap.counter.name,
        "percent": str(max(one.percent, min(percent_used(one.used, one.cap.limit), _FULL))),
        "used": said(one.used),
        "limit": said(one.cap.limit),
        "left": said(max(one.cap.limit - one.used, 0)),
        "period_end": say_date(one.period.last_day, language),
    }


def _has_ladder(kind: Kind, rules: Rules) -> bool:
    """Tell whether the contract says itself how long it holds: then its end is one of the line's own deadlines."""
    return any(ladder.effect is kind for ladder in rules.timing.ladders.values())


def _alert(line_id: str, one: Reached) -> AlertKey:
    return AlertKey(line_id, one.cap.series, one.period.label, one.percent)


def _order(action: str, of: Concerned, details: Any, lane: Lane, at: datetime | None = None) -> NewOrder:  # noqa: ANN401 - each action has its own Details
    """An order of our own, as it would have been posted."""
    msisdn = of.record.line.msisdn
    said = {name: getattr(details, name) for name in ("effect", "reason", "reference") if hasattr(details, name)}
    body = {"action": action, "line": {"msisdn": msisdn}, "details": said, "requested_by": _ASKED_BY}
    return NewOrder(
        action=action,
        ref=LineRef(msisdn=msisdn),
        details=details,
        body=dump(body),
        requested_by=_ASKED_BY,
        requested_start=at,
        lane=lane,
    )
