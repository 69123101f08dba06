"""What lists are served by: the indexes, and the condition each list says so that it, and nothing else, is.

Without statistics SQLite takes an index of a few different values for as good as any other, and would follow it where
the quick way is a line or a turn. So these indexes hold for a condition that is always true: whoever does not say it,
literally, is never led to them. It is no bound: SQLite would begin there, and not at the place a page begins.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, ColumnElement, Index, Table, literal_column

from gateway.journal.archived import archived_orders
from gateway.journal.messaging import messages
from gateway.journal.porting import ports
from gateway.journal.schema import lines, orders

LINES_LISTED: Final = lines.c.line_id != literal_column("''")
#: nothing else is read of a line then but what is in the index: its row is fifty times as long
LINES_COUNTED: Final = lines.c.line_id != literal_column("' '")
MESSAGES_LISTED: Final = messages.c.message_id != literal_column("''")
PORTS_LISTED: Final = ports.c.made_at != literal_column("''")
ORDERS_LISTED: Final = {table: table.c.seq != literal_column("0") for table in (orders, archived_orders)}


def _listed(condition: ColumnElement[bool], table: Table, by: str, *then: str) -> None:
    columns: list[Column[object]] = [table.c[name] for name in (by, *then)]
    Index(f"{table.name}_by_{by}", *columns, sqlite_where=condition, postgresql_where=condition)


_listed(LINES_LISTED, lines, "contract", "line_id")
_listed(LINES_COUNTED, lines, "state", "line_id", "contract", "host")
for _by in ("state", "msisdn", "kind"):
    _listed(MESSAGES_LISTED, messages, _by, "message_id")
for _by in ("state", "direction"):
    _listed(PORTS_LISTED, ports, _by, "made_at", "reference")
for _table, _condition in ORDERS_LISTED.items():
    for _by in ("msisdn", "state", "action"):
        _listed(_condition, _table, _by, "seq")
