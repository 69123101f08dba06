"""The simulator's REST page for number portability: the other operators' hands, and a look into the files."""

from __future__ import annotations

from typing import Annotated

from fastapi import FastAPI, HTTPException
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from drivers.commands import Refused, RequestPort
from drivers.subscription import Msisdn
from hlr_sim.clearing import ClearingHouse
from hlr_sim.clearing.donors import REASONS, RIO_WRONG, Says, Script
from hlr_sim.clearing.files import File
from hlr_sim.http_bodies import Number, Recipient
from hlr_sim.simulation import Simulation

_MOST_S = 10 * 365 * 86400

Answer = dict[str, object]
Text = Annotated[str, Field(max_length=64)]


def _code(reason: str) -> str:
    if reason not in REASONS:
        raise ValueError(f"must be one of {', '.join(sorted(REASONS))}")
    return reason


class DonorBody(BaseModel):
    """How the donor of a number answers; without ``answer`` it goes by the RIO it would check, or by its key."""

    model_config = ConfigDict(extra="forbid")

    msisdn: Number
    answer: Says | None = None
    reason: Annotated[str, AfterValidator(_code)] = RIO_WRONG
    after_s: Annotated[float, Field(ge=0, le=_MOST_S)] = 0.0
    rio: Text | None = None


class OutBody(BaseModel):
    """A number of ours that another operator wants; ``donor`` is who the house takes us for, else by the RIO."""

    model_config = ConfigDict(extra="forbid")

    msisdn: Number
    rio: Text
    recipient: Text
    on: Text
    donor: Text | None = None


def port_routes(app: FastAPI, simulation: Simulation) -> None:
    """Add them all."""
    _others_hands(app, simulation)
    _looks(app, simulation)


def _others_hands(app: FastAPI, simulation: Simulation) -> None:
    @app.post("/ports/donor")
    async def donor(body: DonorBody) -> Answer:
        script = Script(**dict(body))
        _house(simulation).donors.put(script)
        return script.as_json()

    @app.post("/ports/out", status_code=201)
    async def out(body: OutBody) -> Answer:
        asked = RequestPort("", Msisdn(body.msisdn), body.rio, body.recipient, body.on)
        match _house(simulation).ask_out(asked, body.rio[:2] if body.donor is None else body.donor):
            case Refused(_, code, text):
                raise HTTPException(409, f"{code}: {text}".removesuffix(": "))
            case File() as file:
                return file.as_json()

    @app.post("/ports/{reference}/release")
    async def release(reference: str) -> Answer:
        house = _house(simulation)
        return _shown(house.let_go(_file(house, reference)), "only an accepted port towards us is released here")

    @app.post("/ports/{reference}/cancel")
    async def cancel(reference: str) -> Answer:
        house = _house(simulation)
        return _shown(house.withdraw(_file(house, reference)), "only a port away from us is cancelled here, in time")


def _looks(app: FastAPI, simulation: Simulation) -> None:
    @app.get("/ports")
    async def ports(msisdn: Recipient | None = None) -> dict[str, list[Answer]]:
        return {"items": [file.as_json() for file in _house(simulation).listed(msisdn)]}

    @app.get("/ports/{reference}")
    async def port(reference: str) -> Answer:
        return _file(_house(simulation), reference).as_json()


def _shown(changed: File | None, else_: str) -> Answer:
    if changed is None:
        raise HTTPException(409, else_)
    return changed.as_json()


def _house(simulation: Simulation) -> ClearingHouse:
    found = next(simulation.clearing_houses(), None)
    if found is None:
        raise HTTPException(404, "this network has no clearing house: add an element of dialect npc to its scenario")
    return found[1]


def _file(house: ClearingHouse, reference: str) -> File:
    found = house.find(reference)
    if found is None:
        raise HTTPException(404, "the clearing house has no file of that reference")
    return found
