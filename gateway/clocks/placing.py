"""A deadline as the order it asks for, as it would have been posted."""

from __future__ import annotations

from typing import Final

from gateway.contract.action import Lane
from gateway.contract.deadlines import Deadline
from gateway.contract.line import Line
from gateway.orders.bodies import details_from, details_model
from gateway.orders.codec import dump
from gateway.orders.order import LineRef, NewOrder

ASKED_BY: Final = {"who": "linegate/clock", "channel": "clock"}
_LONGEST_NOTE: Final = 200


def order_of(line: Line, deadline: Deadline) -> NewOrder:
    """Make the order; it begins at once, for its time has come already, and lets what customers ask go first."""
    details = dict(deadline.details)
    body = {
        "action": deadline.action,
        "line": {"msisdn": line.msisdn},
        "details": details,
        "requested_by": ASKED_BY,
        "note": f"{deadline.name} ({deadline.source})"[:_LONGEST_NOTE],
    }
    return NewOrder(
        action=deadline.action,
        ref=LineRef(msisdn=line.msisdn),
        details=details_from(deadline.action, details_model(deadline.action).model_validate_json(dump(details))),
        body=dump(body),
        requested_by=dict(ASKED_BY),
        at_once=True,
        lane=Lane.BULK,
    )
