"""Which element serves a line: a contract's host names an element, a group of them, or a route by ranges of numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from drivers.subscription import Imsi, Msisdn
from gateway.contract.table import Table
from gateway.elements import ElementConfig

NAME_PATTERN = "^[a-z][a-z0-9_-]{0,31}$"  #: of elements, groups and routes: they stand in addresses and file names
_NAME = re.compile(NAME_PATTERN)
_OF_MSISDN = re.compile(r"\+[0-9]{1,15}")
_OF_IMSI = re.compile(r"[0-9]{1,15}")


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
        return len((self.msisdn or "").lstrip("+")) + len(self.imsi or "")


@dataclass(frozen=True, slots=True)
class Route:
    """Ranges, the narrowest first asked (of two alike, the one written first), and where everything else goes."""

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
    group_tables, route_tables = root.tables("groups", optional=True), root.tables("routes", optional=True)
    groups = {name: table.texts("members") for name, table in group_tables.items()}
    ranges = {name: _ranges(table) for name, table in route_tables.items()}
    routes = {
        name: Route(table.text("otherwise"), tuple(one for _, one in ranges[name]))
        for name, table in route_tables.items()
    }
    topology = Topology(elements, groups, routes)
    for name, table in group_tables.items():
        _check_group(table, groups[name], topology)
    for name, table in route_tables.items():
        _check_goal(table, "otherwise", routes[name].otherwise, topology)
        for each, one in ranges[name]:
            _check_goal(each, "to", one.to, topology)
    _check_names(root, topology)
    return topology


def _ranges(table: Table) -> list[tuple[Table, Range]]:
    found = [(each, _range(each)) for each in table.tables("ranges", optional=True).values()]
    seen: set[tuple[str | None, str | None]] = set()
    for each, one in found:
        if (one.msisdn, one.imsi) in seen:
            each.wrong("to", "another range has the same first digits: keep one of them")
        seen.add((one.msisdn, one.imsi))
    return found


def _range(table: Table) -> Range:
    msisdn, imsi = table.optional_text("msisdn"), table.optional_text("imsi")
    if msisdn is not None and not _OF_MSISDN.fullmatch(msisdn):
        table.wrong("msisdn", 'must be the first digits of a number with its +, as "+33612"')
    if imsi is not None and not _OF_IMSI.fullmatch(imsi):
        table.wrong("imsi", 'must be the first digits of an IMSI, as "20801"')
    if msisdn is None and imsi is None:
        table.wrong("msisdn", "name the first digits of a number or of an IMSI")
    return Range(table.text("to"), msisdn, imsi)


def _check_group(table: Table, members: tuple[str, ...], topology: Topology) -> None:
    known = [topology.elements[member] for member in members if member in topology.elements]
    if not known or len(known) < len(members) or any(element.role != "hlr" for element in known):
        table.wrong("members", "must name hlr elements, the primary first")
    elif len(set(members)) < len(members):
        table.wrong("members", "must name each element once")
    elif len({_abilities(element) for element in known}) > 1:
        table.wrong("members", "must speak alike, doors and all: they stand before the same subscribers")


def _abilities(element: ElementConfig | None) -> tuple[object, ...]:
    if element is None:
        return ()
    return (element.dialect, frozenset(element.cannot), frozenset(element.pushes), _abilities(element.also))


def _check_goal(table: Table, key: str, goal: str, topology: Topology) -> None:
    if goal and (goal in topology.routes or not topology.holds_subscribers(goal)):
        table.wrong(key, f"must name an hlr element or a group, which {goal!r} is not")


def _check_names(root: Table, topology: Topology) -> None:
    taken: dict[str, str] = {}
    named = {"elements": topology.elements, "groups": topology.groups, "routes": topology.routes}
    for kind, names in named.items():
        for name in names:
            if not _NAME.fullmatch(name):
                root.wrong(f"{kind}.{name}", "a name has lower case letters, digits, - and _")
            if (other := taken.setdefault(name, kind)) != kind:
                root.wrong(f"{kind}.{name}", f"there is one of that name in {other} already: call it otherwise")
