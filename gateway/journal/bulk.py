"""Many rows by one statement: the wanted values are handed over as one JSON list, however many they are."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Column, ColumnElement, Text, bindparam, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class _Listed(FunctionElement[str]):
    """The texts of a JSON list, a row each, in the column ``value``."""

    name = "listed"
    inherit_cache = True


@compiles(_Listed, "sqlite")
def _in_sqlite(listed: _Listed, compiler: SQLCompiler, **named: Any) -> str:  # noqa: ANN401 - SQLAlchemy's own
    return f"json_each({compiler.process(listed.clauses, **named)})"


@compiles(_Listed, "postgresql")
def _in_postgresql(listed: _Listed, compiler: SQLCompiler, **named: Any) -> str:  # noqa: ANN401 - SQLAlchemy's own
    return f"json_array_elements_text(CAST({compiler.process(listed.clauses, **named)} AS JSON))"


def any_of(column: Column[Any], name: str) -> ColumnElement[bool]:
    """Tell whether a column's value is in the list given as ``name``; see ``as_list``."""
    listed = _Listed(bindparam(name, type_=Text)).table_valued("value")
    return column.in_(select(listed.c.value))


def as_list(values: Iterable[str]) -> str:
    """Write the values that ``any_of`` looks for, each once."""
    return json.dumps(list(dict.fromkeys(values)))
