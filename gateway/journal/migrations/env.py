"""Alembic's entry: one connection, one transaction for all versions."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection, create_engine

from gateway.journal import (  # noqa: F401 - their tables join the metadata
    archived,
    batching,
    bulk_orders,
    handsets,
    instances,
    messaging,
    porting,
    sharing,
    usage,
)
from gateway.journal.schema import metadata


def _work(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=metadata)
    with context.begin_transaction():
        context.run_migrations()


_url = context.config.get_main_option("sqlalchemy.url") or ""
if _url.startswith("sqlite:"):
    _engine = create_engine(_url)
    with _engine.connect() as _connection:
        _work(_connection)
    _engine.dispose()
else:
    # its driver is an extra, which whoever has everything in a file need not have
    from gateway.journal.postgres.migrating import migrate

    migrate(_url, _work)
