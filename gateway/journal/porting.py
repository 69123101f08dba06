"""The table of numbers that come and go: what we want of each, what the clearing house has told, and when."""

from __future__ import annotations

from sqlalchemy import Column, Float, Index, Integer, Table, Text

from gateway.journal.schema import LATER, SEQUENCE, metadata

ports = Table(
    "ports",
    metadata,
    Column("reference", Text, primary_key=True),  # the order that began it, or the clearing house's file
    Column("file", Text),  # the clearing house's reference: the same, until a port-out of ours is joined to its file
    Column("direction", Text, nullable=False),  # in out
    Column("msisdn", Text, nullable=False),
    Column("rio", Text, nullable=False),
    Column("line_id", Text),
    Column("order_id", Text),  # what began it
    Column("contract", Text),
    Column("donor", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("mandate", Text),
    Column("asked_on", Text, nullable=False),  # as it was first said: a request is repeated word for word
    Column("on_at", Text, nullable=False),  # as it is wished now
    Column("day", Text, nullable=False),
    Column("state", Text, nullable=False),  # new, a word of PortState, or failed
    Column("answer", Text),  # to whoever takes a number of ours: yes, or the code of a no
    Column("waits", Integer, nullable=False),  # an activation waits for it
    Column("made_at", Text, nullable=False),
    Column("told_on", Text, info=LATER),  # the moment the clearing house knows
    Column("dropped", Text, info=LATER),  # why it is not wanted any more
    Column("day_order", Text, info=LATER),  # the order of the day itself
    Column("switched_at", Text, info=LATER),  # stored: the number is in service here, or out of it
    Column("released_at", Text, info=LATER),
    Column("confirmed_at", Text, info=LATER),
    Column("outage_s", Float, info=LATER),
    Column("within_promise", Integer, info=LATER),
    Column("reason", Text, info=LATER),
    Column("stuck", Text, info=LATER),  # what a human must look at
    Column("ended_at", Text, info=LATER),
    Index("ports_by_msisdn", "msisdn"),
    Index("ports_by_file", "file"),
    Index("ports_by_birth", "made_at", "reference"),
)
#: small whatever the number of ports there ever were
OPEN = ports.c.ended_at.is_(None)
Index("ports_open", ports.c.reference, sqlite_where=OPEN, postgresql_where=OPEN)

port_marks = Table(
    "port_marks",
    metadata,
    Column("element", Text, primary_key=True),
    Column("taken_in", SEQUENCE, nullable=False),  # seq of the last change of its files that was taken in
)
