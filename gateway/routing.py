"""Which element serves a line: a contract's host names an element, a group of them, or a route by ranges of numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from drivers.subscription import Imsi, Msisdn
from gateway.contract.table import Table
from gateway.elements import ElementConfig

_PREFIX = re.compile(r"\+?[0-9]{1,15}")


@dataclass(frozen=True, slots=True)
class Range:
    """Numbers or IMSIs beginning alike, and the element or group they live on."""

    to: str
    msisdn: str | None = None
    imsi: str | None = None

    def has(self, msisdn: Msisdn, imsi: Imsi) -> bool:
        """Tell whether a line lies in it."""
        return (self.msisdn is None or msisdn.startswith(self.msisdn)) and (
            self.imsi is None or imsi.startswith(self.imsi)
        )

    @property
    def digits(self) -> int:
        """How narrow it is."""
        return len(self.msisdn or "") + len(self.imsi or "")


@dataclass(frozen=True, slots=True)
class Route:
    """Ranges, the narrowest first asked, and where everything else goes."""

    otherwise: str
    ranges: tuple[Range, ...] = ()

    def target(self, msisdn: Msisdn, imsi: Imsi) -> str:
        """Name the element or group of a line."""
        found = [r for r in self.ranges if r.has(msisdn, imsi)]
        return max(found, key=lambda r: r.digits).to if found else self.otherwise


@dataclass(frozen=True, slots=True)
class Topology:
    """Everything commands can be addressed to, by name."""

    elements: Mapping[str, ElementConfig] = field(default_factory=dict)
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    routes: Mapping[str, Route] = field(default_factory=dict)

    def target(self, name: str, msisdn: Msisdn, imsi: Imsi) -> str:
        """Name the element or group that serves a line of what a contract calls ``name``."""
        route = self.routes.get(name)
        return name if route is None else route.target(msisdn, imsi)

    def targets(self, name: str) -> tuple[str, ...]:
        """Name every element and group that may serve lines of what a contract calls ``name``."""
        route = self.routes.get(name)
        return (name,) if route is None else tuple(dict.fromkeys((route.otherwise, *(r.to for r in route.ranges))))

    def holds_subscribers(self, name: str) -> bool:
        """Tell whether the name leads to an HLR."""
        named = self.groups.get(name, (name,))
        return all(one in self.elements and self.elements[one].role == "hlr" for one in named)


def read_topology(root: Table, elements: Mapping[str, ElementConfig]) -> Topology:
    """Read ``[groups.…]`` and ``[routes.…]``; mistakes are noted in ``root``."""
    groups = {name: table.texts("members") for name, table in root.tables("groups", optional=True).items()}
    routes = {name: _route(table) for name, table in root.tables("routes", optional=True).items()}
    topology = Topology(elements, groups, routes)
    for name, members in groups.items():
        if not members or any(member not in elements for member in members) or not topology.holds_subscribers(name):
            root.wrong(f"groups.{name}.members", "must name hlr elements, the primary first")
        elif len({(elements[m].dialect, elements[m].cannot) for m in members}) > 1:
            root.wrong(f"groups.{name}.members", "must speak one dialect: they stand before the same subscribers")
    for name in routes:
        for to in topology.targets(name):
            if to in routes or not topology.holds_subscribers(to):
                root.wrong(f"routes.{name}", f"{to!r} must be an hlr element or a group")
    for name in (*groups, *routes):
        if name in elements or (name in groups and name in routes):
            root.wrong(name, "names an element, a group or a route: only one of them can have it")
    return topology


def _route(table: Table) -> Route:
    ranges = tuple(_range(each) for each in table.tables("ranges", optional=True).values())
    return Route(table.text("otherwise"), ranges)


def _range(table: Table) -> Range:
    msisdn, imsi = table.optional_text("msisdn"), table.optional_text("imsi")
    for key, value in (("msisdn", msisdn), ("imsi", imsi)):
        if value is not None and not _PREFIX.fullmatch(value):
            table.wrong(key, "must be the first digits, a number with its +")
    if msisdn is None and imsi is None:
        table.wrong("msisdn", "name the first digits of a number or of an IMSI")
    return Range(table.text("to"), msisdn, imsi)
