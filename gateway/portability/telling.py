"""What is told of a port: an event for the systems around, a message for the customer, in the commit it is about."""

from __future__ import annotations

from datetime import date

from drivers.subscription import Msisdn
from gateway.contract.line import Life
from gateway.contract.quantities import say_date
from gateway.contract.rules import Rules
from gateway.journal.journal import Row, Unit
from gateway.orders import records
from gateway.orders.ids import new_id
from gateway.orders.messages import NewMessage, queue_message
from gateway.orders.order import LineRecord
from gateway.portability.means import Means
from gateway.texts import Rendered


def add_event(unit: Unit, means: Means, kind: str, port: Row, /, **data: object) -> None:
    """Write what happened to a port; its RIO is nobody's business."""
    told = {name: port[name] for name in ("reference", "direction", "msisdn", "day", "order_id", "contract")}
    records.add_notice(unit, f"port.{kind}", means.clock(), port["line_id"], **(told | data))


def add_message(  # noqa: PLR0913 - what a message is made of
    unit: Unit, means: Means, template: str, port: Row, record: LineRecord | None, *, reason: str = ""
) -> None:
    """Queue the message of that template, if the contract has one and somebody can read it.

    It goes to the number the customer has now: the line's, or where that is not open yet, the one that was to come.
    """
    rules = means.contracts.get(str(port["contract"]))
    if rules is None or (record is not None and record.line.life is Life.TERMINATED):
        return
    opened = record is not None and record.line.life is Life.ACTIVE
    to = Msisdn(port["msisdn"]) if record is None or not opened else record.line.msisdn
    texts = means.texts.get(rules.name)
    if texts is None:
        return
    language = texts.spoken(rules.language)
    values = {
        "msisdn": port["msisdn"],
        "number": to,
        "day": say_date(date.fromisoformat(port["day"]), language),
        "reason": texts.name(reason, language),
    }
    rendered = texts.render(template, language, values)
    if rendered is not None:
        new = message(to, rules, rendered, record, port["order_id"])
        queue_message(unit, new_id(means.clock()), new, means.clock())


def message(
    to: Msisdn, rules: Rules, rendered: Rendered, record: LineRecord | None, order_id: str | None = None
) -> NewMessage:
    """Make a message; to a line that gets no SMS it is kept as evidence, and never sent."""
    plan = None if record is None else rules.plans.get(record.line.plan)
    deaf = plan is not None and record is not None and not plan.receives_sms and record.line.life is Life.ACTIVE
    return NewMessage(
        to=to,
        sender=rules.sms_sender,
        text=rendered.text,
        kind=rendered.kind,
        handling=rendered.handling,
        line_id=None if record is None else record.line_id,
        order_id=order_id,
        template=rendered.template,
        language=rendered.language,
        undeliverable="the line's plan gets no SMS" if deaf else None,
    )
