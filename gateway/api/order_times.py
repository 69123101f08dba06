"""What a contract promises of an order's time: by when it is done, until when it is taken back."""

from __future__ import annotations

import json
from datetime import datetime

from gateway.app import Gateway
from gateway.contract.effects import cancellable_until, promised_by
from gateway.contract.rules import Rules
from gateway.journal.journal import Row
from gateway.orders import records
from gateway.orders.bodies import details_from, details_model
from gateway.orders.codec import dump
from gateway.orders.order import OrderState

_NOT_BEGUN = frozenset({OrderState.PENDING, OrderState.HELD, OrderState.ACKNOWLEDGED})


async def order_times(gateway: Gateway, row: Row) -> dict[str, str | None]:
    """Return ``promised_by`` and ``cancellable_until``; ``None`` where the contract promises nothing."""
    asked = json.loads(row["body"])["details"]
    rules = await _rules(gateway, row, asked)
    if rules is None:
        return {"promised_by": None, "cancellable_until": None}
    details = details_from(row["action"], details_model(row["action"]).model_validate_json(dump(asked)))
    promised = promised_by(rules, row["action"], details, _asked_for(row))
    return {
        "promised_by": None if promised is None else promised.isoformat(),
        "cancellable_until": _cancellable(rules, row),
    }


def _asked_for(row: Row) -> datetime:
    """The day it was wished for, if that came after the asking: promises count from there (004 art. 5)."""
    accepted_at, start = datetime.fromisoformat(row["accepted_at"]), json.loads(row["body"]).get("requested_start")
    return accepted_at if start is None or start == "now" else max(accepted_at, datetime.fromisoformat(start))


def _cancellable(rules: Rules, row: Row) -> str | None:
    """While it waits for its time: until the contract's window closes, or until it begins."""
    if row["due_at"] is None or row["plan"] is not None or row["state"] not in _NOT_BEGUN:
        return None
    due_at = datetime.fromisoformat(row["due_at"])
    until = cancellable_until(rules, row["action"], due_at) or due_at
    return until.isoformat()


async def _rules(gateway: Gateway, row: Row, asked: dict[str, object]) -> Rules | None:
    """Return the rules of the line's contract; of the one named by an activation that came to nothing."""
    record = await records.line(gateway.journal, row["line_id"])
    name = asked.get("contract") if record is None else record.line.contract
    return gateway.settings.contracts.get(str(name))
