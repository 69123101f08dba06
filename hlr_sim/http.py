"""The simulator's own REST page: the probe, attaches, misfortune, and a look (or a hand) into each element."""

from __future__ import annotations

from typing import Annotated

from fastapi import FastAPI, HTTPException, Query, Response

from drivers.commands import RemoveSubscriber
from drivers.subscription import Imsi
from hlr_sim.behaviour import Hlr
from hlr_sim.http_bodies import Country, FaultBody, Hand, ImsiPath
from hlr_sim.http_eir import Imei, eir_routes, in_handset
from hlr_sim.http_ports import port_routes
from hlr_sim.http_smsc import smsc_routes
from hlr_sim.network_side import ACCEPTED, Place, probe
from hlr_sim.problems import install_problem_answers
from hlr_sim.server import ElementServer
from hlr_sim.simulation import Simulation
from hlr_sim.subscribers import Subscriber

_FEED_LIMIT = 1000
_LOG_LIMIT = 1000

Answer = dict[str, object]
Page = dict[str, list[dict[str, object]]]


def make_app(simulation: Simulation) -> FastAPI:
    """Make the application over a running simulation."""
    app = FastAPI(title="Linegate simulated network", docs_url=None, redoc_url=None)
    install_problem_answers(app)
    _probe_routes(app, simulation)
    _fault_routes(app, simulation)
    _element_routes(app, simulation)
    _subscriber_routes(app, simulation)
    smsc_routes(app, simulation)
    port_routes(app, simulation)
    eir_routes(app, simulation)
    return app


def _probe_routes(app: FastAPI, simulation: Simulation) -> None:
    @app.get("/health")
    async def health() -> Answer:
        return {"status": "up", "elements": sorted(simulation.servers)}

    @app.get("/network/{imsi}")
    async def network(imsi: ImsiPath, at: Place = Place.HOME, imei: Imei | None = None) -> Answer:
        return in_handset(simulation, probe(_admitted(simulation, imsi)[1], imsi, at), at, imei)

    @app.post("/network/{imsi}/attach")
    async def attach(
        imsi: ImsiPath, at: Place = Place.HOME, country: Country | None = None, imei: Imei | None = None
    ) -> Answer:
        hlr, subscriber = _admitted(simulation, imsi)
        answer = in_handset(simulation, probe(subscriber, imsi, at), at, imei)
        for _, before in simulation.hlrs():
            before.detach(imsi)
        if hlr is not None and answer["attach"] == ACCEPTED:
            hlr.attach(imsi, at)
            simulation.attaches.note(imsi, None if subscriber is None else subscriber.msisdn, at, country)
        return answer

    @app.get("/network/{imsi}/registration")
    async def registration(imsi: ImsiPath) -> Answer:
        return _registered(simulation, imsi)

    @app.get("/attaches")
    async def attaches(
        after: Annotated[int, Query(ge=0)] = 0, limit: Annotated[int, Query(ge=1, le=_FEED_LIMIT)] = _FEED_LIMIT
    ) -> Answer:
        entries = simulation.attaches.after(after, limit)
        return {"items": [entry.as_json() for entry in entries], "last": entries[-1].id if entries else after}


def _fault_routes(app: FastAPI, simulation: Simulation) -> None:
    @app.post("/faults", status_code=201)
    async def script(body: FaultBody | list[FaultBody]) -> Page:
        asked = body if isinstance(body, list) else [body]
        for one in asked:
            _server(simulation, one.element)
        faults = [one.fault() for one in asked]  # all are checked before any is scripted
        for fault in faults:
            simulation.faults.add(fault)
        return {"items": [fault.as_json() for fault in faults]}

    @app.get("/faults")
    async def scripted() -> Page:
        return {"items": [fault.as_json() for fault in simulation.faults.listed()]}

    @app.delete("/faults", status_code=204)
    async def clear() -> Response:
        simulation.clear_faults()
        return Response(status_code=204)


def _element_routes(app: FastAPI, simulation: Simulation) -> None:
    @app.get("/elements")
    async def elements() -> Page:
        return {"items": [_element(server) for server in simulation.servers.values()]}

    @app.get("/elements/{name}/log")
    async def log(name: str, since: Annotated[int, Query(ge=0)] = 0) -> dict[str, object]:
        entries = _server(simulation, name).element.log.since(since)[:_LOG_LIMIT]
        return {"items": [entry.as_json() for entry in entries], "last": entries[-1].seq if entries else since}


def _subscriber_routes(app: FastAPI, simulation: Simulation) -> None:
    @app.get("/elements/{name}/subscribers/{imsi}")
    async def look(name: str, imsi: ImsiPath) -> Answer:
        hlr = _hlr(simulation, name)
        return _shown(hlr, _subscriber(hlr, imsi))

    @app.post("/elements/{name}/subscribers/{imsi}")
    async def change(name: str, imsi: ImsiPath, hand: Hand) -> Answer:
        hlr = _hlr(simulation, name)
        held = _subscriber(hlr, imsi)
        wanted = hand.on(held)
        if hlr.store.owner(wanted.msisdn) not in (None, imsi):
            raise HTTPException(409, "another subscriber of this element has that number")
        hlr.store.put(wanted, instead_of=held)
        return _shown(hlr, wanted)

    @app.delete("/elements/{name}/subscribers/{imsi}", status_code=204)
    async def remove(name: str, imsi: ImsiPath) -> Response:
        held = _subscriber(_hlr(simulation, name), imsi)
        _server(simulation, name).element.carry_out(RemoveSubscriber(Imsi(held.imsi)), None)
        return Response(status_code=204)


def _admitted(simulation: Simulation, imsi: str) -> tuple[Hlr | None, Subscriber | None]:
    for _, hlr in simulation.hlrs():
        if (subscriber := hlr.admitted(imsi)) is not None:
            return hlr, subscriber
    return None, None


def _registered(simulation: Simulation, imsi: str) -> Answer:
    """Tell what a registered phone gets until it registers anew: that goes by what its serving node was told."""
    for name, hlr in simulation.hlrs():
        if (served := hlr.registration(imsi)) is not None:
            about: Answer = {"imsi": imsi, "registered": True, "element": name, "at": served.at.value}
            gets = probe(served.copy, imsi, served.at)
            return about | {"up_to_date": hlr.store.find(imsi) == served.copy, "gets": gets}
    return {"imsi": imsi, "registered": False, "element": None, "at": None, "up_to_date": None, "gets": None}


def _server(simulation: Simulation, name: str) -> ElementServer:
    if name not in simulation.servers:
        raise HTTPException(404, f"no such element; there are: {', '.join(simulation.servers)}")
    return simulation.servers[name]


def _hlr(simulation: Simulation, name: str) -> Hlr:
    behaviour = _server(simulation, name).element.behaviour
    if not isinstance(behaviour, Hlr):
        raise HTTPException(404, "this element holds no subscribers")
    return behaviour


def _subscriber(hlr: Hlr, imsi: str) -> Subscriber:
    held = hlr.store.find(imsi)
    if held is None:
        raise HTTPException(404, "this element holds no subscriber with that IMSI")
    return held


def _shown(hlr: Hlr, subscriber: Subscriber) -> Answer:
    imsi = subscriber.imsi
    return subscriber.as_json() | {"keys_held": hlr.store.has_keys(imsi), "registered": hlr.is_registered(imsi)}


def _element(server: ElementServer) -> Answer:
    element = server.element
    about: Answer = {"name": element.spec.name, "home_plmns": list(element.spec.home_plmns)}
    return about | server.description() | {"sessions": element.sessions, "commands": element.log.last}
