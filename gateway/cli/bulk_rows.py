"""Orders by the thousand: one JSON object a line, or a CSV of activations; read as they are needed."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gateway.cli.failure import WrongUse
from gateway.cli.gateway_client import Json
from gateway.cli.order_input import json_line

_COLUMNS = ("msisdn", "contract", "iccid", "plan", "options", "host", "external_id")


@dataclass(frozen=True, slots=True)
class BulkRow:
    """One order of a file, and the key that makes posting it again harmless."""

    number: int
    order: Json
    key: str


def read_bulk(file: Path) -> Iterator[BulkRow]:
    """Read the orders of a file one by one. Raises WrongUse naming the line."""
    try:
        with file.open(encoding="utf-8", newline="") as lines:
            numbered = _csv_orders(file, lines) if file.suffix == ".csv" else _json_orders(file, lines)
            for number, order in numbered:
                yield BulkRow(number, {"priority": "bulk"} | order, _key(file, number, order))
    except OSError as missing:
        raise WrongUse(f"{file}: cannot be read ({missing.strerror})") from missing
    except UnicodeDecodeError as broken:
        raise WrongUse(f"{file}: is not UTF-8") from broken


def count_rows(file: Path) -> int:
    """Count the orders of a file, for the progress bar; reads it once. Raises WrongUse as ``read_bulk``."""
    return sum(1 for _ in read_bulk(file))


def _json_orders(file: Path, lines: Iterator[str]) -> Iterator[tuple[int, Json]]:
    for number, line in enumerate(lines, start=1):
        if line.strip():
            order = json_line(file.name, number, line)
            if not isinstance(order, dict):
                raise WrongUse(f"{file.name}: line {number} is no JSON object")
            # a file with what to expect of each order may be posted as it is
            yield number, order["order"] if isinstance(order.get("order"), dict) else order


def _csv_orders(file: Path, lines: Iterator[str]) -> Iterator[tuple[int, Json]]:
    rows = csv.DictReader(lines)
    unknown = sorted(set(rows.fieldnames or ()) - set(_COLUMNS))
    lacking = [name for name in ("msisdn", "contract", "iccid", "plan") if name not in (rows.fieldnames or ())]
    if unknown or lacking:
        raise WrongUse(f"{file.name}: columns must be of {', '.join(_COLUMNS)}; wrong or missing: {unknown + lacking}")
    for row in rows:
        given = {name: value.strip() for name, value in row.items() if isinstance(value, str) and value.strip()}
        details: Json = {name: given[name] for name in ("contract", "iccid", "plan", "host") if name in given}
        details["options"] = given.get("options", "").split()
        order: Json = {"action": "activate", "line": {"msisdn": given.get("msisdn", "")}, "details": details}
        if "external_id" in given:
            order["external_id"] = given["external_id"]
        yield rows.line_num, order


def _key(file: Path, number: int, order: Json) -> str:
    text = json.dumps([file.name, number, order], sort_keys=True)
    return "bulk-" + hashlib.sha256(text.encode()).hexdigest()[:40]
