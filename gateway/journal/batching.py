"""The tables of batches: files of orders, what every row of them says, and what has become of it."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Table, Text, literal_column, text

from gateway.journal.schema import LATER, metadata, orders

_SEQ = BigInteger().with_variant(Integer, "sqlite")
_NONE = text("0")

batches = Table(
    "batches",
    metadata,
    Column("seq", _SEQ, primary_key=True),  # the order of their coming, in which they are worked on
    Column("batch_id", Text, nullable=False, unique=True),
    Column("format", Text, nullable=False),  # ndjson csv
    Column("state", Text, nullable=False),  # a word of gateway.batches.states.BatchState
    Column("start", Text, nullable=False),  # auto manual
    Column("validate_only", Integer, nullable=False),
    Column("requested_by", Text),  # who sent the file, as JSON: asks for every row that names nobody
    Column("channels", Text),  # those the sender may speak for, as JSON; empty: any
    Column("client", Text),  # who sent it, by the name of its token; empty: the administrator
    Column("created_at", Text, nullable=False),
    Column("received", BigInteger, nullable=False, server_default=_NONE, info=LATER),  # bytes durably taken
    Column("complete", Integer, nullable=False, server_default=_NONE, info=LATER),
    Column("header", Text, info=LATER),  # of a CSV: its first line
    Column("lines", Integer, nullable=False, server_default=_NONE, info=LATER),  # of the file, blank ones too
    Column("total", Integer, nullable=False, server_default=_NONE, info=LATER),  # rows taken
    Column("valid", Integer, nullable=False, server_default=_NONE, info=LATER),
    Column("problems", Integer, nullable=False, server_default=_NONE, info=LATER),
    Column("placed", Integer, nullable=False, server_default=_NONE, info=LATER),
    Column("refused", Integer, nullable=False, server_default=_NONE, info=LATER),
    Column("detail", Text, info=LATER),  # why it failed
    Column("approved_by", Text, info=LATER),  # the second person, as JSON
    Column("approved_at", Text, info=LATER),
    Column("validated_at", Text, info=LATER),
    Column("started_at", Text, info=LATER),
    Column("ended_at", Text, info=LATER),
    Index("batches_by_state", "state", "seq"),
    sqlite_autoincrement=True,
)
#: written out, as in NOT_ENDED: small whatever the number of batches ever taken
AT_WORK = batches.c.state.in_([literal_column("'validating'"), literal_column("'running'")])
Index("batches_at_work", batches.c.seq, sqlite_where=AT_WORK, postgresql_where=AT_WORK)

batch_rows = Table(
    "batch_rows",
    metadata,
    Column("batch_id", Text, ForeignKey("batches.batch_id"), primary_key=True),
    Column("n", Integer, primary_key=True),  # the line of the file, from 1
    Column("text", Text, nullable=False),  # as it was sent; empty: it was no UTF-8
    Column("state", Text, nullable=False),  # received valid problem placed refused
    Column("external_id", Text, info=LATER),
    Column("line", Text, info=LATER),  # as the row names it, as JSON
    Column("after_n", Integer, info=LATER),  # the row of this file it was judged after
    Column("asker", Text, info=LATER),  # who asks for what needs a second person, folded
    Column("order_id", Text, info=LATER),
    Column("problem", Text, info=LATER),
)
RECEIVED = batch_rows.c.state == literal_column("'received'")
VALID = batch_rows.c.state == literal_column("'valid'")
WRONG = batch_rows.c.problem.is_not(None)
ASKED = batch_rows.c.asker.is_not(None)
_IN_TURN = (batch_rows.c.batch_id, batch_rows.c.n)
Index("batch_rows_received", *_IN_TURN, sqlite_where=RECEIVED, postgresql_where=RECEIVED)
Index("batch_rows_valid", *_IN_TURN, sqlite_where=VALID, postgresql_where=VALID)
Index("batch_rows_wrong", *_IN_TURN, sqlite_where=WRONG, postgresql_where=WRONG)
Index("batch_rows_asked", batch_rows.c.batch_id, batch_rows.c.asker, sqlite_where=ASKED, postgresql_where=ASKED)

batch_names = Table(
    "batch_names",
    metadata,
    Column("batch_id", Text, ForeignKey("batches.batch_id"), primary_key=True),
    Column("name", Text, primary_key=True),  # "external_id X", "line <id>", "msisdn +33…", "iccid 89…"
    Column("n", Integer, primary_key=True),  # the row that is about it
    Column("takes", Integer, nullable=False),  # 1: the row takes this number or SIM for its line
    Column("whose", Text),  # that line, by the one name all rows about it have in common
)

batch_problems = Table(
    "batch_problems",
    metadata,
    Column("batch_id", Text, ForeignKey("batches.batch_id"), primary_key=True),
    Column("type", Text, primary_key=True),
    Column("count", Integer, nullable=False, server_default=_NONE, info=LATER),
)

#: an order system's own number is looked for among all orders ever taken, see archived too
NAMED = orders.c.external_id.is_not(None)
Index("orders_by_external_id", orders.c.external_id, sqlite_where=NAMED, postgresql_where=NAMED)
