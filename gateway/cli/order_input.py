"""Orders as people give them: files of JSON, or words on the command line."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gateway.cli.asker import requested_by
from gateway.cli.failure import WrongUse
from gateway.cli.gateway_client import Json


def read_orders(source: str) -> list[Json]:
    """Read one JSON order, a list of them, or one a line; ``-`` is stdin. Raises WrongUse."""
    name = "stdin" if source == "-" else source
    try:
        text = sys.stdin.read() if source == "-" else Path(source).read_text("utf-8")
    except OSError as missing:
        raise WrongUse(f"{name}: cannot be read ({missing.strerror})") from missing
    except UnicodeDecodeError as broken:
        raise WrongUse(f"{name}: is not UTF-8") from broken
    found = _documents(name, text)
    if not found:
        raise WrongUse(f"{name}: has no order; give one JSON object, or one a line")
    for number, order in enumerate(found, start=1):
        if not isinstance(order, dict):
            raise WrongUse(f"{name}: order {number} is no JSON object")
    return found


def _documents(name: str, text: str) -> list[Any]:
    try:
        whole = json.loads(text)
    except ValueError:
        return [json_line(name, n, line) for n, line in enumerate(text.splitlines(), start=1) if line.strip()]
    return whole if isinstance(whole, list) else [whole]


def json_line(name: str, number: int, line: str) -> Any:  # noqa: ANN401 - any JSON
    """Read one line of a JSONL file. Raises WrongUse naming it."""
    try:
        return json.loads(line)
    except ValueError as broken:
        raise WrongUse(f"{name}: line {number} is not JSON: {broken}") from broken


def make_order(action: str, line: Mapping[str, str | None], details: str, rest: Mapping[str, object]) -> Json:
    """Make a body from the command line's words. Raises WrongUse."""
    named = {name: value for name, value in line.items() if value is not None}
    if len(named) != 1:
        raise WrongUse("name the line by exactly one of --msisdn, --imsi and --iccid")
    try:
        read = json.loads(details)
    except ValueError as broken:
        raise WrongUse(f'--details is not JSON ({broken}): write it like \'{{"reason": "fraud"}}\'') from broken
    if not isinstance(read, dict):
        raise WrongUse('--details must be a JSON object, like \'{"reason": "fraud"}\'')
    given = {name: value for name, value in rest.items() if value is not None}
    return {"action": action, "line": named, "details": read, "requested_by": requested_by(), **given}
