"""Usage records and agreements about alerts, as they are posted; of a batch every record is read for itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, Field, StringConstraints, TypeAdapter, ValidationError, WithJsonSchema

from gateway.alerts.usage.record import UsageRecord
from gateway.orders.bodies import STRICT, Moment, MsisdnText, NameText, PlainText

NDJSON = "application/x-ndjson"
MOST_BYTES = 8 * 1024 * 1024
MOST_RECORDS = 10_000
_LONGEST_NAME = 60

_Id = Annotated[PlainText, Field(max_length=128, description="the record's own: what comes twice counts once")]
_Amount = Annotated[
    Annotated[int, Field(ge=0)] | Annotated[Decimal, Field(ge=0, allow_inf_nan=False)],
    WithJsonSchema({"type": "number", "minimum": 0}),
]
_UNITS = "B kB MB GB TB KiB MiB GiB, s min h, count, or a currency: EUR, EUR_cent"
_Unit = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_]{1,8}$"), Field(description=_UNITS)]
_PERIODS = "a kind (day, month, billing_month, roaming_month) or a name (2026-11, 2026-11-22); it must be true of `at`"
_Period = Annotated[str, StringConstraints(pattern=r"^[a-z0-9@_-]{1,20}$"), Field(description=_PERIODS)]
_Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$"), Field(description="ISO 3166-1 alpha-2")]


_Limit = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9]{1,18}(\.[0-9]{1,6})?( [A-Za-z_]{1,8})?$"),
    Field(examples=["100 EUR", "80 GB", "1000"]),
]


class Abroad(BaseModel):
    """Where it was used."""

    model_config = STRICT
    country: _Country


class UsageRecordBody(BaseModel):
    """One use of one thing by one line."""

    model_config = STRICT
    id: _Id
    msisdn: MsisdnText
    counter: NameText
    amount: _Amount
    unit: _Unit
    at: Moment
    period: _Period | None = None
    roaming: bool | Abroad | None = None


class AgreedBody(BaseModel):
    """What is agreed about one threshold; what is left out is as the contract has it."""

    model_config = STRICT
    limit: _Limit | None = None
    waived: bool | None = None
    muted: bool = False


class AlertingBody(BaseModel):
    """What is agreed about a line's alerts: all of it; what is left out is agreed no more."""

    model_config = STRICT
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")] | None = None
    thresholds: dict[NameText, AgreedBody] = Field(
        default_factory=dict, max_length=100, json_schema_extra={"additionalProperties": False}
    )


class NothingReadable(Exception):
    """The body holds no record at all; the message says what it must be."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record that cannot be read: where it stands, its id if it has one, and what is wrong with which field."""

    place: int
    record_id: str | None
    detail: str


def one_is_enough(item: dict[str, Any]) -> list[dict[str, Any]]:
    """Say of a list what it must be to be taken: others in it are among the problems, and spoil none."""
    return [{"maxItems": 0}, {"contains": item}]


def _of_records(schema: dict[str, Any]) -> None:
    schema["anyOf"] = one_is_enough(schema.pop("items"))


_Records = Annotated[list[UsageRecordBody], Field(json_schema_extra=_of_records)]
RECORDS: TypeAdapter[_Records | UsageRecordBody] = TypeAdapter(_Records | UsageRecordBody)


def split(body: bytes, *, lines: bool) -> Iterator[tuple[int, object]]:
    """Take a body apart: places and what stands there, of ``lines`` (NDJSON) counted from 1. Raises NothingReadable."""
    if lines:
        for place, line in enumerate(body.split(b"\n"), start=1):
            if line.strip():
                yield place, _json(line)
        return
    whole = _json(body)
    if isinstance(whole, dict):
        yield 0, whole
    elif isinstance(whole, list):
        yield from enumerate(whole)
    else:
        raise NothingReadable("the body must be a list of records, one record, or NDJSON with one record a line")


def read_record(place: int, found: object) -> UsageRecord | Unreadable:
    """Read one record."""
    try:
        body = UsageRecordBody.model_validate(found)
    except ValidationError as invalid:
        record_id = found.get("id") if isinstance(found, dict) else None
        return Unreadable(place, record_id if _printable(record_id) else None, _said(invalid))
    return UsageRecord(
        place=place,
        record_id=body.id,
        msisdn=body.msisdn,
        counter=body.counter,
        amount=body.amount,
        unit=body.unit,
        at=body.at,
        abroad=bool(body.roaming),
        country=body.roaming.country if isinstance(body.roaming, Abroad) else None,
        period=body.period,
    )


def _json(text: bytes) -> object:
    """Read JSON without ever making a float of a number; ``None`` where it is none: no record is that."""
    try:
        return json.loads(text.decode("utf-8"), parse_float=Decimal, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return None


def _no_number(word: str) -> None:
    raise ValueError(word)


def _printable(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _LONGEST_NAME and value.isprintable()


def _said(invalid: ValidationError) -> str:
    """Name the fields that are wrong; values are not repeated."""
    errors: list[Any] = invalid.errors(include_url=False, include_context=False, include_input=False)
    first = {".".join(str(part) for part in e["loc"][:1]) or "record": str(e["msg"]) for e in reversed(errors)}
    return "; ".join(f"{field}: {said}" for field, said in reversed(first.items()))
