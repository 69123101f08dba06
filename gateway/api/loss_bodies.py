"""What may be posted to /v1/loss-reports, and what is answered."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, TypeAdapter

from gateway.api.handset_bodies import ImeiText
from gateway.contract.line import Reason
from gateway.orders.bodies import STRICT, ByIccid, ByImsi, ByMsisdn, Moment, PlainText, RequestedBy

MOST_LINES = 100


class LostByMsisdn(ByMsisdn):
    """A line by its number, and its handset's IMEI if that is to be kept out too."""

    imei: ImeiText | None = None


class LostByImsi(ByImsi):
    """A line by its SIM's IMSI, a second SIM's too; and its handset's IMEI if that is to be kept out too."""

    imei: ImeiText | None = None


class LostByIccid(ByIccid):
    """A line by its SIM's ICCID, a second SIM's too; and its handset's IMEI if that is to be kept out too."""

    imei: ImeiText | None = None


LostBody = LostByMsisdn | LostByImsi | LostByIccid


class LossReportBody(BaseModel):
    """Lines that were lost or stolen, when that was reported if before now, and who passes the report on."""

    model_config = STRICT
    reason: Literal[Reason.LOST, Reason.STOLEN]
    reported_at: Moment | None = None
    lines: Annotated[tuple[LostBody, ...], Field(min_length=1, max_length=MOST_LINES)]
    requested_by: RequestedBy
    external_id: PlainText | None = None


class LossItemView(BaseModel):
    """One line: the order that takes it out of service, or the problem; and what becomes of its handset."""

    line: dict[str, str]
    id: str | None = None
    state: str | None = None
    href: str | None = None
    problem: dict[str, Any] | None = None
    handset: dict[str, Any] | None = None


class LossReportView(BaseModel):
    """A report is durable, and so is the order of every line that has one."""

    id: str
    items: list[LossItemView]


LOSS_REPORT = TypeAdapter(LossReportBody)
