"""The tables of orders that ended long ago, as they were: the working tables hold what is under way or was lately.

Not partitioned on PostgreSQL: a partition's key would have to be part of every unique key, and no order would be
certain to be there once.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text

from gateway.journal.schema import SEQUENCE, metadata, orders, steps

archived_orders = Table(
    "archived_orders",
    metadata,
    Column("seq", SEQUENCE, primary_key=True, autoincrement=False),  # the one it had
    Column("order_id", Text, nullable=False, unique=True),
    *(Column(c.name, c.type, nullable=c.nullable) for c in orders.c if c.name not in ("seq", "order_id")),
    Index("archived_orders_of_line", "line_id", "seq"),
)
#: an order system's own number is looked for among all orders ever taken
_NAMED = archived_orders.c.external_id.is_not(None)
Index("archived_orders_by_external_id", archived_orders.c.external_id, sqlite_where=_NAMED, postgresql_where=_NAMED)
archived_steps = Table(
    "archived_steps",
    metadata,
    Column("order_id", Text, ForeignKey("archived_orders.order_id"), primary_key=True),
    Column("n", Integer, primary_key=True),
    *(Column(c.name, c.type, nullable=c.nullable) for c in steps.c if c.name not in ("order_id", "n")),
)
