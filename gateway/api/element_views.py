"""How elements and groups look to the outside; where they are, and how they are logged in to, is nobody's business."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel

from drivers import dialects
from drivers.dialect import Capabilities
from drivers.target import Standing
from gateway.app import Gateway
from gateway.elements import ElementConfig
from gateway.maintenance import Window
from gateway.orders.upkeep import Opened

State = Literal["ok", "away", "maintenance"]


class CapabilitiesView(BaseModel):
    """What can be told, what can be held, and of what serving nodes hear unasked."""

    commands: list[str]
    facets: list[str]
    pushes: list[str]


class WindowView(BaseModel):
    """A time in which nobody is let through; ``until`` is absent while nobody knows, ``who`` where it was planned."""

    since: str
    until: str | None
    why: str
    who: str | None


class MemberView(BaseModel):
    """One element of a group, the primary first."""

    name: str
    state: State


class ElementView(BaseModel):
    """An element, or a group of them, and how it is: ``reason`` and ``until`` tell why nobody is let through."""

    name: str
    kind: Literal["element", "group"]
    role: str
    dialects: list[str]
    transport: str | None
    connected: bool
    state: State
    reason: str | None
    until: str | None
    window: int
    per_s: float | None
    capabilities: CapabilitiesView
    members: list[MemberView]
    opened: WindowView | None
    planned: list[WindowView]


class ElementList(BaseModel):
    """Every element, then every group."""

    items: list[ElementView]


def names(gateway: Gateway) -> tuple[str, ...]:
    """Name every element, then every group."""
    topology = gateway.settings.topology
    return (*topology.elements, *topology.groups)


def element_view(gateway: Gateway, name: str, opened: Mapping[str, Opened]) -> dict[str, Any]:
    """Lay one out; ``opened`` are the windows opened by hand."""
    topology, target = gateway.settings.topology, gateway.network.standing(name)
    members = topology.groups.get(name, ())
    first = topology.elements[members[0] if members else name]
    pace, window = first.manners.pace, opened.get(name)
    reason, until = target.paused or (None, None)
    return {
        "name": name,
        "kind": "group" if members else "element",
        "role": first.role,
        "dialects": [door.dialect for door in _doors(first)],
        "transport": None if members else first.transport,
        "connected": target.connected,
        "state": _state(target),
        "reason": reason,
        "until": _time(until),
        "window": pace.window,
        "per_s": pace.per_s,
        "capabilities": _capabilities(_abilities(gateway, name)),
        "members": [{"name": member, "state": _state(gateway.network.element(member))} for member in members],
        "opened": None if window is None else _window(window.window, window.who),
        "planned": [_window(one, None) for one in _to_come(first.maintenance if not members else (), gateway.clock())],
    }


def _doors(element: ElementConfig) -> tuple[ElementConfig, ...]:
    return (element,) if element.also is None else (element, element.also)


def _abilities(gateway: Gateway, name: str) -> Capabilities:
    """What it can be told; of a short message centre, what its protocol can."""
    centre = gateway.settings.topology.elements[name] if name in gateway.network.centres else None
    return gateway.network.element(name).capabilities if centre is None else dialects.load(centre.dialect).CAPABILITIES


def _state(target: Standing) -> State:
    if target.paused is None:
        return "ok"
    return "maintenance" if target.in_maintenance else "away"


def _capabilities(can: Capabilities) -> dict[str, list[str]]:
    return {"commands": _words(can.commands), "facets": _words(can.facets), "pushes": _words(can.pushes)}


def _words(types: Iterable[type]) -> list[str]:
    return sorted(word.__name__ for word in types)


def _to_come(planned: Iterable[Window], now: datetime) -> Iterable[Window]:
    return sorted((window for window in planned if not window.over(now)), key=lambda window: window.since)


def _window(window: Window, who: str | None) -> dict[str, str | None]:
    return {"since": _time(window.since), "until": _time(window.until), "why": window.why, "who": who}


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
