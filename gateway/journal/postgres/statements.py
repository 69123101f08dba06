"""Statements as PostgreSQL wants them: compiled once, writes to be prepared under a name and executed by text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import BigInteger, Boolean, Float, Insert, Integer, LargeBinary, String, UpdateBase
from sqlalchemy.dialects import registry
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

from gateway.journal.journal import Statement
from gateway.journal.postgres import literals
from gateway.journal.postgres.literals import Quote

_DIALECT: Final[Dialect] = registry.load("postgresql.asyncpg")()
_KINDS: Final[tuple[tuple[type[TypeEngine[Any]], str, Quote], ...]] = (
    (String, "text", literals.text),
    (BigInteger, "bigint", literals.bigint),
    (Integer, "integer", literals.integer),
    (Float, "double precision", literals.double),
    (LargeBinary, "bytea", literals.octets),
    (Boolean, "boolean", literals.boolean),
)


@dataclass(frozen=True, slots=True)
class PreparedWrite:
    """A write, how it is prepared in a session, and how it is executed with values.

    ``inserts``: the table a row may be new in after it, if it is an INSERT.
    """

    statement: Statement
    name: str
    preparing: str
    parameters: tuple[tuple[str, Quote], ...]
    constants: dict[str, object]
    inserts: str | None

    def executing(self, values: dict[str, Any], extra: Iterable[str] = ()) -> str:
        """Write the call. Raises KeyError, TypeError or ValueError for values that cannot be stored."""
        given = self.constants | values if self.constants else values
        arguments = [quote(given[name]) for name, quote in self.parameters]
        arguments += extra
        return f"EXECUTE {self.name}({','.join(arguments)})" if arguments else f"EXECUTE {self.name}"


@dataclass(frozen=True, slots=True)
class PreparedRead:
    """A read: its text, and its values in the order they are numbered.

    ``together``: the text that reads for a list of each value at once, every row with the number of its question
    (``asked_n``, from 1); empty when it is not asked so, see gateway.journal.journal.together.
    """

    statement: Statement
    text: str
    together: str
    names: tuple[str, ...]
    constants: dict[str, object]

    def arguments(self, values: dict[str, Any]) -> list[object]:
        """Return the values in their order."""
        given = self.constants | values if self.constants else values
        return [given[name] for name in self.names]


class Statements:
    """Everything compiled so far. A statement is kept beside what was made of it: its id is never another one's."""

    def __init__(self) -> None:
        self._writes: dict[tuple[int, bool], PreparedWrite] = {}
        self._reads: dict[int, PreparedRead] = {}

    def write(self, statement: Statement, *, guarded: bool) -> PreparedWrite:
        """Return a write, guarded: it must change a row, and takes the word for when it does not."""
        known = self._writes.get((id(statement), guarded))
        if known is None:
            known = _prepare(statement, len(self._writes), guarded=guarded)
            self._writes[id(statement), guarded] = known
        return known

    def read(self, statement: Statement) -> PreparedRead:
        """Return a read."""
        known = self._reads.get(id(statement))
        if known is None:
            compiled = _compiled(statement)
            many = _together(compiled) if statement.get_execution_options().get("together") else ""
            known = PreparedRead(statement, str(compiled), many, _names(compiled), _constants(compiled))
            self._reads[id(statement)] = known
        return known


def _prepare(statement: Statement, number: int, *, guarded: bool) -> PreparedWrite:
    compiled = _compiled(statement)
    names, text = _names(compiled), str(compiled)
    kinds = [_kind(compiled.binds[name].type) for name in names]
    if statement.get_execution_options().get("if_absent"):
        text += " ON CONFLICT DO NOTHING"
    types = [kind for kind, _ in kinds]
    if guarded:
        types += ["text"]
        text = _guarded(text, len(names), changes=isinstance(statement, UpdateBase))
    name = f"{'g' if guarded else 's'}{number}"
    declared = f"({', '.join(types)})" if types else ""
    return PreparedWrite(
        statement,
        name,
        f"PREPARE {name}{declared} AS {text}",
        tuple((name, quote) for name, (_, quote) in zip(names, kinds, strict=True)),
        _constants(compiled),
        str(statement.table) if isinstance(statement, Insert) else None,
    )


def _guarded(text: str, given: int, *, changes: bool) -> str:
    """Let the unit fail when nothing was changed: see linegate_must_change in migration 0009."""
    returning = " RETURNING 1" if changes else ""
    return f"WITH changed AS ({text}{returning}) SELECT linegate_must_change(count(*), ${given + 1}) FROM changed"  # noqa: S608 - compiled


def _together(compiled: SQLCompiler) -> str:
    """Let the read be made for each of a list of values; OFFSET 0 has it made one by one, by its index."""
    kinds = [_kind(compiled.binds[name].type)[0] for name in _names(compiled)]
    lists = ", ".join(f"${n}::{kind}[]" for n, kind in enumerate(kinds, start=1))
    values = ", ".join(f"v{n}" for n in range(1, len(kinds) + 1))
    each = re.sub(r"\$(\d+)", r"asked.v\1", str(compiled))
    return (
        f"SELECT asked.n AS asked_n, found.* FROM unnest({lists}) WITH ORDINALITY AS asked({values}, n)"  # noqa: S608 - compiled
        f" CROSS JOIN LATERAL ({each} OFFSET 0) AS found"
    )


def _compiled(statement: Statement) -> SQLCompiler:
    # inline: nobody asks for the new row's sequence number
    plain = statement.inline() if isinstance(statement, Insert) else statement
    compiled = plain.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
    if not isinstance(compiled, SQLCompiler):
        raise TypeError(f"{type(statement).__name__} is no statement that reads or writes rows")
    return compiled


def _names(compiled: SQLCompiler) -> tuple[str, ...]:
    return tuple(compiled.positiontup or ())


def _constants(compiled: SQLCompiler) -> dict[str, object]:
    return {name: bind.value for bind, name in compiled.bind_names.items() if not bind.required}


def _kind(declared: TypeEngine[Any]) -> tuple[str, Quote]:
    """Return a parameter's type and how its values are written; a type nothing tells is PostgreSQL's to guess."""
    suited = declared.dialect_impl(_DIALECT)
    for kind, name, quote in _KINDS:
        if isinstance(suited, kind):
            return name, quote
    return "unknown", literals.whatever
