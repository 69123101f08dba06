"""Many rows by one statement: the wanted values are handed over as one JSON list, however many they are."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Column, ColumnElement, Text, bindparam, func, select


def any_of(column: Column[Any], name: str) -> ColumnElement[bool]:
    """Tell whether a column's value is in the list given as ``name``; see ``as_list``."""
    listed = func.json_each(bindparam(name, type_=Text)).table_valued("value")
    return column.in_(select(listed.c.value))


def as_list(values: Iterable[str]) -> str:
    """Write the values that ``any_of`` looks for, each once."""
    return json.dumps(list(dict.fromkeys(values)))
