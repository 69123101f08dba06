"""What may be posted about where lines are seen: one attach, a list of them, or one a line (NDJSON)."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from drivers.subscription import Imsi, Msisdn
from gateway.alerts.welcome import Attach
from gateway.api.bodies import given
from gateway.api.problems import from_validation
from gateway.api.usage_bodies import Unreadable, one_is_enough
from gateway.orders.bodies import STRICT, ImsiText, Moment, MsisdnText
from gateway.orders.order import LineRef

_LONGEST_ID = 128
_ID = r"^[\x21-\x7e]{1,128}$"
_Id = Annotated[str, StringConstraints(pattern=_ID), Field(description="the teller's own, one for each attach")]
_Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$"), Field(description="ISO 3166-1 alpha-2")]


class AttachBody(BaseModel):
    """A line, by its number or its SIM's IMSI, was seen in a country."""

    model_config = ConfigDict(**STRICT, json_schema_extra={"anyOf": [given("msisdn", "imsi"), given("imsi", "msisdn")]})
    id: _Id
    msisdn: MsisdnText | None = None
    imsi: ImsiText | None = None
    country: _Country
    at: Moment

    @model_validator(mode="after")
    def _one_name(self) -> AttachBody:
        if (self.msisdn is None) is (self.imsi is None):
            raise ValueError("name the line by exactly one of msisdn and imsi")
        return self

    def attach(self) -> Attach:
        """The attach as it is taken."""
        by_imsi = None if self.imsi is None else Imsi(self.imsi)
        by_number = None if self.msisdn is None else Msisdn(self.msisdn)
        return Attach(self.id, LineRef(msisdn=by_number, imsi=by_imsi), self.country, self.at)


def read_attach(place: int, found: object) -> Attach | Unreadable:
    """Read one; what is wrong with it is told by field, without the values."""
    try:
        return AttachBody.model_validate(found).attach()
    except ValidationError as invalid:
        given = found.get("id") if isinstance(found, dict) else None
        known = given if isinstance(given, str) and given.isprintable() and len(given) <= _LONGEST_ID else None
        errors = from_validation(invalid).body["errors"]
        return Unreadable(place, known, "; ".join(f"{error['field']}: {error['detail']}" for error in errors))


def attach_schema() -> dict[str, Any]:
    """Describe the body for OpenAPI."""
    one = AttachBody.model_json_schema()
    either = {"oneOf": [one, {"type": "array", "anyOf": one_is_enough(one)}]}
    content = {"application/json": {"schema": either}}
    return {"requestBody": {"required": True, "content": content}}
