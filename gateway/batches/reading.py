"""One row as an order: its shape checked as ``POST /v1/orders`` checks a body, and who may ask for it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

from gateway.batches.csv_rows import BadRecord, body_of
from gateway.batches.states import Format, Options, Sender
from gateway.contract.action import Lane
from gateway.contract.rulebook.bounds import OWN_CHANNELS
from gateway.orders.bodies import details_from, order_bodies
from gateway.orders.codec import dump
from gateway.orders.order import LineRef, NewOrder, Problem

_BULK: Final = "bulk"
_MOST_ERRORS: Final = 20


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why a row is no order, with what of it could be read."""

    problem: Problem
    external_id: str | None = None
    line: Mapping[str, Any] | None = None
    errors: tuple[Mapping[str, str], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Lay the problem out, its fields named."""
        return {**self.problem.to_json(), **({"errors": list(self.errors)} if self.errors else {})}


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the rows of one batch."""

    batch_id: str
    options: Options
    header: str | None

    def read(self, n: int, text: str) -> NewOrder | Wrong:
        """Read the row of line ``n``; what it says has its own sense, which is judged elsewhere."""
        if not text:
            return Wrong(Problem("not-text", "the row is not UTF-8: save the file as UTF-8"))
        try:
            asked = self._asked(text)
        except (BadRecord, ValueError) as broken:
            return Wrong(Problem("not-readable", _told(broken)))
        except RecursionError:
            return Wrong(Problem("not-readable", "the row is nested too deep for an order"))
        return self._checked(n, asked)

    def _asked(self, text: str) -> dict[str, Any]:
        """Lay a row out as a body. Raises BadRecord, ValueError."""
        if self.options.format is Format.CSV:
            return body_of(self.header or "", text)
        asked = json.loads(text, parse_constant=_no_number, parse_float=_finite)
        if not isinstance(asked, dict):
            raise BadRecord("is no JSON object: a row is an order as POST /v1/orders takes it")
        return asked

    def _checked(self, n: int, asked: dict[str, Any]) -> NewOrder | Wrong:
        try:
            order = order_bodies().validate_json(dump(asked))
        except (ValidationError, UnicodeEncodeError) as invalid:
            return _wrong(asked, Problem("invalid-body", "correct these fields"), _errors(invalid))
        if order.priority not in (None, _BULK):
            told = "a batch gives way to all others: take priority out, or post this order by itself"
            return _wrong(asked, Problem("priority-not-bulk", told))
        by = asked.get("requested_by") or self.options.sender.requested_by
        if (refused := _unsigned(self.options.sender, by)) is not None:
            return _wrong(asked, refused)
        signed = asked if by is None else {**asked, "requested_by": dict(by)}
        start = order.requested_start
        return NewOrder(
            action=order.action,
            ref=LineRef(**order.line.model_dump()),
            details=details_from(order.action, order.details),
            body=dump({"details": {}, **signed, "batch": {"id": self.batch_id, "n": n}}),
            external_id=order.external_id,
            requested_by=None if by is None else dict(by),
            requested_start=None if start is None or start == "now" else start,
            at_once=start == "now",
            lane=Lane.BULK,
        )


def _no_number(word: str) -> float:
    """Refuse what Python takes for a number and JSON has no word for. Raises BadRecord."""
    raise BadRecord(f"holds {word}, which is no JSON: write a number, or leave it out")


def _finite(digits: str) -> float:
    """Read a number as far as it is one. Raises BadRecord."""
    value = float(digits)
    if not math.isfinite(value):
        raise BadRecord("holds a number too large for any field: correct it")
    return value


def _unsigned(sender: Sender, by: Mapping[str, str] | None) -> Problem | None:
    """Tell why the sender may not speak for whom the row names."""
    channel = None if by is None else by["channel"]
    if channel in OWN_CHANNELS:
        return Problem("not-allowed", f"the channel {channel} is the gateway's own: name yours")
    if sender.channels is not None and channel not in sender.channels:
        return Problem(
            "not-allowed", f"name one of your channels in requested_by.channel: {', '.join(sender.channels)}"
        )
    return None


def _wrong(asked: Mapping[str, Any], problem: Problem, errors: tuple[Mapping[str, str], ...] = ()) -> Wrong:
    named, line = asked.get("external_id"), asked.get("line")
    return Wrong(
        problem,
        named if isinstance(named, str) and _keepable(named) else None,
        line if isinstance(line, dict) and _keepable(dump(line)) else None,
        errors,
    )


def _keepable(text: str) -> bool:
    """Tell whether every database can hold a text that was not checked."""
    return len(text) <= 200 and text.isprintable() and text.isascii()  # noqa: PLR2004 - as long as a plain text may be


def _errors(invalid: ValidationError | UnicodeEncodeError) -> tuple[Mapping[str, str], ...]:
    """Name the fields that are wrong; values are not repeated, they may be secret or hostile."""
    if isinstance(invalid, UnicodeEncodeError):
        return ({"field": "body", "detail": "holds a character that is none"},)
    found = invalid.errors(include_url=False, include_input=False)
    return tuple(
        {"field": ".".join(str(part) for part in error["loc"])[:200] or "body", "detail": _said(error)}
        for error in found[:_MOST_ERRORS]
    )


def _said(error: Any) -> str:  # noqa: ANN401 - pydantic's own shape
    if error["type"] == "union_tag_invalid":
        return f"must be one of: {error['ctx']['expected_tags']}"
    return str(error["msg"])


def _told(broken: Exception) -> str:
    if isinstance(broken, json.JSONDecodeError):
        return f"the row is no JSON ({broken.msg} at character {broken.pos + 1}): write one object a line"
    return f"the row {broken}"
