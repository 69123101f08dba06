"""The configured elements, led to the doors of a simulated network and speaking what is spoken there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from drivers import dialects
from gateway.cli.failure import WrongUse
from gateway.elements import ElementConfig

_SESSIONS_OF_ONE = 8  # where a session takes one command at a time, several make up for it

Door = Mapping[str, Any]
Words = Mapping[str, str]


def led(
    elements: Mapping[str, ElementConfig], doors: Mapping[str, Door], passwords: Words, ssh_passwords: Words
) -> dict[str, ElementConfig]:
    """Point every element at the door of its name. Raises WrongUse if one has none.

    Other doors are left alone, but for the second one of an element (its ``also``): that is the one that shares the
    element's subscribers and speaks the same dialect; without it the element has no second.
    """
    missing = sorted(set(elements) - set(doors))
    if missing:
        raise WrongUse(
            f"elements.toml names {', '.join(missing)}, which the simulated network has not: "
            "add them to its scenario, or use `linegate serve`"
        )

    def behind(name: str, element: ElementConfig) -> ElementConfig:
        known = replace(element, password=passwords[name], ssh_password=ssh_passwords[name])
        return _behind(_speaking(known, doors[name]), doors[name])

    def second(first: str, also: ElementConfig) -> ElementConfig | None:
        shared = (n for n, door in doors.items() if door.get("shares") == first and door["dialect"] == also.dialect)
        return next((behind(name, also) for name in shared), None)

    return {
        name: replace(behind(name, element), also=None if element.also is None else second(name, element.also))
        for name, element in elements.items()
    }


def _behind(element: ElementConfig, door: Door) -> ElementConfig:
    host, port, key, user = str(door["host"]), int(door["port"]), door.get("host_key"), str(door.get("user", ""))
    return replace(
        element,
        transport=str(door["transport"]),
        host=host,
        port=port,
        user=user,
        ssh_user=user,
        known_hosts="" if key is None else f"[{host}]:{port} {key}\n",
    )


def _speaking(element: ElementConfig, door: Door) -> ElementConfig:
    """Have the element speak what the door does; what was said of another dialect does not hold for this one."""
    dialect = str(door["dialect"])
    if dialect == element.dialect:
        return element
    most = dialects.load(dialect).CAPABILITIES.max_window
    window = min(element.limits.window, most)
    sessions = max(element.sessions, _SESSIONS_OF_ONE) if most == 1 else element.sessions
    return replace(
        element,
        dialect=dialect,
        dialect_options=door.get("dialect_options", {}),
        sessions=sessions,
        limits=replace(element.limits, window=window),
        manners=replace(element.manners, pace=replace(element.manners.pace, window=window * sessions)),
        readings={},
        cannot=(),
        pushes=(),
    )
