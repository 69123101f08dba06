"""The shape of messages at the border."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, model_validator

from drivers.subscription import Iccid, Imsi, Msisdn
from gateway.alerts.posting import Posted
from gateway.api.bodies import WHOLE, given
from gateway.orders.bodies import STRICT, ByIccid, ByImsi, ByMsisdn, MsisdnText, NameText, PlainText, RequestedBy
from gateway.orders.messages import OnDoubt, Priority
from gateway.orders.order import LineRef

_MOBILE = re.compile(r"(0033|33|0)?[67][0-9]{8}")
_LONGEST_VALIDITY_S = 30 * 86_400
#: line ends, but nothing else that a phone or a terminal would take for a command
_Text = Annotated[
    str, StringConstraints(min_length=1, max_length=4000, pattern=r"^[^\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f]*$")
]
_Word = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:/-]{0,63}$")]
_ValueName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
_MOST = 10**15
_Value = PlainText | Annotated[int, Field(ge=-_MOST, le=_MOST)] | Annotated[float, Field(ge=-_MOST, le=_MOST)]


def _never_a_mobile_number(sender: str) -> str:
    # 001:6531-6534 - however it is written
    if _MOBILE.fullmatch(sender.replace(" ", "")):
        raise ValueError("must never be a mobile number: customers would answer it")
    return sender


Sender = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9 ]{1,11}$"), AfterValidator(_never_a_mobile_number)]


class AlertBody(BaseModel):
    """What the message is the only one of, for its line."""

    model_config = STRICT
    counter: _Word
    period: _Word
    percent: Annotated[int, Field(ge=0, le=1000), WHOLE]


_TO_ONE: dict[str, Any] = {
    "anyOf": [given("to", "msisdn", "line"), given("msisdn", "to", "line"), given("line", "to", "msisdn")]
}
_SAID_ONCE: dict[str, Any] = {"anyOf": [given("text", "template", "values", "language"), given("template", "text")]}


class MessageRequest(BaseModel):
    """A message: to one of ``to``, ``msisdn`` (the same) and ``line``; with one of ``text`` and ``template``."""

    model_config = ConfigDict(**STRICT, json_schema_extra={"allOf": [_TO_ONE, _SAID_ONCE]})
    to: MsisdnText | None = None
    msisdn: MsisdnText | None = None
    line: ByMsisdn | ByImsi | ByIccid | None = None
    text: _Text | None = None
    template: NameText | None = None
    values: (
        Annotated[dict[_ValueName, _Value], Field(max_length=32, json_schema_extra={"additionalProperties": False})]
        | None
    ) = None
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")] | None = None
    sender: Sender | None = None
    contract: NameText | None = None
    customer: PlainText | None = None
    external_id: PlainText | None = None
    priority: Literal["urgent", "normal", "bulk"] | None = None
    validity_s: Annotated[int, Field(ge=1, le=_LONGEST_VALIDITY_S), WHOLE] | None = None
    on_doubt: Literal["hold", "resend"] | None = None
    alert: AlertBody | None = None
    requested_by: RequestedBy | None = None

    @model_validator(mode="after")
    def _one_of_each(self) -> Self:
        if sum(given is not None for given in (self.to, self.msisdn, self.line)) != 1:
            raise ValueError("give exactly one of to, msisdn and line")
        if (self.text is None) == (self.template is None):
            raise ValueError("give exactly one of text and template")
        if self.template is None and (self.values is not None or self.language is not None):
            raise ValueError("values and language go with a template")
        return self

    def posted(self) -> Posted:
        """Say it in the gateway's own words."""
        to = self.to or self.msisdn
        alert = self.alert
        return Posted(
            to=None if to is None else Msisdn(to),
            line=_ref(self.line),
            text=self.text,
            template=self.template,
            values={name: str(value) for name, value in (self.values or {}).items()},
            language=self.language,
            sender=self.sender,
            contract=self.contract,
            customer=self.customer,
            external_id=self.external_id,
            priority=None if self.priority is None else Priority[self.priority.upper()],
            on_doubt=None if self.on_doubt is None else OnDoubt(self.on_doubt),
            validity_s=self.validity_s,
            alert=None if alert is None else (alert.counter, alert.period, alert.percent),
            requested_by=None if self.requested_by is None else self.requested_by.model_dump(),
        )


def _ref(line: ByMsisdn | ByImsi | ByIccid | None) -> LineRef | None:
    match line:
        case None:
            return None
        case ByMsisdn():
            return LineRef(msisdn=Msisdn(line.msisdn))
        case ByImsi():
            return LineRef(imsi=Imsi(line.imsi))
        case ByIccid():
            return LineRef(iccid=Iccid(line.iccid))


MESSAGE_REQUEST = TypeAdapter(MessageRequest)
