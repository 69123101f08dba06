"""The tables of bulk orders: one wish for many lines, and what has become of each of them."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text, literal_column

from gateway.journal.schema import LATER, SEQUENCE, metadata

bulk_orders = Table(
    "bulk_orders",
    metadata,
    Column("seq", SEQUENCE, primary_key=True),  # the order of acceptance, in which they are placed
    Column("bulk_id", Text, nullable=False, unique=True),
    Column("external_id", Text),
    Column("action", Text, nullable=False),
    Column("state", Text, nullable=False),  # a word of gateway.orders.bulk_book.BulkState
    Column("body", Text, nullable=False),  # as it was asked, its lines apart
    Column("total", Integer, nullable=False),
    Column("accepted_at", Text, nullable=False),
    Column("decided_by", Text, info=LATER),  # the second person, as JSON
    Column("decided_at", Text, info=LATER),
    Column("placed_at", Text, info=LATER),  # when the last row had become an order or a refusal
    Index("bulk_orders_by_state", "state", "seq"),
    sqlite_autoincrement=True,
)
#: written out, as in NOT_ENDED: small whatever the number of bulk orders ever taken
PLACING = bulk_orders.c.state == literal_column("'placing'")
Index("bulk_orders_placing", bulk_orders.c.seq, sqlite_where=PLACING, postgresql_where=PLACING)

bulk_rows = Table(
    "bulk_rows",
    metadata,
    Column("bulk_id", Text, ForeignKey("bulk_orders.bulk_id"), primary_key=True),
    Column("n", Integer, primary_key=True),  # counts from 0, as in the list that was posted
    Column("line", Text, nullable=False),  # as it was named, as JSON
    Column("state", Text, nullable=False),  # waiting placed refused
    Column("order_id", Text, info=LATER),
    Column("problem", Text, info=LATER),
)
WAITING = bulk_rows.c.state == literal_column("'waiting'")
Index("bulk_rows_waiting", bulk_rows.c.bulk_id, bulk_rows.c.n, sqlite_where=WAITING, postgresql_where=WAITING)
