"""What may be posted to /v1/handsets, and how handsets look to the outside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BaseModel, Field, StringConstraints, TypeAdapter

from gateway.handsets import book
from gateway.handsets.identity import IMEI_PATTERN
from gateway.journal.journal import Row
from gateway.orders.bodies import STRICT, NameText, PlainText, RequestedBy

ImeiText = Annotated[
    str, StringConstraints(pattern=IMEI_PATTERN), Field(examples=["353879234252633"], description="TS 23.003 §6.2")
]


class BlockBody(BaseModel):
    """Why a handset is to be kept out, the asker's own reference, and who asks."""

    model_config = STRICT
    reason: Annotated[NameText, Field(examples=["stolen"])]
    reference: PlainText | None = None
    requested_by: RequestedBy


class UnblockBody(BaseModel):
    """Who lets a handset in again, and why."""

    model_config = STRICT
    reason: Annotated[NameText, Field(examples=["found"])] | None = None
    reference: PlainText | None = None
    requested_by: RequestedBy


class RegisterView(BaseModel):
    """One register: open (not told yet, or not confirmed), confirmed as read back, or refused with its own words."""

    element: str
    state: str
    code: str | None
    text: str | None
    at: str | None


class HandsetView(BaseModel):
    """A handset. ``state``: blocking, blocked, unblocking, unblocked, or refused when a register said no."""

    imei: str
    state: str
    reason: str | None
    reference: str | None
    requested_by: dict[str, str]
    asked_at: str
    confirmed_at: str | None
    elements: list[RegisterView]


class HandsetPage(BaseModel):
    """A page of handsets by their digits; ``next`` goes into ``cursor`` for the following one."""

    items: list[HandsetView]
    next: str | None


BLOCK, UNBLOCK = TypeAdapter(BlockBody), TypeAdapter(UnblockBody)


def handset_view(row: Row, wishes: Sequence[Row]) -> dict[str, Any]:
    """Lay a handset out; ``confirmed_at`` is when the last of the registers had confirmed."""
    states = {wish["state"] for wish in wishes}
    words = ("blocking", "blocked") if row["blocked"] else ("unblocking", "unblocked")
    confirmed = states == {"confirmed"}
    names = ("element", "state", "code", "text", "at")
    return {
        **{name: row[name] for name in ("imei", "reason", "reference", "asked_at")},
        "state": "refused" if "refused" in states else words[confirmed],
        "requested_by": book.told_by(row),
        "confirmed_at": max(wish["at"] for wish in wishes) if confirmed else None,
        "elements": [{name: wish[name] for name in names} for wish in wishes],
    }
