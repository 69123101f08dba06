"""No statement goes through a table that grows: SQLite's own plan for each one tells which index serves it.

Statements are module constants, so all of them are found here, those to come too; those made for a choice of filters
are named below with every choice there is.
"""

from __future__ import annotations

import importlib
import itertools
import pkgutil
import re
import sqlite3
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import ModuleType
from typing import Any, Final

import pytest
from sqlalchemy import Select, UpdateBase
from sqlalchemy.dialects.sqlite.base import SQLiteDialect
from sqlalchemy.schema import CreateIndex, CreateTable

import gateway
from gateway.alerts import shown
from gateway.audit import book as audit_book
from gateway.audit import population
from gateway.batches import book as batch_book
from gateway.journal.schema import metadata
from gateway.orders import bulk_book, listing
from gateway.orders.messages import Kind, MessageState
from gateway.orders.order import OrderState
from gateway.portability import book as port_book

#: gone through whole, and why that is little
WHOLE: Final = {
    "contract_marks": "one row for each contract",
    "maintenance": "one row for each element under maintenance",
    "errands": "one row for each errand under way: whoever asked deletes it",
    "orders USING INDEX orders_unfinished": "what has no end yet",
    "messages USING INDEX messages_queued": "in the turn they are sent in, as many as asked for; or counted",
    "deadlines USING INDEX deadlines_due": "the first row only",
    "ports USING INDEX ports_open": "numbers on their way",
    "lines USING COVERING INDEX lines_by_state": "counted at the start of an audit, which reads them all anyhow",
}
#: statements that are allowed more, and why
REASONS: Final = {
    "gateway.alerts.outbox.evidence._FOUND": "never run: the beginning of two others",
    "gateway.stock.cards._CARD": "never run: the beginning of two others",
    "gateway.audit.book._LAST_NIGHTLY": "backwards to the last night's audit; one row for each audit",
}
_batches = batch_book._listing
_BOOL: Final = (False, True)


