"""The tables of handsets that are to be kept out of the network, and of what each register has confirmed."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text, literal_column

from gateway.journal.schema import LATER, metadata

handsets = Table(
    "handsets",
    metadata,
    Column("handset", Text, primary_key=True),  # TAC and serial number, 14 digits: what tells handsets apart
    Column("imei", Text, nullable=False),  # as it was last named
    Column("blocked", Integer, nullable=False),  # what is wished: 1 blocked, 0 let in
    Column("version", Integer, nullable=False),  # of the wish: what is confirmed of an older one is out of date
    Column("reason", Text),
    Column("reference", Text),
    Column("requested_by", Text, nullable=False),
    Column("asked_at", Text, nullable=False),
)

handset_wishes = Table(
    "handset_wishes",
    metadata,
    Column("handset", Text, ForeignKey("handsets.handset"), primary_key=True),
    Column("element", Text, primary_key=True),
    Column("state", Text, nullable=False),  # open confirmed refused
    Column("version", Integer, nullable=False),
    Column("code", Text, info=LATER),  # the register's own
    Column("text", Text, info=LATER),
    Column("at", Text, info=LATER),  # when it confirmed, as read back, or refused
)
#: written out, as in NOT_ENDED
OPEN = handset_wishes.c.state == literal_column("'open'")
Index("handset_wishes_open", handset_wishes.c.element, sqlite_where=OPEN, postgresql_where=OPEN)
