"""How numbers that come and go look to the outside; their RIOs do not."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from gateway.journal.journal import Row


class PortView(BaseModel):
    """A number that comes or goes: ``state`` is the clearing house's word, ``stored_at`` when it was in service here.

    ``on`` is the moment wished, ``told_on`` the one the clearing house knows; ``stuck`` is what a human must look at.
    ``outage_s`` counts from the donor's release to our stored confirmation.
    """

    reference: str
    file: str | None
    direction: str
    msisdn: str
    contract: str | None
    order_id: str | None
    donor: str
    recipient: str
    mandate: str | None
    day: str
    on: str
    told_on: str | None
    state: str
    reason: str | None
    dropped: str | None
    stuck: str | None
    made_at: str
    released_at: str | None
    stored_at: str | None
    confirmed_at: str | None
    ended_at: str | None
    outage_s: float | None
    within_promise: bool | None
    day_order: str | None


class PortPage(BaseModel):
    """A page of ports, newest first; ``next`` goes into ``cursor`` for the following one."""

    items: list[PortView]
    next: str | None


class RioView(BaseModel):
    """The RIO is on its way to the line's phone: ``href`` tells what became of the message."""

    msisdn: str
    message_id: str
    href: str


_NAMES = {"on": "on_at", "stored_at": "switched_at"}


def port_view(row: Row) -> dict[str, Any]:
    """Lay a port out."""
    view = {name: row[_NAMES.get(name, name)] for name in PortView.model_fields}
    within = view["within_promise"]
    return view | {"within_promise": None if within is None else bool(within)}
