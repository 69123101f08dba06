"""Messages with their parts and receipts, usage counters, thresholds crossed."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_TEXTS = ("line_id", "template", "language")
_LATER_TEXTS = ("expires_at", "not_before", "alert_key", "series")
_NUMBERS = ("segments", "reference")
_ABOUT = ("smsc", "receipt_state", "receipt_at")
_KEYED = sa.text("alert_key IS NOT NULL")
_OF_SERIES = sa.text("series IS NOT NULL")
_DUE_NOW = sa.text("state || '' = 'queued' AND not_before IS NULL")
_DUE_LATER = sa.text("state || '' = 'queued' AND not_before IS NOT NULL")
_EXPIRING = sa.text("state || '' = 'queued' AND expires_at IS NOT NULL")


def upgrade() -> None:
    """Apply this version; messages queued before it are confirmations, as all were."""
    for column in _message_columns():
        op.add_column("messages", column)
    _partial("messages_by_alert", "messages", ["alert_key"], _KEYED, unique=True)
    _partial("messages_of_series", "messages", ["series", "rank"], _OF_SERIES)
    _partial("messages_queued", "messages", ["priority", "message_id"], _DUE_NOW)
    _partial("messages_later", "messages", ["not_before", "msisdn"], _DUE_LATER)
    _partial("messages_expiring", "messages", ["expires_at"], _EXPIRING)
    _message_tables()
    _usage_tables()


def downgrade() -> None:
    """Take this version back."""
    for table in ("visits", "line_alerting", "crossings", "usage_counters", "usage_records", "receipts"):
        op.drop_table(table)
    op.drop_table("message_parts")
    for index in (
        "messages_expiring",
        "messages_later",
        "messages_queued",
        "messages_of_series",
        "messages_by_alert",
    ):
        op.drop_index(index, table_name="messages")
    for column in reversed(_message_columns()):
        op.drop_column("messages", column.name)


def _text(name: str, *, needed: bool = True) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), nullable=not needed)


def _number(name: str, *, needed: bool = True) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), nullable=not needed)


def _great(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _message_columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("kind", sa.Text(), nullable=False, server_default="confirmation"),
        *(_text(name, needed=False) for name in _TEXTS),
        sa.Column("priority", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("on_doubt", sa.Text(), nullable=False, server_default="hold"),
        *(_text(name, needed=False) for name in _LATER_TEXTS),
        _number("rank", needed=False),
        _text("customer", needed=False),
        _text("external_id", needed=False),
        sa.Column("tries", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("doubtful", sa.Integer(), nullable=False, server_default="0"),
        *(_number(name, needed=False) for name in _NUMBERS),
        *(_text(name, needed=False) for name in _ABOUT),
    ]


def _partial(name: str, table: str, columns: list[str], where: sa.TextClause, *, unique: bool = False) -> None:
    op.create_index(name, table, columns, unique=unique, sqlite_where=where, postgresql_where=where)


def _message_tables() -> None:
    op.create_table(
        "message_parts",
        _text("message_id"),
        _number("n"),
        _text("smsc"),
        _text("smsc_id"),
        _text("match_key"),
        _number("reference", needed=False),
        _text("sent_at"),
        _text("receipt_state", needed=False),
        _text("receipt_at", needed=False),
        sa.ForeignKeyConstraint(["message_id"], ["messages.message_id"]),
        sa.PrimaryKeyConstraint("message_id", "n"),
    )
    op.create_index("message_parts_by_key", "message_parts", ["match_key", "sent_at"])
    op.create_index("message_parts_by_reference", "message_parts", ["reference", "sent_at"])
    op.create_table(
        "receipts",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False),
        *(_text(name) for name in ("at", "smsc", "smsc_id")),
        _number("reference", needed=False),
        _text("about", needed=False),
        *(_text(name) for name in ("state", "error", "done_at", "outcome")),
        _text("message_id", needed=False),
        _number("n", needed=False),
        sa.PrimaryKeyConstraint("seq"),
        sqlite_autoincrement=True,
    )
    _partial("receipts_parked", "receipts", ["seq"], sa.text("outcome = 'parked'"))
    _partial("receipts_of_message", "receipts", ["message_id"], sa.text("message_id IS NOT NULL"))


def _usage_tables() -> None:
    op.create_table(
        "usage_records",
        *(_text(name) for name in ("record_id", "taken_at", "digest")),
        sa.PrimaryKeyConstraint("record_id"),
    )
    op.create_index("ix_usage_records_taken_at", "usage_records", ["taken_at"])
    op.create_table(
        "usage_counters",
        *(_text(name) for name in ("line_id", "counter", "period")),
        _great("used"),
        _text("updated_at"),
        sa.PrimaryKeyConstraint("line_id", "counter", "period"),
    )
    op.create_table(
        "crossings",
        *(_text(name) for name in ("line_id", "threshold", "period")),
        _number("percent"),
        _text("counter"),
        *(_great(name) for name in ("used", "limit")),
        *(_text(name) for name in ("record_id", "used_at", "crossed_at", "outcome")),
        *(_text(name, needed=False) for name in ("action", "message_id", "order_id")),
        sa.PrimaryKeyConstraint("line_id", "threshold", "period", "percent"),
    )
    op.create_table(
        "line_alerting",
        *(_text(name) for name in ("line_id", "body", "updated_at")),
        sa.PrimaryKeyConstraint("line_id"),
    )
    op.create_table(
        "visits",
        *(_text(name) for name in ("line_id", "country", "since", "attach_id")),
        sa.PrimaryKeyConstraint("line_id"),
    )