def _choices(names: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """Each but none at all: a page of everything is the end of the key it is sorted by."""
    every = tuple(names)
    return itertools.chain.from_iterable(itertools.combinations(every, n + 1) for n in range(len(every)))


def _order_lists() -> Iterator[tuple[str, Any]]:
    for names in _choices(("msisdn", "state", "action", "since", "before")):
        for state in (OrderState.COMPLETED, OrderState.FAILED):
            wanted = listing.Wanted(
                msisdn="+" if "msisdn" in names else None,
                state=state if "state" in names else None,
                action="suspend" if "action" in names else None,
            )
            yield f"orders by {names}", listing.listing(names, wanted.leads)


def _message_lists() -> Iterator[tuple[str, Any]]:
    for names in _choices(("msisdn", "state", "kind", "since", "before")):
        for state in (MessageState.SENT, MessageState.PARKED):
            wanted = shown.Wanted(
                msisdn="+" if "msisdn" in names else None,
                state=state if "state" in names else None,
                kind=Kind.ALERT if "kind" in names else None,
            )
            yield f"messages by {names}", shown.listing(names, wanted.leads)


def _others() -> Iterator[tuple[str, Any]]:
    for names in _choices(("msisdn", "direction", "state", "made_before")):
        yield f"ports by {names}", port_book.listing(names)
    for names in _choices(("state", "before")):
        yield f"bulk orders by {names}", bulk_book.listing(names)
        yield f"batches by {names}", _batches(names)
    for by_kind in _BOOL:
        yield f"findings {by_kind}", audit_book.findings_listed(by_kind=by_kind)
    for shape in itertools.product(_BOOL, _BOOL, (None, 1, 2)):
        yield f"lines {shape}", population.page(*shape)
        yield f"count of lines {shape}", population.count(*shape)
    yield "a port's columns", port_book.setting(("state",))
    yield "a port's order of the day", port_book.placing_once()


#: every function that makes a statement
MADE: Final[Mapping[Callable[..., Any], Callable[[], Iterator[tuple[str, Any]]]]] = {
    listing.listing: _order_lists,
    shown.listing: _message_lists,
    **dict.fromkeys(
        (
            port_book.listing,
            port_book.setting,
            port_book.placing_once,
            bulk_book.listing,
            _batches,
            audit_book.findings_listed,
            population.page,
            population.count,
        ),
        _others,
    ),
}


def _modules() -> list[ModuleType]:
    for found in pkgutil.walk_packages(gateway.__path__, "gateway."):
        if not found.name.endswith("__main__") and ".migrations" not in found.name:
            importlib.import_module(found.name)
    return [module for name, module in sorted(sys.modules.items()) if name.startswith("gateway.")]


def _within(name: str, value: object) -> Iterator[tuple[str, Any]]:
    match value:
        case Select() | UpdateBase():
            yield name, value
        case dict():
            for key, one in value.items():
                yield from _within(f"{name}[{key}]", one)
        case list() | tuple():
            for n, one in enumerate(value):
                yield from _within(f"{name}[{n}]", one)
        case _:
            return


def _constants() -> Iterator[tuple[str, Any]]:
    seen: set[int] = set()
    for module in _modules():
        for name, value in sorted(vars(module).items()):
            for where, statement in _within(f"{module.__name__}.{name}", value):
                if id(statement) not in seen:
                    seen.add(id(statement))
                    yield where, statement


@pytest.fixture(scope="module")
def database() -> Iterator[sqlite3.Connection]:
    _modules()  # every table is known
    made = sqlite3.connect(":memory:")
    for table in metadata.sorted_tables:
        made.execute(str(CreateTable(table).compile(dialect=SQLiteDialect())))
        for index in table.indexes:
            made.execute(str(CreateIndex(index).compile(dialect=SQLiteDialect())))
    yield made
    made.close()


def _walked(database: sqlite3.Connection, statement: Any) -> list[str]:  # noqa: ANN401 - of any columns
    """Return what a statement goes through whole, as ``table`` or ``table USING INDEX name``."""
    compiled = statement.compile(dialect=SQLiteDialect(paramstyle="named"))
    plan = database.execute(f"EXPLAIN QUERY PLAN {compiled}", dict.fromkeys(compiled.binds, 1)).fetchall()
    walks = (re.match(r"SCAN (\w+)(.*)", row[3]) for row in plan)
    return [walk[0].removeprefix("SCAN ") for walk in walks if walk is not None and walk[1] in metadata.tables]


def test_no_statement_goes_through_a_table_that_grows(database: sqlite3.Connection) -> None:
    made = itertools.chain.from_iterable(make() for make in set(MADE.values()))
    statements = [*_constants(), *made]
    assert len(statements) > 200
    slow = {
        name: walks
        for name, statement in statements
        if name not in REASONS and (walks := [w for w in _walked(database, statement) if _grows(w)])
    }
    assert slow == {}


def test_what_was_excused_still_needs_it(database: sqlite3.Connection) -> None:
    known = dict(_constants())
    assert {name for name in REASONS if not _walked(database, known[name])} == set()


def test_every_maker_of_statements_is_looked_at() -> None:
    makers = {
        value
        for module in _modules()
        for value in vars(module).values()
        if hasattr(value, "cache_info") and re.search(r"Select|Update|Insert", _returns(value))
    }
    assert {f"{maker.__module__}.{maker.__name__}" for maker in makers - set(MADE)} == set()


def test_a_list_that_forgets_to_say_it_is_one_is_found(database: sqlite3.Connection) -> None:
    orders = metadata.tables["orders"]
    assert _walked(database, Select(orders).where(orders.c.msisdn == "+33600000000")) == ["orders"]


def _returns(maker: Any) -> str:  # noqa: ANN401 - of any arguments
    return str(getattr(maker, "__annotations__", {}).get("return", ""))


def _grows(walk: str) -> bool:
    table = walk.split(" ", 1)[0]
    return not {walk, table} & set(WHOLE)
