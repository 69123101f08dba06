"""How SIMs and cards look to the outside; their secrets are in two answers only, each with its entry in the trail."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from gateway.journal.journal import Row
from gateway.stock.cards import CardState


class SimView(BaseModel):
    """A SIM in stock or in service, the line it serves, and what stations told of the card itself."""

    iccid: str
    imsi: str
    state: str
    customer: str
    batch: str
    profile: str
    imported_at: str
    msisdn: str | None
    card: CardState | None
    card_at: str | None
    card_by: str | None
    adm1_refused_at: str | None


class SimList(BaseModel):
    """The SIMs that were asked for."""

    items: list[SimView]


class CardKeysView(BaseModel):
    """All keys of one card, for the station that has it in its reader; ``adm1_ref`` names the ADM1 in its reports."""

    iccid: str
    imsi: str
    state: str
    card: CardState | None
    pin1: str | None
    puk1: str | None
    pin2: str | None
    puk2: str | None
    adm1: str | None
    adm1_ref: str | None
    ki: str | None
    opc: str | None


class TakenView(BaseModel):
    """How many reports were new, and how many had been taken before."""

    taken: int
    already: int


class ReportProblem(BaseModel):
    """A report that was not taken; ``index`` counts from 0, ``type`` is the problem's."""

    index: int
    iccid: str
    id: str
    type: str
    detail: str


class TakenListView(TakenView):
    """The same, and what could not be taken."""

    problems: list[ReportProblem]


class ImportView(BaseModel):
    """What became of a vendor file."""

    customer: str
    batch: str
    rows: int
    imported: int
    already_there: int
    refused: int
    problems: list[dict[str, Any]]


class PukView(BaseModel):
    """The unblocking keys of a SIM, disclosed once to whoever is named in the trail."""

    iccid: str
    puk1: str | None
    puk2: str | None


def sim_view(row: Row) -> dict[str, Any]:
    """Lay a SIM out: nothing of what the vault sealed."""
    return {name: row[name] for name in SimView.model_fields}
