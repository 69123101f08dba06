"""A CSV as orders: its header, and each record as the body ``POST /v1/orders`` takes.

Columns: ``external_id``, ``action``, one of ``msisdn``, ``imsi``, ``iccid``, ``requested_start``, ``note``, and
``details.<name>``. Lists are separated by ``;``; numbers and truth values are read as the action's details have them.
"""

from __future__ import annotations

import csv
import dataclasses
import functools
import re
import typing
from types import NoneType, UnionType
from typing import Any, Final, Union, get_args, get_origin

from gateway.contract.actions import every

LINE_COLUMNS: Final = ("msisdn", "imsi", "iccid")
_PLAIN: Final = ("external_id", "action", *LINE_COLUMNS, "requested_start", "note")
_DETAILS: Final = "details."
_WHOLE: Final = re.compile(r"-?[0-9]{1,18}", re.ASCII)
_NUMBER: Final = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?", re.ASCII)
_TRUTH: Final = {"true": True, "false": False}


class BadHeader(Exception):
    """The first line names no columns that orders could be made of."""


class BadRecord(Exception):
    """A record does not fit the header."""


@functools.lru_cache(maxsize=16)
def columns(header: str) -> tuple[str, tuple[str, ...]]:
    """Return the separator and the columns' names. Raises BadHeader naming what is wrong."""
    between = ";" if header.count(";") > header.count(",") else ","  # as spreadsheets write it where "," is in numbers
    try:
        names = tuple(name.strip() for name in next(csv.reader([header], delimiter=between, strict=True), []))
    except csv.Error as broken:
        raise BadHeader(f"the first line is no CSV ({broken}): name the columns there") from None
    unknown = [name for name in names if name not in _PLAIN and not _is_detail(name)]
    if unknown or len(set(names)) < len(names):
        told = f"columns are {', '.join(_PLAIN)} and details.<name>, each once"
        raise BadHeader(f"{told}; not: {', '.join(unknown) or 'one of them twice'}"[:500])
    if "action" not in names or not set(names) & set(LINE_COLUMNS):
        raise BadHeader("there must be a column action, and one of msisdn, imsi, iccid")
    return between, names


def body_of(header: str, record: str) -> dict[str, Any]:
    """Lay a record out as the body of an order, cells left empty being left out. Raises BadRecord."""
    between, names = columns(header)
    try:
        cells = next(csv.reader([record], delimiter=between, strict=True), [])
    except csv.Error as broken:
        raise BadRecord(f"is no CSV ({broken}): a record is one line, a quote in a cell is doubled") from None
    if len(cells) != len(names):
        raise BadRecord(f"has {len(cells)} cells, the header {len(names)} columns: quote cells that hold the separator")
    given = {name: cell.strip() for name, cell in zip(names, cells, strict=True) if cell.strip()}
    return _body(given)


def _body(given: dict[str, str]) -> dict[str, Any]:
    body: dict[str, Any] = {"line": {name: given[name] for name in LINE_COLUMNS if name in given}}
    body |= {name: given[name] for name in _PLAIN if name in given and name not in LINE_COLUMNS}
    details: dict[str, Any] = {}
    shape = every()[given["action"]].details if given.get("action") in every() else None
    for name, cell in given.items():
        if name.startswith(_DETAILS):
            _put(details, name.removeprefix(_DETAILS).split("."), cell, shape)
    return body | ({"details": details} if details else {})


def _put(into: dict[str, Any], path: list[str], cell: str, shape: Any) -> None:  # noqa: ANN401 - a type, known at run time
    """Put a cell where its column's name says; a name the action does not know stays, to be told as such."""
    hint = typing.get_type_hints(shape).get(path[0]) if shape is not None and dataclasses.is_dataclass(shape) else None
    if len(path) == 1:
        into[path[0]] = _value(hint, cell)
        return
    inner = next((one for one in _ways(hint) if dataclasses.is_dataclass(one)), None)
    below = into.setdefault(path[0], {})
    if isinstance(below, dict):
        _put(below, path[1:], cell, inner)


def _ways(hint: Any) -> tuple[Any, ...]:  # noqa: ANN401 - type expressions have no type of their own
    """Name the types a value may have, besides none."""
    ways = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    return tuple(way for way in ways if way is not NoneType)


def _value(hint: Any, cell: str) -> Any:  # noqa: ANN401 - as above, and any JSON
    """Read a cell as its field's type has it; what does not fit stays text, so that the order's own check names it."""
    for way in _ways(hint):
        if get_origin(way) is tuple:
            return [_value(get_args(way)[0], part.strip()) for part in cell.split(";") if part.strip()]
        if way is bool and cell.lower() in _TRUTH:
            return _TRUTH[cell.lower()]
        if way is int and _WHOLE.fullmatch(cell):
            return int(cell)
        if way is float and _NUMBER.fullmatch(cell):
            return float(cell)
    return cell


def _is_detail(name: str) -> bool:
    return name.startswith(_DETAILS) and all(part.isidentifier() for part in name.removeprefix(_DETAILS).split("."))
