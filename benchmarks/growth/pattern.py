"""What one line leaves in the journal, taken from a real one and repeated for as many as are wished.

A gateway opens one line and takes one order that is due in years; whatever rows name the line, its SIM or the orders
are patterns then, whichever tables and columns there are. All else it wrote (how contracts were last read) is kept.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import cards
from benchmarks.growth.model_line import lived
from benchmarks.quick_network import HOST
from gateway.journal.schema import metadata
from gateway.journal.shards import shard_of

MODEL = 99_999_999  #: the line the patterns are taken from: no other has its names
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    """Rows of one table: its columns, and for each row either values or texts with names left open."""

    table: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    def filled(self, names: Mapping[str, Any]) -> Iterator[Row]:
        """Return the rows of one line."""
        for row in self.rows:
            yield tuple(
                names[v.name] if isinstance(v, _Open) else v % names if isinstance(v, _Text) else v for v in row
            )


@dataclass(frozen=True, slots=True)
class Patterns:
    """``line``: of a line with its history; ``coming``: of an order it waits for; ``fixed``: of nobody."""

    line: tuple[Pattern, ...]
    coming: tuple[Pattern, ...]
    fixed: tuple[Pattern, ...]


class _Text(str):
    """A text with names left open, as ``%(msisdn)s``."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class _Open:
    """A value that is a name's own, not a text with it in."""

    name: str


def names(number: int) -> dict[str, Any]:
    """Return everything that is a line's own."""
    line_id = f"{number:032x}"
    return {
        "line_id": line_id,
        "order_id": f"{number:012x}{'0' * 20}",
        "coming_id": f"{number:012x}{'c' * 20}",
        "msisdn": cards.msisdn(number),
        "imsi": cards.imsi(HOST, number),
        "iccid": cards.iccid(HOST, number),
        "shard": shard_of(line_id),
    }


def take(directory: Path) -> Patterns:
    """Have a gateway work in an empty directory, and take the patterns from what it wrote."""
    found = asyncio.run(lived(directory, MODEL))
    with sqlite3.connect(directory / "journal.db") as journal:
        return _patterns(journal, found)


def _patterns(journal: sqlite3.Connection, orders: Mapping[str, str]) -> Patterns:
    ((line_id, state),) = journal.execute("SELECT line_id, state FROM lines")
    assert state == "active", f"the model's line is {state}"
    own = {**orders, "line_id": line_id, **{n: v for n, v in names(MODEL).items() if n in ("msisdn", "imsi", "iccid")}}
    groups: dict[str, list[Pattern]] = {"line": [], "coming": [], "fixed": []}
    for table in metadata.sorted_tables:
        columns = tuple(c.name for c in table.columns if c.name != "seq")
        quoted = ", ".join(f'"{column}"' for column in columns)  # one is called limit
        rows = journal.execute(f"SELECT {quoted} FROM {table.name}").fetchall()
        for group, kept in _sorted(rows, own).items():
            made = tuple(_opened(columns, row, own) for row in kept)
            groups[group] += [Pattern(table.name, columns, made)] if made else []
    return Patterns(*(tuple(groups[name]) for name in ("line", "coming", "fixed")))


def _sorted(rows: Iterable[Row], own: Mapping[str, str]) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = {"line": [], "coming": [], "fixed": []}
    for row in rows:
        text = "\0".join(str(value) for value in row)
        named = any(name in text for name in own.values())
        groups["coming" if own["coming_id"] in text else "line" if named else "fixed"].append(row)
    return groups


def _opened(columns: tuple[str, ...], row: Row, own: Mapping[str, str]) -> Row:
    """Leave the model's names open in a row."""
    return tuple(
        _Open("shard") if column == "shard" else _left_open(value, own)
        for column, value in zip(columns, row, strict=True)
    )


def _left_open(value: Any, own: Mapping[str, str]) -> Any:  # noqa: ANN401 - whatever a column holds
    if not isinstance(value, str):
        return value
    for name, was in own.items():
        if value == was:
            return _Open(name)
    text = value.replace("%", "%%")
    for name, was in own.items():
        text = text.replace(was, f"%({name})s")
    return _Text(text) if text != value.replace("%", "%%") else value
