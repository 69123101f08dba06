"""Whose lines they are, and what is due on them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_SOMEBODYS = sa.text("customer IS NOT NULL")
_OPEN = sa.text("proposed_at IS NULL")


def upgrade() -> None:
    """Apply this version."""
    op.add_column("lines", sa.Column("customer", sa.Text))
    op.create_index("lines_of_customer", "lines", ["customer"], sqlite_where=_SOMEBODYS, postgresql_where=_SOMEBODYS)
    op.create_table(
        "deadlines",
        sa.Column("line_id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("due_at", sa.Text, nullable=False),
        sa.Column("proposed_at", sa.Text),
    )
    op.create_index("deadlines_due", "deadlines", ["due_at"], sqlite_where=_OPEN, postgresql_where=_OPEN)


def downgrade() -> None:
    """Take this version back."""
    op.drop_index("deadlines_due", "deadlines")
    op.drop_table("deadlines")
    op.drop_index("lines_of_customer", "lines")
    op.drop_column("lines", "customer")
