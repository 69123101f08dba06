"""Numbers that come and go."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_OPEN = sa.text("ended_at IS NULL")
_NEEDED = ("direction", "msisdn", "rio", "donor", "recipient", "asked_on", "on_at", "day", "state", "made_at")
_OPTIONAL = ("file", "line_id", "order_id", "contract", "mandate", "answer", "told_on", "dropped", "day_order")
_LATER = ("switched_at", "released_at", "confirmed_at", "reason", "stuck", "ended_at")


def upgrade() -> None:
    """Apply this version."""
    op.create_table(
        "ports",
        sa.Column("reference", sa.Text, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in _NEEDED),
        *(sa.Column(name, sa.Text) for name in (*_OPTIONAL, *_LATER)),
        sa.Column("waits", sa.Integer, nullable=False),
        sa.Column("outage_s", sa.Float),
        sa.Column("within_promise", sa.Integer),
    )
    op.create_index("ports_by_msisdn", "ports", ["msisdn"])
    op.create_index("ports_by_file", "ports", ["file"])
    op.create_index("ports_by_birth", "ports", ["made_at", "reference"])
    op.create_index("ports_open", "ports", ["reference"], sqlite_where=_OPEN, postgresql_where=_OPEN)
    op.create_table(
        "port_marks",
        sa.Column("element", sa.Text, primary_key=True),
        sa.Column("taken_in", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False),
    )


def downgrade() -> None:
    """Take this version back."""
    op.drop_table("port_marks")
    op.drop_index("ports_open", "ports")
    op.drop_index("ports_by_birth", "ports")
    op.drop_index("ports_by_file", "ports")
    op.drop_index("ports_by_msisdn", "ports")
    op.drop_table("ports")
