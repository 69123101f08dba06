"""Archived orders by the asker's own number, whose file a batch is, and whose what a row takes will be."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_NAMED = sa.text("external_id IS NOT NULL")
_BY_NAME = "archived_orders_by_external_id"


def upgrade() -> None:
    """Apply this version."""
    op.create_index(_BY_NAME, "archived_orders", ["external_id"], sqlite_where=_NAMED, postgresql_where=_NAMED)
    op.add_column("batches", sa.Column("client", sa.Text))
    op.add_column("batch_names", sa.Column("whose", sa.Text))


def downgrade() -> None:
    """Take this version back."""
    op.drop_column("batch_names", "whose")
    op.drop_column("batches", "client")
    op.drop_index(_BY_NAME, "archived_orders")
