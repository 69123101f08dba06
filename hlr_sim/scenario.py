"""Which elements the simulated network has: one TOML file, every mistake named by file and key."""

from __future__ import annotations

import ipaddress
import re
import sysconfig
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from drivers import dialects
from drivers.commands import BlockImei, Login, RequestPort, SendSms
from drivers.dialect import Module
from drivers.errors import NotSpoken
from hlr_sim.smsc.knobs import Knobs, complaints

SPEC = "1"
TRANSPORTS = ("tcp", "tls", "ssh")
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,31}")
_PLMN = re.compile(r"[0-9]{5,6}")  # MCC and MNC (TS 23.003 §12.1)
_MAX_PORT = 65535
_Wanted = TypeVar("_Wanted")


class ScenarioError(Exception):
    """The scenario cannot be used; the text says which file, which key, and what it should be."""


@dataclass(frozen=True, slots=True)
class ElementSpec:
    """One element as the scenario describes it; passwords come separately, at start.

    ``shares`` names the element whose subscribers it stands before, as a backup gateway or a second dialect does; its
    door, account, sessions and faults are its own. ``user`` may be empty where nobody says who logs in. ``smsc`` is how
    the knobs of a short message centre stand at the start.
    """

    name: str
    dialect: str
    transport: str
    host: str
    port: int
    user: str
    home_plmns: tuple[str, ...] = ()
    max_sessions: int = 32
    idle_logout_s: float = 300.0
    dialect_options: Mapping[str, object] = field(default_factory=dict)
    shares: str = ""
    smsc: Knobs = field(default_factory=Knobs)


class Role(StrEnum):
    """What an element is."""

    HLR = "an HLR"
    SMSC = "an SMSC"
    CLEARING_HOUSE = "a clearing house"
    EIR = "an EIR"


_ROLE_OF = {SendSms: Role.SMSC, RequestPort: Role.CLEARING_HOUSE, BlockImei: Role.EIR}


def role_of(spec: ElementSpec) -> Role:
    """Tell what it is, by what its dialect has a word for; an HLR speaks of none of those."""
    spoken = dialects.load(spec.dialect).CAPABILITIES.commands
    return next((role for command, role in _ROLE_OF.items() if command in spoken), Role.HLR)


def needs_login(spec: ElementSpec) -> bool:
    """Tell whether its dialect logs in."""
    return Login in dialects.load(spec.dialect).CAPABILITIES.commands


def names_user(module: Module, options: Mapping[str, object]) -> bool:
    """Tell whether a login says who logs in; of a terminal the password may be all there is."""
    if Login not in module.CAPABILITIES.commands:
        return False
    try:
        said = [module.client(options).encode(1, Login(user, "FAKEpw01")).data for user in ("", "somebody")]
    except NotSpoken:
        return True
    return said[0] != said[1]


def default_file() -> Path:
    """Find the default scenario: in the checkout one stands in, else among the installed data."""
    below = Path("config", "scenarios", "default.toml")
    return below if below.exists() else Path(sysconfig.get_path("data"), "share", "linegate", below)


def read(file: Path) -> tuple[ElementSpec, ...]:
    """Read and check a scenario. Raises ScenarioError."""
    try:
        raw = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise ScenarioError(f"{file}: cannot be read as TOML: {problem}") from problem
    if raw.get("spec") != SPEC:  # first: the other keys mean nothing in another edition
        raise ScenarioError(f'{file}: spec: must be "{SPEC}", the edition this version reads')
    root = _Table(file, "", raw)
    root.allow({"spec", "elements"})
    elements = root.take("elements", dict[str, object], {})
    if not elements:
        raise ScenarioError(f"{file}: elements: name at least one, as in [elements.orange]")
    specs = {name: _element(file, name, table) for name, table in elements.items()}
    return tuple(_shared(file, spec, specs) if spec.shares else spec for spec in specs.values())


