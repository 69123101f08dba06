"""The table of instances that share a database: where each listens, and by which session it holds what it holds."""

from __future__ import annotations

from sqlalchemy import Column, Integer, Table, Text

from gateway.journal.schema import metadata

instances = Table(
    "instances",
    metadata,
    Column("instance_id", Text, primary_key=True),
    Column("url", Text, nullable=False),
    Column("backend_pid", Integer, nullable=False),  # PostgreSQL's process id of its writing session
    Column("since", Text, nullable=False),
)
