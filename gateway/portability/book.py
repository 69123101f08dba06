"""The ports table: reading files, and writing what became of one."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, Update, and_, bindparam, exists, func, literal_column, or_, select, tuple_

from gateway.journal.journal import Journal, Row, Unit
from gateway.journal.listed import PORTS_LISTED
from gateway.journal.porting import OPEN, port_marks, ports
from gateway.journal.schema import insert_if_absent, lines, row_by, update_row

YES = "yes"
IN, OUT = "in", "out"

_BY_REFERENCE = row_by(ports, "reference")
_BY_FILE = row_by(ports, "file")
_LEAVING = row_by(ports, "msisdn").where(OPEN, ports.c.direction == OUT, ports.c.file.is_(None))
_COUNTS = (
    select(ports.c.direction, ports.c.state, func.count().label("count"))
    .where(OPEN)
    .group_by(ports.c.direction, ports.c.state)
)
_NEW = insert_if_absent(ports)
_MARK = row_by(port_marks, "element")
_NEW_MARK = insert_if_absent(port_marks)
_SET_MARK = update_row(port_marks, "element", "taken_in")

_OPEN = select(ports).where(OPEN, ports.c.stuck.is_(None)).order_by(ports.c.reference)
_WANTED, _DROPPED = ports.c.dropped.is_(None), ports.c.dropped.is_not(None)
_NOT_YET, _SWITCHED = ports.c.switched_at.is_(None), ports.c.switched_at.is_not(None)
_COMES = ports.c.direction == IN
_LEAVES = and_(ports.c.direction == OUT, ports.c.file.is_not(None))


def _in_state(*states: str) -> ColumnElement[bool]:
    return or_(*(ports.c.state == state for state in states))


_BEFORE_RELEASE = _in_state("requested", "accepted")
_DUE = ports.c.on_at <= bindparam("now")

#: something may have to be said; what, ``words.next_word`` tells
TO_SAY = _OPEN.where(
    or_(
        and_(_COMES, ports.c.state == "new"),
        and_(_COMES, _BEFORE_RELEASE, or_(_DROPPED, ports.c.on_at != ports.c.told_on)),
        and_(_COMES, _SWITCHED, ports.c.state == "released"),
        and_(_LEAVES, ports.c.answer.is_not(None), _in_state("new", "requested")),
        and_(_LEAVES, _SWITCHED, ports.c.state == "accepted"),
    )
)
#: an activation never came to its end, and took its line along
ORPHANS = _OPEN.where(
    _COMES, _WANTED, _NOT_YET, ~exists(select(lines.c.line_id).where(lines.c.line_id == ports.c.line_id))
)
#: the donor has let go, and the number is not in service yet
RELEASED = _OPEN.where(_COMES, _WANTED, _NOT_YET, ports.c.state == "released")
#: it came to nothing, and the day is there on which its line is opened with another number
RENUMBERED = select(ports).where(OPEN, _COMES, _DROPPED, ports.c.waits == 1, _DUE).order_by(ports.c.reference)
#: the donor has let go of a number that nobody here wants any more
LOST = _OPEN.where(_COMES, _DROPPED, _NOT_YET, ports.c.state == "released")
#: the day is there on which a number of ours leaves
LEAVING = _OPEN.where(
    ports.c.direction == OUT, _WANTED, _NOT_YET, ports.c.answer == YES, _DUE, _in_state("new", "accepted")
)
#: whether a number may leave is being judged
JUDGED = _OPEN.where(_LEAVES, ports.c.answer.is_(None))
#: the number is in service, and how long it was not is not told yet
ARRIVED = _OPEN.where(_COMES, _SWITCHED, ports.c.released_at.is_not(None), ports.c.outage_s.is_(None))


async def select_rows(journal: Journal, statement: Select[tuple[object, ...]], **values: object) -> Sequence[Row]:
    """Return what one of the statements above finds."""
    return await journal.rows(statement, **values)


async def port(journal: Journal, reference: str) -> Row | None:
    """Return one port."""
    rows = await journal.rows(_BY_REFERENCE, reference=reference)
    return rows[0] if rows else None


async def of_file(journal: Journal, file: str) -> Row | None:
    """Return the port that the clearing house knows by that reference."""
    rows = await journal.rows(_BY_FILE, file=file)
    return rows[0] if rows else None


async def leaving(journal: Journal, msisdn: str) -> Row | None:
    """Return the port by which a number of ours leaves, if the clearing house has not told of it yet."""
    rows = await journal.rows(_LEAVING, msisdn=msisdn)
    return rows[0] if rows else None


async def counts(journal: Journal) -> Sequence[Row]:
    """Return how many ports have no end yet, by direction and state."""
    return await journal.rows(_COUNTS)


async def mark(journal: Journal, element: str) -> int:
    """Return the last change of an element's files that was taken in."""
    rows = await journal.rows(_MARK, element=element)
    return int(rows[0]["taken_in"]) if rows else 0


def set_mark(unit: Unit, element: str, seq: int) -> None:
    """Remember how far an element's files were taken in."""
    unit.add(_NEW_MARK, element=element, taken_in=seq)
    unit.add(_SET_MARK, where_element=element, taken_in=seq)


def add(unit: Unit, **values: object) -> None:
    """Write a new port, unless it is there."""
    unit.add(_NEW, **values)


def put(unit: Unit, reference: str, /, **values: object) -> None:
    """Change a port."""
    unit.add(setting(tuple(values)), where_reference=reference, **values)


def place_once(unit: Unit, reference: str, order_id: str) -> None:
    """Remember the order of the day; the unit conflicts ("port") when there is one already."""
    unit.add(placing_once(), "port", where_reference=reference, day_order=order_id)


@functools.cache
def setting(names: tuple[str, ...]) -> Update:
    """The statement that writes these columns of one port."""
    return update_row(ports, "reference", *names)


@functools.cache
def placing_once() -> Update:
    """The statement that writes the order of the day, if there is none."""
    return update_row(ports, "reference", "day_order").where(ports.c.day_order.is_(None))


@functools.cache
def listing(names: tuple[str, ...]) -> Select[tuple[object, ...]]:
    """The statement for one choice of filters."""
    conditions = {
        "msisdn": ports.c.msisdn == bindparam("msisdn"),
        "state": _plain("state", served="msisdn" not in names) == bindparam("state"),
        "direction": _plain("direction", served=not {"msisdn", "state"} & {*names}) == bindparam("direction"),
        "made_before": tuple_(ports.c.made_at, ports.c.reference)
        < tuple_(bindparam("made_before"), bindparam("reference_before")),
    }
    chosen = select(ports).where(PORTS_LISTED, *(conditions[name] for name in names if name in conditions))
    return chosen.order_by(ports.c.made_at.desc(), ports.c.reference.desc()).limit(bindparam("most"))


def _plain(name: str, *, served: bool) -> ColumnElement[str]:
    """A column, said so that its index serves it, or does not: the rarest thing asked for leads."""
    column: ColumnElement[str] = ports.c[name]
    return column if served else column.concat(literal_column("''"))


async def listed(journal: Journal, most: int, **wanted: str | None) -> Sequence[Row]:
    """Return ports, newest first; ``wanted``: msisdn, state, direction, made_before with reference_before."""
    given = {name: value for name, value in wanted.items() if value is not None}
    return await journal.rows(listing(tuple(given)), most=most, **given)


def moment(written: str | None) -> datetime | None:
    """Read a time that may be absent."""
    return None if written is None else datetime.fromisoformat(written)