class _Table:
    """One TOML table and where it stands, so that every complaint can say so."""

    def __init__(self, file: Path, path: str, values: object) -> None:
        self._file, self._path = file, path
        if not isinstance(values, dict):
            raise self.wrong("", "must be a table")
        self._values: dict[str, object] = values

    def wrong(self, key: str, what: str) -> ScenarioError:
        """Make the complaint about a key."""
        return ScenarioError(f"{self._file}: {'.'.join(filter(None, (self._path, key)))}: {what}")

    def allow(self, known: set[str]) -> None:
        """Refuse keys nobody reads."""
        for key in self._values:
            if key not in known:
                raise self.wrong(key, f"unknown key; known here: {', '.join(sorted(known))}")

    def take(self, key: str, kind: type[_Wanted], default: _Wanted | None = None) -> _Wanted:
        """Return a value of the right type."""
        value = self._values.get(key, default)
        expected = getattr(kind, "__origin__", kind)
        if value is None:
            raise self.wrong(key, "is missing")
        if not isinstance(value, expected) or (isinstance(value, bool) and expected is not bool):
            raise self.wrong(key, f"must be of type {expected.__name__}")
        return value


def _element(file: Path, name: str, values: object) -> ElementSpec:
    table = _Table(file, f"elements.{name}", values)
    if not _NAME.fullmatch(name):
        raise table.wrong("", "a name has lower case letters, digits, - and _")
    table.allow({f for f in ElementSpec.__dataclass_fields__ if f != "name"})
    spec = ElementSpec(
        name=name,
        dialect=table.take("dialect", str),
        transport=table.take("transport", str),
        host=table.take("host", str, "127.0.0.1"),
        port=table.take("port", int, 0),
        user=table.take("user", str, ""),
        home_plmns=tuple(str(plmn) for plmn in table.take("home_plmns", list[object], [])),
        max_sessions=table.take("max_sessions", int, 32),
        idle_logout_s=float(table.take("idle_logout_s", int, 300)),
        dialect_options=table.take("dialect_options", dict[str, object], {}),
        shares=table.take("shares", str, ""),
    )
    _check(table, spec)
    return replace(spec, smsc=_knobs(table, spec))


def _knobs(table: _Table, spec: ElementSpec) -> Knobs:
    turned = table.take("smsc", dict[str, object], {})
    if turned and role_of(spec) is not Role.SMSC:
        raise table.wrong("smsc", "only a short message centre has these knobs")
    try:
        return Knobs().turned(turned)
    except ValueError as problem:
        raise table.wrong("smsc", complaints(problem)) from problem


def _check(table: _Table, spec: ElementSpec) -> None:
    if spec.transport not in TRANSPORTS:
        raise table.wrong("transport", f"must be one of {', '.join(TRANSPORTS)}")
    if not _is_loopback(spec.host):
        raise table.wrong("host", "must be a loopback address: a simulated network is for this machine only")
    if not 0 <= spec.port <= _MAX_PORT:
        raise table.wrong("port", "must be 0 (any free port) to 65535")
    if not all(_PLMN.fullmatch(plmn) for plmn in spec.home_plmns):
        raise table.wrong("home_plmns", "must be 5 or 6 digits each: MCC and MNC")
    if spec.max_sessions < 1:
        raise table.wrong("max_sessions", "must be 1 or more")
    if spec.idle_logout_s <= 0:
        raise table.wrong("idle_logout_s", "must be more than 0")
    try:
        module: Module = dialects.load(spec.dialect)
    except NotSpoken as unknown:
        raise table.wrong("dialect", str(unknown)) from unknown
    try:
        module.server(spec.dialect_options)
    except NotSpoken as unknown:
        raise table.wrong("dialect_options", str(unknown)) from unknown
    if not spec.user and (names_user(module, spec.dialect_options) or spec.transport == "ssh"):
        raise table.wrong("user", "is missing or empty: somebody has to log in")


def _shared(file: Path, spec: ElementSpec, specs: Mapping[str, ElementSpec]) -> ElementSpec:
    """Check whom an element shares with; it serves that one's home networks."""
    table = _Table(file, f"elements.{spec.name}", {})
    if (owner := specs.get(spec.shares)) is None or owner is spec:
        others = ", ".join(name for name in specs if name != spec.name)
        raise table.wrong("shares", f"must name another element of this file: {others or 'there is none'}")
    if owner.shares:
        raise table.wrong("shares", f"{owner.name} has no subscribers of its own: name {owner.shares}")
    if role_of(spec) is not role_of(owner):
        raise table.wrong("shares", f"{role_of(owner)} and {role_of(spec)} have nothing to share")
    return replace(spec, home_plmns=spec.home_plmns or owner.home_plmns)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
