"""What the deadlines of each contract's lines were last derived from; deadlines in the order they are listed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_OPEN = sa.text("proposed_at IS NULL")
_IN_TIME = ["due_at", "line_id", "name"]


def upgrade() -> None:
    """Apply this version."""
    op.create_table(
        "contract_marks",
        sa.Column("contract", sa.Text, primary_key=True),
        sa.Column("mark", sa.Text, nullable=False),
    )
    op.drop_index("deadlines_due", "deadlines")
    op.create_index("deadlines_due", "deadlines", _IN_TIME, sqlite_where=_OPEN, postgresql_where=_OPEN)
    op.create_index("deadlines_by_time", "deadlines", _IN_TIME)


def downgrade() -> None:
    """Take this version back."""
    op.drop_index("deadlines_by_time", "deadlines")
    op.drop_index("deadlines_due", "deadlines")
    op.create_index("deadlines_due", "deadlines", ["due_at"], sqlite_where=_OPEN, postgresql_where=_OPEN)
    op.drop_table("contract_marks")
