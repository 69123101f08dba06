"""The tables of short messages: what is to be sent, its parts as an SMSC took them, and every receipt, as evidence."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text, and_, literal_column

from gateway.journal.schema import LATER, SEQUENCE, metadata

messages = Table(
    "messages",
    metadata,
    Column("message_id", Text, primary_key=True),  # sorts by birth
    Column("order_id", Text, index=True),
    Column("msisdn", Text, nullable=False),
    Column("sender", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("state", Text, nullable=False),  # a word of gateway.orders.messages.MessageState
    Column("smsc_id", Text, info=LATER),  # of its first part, as the SMSC wrote it
    Column("detail", Text),
    Column("created_at", Text, nullable=False),
    Column("sent_at", Text, info=LATER),
    Column("kind", Text, nullable=False, server_default="confirmation"),
    Column("line_id", Text),
    Column("template", Text),
    Column("language", Text),
    Column("priority", Integer, nullable=False, server_default="1"),  # lower goes first
    Column("on_doubt", Text, nullable=False, server_default="hold"),  # hold resend
    Column("expires_at", Text),  # nothing is submitted after it; what is left of it is the validity period
    Column("not_before", Text),
    Column("alert_key", Text),  # line|counter|period|percent: sent once, whatever is replayed
    Column("series", Text),  # line|counter|period: a newer one withdraws the older ones
    Column("rank", Integer),  # percent
    Column("customer", Text),  # whose application asked: paced for each
    Column("external_id", Text),
    Column("tries", Integer, nullable=False, server_default="0", info=LATER),
    Column(
        "doubtful", Integer, nullable=False, server_default="0", info=LATER
    ),  # times it may have gone out unheard of
    Column("segments", Integer, info=LATER),
    Column("reference", Integer, info=LATER),  # user_message_reference of its last submission
    Column("smsc", Text, info=LATER),
    Column("receipt_state", Text, info=LATER),  # the worst of its parts, once all are known
    Column("receipt_at", Text, info=LATER),
    Index("messages_waiting", "state", "created_at"),
)

_KEYED = messages.c.alert_key.is_not(None)
Index("messages_by_alert", messages.c.alert_key, unique=True, sqlite_where=_KEYED, postgresql_where=_KEYED)
_OF_SERIES = messages.c.series.is_not(None)
Index("messages_of_series", messages.c.series, messages.c.rank, sqlite_where=_OF_SERIES, postgresql_where=_OF_SERIES)
#: written out, as in NOT_ENDED
QUEUED = messages.c.state == literal_column("'queued'")
#: said so that no index on the state alone can serve it: SQLite would prefer that one, and sort the whole queue
_WAITS = messages.c.state + literal_column("''") == literal_column("'queued'")
#: what waits for its time lies in an index of its own: it must not be walked through to find what can go now
DUE_NOW = and_(_WAITS, messages.c.not_before.is_(None))
DUE_LATER = and_(_WAITS, messages.c.not_before.is_not(None))
EXPIRING = and_(_WAITS, messages.c.expires_at.is_not(None))
Index("messages_queued", messages.c.priority, messages.c.message_id, sqlite_where=DUE_NOW, postgresql_where=DUE_NOW)
Index("messages_later", messages.c.not_before, messages.c.msisdn, sqlite_where=DUE_LATER, postgresql_where=DUE_LATER)
Index("messages_expiring", messages.c.expires_at, sqlite_where=EXPIRING, postgresql_where=EXPIRING)

message_parts = Table(
    "message_parts",
    metadata,
    Column("message_id", Text, ForeignKey("messages.message_id"), primary_key=True),
    Column("n", Integer, primary_key=True),  # counts from 1
    Column("smsc", Text, nullable=False),
    Column("smsc_id", Text, nullable=False),  # raw: never changed
    Column("match_key", Text, nullable=False),  # canonical form of it, what receipts are looked up by
    Column("reference", Integer),
    Column("sent_at", Text, nullable=False),
    Column("receipt_state", Text, info=LATER),
    Column("receipt_at", Text, info=LATER),
    Index("message_parts_by_key", "match_key", "sent_at"),
    Index("message_parts_by_reference", "reference", "sent_at"),
)

receipts = Table(
    "receipts",
    metadata,
    Column("seq", SEQUENCE, primary_key=True),
    Column("at", Text, nullable=False),
    Column("smsc", Text, nullable=False),
    Column("smsc_id", Text, nullable=False),  # raw: never changed
    Column("reference", Integer),
    Column("about", Text),
    Column("state", Text, nullable=False),
    Column("error", Text, nullable=False),
    Column("done_at", Text, nullable=False),
    Column("outcome", Text, nullable=False),  # parked matched repeated orphan
    Column("message_id", Text),
    Column("n", Integer),
    sqlite_autoincrement=True,
)
_PARKED = receipts.c.outcome == literal_column("'parked'")
Index("receipts_parked", receipts.c.seq, sqlite_where=_PARKED, postgresql_where=_PARKED)
_ABOUT_A_MESSAGE = receipts.c.message_id.is_not(None)
Index("receipts_of_message", receipts.c.message_id, sqlite_where=_ABOUT_A_MESSAGE, postgresql_where=_ABOUT_A_MESSAGE)
