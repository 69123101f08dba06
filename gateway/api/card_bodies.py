"""What may be posted about one card: who wants its keys, another ADM1, what a station found."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from fastapi import Request
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from drivers.subscription import Iccid
from gateway.api.bodies import read_body
from gateway.api.problems import from_validation
from gateway.orders.bodies import STRICT, IccidText, Moment, PlainText, RequestedBy
from gateway.stock.findings import Found
from gateway.stock.reports import Report

T = TypeVar("T")
_MOST_REPORTS = 1000
_MOST_SQN = 2**48 - 1  # TS 33.102 §6.3.2: 48 bits
_ID = r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$"
_ADM1 = r"^([0-9]{8}|[0-9A-Fa-f]{16})$"  # as vendors write it: digits as they are sent, or eight bytes
_REF = r"^[0-9a-f]{16}$"


def _whole_number(given: object) -> object:
    """JSON has one kind of number: 274.0 is 274."""
    return int(given) if isinstance(given, float) and given.is_integer() else given


class KeysRequest(BaseModel):
    """Who wants a card's keys, why, and at which station; without its ADM1 they do for PIN and PUK."""

    model_config = STRICT
    requested_by: RequestedBy
    approved_by: RequestedBy | None = None
    why: PlainText
    station: PlainText
    without_adm: bool = False


class Adm1Request(BaseModel):
    """The right ADM1 of a card; ``same_key``: the one that is there is right, and its refusal was told in error."""

    model_config = STRICT | ConfigDict(hide_input_in_errors=True)
    adm1: Annotated[str, StringConstraints(pattern=_ADM1), Field(repr=False)]
    requested_by: RequestedBy
    why: PlainText
    same_key: bool = False


class ReportBody(BaseModel):
    """One finding of a station, under the id the station gave it."""

    model_config = STRICT
    id: Annotated[str, StringConstraints(pattern=_ID)]
    what: Annotated[Found, Field(strict=False)]
    at: Moment
    station: PlainText
    who: PlainText
    detail: PlainText | None = None
    sqn: Annotated[int, Field(ge=0, le=_MOST_SQN), BeforeValidator(_whole_number)] | None = None
    adm1_ref: Annotated[str, StringConstraints(pattern=_REF)] | None = None

    def report(self, iccid: str) -> Report:
        """The finding about that card."""
        told = (self.at, self.station, self.who, self.detail, self.sqn, self.adm1_ref)
        return Report(Iccid(iccid), self.id, self.what, *told)


class CardReportBody(ReportBody):
    """The same, of the card it names."""

    iccid: IccidText


class ReportsRequest(BaseModel):
    """What a station found on one card."""

    model_config = STRICT
    reports: Annotated[tuple[ReportBody, ...], Field(min_length=1, max_length=_MOST_REPORTS)]


class CardReportsRequest(BaseModel):
    """What a station found on many cards."""

    model_config = STRICT
    reports: Annotated[tuple[CardReportBody, ...], Field(min_length=1, max_length=_MOST_REPORTS)]


async def asked(request: Request, most: int, body: TypeAdapter[T]) -> T:
    """Read and check a body. Raises ApiProblem 400, 413, 422."""
    raw = await read_body(request, most)
    try:
        return body.validate_json(raw)
    except ValidationError as invalid:
        raise from_validation(invalid) from None


def described(model: type[BaseModel]) -> dict[str, Any]:
    """Describe a route's body for OpenAPI, whole where it is used."""
    schema = model.model_json_schema(ref_template="{model}")
    content = {"application/json": {"schema": _whole(schema, schema.pop("$defs", {}))}}
    return {"requestBody": {"required": True, "content": content}}


def _whole(part: Any, named: dict[str, Any]) -> Any:  # noqa: ANN401 - any JSON
    """Put what is named where its name is."""
    if isinstance(part, list):
        return [_whole(one, named) for one in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        return _whole(named[part["$ref"]], named)
    return {name: _whole(one, named) for name, one in part.items()}
