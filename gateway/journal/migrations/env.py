"""Alembic's entry: one connection, one transaction for all versions."""

from __future__ import annotations

from alembic import context
from sqlalchemy import create_engine

from gateway.journal import messaging, porting, usage  # noqa: F401 - their tables join the metadata
from gateway.journal.schema import metadata

_engine = create_engine(context.config.get_main_option("sqlalchemy.url") or "")
with _engine.connect() as _connection:
    context.configure(connection=_connection, target_metadata=metadata)
    with context.begin_transaction():
        context.run_migrations()
_engine.dispose()
