"""Messages as they are looked up: one with all that proves it, and lists, newest first."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, bindparam, literal_column, select

from gateway.journal.journal import Journal, Row
from gateway.journal.listed import MESSAGES_LISTED
from gateway.journal.messaging import messages
from gateway.journal.schema import row_by
from gateway.orders.ids import first_id
from gateway.orders.messages import Kind, MessageState

_BY_ALERT = row_by(messages, "alert_key")
#: clocks differ, and the name of an answer to a phone tells the beginning of its window of two minutes
_BORN_EARLIER: Final = timedelta(minutes=10)
_NEARLY_ALL: Final = frozenset({MessageState.SENT, MessageState.DELIVERED})


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which messages to list; ``before``: older than the one with this id."""

    msisdn: str | None = None
    state: MessageState | None = None
    kind: Kind | None = None
    since: datetime | None = None
    before: str | None = None

    @property
    def leads(self) -> str | None:
        """What is found by an index, the rarest first: few messages go to a number, nearly all have been sent."""
        if self.msisdn is not None:
            return "msisdn"
        if self.state is not None and (self.kind is None or self.state not in _NEARLY_ALL):
            return "state"
        return None if self.kind is None else "kind"


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
        "since": None if wanted.since is None else wanted.since.astimezone(UTC).isoformat(),
        "before": wanted.before,
    }
    given = {name: value for name, value in values.items() if value is not None}
    born = {} if wanted.since is None else {"born": first_id(wanted.since - _BORN_EARLIER)}
    return await journal.rows(listing(tuple(given), wanted.leads), most=most, **given, **born)


@functools.cache
def listing(names: tuple[str, ...], leads: str | None) -> Select[Any]:
    """The statement for one choice of filters; at most two to the fifth of them."""
    conditions = {
        # of the others the index is kept out of it
        **{n: _plain(n, served=n == leads) == bindparam(n) for n in ("msisdn", "state", "kind")},
        "since": and_(messages.c.message_id >= bindparam("born"), messages.c.created_at >= bindparam("since")),
        "before": messages.c.message_id < bindparam("before"),
    }
    chosen = select(messages).where(MESSAGES_LISTED, *(conditions[name] for name in names))
    return chosen.order_by(messages.c.message_id.desc()).limit(bindparam("most"))


def _plain(name: str, *, served: bool) -> ColumnElement[str]:
    column: ColumnElement[str] = messages.c[name]
    return column if served else column.concat(literal_column("''"))
