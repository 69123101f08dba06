"""The RIO of a line of ours: made from the line, never kept, and told to its customer by SMS only."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date

from gateway.contract.action import Refusal
from gateway.contract.line import Life
from gateway.contract.quantities import say_date
from gateway.contract.rio import ALPHABET, rio_for
from gateway.contract.rulebook.bounds import PortRule
from gateway.journal.journal import Unit
from gateway.orders import records
from gateway.orders.ids import new_id
from gateway.orders.messages import queue_message
from gateway.orders.order import LineRecord
from gateway.portability.means import Means
from gateway.portability.telling import message

_REFERENCE_CHARS = 6
_PLAIN = ALPHABET[:-1]  # letters and digits; customers read it aloud


def rio_of(record: LineRecord, rule: PortRule) -> str:
    """Return the RIO of a line: the same for as long as the line has its number."""
    number = int.from_bytes(hashlib.sha256(record.line_id.encode()).digest()[:16])
    reference = ""
    for _ in range(_REFERENCE_CHARS):
        number, place = divmod(number, len(_PLAIN))
        reference += _PLAIN[place]
    return rio_for(rule.operator, rule.kind, reference, record.line.msisdn)


async def send_rio(
    means: Means, record: LineRecord, requested_by: Mapping[str, str], ends: date | None
) -> str | Refusal:
    """Queue a line's RIO for its customer; return the message's id. Who asked goes into the trail, the RIO does not.

    ``ends``: the last day the customer is bound (002 mobile 9.3.2.2).
    """
    line, rules = record.line, means.contracts.get(record.line.contract)
    rule = None if rules is None else rules.bounds.portability
    if rules is None or rule is None:
        return Refusal("no-portability", f"{line.contract} moves no numbers: its lines have no RIO")
    if line.life is not Life.ACTIVE:
        return Refusal("line-not-active", "the line is not in service: only a line in service has a RIO")
    if not rules.plans[line.plan].receives_sms:
        return Refusal("no-sms", f"lines with the plan {line.plan} get no SMS: tell the RIO from the contract's papers")
    template, texts = "rio" if ends is not None else "rio_free", means.texts.get(rules.name)
    if texts is None or template not in texts.templates:
        return Refusal("template-unknown", f"{rules.name} has no template {template!r}: add it to its texts")
    language, now = texts.spoken(rules.language), means.clock()
    values = {"msisdn": line.msisdn, "rio": rio_of(record, rule)}
    values |= {} if ends is None else {"ends": say_date(ends, language)}
    rendered = texts.render(template, language, values)
    if rendered is None:
        return Refusal("template-unknown", f"{rules.name} has no template {template!r}: add it to its texts")
    unit, message_id = Unit(), new_id(now)
    queue_message(unit, message_id, message(line.msisdn, rules, rendered, record), now)
    bound = None if ends is None else ends.isoformat()
    told = {"msisdn": line.msisdn, "message_id": message_id, "commitment_ends": bound}
    records.add_notice(unit, "rio.told", now, record.line_id, **told, requested_by=dict(requested_by))
    await means.commit(unit)
    return message_id
