"""What may be posted to /v1/audits: a look, or an adoption, over numbers or over what a filter leaves."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Discriminator, Field, Tag, TypeAdapter

from drivers.subscription import Msisdn
from gateway.audit.asked import Asked, Hints, Policy, Scope
from gateway.contract.line import Reason
from gateway.orders.bodies import STRICT, MsisdnText, NameText, RequestedBy

_MOST_NUMBERS = 1000


class Numbers(BaseModel):
    """The lines of these numbers."""

    model_config = STRICT
    msisdn: Annotated[tuple[MsisdnText, ...], Field(min_length=1, max_length=_MOST_NUMBERS)]

    def scope(self) -> Scope:
        """The scope named, each number once."""
        return Scope(msisdns=tuple(dict.fromkeys(Msisdn(number) for number in self.msisdn)))


class Filter(BaseModel):
    """The lines that fit everything named; nothing named: all of them.

    Unless a state is named, subscribers that belong to no line are looked for too.
    """

    model_config = STRICT
    contract: NameText | None = None
    element: Annotated[NameText, Field(description="an element, or a group, that serves lines")] | None = None
    state: Literal["active", "barred", "suspended", "terminated"] | None = None

    def scope(self) -> Scope:
        """The scope named."""
        return Scope(contract=self.contract, element=self.element, state=self.state)


def _scope_tag(given: object) -> str:
    return "numbers" if isinstance(given, Numbers) or (isinstance(given, dict) and "msisdn" in given) else "filter"


ScopeBody = Annotated[Annotated[Numbers, Tag("numbers")] | Annotated[Filter, Tag("filter")], Discriminator(_scope_tag)]


class LookRequest(BaseModel):
    """An audit that reports what differs, or repairs it."""

    model_config = STRICT
    policy: Literal[Policy.REPORT, Policy.REPAIR] = Policy.REPORT
    scope: ScopeBody = Filter()
    keys: Annotated[bool, Field(description="ask for keys apart, where reading a subscriber tells none")] = False
    requested_by: RequestedBy | None = None

    def asked(self, hints: Hints | None = None) -> Asked:
        """The audit that is asked."""
        by = None if self.requested_by is None else self.requested_by.model_dump()
        return Asked(self.scope.scope(), Policy(self.policy), self.keys, hints or Hints(), by)


class AdoptRequest(LookRequest):
    """An audit by which lines become what elements hold; beside the scope, what no element can tell of them."""

    policy: Literal[Policy.ADOPT]  # type: ignore[assignment]  # the other words belong to the other request
    contract: NameText | None = None
    plan: NameText | None = None
    suspended_as: Reason | None = None
    barred_as: Reason | None = None

    def asked(self, hints: Hints | None = None) -> Asked:
        """The audit that is asked."""
        return super().asked(hints or Hints(self.contract, self.plan, self.suspended_as, self.barred_as))


def _request_tag(given: object) -> str:
    return "adopt" if isinstance(given, dict) and given.get("policy") == Policy.ADOPT else "look"


AUDIT_REQUEST: TypeAdapter[LookRequest | AdoptRequest] = TypeAdapter(
    Annotated[Annotated[LookRequest, Tag("look")] | Annotated[AdoptRequest, Tag("adopt")], Discriminator(_request_tag)]
)
