"""What stations tell of cards, and events found by the card they are about."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_CARD = ("card", "card_at", "card_by", "adm1_refused_at")
_ABOUT_A_CARD = sa.text("iccid IS NOT NULL")


def upgrade() -> None:
    """Apply this version; PUKs disclosed before it are found by their card too."""
    for name in _CARD:
        op.add_column("sims", sa.Column(name, sa.Text(), nullable=True))
    op.add_column("events", sa.Column("iccid", sa.Text(), nullable=True))
    op.create_index(
        "events_of_card",
        "events",
        ["iccid", "seq"],
        unique=False,
        sqlite_where=_ABOUT_A_CARD,
        postgresql_where=_ABOUT_A_CARD,
    )
    op.create_table(
        "card_reports",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column("taken_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    _name_the_cards(op.get_bind())


def downgrade() -> None:
    """Take this version back."""
    op.drop_table("card_reports")
    op.drop_index("events_of_card", table_name="events", sqlite_where=_ABOUT_A_CARD, postgresql_where=_ABOUT_A_CARD)
    op.drop_column("events", "iccid")
    for name in reversed(_CARD):
        op.drop_column("sims", name)


def _name_the_cards(connection: sa.Connection) -> None:
    """Write into its column the ICCID that each disclosure has in its data."""
    told = connection.execute(sa.text("SELECT seq, data FROM events WHERE type = 'puk.disclosed'")).all()
    named = [{"seq": seq, "iccid": json.loads(data)["iccid"]} for seq, data in told]
    if named:
        connection.execute(sa.text("UPDATE events SET iccid = :iccid WHERE seq = :seq"), named)
