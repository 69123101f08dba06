"""A filled-in template on its way to one line: in its contract's name and its language, or kept if it gets no SMS."""

from __future__ import annotations

from datetime import datetime

from gateway.alerts.usage.agreements import agreement_of
from gateway.contract.line import Life
from gateway.contract.rules import Rules
from gateway.journal.journal import Journal
from gateway.orders.messages import NewMessage
from gateway.orders.order import LineRecord
from gateway.texts import Rendered, Texts


async def language_of(journal: Journal, record: LineRecord, rules: Rules, texts: Texts) -> str:
    """Return the language a line is spoken to in: what was agreed, else its contract's."""
    agreed = (await agreement_of(journal, record.line_id, rules)).language
    return texts.spoken(agreed if agreed in texts.languages else rules.language)


def in_service(record: LineRecord) -> bool:
    """Tell whether a line can be used at all: a barred one still gets messages, a suspended one nothing."""
    return record.line.life is Life.ACTIVE and record.line.state != "suspended"


def message_to(record: LineRecord, rules: Rules, rendered: Rendered, now: datetime) -> NewMessage:
    """Make the message; to a data-only line it is kept as evidence, and never sent (001:6451-6469)."""
    plan = rules.plans.get(record.line.plan)
    deaf = plan is not None and not plan.receives_sms
    return NewMessage(
        to=record.line.msisdn,
        sender=rules.sms_sender,
        text=rendered.text,
        kind=rendered.kind,
        handling=rendered.handling,
        line_id=record.line_id,
        template=rendered.template,
        language=rendered.language,
        not_before=rendered.not_before(now, rules.time_zone),
        undeliverable=f"lines with the plan {record.line.plan} get no SMS" if deaf else None,
    )
