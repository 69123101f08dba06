"""The simulator's REST page for short messages: inboxes, phones, knobs, figures."""

from __future__ import annotations

from typing import Annotated

from fastapi import Body, FastAPI, HTTPException, Query
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from hlr_sim.http_bodies import FromPhoneBody, MsisdnPath, PhoneBody, Recipient
from hlr_sim.simulation import Simulation
from hlr_sim.smsc import Sms, Smsc
from hlr_sim.smsc.centre import changed
from hlr_sim.smsc.door import Door

_INBOX_LIMIT = 1000
_INBOX_LIMIT_MAX = 10_000

Answer = dict[str, object]


def smsc_routes(app: FastAPI, simulation: Simulation) -> None:
    """Add them all."""
    _inbox_routes(app, simulation)
    _phone_routes(app, simulation)
    _knob_routes(app, simulation)


def _inbox_routes(app: FastAPI, simulation: Simulation) -> None:
    @app.get("/sms")
    async def sms(
        to: Recipient | None = None,
        limit: Annotated[int, Query(ge=1, le=_INBOX_LIMIT_MAX)] = _INBOX_LIMIT,
        after: Annotated[int, Query(ge=0)] | None = None,
        element: str | None = None,
    ) -> Answer:
        centres = list(simulation.smscs()) if element is None else [(element, _smsc(simulation, element))]
        if after is not None and len(centres) != 1:
            raise HTTPException(422, "after counts in one centre: name it as element")
        found: list[Sms] = [message for _, centre in centres for message in centre.inbox(to, limit, after)]
        shown = found[-limit:]
        return {"items": [message.as_json() for message in shown], "last": shown[-1].id if shown else after or 0}


def _phone_routes(app: FastAPI, simulation: Simulation) -> None:
    @app.get("/phones/{msisdn}")
    async def look(msisdn: MsisdnPath) -> Answer:
        return _first(simulation)[1].phones.find(msisdn).as_json()

    @app.post("/phones/{msisdn}")
    @app.put("/phones/{msisdn}")
    async def change(msisdn: MsisdnPath, body: PhoneBody) -> Answer:
        for _, centre in simulation.smscs():
            wanted = changed(centre.phones.find(msisdn), reachable=body.reachable, known=body.known)
            centre.put_phone(wanted, alert=body.alert)
        return _first(simulation)[1].phones.find(msisdn).as_json()

    @app.post("/phones/{msisdn}/send", status_code=202)
    async def send(msisdn: MsisdnPath, body: FromPhoneBody) -> Answer:
        name, centre = _first(simulation) if body.element is None else (body.element, _smsc(simulation, body.element))
        phone = centre.phones.find(msisdn)
        if not phone.known:
            raise HTTPException(404, "no phone has that number: make it known first")
        if not phone.reachable:
            raise HTTPException(409, "the phone is off: switch it on first")
        system_id = body.system_id or simulation.servers[name].element.spec.user
        parts = centre.send_from(msisdn, body.to, body.text, system_id)
        return {"from": msisdn, "to": body.to, "system_id": system_id, "parts": parts}


def _knob_routes(app: FastAPI, simulation: Simulation) -> None:
    @app.get("/smsc/{element}/knobs")
    async def knobs(element: str) -> Answer:
        return _door(simulation, element).knobs.as_json()

    @app.post("/smsc/{element}/knobs")
    async def turn(element: str, changes: Annotated[dict[str, object], Body()]) -> Answer:
        door = _door(simulation, element)
        try:
            door.turn(changes)
        except ValidationError as wrong:
            raise RequestValidationError(_named(wrong)) from wrong
        return door.knobs.as_json()

    @app.delete("/smsc/{element}/knobs")
    async def reset(element: str) -> Answer:
        door = _door(simulation, element)
        door.reset()
        return door.knobs.as_json()

    @app.get("/smsc/{element}/figures")
    async def figures(element: str) -> Answer:
        return _smsc(simulation, element).figures(element)


def _named(wrong: ValidationError) -> list[dict[str, object]]:
    return [{"loc": ("body", *error["loc"]), "msg": error["msg"], "type": error["type"]} for error in wrong.errors()]


def _first(simulation: Simulation) -> tuple[str, Smsc]:
    found = next(simulation.smscs(), None)
    if found is None:
        raise HTTPException(404, "this network has no short message centre")
    return found


def _smsc(simulation: Simulation, name: str) -> Smsc:
    server = simulation.servers.get(name)
    if server is None or not isinstance(server.element.behaviour, Smsc):
        centres = [n for n, s in simulation.servers.items() if isinstance(s.element.behaviour, Smsc)]
        raise HTTPException(404, f"no such short message centre; there are: {', '.join(centres)}")
    return server.element.behaviour


def _door(simulation: Simulation, name: str) -> Door:
    return _smsc(simulation, name).door(name)
