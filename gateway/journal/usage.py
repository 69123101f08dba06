"""The tables of usage: records counted once, counters, thresholds crossed, and what was agreed about alerts."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, Table, Text

from gateway.journal.schema import metadata

usage_records = Table(
    "usage_records",
    metadata,
    Column("record_id", Text, primary_key=True),  # what is told twice counts once
    Column("taken_at", Text, nullable=False, index=True),
    Column("digest", Text, nullable=False),  # of the record: the same id with another content is a mistake
)

usage_counters = Table(
    "usage_counters",
    metadata,
    Column("line_id", Text, primary_key=True),
    Column("counter", Text, primary_key=True),
    Column("period", Text, primary_key=True),
    Column("used", BigInteger, nullable=False),  # bytes, seconds, pieces or millionths of a currency unit
    Column("updated_at", Text, nullable=False),
)

crossings = Table(
    "crossings",
    metadata,
    Column("line_id", Text, primary_key=True),
    Column("threshold", Text, primary_key=True),
    Column("period", Text, primary_key=True),
    Column("percent", Integer, primary_key=True),
    Column("counter", Text, nullable=False),
    Column("used", BigInteger, nullable=False),
    Column("limit", BigInteger, nullable=False),
    Column("record_id", Text, nullable=False),  # the record that crossed it
    Column("used_at", Text, nullable=False),  # when it was used, as the record says
    Column("crossed_at", Text, nullable=False),
    Column("outcome", Text, nullable=False),  # alerted overtaken muted past undeliverable no_text
    Column("action", Text),  # what was ordered, waived, or refused and why
    Column("message_id", Text),
    Column("order_id", Text),
)

line_alerting = Table(
    "line_alerting",
    metadata,
    Column("line_id", Text, primary_key=True),
    Column("body", Text, nullable=False),  # language, agreed caps, waivers, as JSON
    Column("updated_at", Text, nullable=False),
)

visits = Table(
    "visits",
    metadata,
    Column("line_id", Text, primary_key=True),
    Column("country", Text, nullable=False),  # ISO 3166-1 alpha-2: where the line was last seen
    Column("since", Text, nullable=False),
    Column("attach_id", Text, nullable=False),
)
