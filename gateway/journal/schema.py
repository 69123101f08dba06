"""The tables, and the shapes of write they all need.

Times are text in RFC 3339 with offset, so that they sort and every database holds them alike.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Insert,
    Integer,
    LargeBinary,
    MetaData,
    Select,
    Table,
    Text,
    Update,
    and_,
    bindparam,
    exists,
    insert,
    literal_column,
    or_,
    select,
    text,
    update,
)

metadata = MetaData()

#: the order in which rows were made; a shared database may live to see more of them than an integer can count
SEQUENCE: Final = BigInteger().with_variant(Integer, "sqlite")

#: a column of which nothing is known when its row is made: only statements that name it write it
LATER: Final = {"later": True}

lines = Table(
    "lines",
    metadata,
    Column("line_id", Text, primary_key=True),  # sorts by birth: the newest line of a number is its line
    Column("msisdn", Text, nullable=False),
    Column("imsi", Text, nullable=False),
    Column("iccid", Text, nullable=False),
    Column("contract", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("body", Text, nullable=False),  # the Line, whole, as JSON
    Column("updated_at", Text, nullable=False),
    Column("customer", Text),  # the order system's own name for whose line it is
    *(Index(f"lines_by_{name}", name, "line_id") for name in ("msisdn", "imsi", "iccid")),
)

#: most lines name nobody
_SOMEBODYS = lines.c.customer.is_not(None)
Index("lines_of_customer", lines.c.customer, sqlite_where=_SOMEBODYS, postgresql_where=_SOMEBODYS)

deadlines = Table(
    "deadlines",
    metadata,
    Column("line_id", Text, primary_key=True),
    Column("name", Text, primary_key=True),  # as gateway.contract.deadlines has it; all else is asked of the line
    Column("due_at", Text, nullable=False),
    Column("proposed_at", Text),  # attended to: ordered, or told to humans, who decide
)
#: those nobody has attended to
_OPEN = deadlines.c.proposed_at.is_(None)
_IN_TIME = (deadlines.c.due_at, deadlines.c.line_id, deadlines.c.name)
Index("deadlines_due", *_IN_TIME, sqlite_where=_OPEN, postgresql_where=_OPEN)
Index("deadlines_by_time", *_IN_TIME)

contract_marks = Table(
    "contract_marks",
    metadata,
    Column("contract", Text, primary_key=True),
    Column("mark", Text, nullable=False),  # a digest of what its lines' deadlines were last derived from
)

orders = Table(
    "orders",
    metadata,
    Column("seq", SEQUENCE, primary_key=True),  # the order of acceptance
    Column("order_id", Text, nullable=False, unique=True),
    Column("external_id", Text),
    Column("line_id", Text, nullable=False),
    Column("msisdn", Text, nullable=False),  # the line's number when the order was accepted
    Column("action", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("lane", Integer, nullable=False),
    Column("host", Text, nullable=False),
    Column("body", Text, nullable=False),  # as it was asked: details, requested_by, note
    Column("due_at", Text),
    Column("accepted_at", Text, nullable=False),
    Column("stored_at", Text),
    Column("effective_at", Text),
    Column("effective", Text),
    Column("error", Text),
    Column("waiting_for", Text),
    Column("expected_at", Text),  # when what it waits for should be over, if anybody knows
    Column("plan", Text),  # the line to be and the steps to it, fixed before the first command is sent
    Column("undoing", Integer, nullable=False, server_default=text("0")),
    Column("shard", Integer, nullable=False, server_default=text("0")),  # of the line, see gateway.journal.shards
    Index("orders_of_line", "line_id", "seq"),
    sqlite_autoincrement=True,
)

#: written out, not bound: a partial index serves only conditions that are literally its own
NOT_ENDED = orders.c.state.in_(
    [literal_column(f"'{state}'") for state in ("acknowledged", "pending", "held", "in_progress", "partial")]
)
#: small whatever the number of orders ever taken: the ended ones are not in it
Index("orders_unfinished", orders.c.seq, sqlite_where=NOT_ENDED, postgresql_where=NOT_ENDED)
#: those that have reached the network; without a date of their own, in the turn they wait for; with one, by it
STARTED = and_(NOT_ENDED, orders.c.plan.is_not(None))
READY = and_(NOT_ENDED, orders.c.due_at.is_(None))
COMING = and_(NOT_ENDED, orders.c.due_at.is_not(None))
_TURN = (orders.c.host, orders.c.lane, orders.c.seq)
Index("orders_ready", *_TURN, sqlite_where=READY, postgresql_where=READY)
Index("orders_started", orders.c.seq, sqlite_where=STARTED, postgresql_where=STARTED)
Index("orders_coming", orders.c.host, orders.c.due_at, orders.c.seq, sqlite_where=COMING, postgresql_where=COMING)

steps = Table(
    "steps",
    metadata,
    Column("order_id", Text, ForeignKey("orders.order_id"), primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("element", Text, nullable=False),
    Column("command", Text, nullable=False),  # as sent, secrets masked
    Column("outcome", Text, nullable=False),  # planned done already_so refused undone
    Column("code", Text),
    Column("text", Text),
    Column("at", Text),
)

events = Table(
    "events",
    metadata,
    Column("seq", SEQUENCE, primary_key=True),
    Column("at", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("line_id", Text, index=True),
    Column("order_id", Text),
    Column("data", Text, nullable=False),
    Column("iccid", Text, info=LATER),  # the card it is about, where it is about one
    sqlite_autoincrement=True,
)

#: events of orders, by far the most, are not in it
_ABOUT_A_CARD = events.c.iccid.is_not(None)
Index("events_of_card", events.c.iccid, events.c.seq, sqlite_where=_ABOUT_A_CARD, postgresql_where=_ABOUT_A_CARD)

idempotency = Table(
    "idempotency",
    metadata,
    Column("key", Text, primary_key=True),
    Column("payload_hash", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("at", Text, nullable=False, index=True),
)

sims = Table(
    "sims",
    metadata,
    Column("iccid", Text, primary_key=True),
    Column("imsi", Text, nullable=False, unique=True),
    Column("state", Text, nullable=False),
    Column("line_id", Text),
    Column("order_id", Text),  # who reserved it
    Column("customer", Text, nullable=False),
    Column("batch", Text, nullable=False),
    Column("profile", Text, nullable=False),
    Column("imported_at", Text, nullable=False),
    *(
        Column(name, LargeBinary) for name in ("ki", "opc", "pin1", "puk1", "pin2", "puk2", "adm1")
    ),  # sealed by the vault
    Column("card", Text, info=LATER),  # what stations told of the card itself: personalised pin_blocked dead
    Column("card_at", Text, info=LATER),
    Column("card_by", Text, info=LATER),  # station/operator
    Column("adm1_refused_at", Text, info=LATER),  # the card does not take the ADM1 kept here
)

#: few cards, and few numbers, are reserved at any time
_RESERVED = sims.c.order_id.is_not(None)
Index("sims_reserved", sims.c.order_id, sqlite_where=_RESERVED, postgresql_where=_RESERVED)

card_reports = Table(
    "card_reports",
    metadata,
    Column("key", Text, primary_key=True),  # ICCID/id: what a station tells twice is taken once
    Column("told", Text, nullable=False),
    Column("taken_at", Text, nullable=False),
)

numbers = Table(
    "numbers",
    metadata,
    Column("msisdn", Text, primary_key=True),
    Column("state", Text, nullable=False),  # reserved assigned quarantine free ported_out
    Column("line_id", Text),
    Column("order_id", Text),
    Column("free_at", Text),
)
_KEPT = numbers.c.order_id.is_not(None)
Index("numbers_reserved", numbers.c.order_id, sqlite_where=_KEPT, postgresql_where=_KEPT)

maintenance = Table(
    "maintenance",
    metadata,
    Column("element", Text, primary_key=True),  # opened by hand; the planned ones are configuration
    Column("since", Text, nullable=False),
    Column("until", Text),
    Column("why", Text, nullable=False),
    Column("who", Text, nullable=False),
)

audits = Table(
    "audits",
    metadata,
    Column("seq", SEQUENCE, primary_key=True),
    Column("audit_id", Text, nullable=False, unique=True),
    Column("state", Text, nullable=False),  # running completed cancelled failed
    Column("policy", Text, nullable=False),  # report repair adopt
    Column("asked", Text, nullable=False),  # which lines, by whom
    Column("total", Integer, nullable=False),
    Column("done", Integer, nullable=False),
    Column("place", Text, nullable=False),  # how far it has come: where it goes on after a stop
    Column("counts", Text, nullable=False),  # by kind of finding
    Column("detail", Text),
    Column("started_at", Text, nullable=False),
    Column("ended_at", Text, index=True),
    Index("audits_by_state", "state", "seq"),
    sqlite_autoincrement=True,
)

findings = Table(
    "findings",
    metadata,
    Column("audit_id", Text, ForeignKey("audits.audit_id"), primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("kind", Text, nullable=False),  # missing extra different in_flight unreadable
    Column("element", Text, nullable=False),
    Column("imsi", Text, nullable=False),
    Column("msisdn", Text),
    Column("line_id", Text),
    Column("differences", Text, nullable=False),
    Column("outcome", Text, nullable=False),  # due reported repairing adopting left
    Column("detail", Text),
    Column("order_id", Text),
    Column("at", Text, nullable=False),
    *(Index(f"findings_by_{name}", "audit_id", name, "n") for name in ("kind", "outcome")),
)


def insert_row(table: Table, *empty: str) -> Insert:
    """Insert one row with every column given by its name, but for the sequence and those that begin empty."""
    return insert(table).values({c.name: bindparam(c.name) for c in _at_birth(table) if c.name not in empty})


def insert_if_absent(table: Table, *also_unique: str) -> Insert:
    """Insert one row unless one with its primary key, or one of these columns' values, is there.

    Several writers at once need more than the condition: a shared database is told by the option ``if_absent``.
    """
    columns = _at_birth(table)
    key = and_(*(_same(column) for column in table.primary_key.columns))
    absent = ~exists(
        select(literal_column("1")).select_from(table).where(or_(key, *(_same(table.c[n]) for n in also_unique)))
    )
    row = select(*(bindparam(c.name, type_=c.type) for c in columns)).where(absent)
    return insert(table).from_select([c.name for c in columns], row).execution_options(if_absent=True)


def _same(column: Column[Any]) -> ColumnElement[bool]:
    """A column equals the value given by its name."""
    return column == bindparam(column.name, type_=column.type)


def update_row(table: Table, by: str, *names: str) -> Update:
    """Set the named columns where column ``by`` equals the value given as ``where_<by>``."""
    return (
        update(table).where(table.c[by] == bindparam(f"where_{by}")).values({name: bindparam(name) for name in names})
    )


def row_by(table: Table, by: str) -> Select[Any]:
    """Select the rows whose column equals the value given by its name."""
    return select(table).where(table.c[by] == bindparam(by))


def _at_birth(table: Table) -> list[Column[Any]]:
    """List what is written when a row is made."""
    return [c for c in table.c if c.name != "seq" and "later" not in c.info]
