"""The shape of orders at the border: one pydantic model for each action, made from the action's own ``Details``.

An action added to the open folder is in the REST schema without a word here.
"""

from __future__ import annotations

import dataclasses
import functools
import operator
import typing
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetPydanticSchema,
    StringConstraints,
    TypeAdapter,
    WithJsonSchema,
    create_model,
)
from pydantic_core.core_schema import no_info_after_validator_function

from drivers.subscription import Iccid, Imsi, Msisdn
from gateway.contract.actions import every
from gateway.contract.identity import ICCID_PATTERN, IMSI_PATTERN, MSISDN_PATTERN, NAME_PATTERN, Name

STRICT = ConfigDict(extra="forbid", strict=True, frozen=True)
MsisdnText = Annotated[str, StringConstraints(pattern=MSISDN_PATTERN), Field(examples=["+33612345678"])]
ImsiText = Annotated[str, StringConstraints(pattern=IMSI_PATTERN), Field(examples=["208010000000001"])]
IccidText = Annotated[str, StringConstraints(pattern=ICCID_PATTERN), Field(examples=["8933010000000000010"])]
NameText = Annotated[str, StringConstraints(pattern=NAME_PATTERN)]
_RFC_3339 = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9:]{8}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})$"
#: printable, nothing a log or a terminal would take for a command or for the other direction of writing
PlainText = Annotated[
    str,
    StringConstraints(pattern=r"^[^\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]{1,200}$"),
]


def _in_utc(written: str) -> datetime:
    try:
        return datetime.fromisoformat(written.upper()).astimezone(UTC)
    except OverflowError:
        raise ValueError("lies before or after all calendars") from None


#: a time with offset as RFC 3339 writes it (pydantic's own type takes figures for seconds since 1970), kept in UTC
Moment = Annotated[
    datetime,
    GetPydanticSchema(
        lambda _source, handler: no_info_after_validator_function(
            _in_utc, handler(Annotated[str, StringConstraints(pattern=_RFC_3339)])
        )
    ),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]


_AT_MOST = 32

_TEXTS: Mapping[Any, Any] = {
    Msisdn: MsisdnText,
    Imsi: ImsiText,
    Iccid: IccidText,
    Name: NameText,
    str: PlainText,
}


class ByMsisdn(BaseModel):
    """A line by its number."""

    model_config = STRICT
    msisdn: MsisdnText


class ByImsi(BaseModel):
    """A line by its SIM's IMSI."""

    model_config = STRICT
    imsi: ImsiText


class ByIccid(BaseModel):
    """A line by its SIM's ICCID."""

    model_config = STRICT
    iccid: IccidText


class RequestedBy(BaseModel):
    """Who asked, and by which channel: kept as proof."""

    model_config = STRICT
    who: PlainText
    channel: PlainText


class OrderBody(BaseModel):
    """What every order has beside its action, line and details."""

    model_config = STRICT
    external_id: PlainText | None = None
    requested_start: Moment | Literal["now"] | None = None
    priority: Literal["emergency", "interactive", "bulk"] | None = None
    requested_by: RequestedBy | None = None
    note: PlainText | None = None


_REFS: dict[str, type[BaseModel]] = {"msisdn": ByMsisdn, "imsi": ByImsi, "iccid": ByIccid}


@functools.cache
def order_bodies() -> TypeAdapter[Any]:
    """Return the union of all order bodies, told apart by ``action``."""
    models = _any_of(_order_model(name) for name in every())
    tagged: Any = Annotated[models, Field(discriminator="action")]
    adapter: TypeAdapter[Any] = TypeAdapter(tagged)
    return adapter


@functools.cache
def details_model(action: str) -> type[BaseModel]:
    """Return the model of one action's details."""
    return _model(every()[action].details, "".join(part.capitalize() for part in action.split("_")) + "Details")


def details_from(action: str, model: BaseModel) -> Any:  # noqa: ANN401 - each action has its own Details
    """Turn checked details into the action's own dataclass."""
    return _plain(every()[action].details, model)


def _order_model(action: str) -> type[BaseModel]:
    details = details_model(action)
    needed = any(f.is_required() for f in details.model_fields.values())
    refs = _any_of(_REFS[name] for name in every()[action].addressed_by)
    literal: Any = Literal[action]
    name = "".join(part.capitalize() for part in action.split("_"))
    return create_model(
        f"{name}Order",
        __base__=OrderBody,
        __doc__=(every()[action].details.__doc__ or "").strip(),
        action=(literal, ...),
        line=(refs, ...),
        details=(details, ...) if needed else (details, Field(default_factory=details)),
    )


def _model(cls: type, name: str) -> type[BaseModel]:
    hints = typing.get_type_hints(cls)
    fields: dict[str, Any] = {}
    for field in dataclasses.fields(cls):
        default = ... if field.default is dataclasses.MISSING else field.default
        fields[field.name] = (_shape(hints[field.name]), default)
    return create_model(name, __config__=STRICT, __doc__=cls.__doc__, **fields)


def _shape(hint: Any) -> Any:  # noqa: ANN401 - type expressions have no type of their own
    """Return the border's type for one of the contract's types."""
    if hint in _TEXTS:
        return _TEXTS[hint]
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return _model(hint, hint.__name__)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return _any_of(a if a is NoneType else _shape(a) for a in arguments)
    if origin is tuple:
        return Annotated[tuple.__class_getitem__((_shape(arguments[0]), ...)), Field(max_length=_AT_MOST)]
    if getattr(hint, "__name__", "") == "datetime":
        return Moment
    return hint


def _any_of(shapes: Iterable[Any]) -> Any:  # noqa: ANN401 - as above
    """Return the union of types that are only known at run time."""
    return functools.reduce(operator.or_, shapes)


@functools.cache
def _nested(cls: type) -> Mapping[str, type | None]:
    """Name the fields of a dataclass, with the dataclass a field holds, if it does."""
    hints = typing.get_type_hints(cls)
    inner: dict[str, type | None] = {}
    for field in dataclasses.fields(cls):
        candidates = (hints[field.name], *get_args(hints[field.name]))
        inner[field.name] = next((c for c in candidates if isinstance(c, type) and dataclasses.is_dataclass(c)), None)
    return inner


def _plain(cls: type, model: BaseModel) -> Any:  # noqa: ANN401 - see details_from
    values: dict[str, Any] = {}
    for name, inner in _nested(cls).items():
        value = getattr(model, name)
        values[name] = _plain(inner, value) if inner is not None and value is not None else value
    return cls(**values)
