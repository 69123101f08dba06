"""Messages as they are looked up: one with all that proves it, and lists, newest first."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, select

from gateway.journal.journal import Journal, Row
from gateway.journal.messaging import messages
from gateway.journal.schema import row_by
from gateway.orders.messages import Kind, MessageState

_BY_ALERT = row_by(messages, "alert_key")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which messages to list; ``before``: older than the one with this id."""

    msisdn: str | None = None
    state: MessageState | None = None
    kind: Kind | None = None
    since: datetime | None = None
    before: str | None = None


async def by_alert(journal: Journal, alert_key: str) -> Row | None:
    """Return the one message of an alert."""
    rows = await journal.rows(_BY_ALERT, alert_key=alert_key)
    return rows[0] if rows else None


async def list_messages(journal: Journal, wanted: Wanted, most: int) -> Sequence[Row]:
    """Return messages, newest first."""
    values = {
        "msisdn": wanted.msisdn,
        "state": None if wanted.state is None else wanted.state.value,
        "kind": None if wanted.kind is None else wanted.kind.value,
        "since": None if wanted.since is None else wanted.since.isoformat(),
        "before": wanted.before,
    }
    given = {name: value for name, value in values.items() if value is not None}
    return await journal.rows(_listing(tuple(given)), most=most, **given)


@functools.cache
def _listing(names: tuple[str, ...]) -> Select[Any]:
    """The statement for one choice of filters; at most two to the fifth of them."""
    conditions = {
        "msisdn": messages.c.msisdn == bindparam("msisdn"),
        "state": messages.c.state == bindparam("state"),
        "kind": messages.c.kind == bindparam("kind"),
        "since": messages.c.created_at >= bindparam("since"),
        "before": messages.c.message_id < bindparam("before"),
    }
    chosen = select(messages).where(*(conditions[name] for name in names))
    return chosen.order_by(messages.c.message_id.desc()).limit(bindparam("most"))
