"""Orders by the thousand: one JSON object a line, or a CSV of activations; read as they are needed."""

from __future__ import annotations

import csv
import hashlib
import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gateway.cli.failure import WrongUse
from gateway.cli.gateway_client import Json
from gateway.cli.order_input import json_line

_NEEDED = ("msisdn", "contract", "iccid", "plan")
_COLUMNS = (*_NEEDED, "options", "host", "external_id")


@dataclass(frozen=True, slots=True)
class BulkRow:
    """One order of a file, and the key that makes posting it again harmless."""

    number: int
    order: Json
    key: str


def read_bulk(file: Path, run: str = "") -> Iterator[BulkRow]:
    """Read the orders of a file one by one; another ``run`` is another posting. Raises WrongUse naming the line."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            numbered = _csv_orders(file, lines) if file.suffix.lower() == ".csv" else _json_orders(file, lines)
            for number, order in numbered:
                yield BulkRow(number, {"priority": "bulk"} | order, _key(file, run, number, order))
    except OSError as missing:
        raise WrongUse(f"{file}: cannot be read ({missing.strerror})") from missing
    except UnicodeDecodeError as broken:
        raise WrongUse(f"{file}: is not UTF-8") from broken
    except csv.Error as broken:
        raise WrongUse(f"{file.name}: is no CSV: {broken}") from broken


def count_rows(file: Path) -> int:
    """Count the orders of a file by reading it once. Raises WrongUse as ``read_bulk``, and when there is none."""
    count = sum(1 for _ in read_bulk(file))
    if not count:
        raise WrongUse(f"{file}: has no order; give one JSON object a line, or a .csv of activations")
    return count


def _json_orders(file: Path, lines: Iterator[str]) -> Iterator[tuple[int, Json]]:
    for number, line in enumerate(lines, start=1):
        if line.strip():
            order = json_line(file.name, number, line)
            if not isinstance(order, dict):
                raise WrongUse(f"{file.name}: line {number} is no JSON object")
            # a file with what to expect of each order may be posted as it is
            yield number, order["order"] if isinstance(order.get("order"), dict) else order


def _csv_orders(file: Path, lines: Iterator[str]) -> Iterator[tuple[int, Json]]:
    head = next(lines, "")
    between = ";" if head.count(";") > head.count(",") else ","  # as spreadsheets write it where "," is in numbers
    rows = csv.DictReader(itertools.chain((head,), lines), delimiter=between, strict=True)
    names = [name.strip() for name in rows.fieldnames or ()]
    rows.fieldnames = names
    unknown, lacking = [name for name in names if name not in _COLUMNS], [n for n in _NEEDED if n not in names]
    if unknown or lacking or len(set(names)) < len(names):
        told = f"columns are {', '.join(_COLUMNS)}; unknown: {unknown or 'none'}; missing: {lacking or 'none'}"
        raise WrongUse(f"{file.name}: {told}")
    for row in rows:
        if None in row or None in row.values():
            raise WrongUse(f"{file.name}: line {rows.line_num} has not {len(names)} columns")
        yield rows.line_num, _activation({name: value.strip() for name, value in row.items() if value.strip()})


def _activation(given: dict[str, str]) -> Json:
    details: Json = {name: given[name] for name in ("contract", "iccid", "plan", "host") if name in given}
    details["options"] = given.get("options", "").split()
    order: Json = {"action": "activate", "line": {"msisdn": given.get("msisdn", "")}, "details": details}
    return order | ({"external_id": given["external_id"]} if "external_id" in given else {})


def _key(file: Path, run: str, number: int, order: Json) -> str:
    text = json.dumps([file.name, run, number, order], sort_keys=True)
    return "bulk-" + hashlib.sha256(text.encode()).hexdigest()[:40]
