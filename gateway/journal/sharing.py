"""What instances that share a database tell each other in it."""

from __future__ import annotations

from sqlalchemy import Column, Integer, Table, Text

from gateway.journal.schema import metadata

errands = Table(
    "errands",  # what one instance asks of another, which has the order's line
    metadata,
    Column("errand_id", Text, primary_key=True),
    Column("order_id", Text, nullable=False),
    Column("shard", Integer, nullable=False),
    Column("verb", Text, nullable=False),  # cancel hold resume
    Column("done", Integer),
    Column("said", Text),  # why not
)
