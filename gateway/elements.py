"""What ``elements.toml`` says of each network element: where it is, how it is spoken to, how it is treated."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from drivers import dialects
from drivers.commands import BlockImei, Login, RequestPort, SendSms
from drivers.dialects.smpp.client import SmppClient
from drivers.element import Manners
from drivers.errors import NotSpoken
from drivers.esme.config import CentreConfig
from drivers.session import Limits
from gateway.centres import USUAL, read_centre
from gateway.contract.table import Table
from gateway.maintenance import Window, read_windows
from gateway.manners import read_manners, read_pace, read_readings

SMSC = "smsc"  #: the role of a short message centre
EIR = "eir"  #: the role of an Equipment Identity Register
CLEARING = "clearing"  #: the role of a number portability clearing house
_SPEAKS = {SMSC: SendSms, EIR: BlockImei, CLEARING: RequestPort}  #: what only an element of that role is told


@dataclass(frozen=True, slots=True)
class ElementConfig:
    """One element. ``also`` is a second door to the same subscribers. Passwords are never printed."""

    name: str
    role: str
    dialect: str
    transport: str
    host: str
    port: int
    user: str
    sessions: int
    limits: Limits
    dialect_options: Mapping[str, object]
    ssh_user: str = ""
    known_hosts: str = ""
    password: str = field(default="", repr=False)
    ssh_password: str | None = field(default=None, repr=False)
    manners: Manners = field(default_factory=Manners)
    readings: Mapping[str, str] = field(default_factory=dict)
    cannot: tuple[str, ...] = ()
    pushes: tuple[str, ...] = ()
    maintenance: tuple[Window, ...] = ()
    also: ElementConfig | None = None
    esme: CentreConfig | None = None  # of a short message centre

    @property
    def centre(self) -> CentreConfig:
        """Lay out how a short message centre is spoken to, its place and account included."""
        esme, limits, pace = self.esme or USUAL, self.limits, self.manners.pace
        return replace(
            esme,
            name=self.name,
            host=self.host,
            port=self.port,
            system_id=self.user,
            password=self.password,
            connections=self.sessions,
            timers=replace(
                esme.timers,
                session_init_s=limits.connect_timeout_s,
                enquire_link_s=limits.keep_alive_s,
                response_s=limits.answer_timeout_s,
            ),
            speed=replace(esme.speed, window=limits.window, per_s=pace.per_s, burst=pace.burst),
        )

    @property
    def needs_password(self) -> bool:
        """Whether its dialect logs in as somebody."""
        return bool(self.user)


def read_element(name: str, table: Table, directory: Path) -> ElementConfig:
    """Check one element's table; mistakes are noted in it."""
    element = _read(name, table, directory, table.choice("role", ("hlr", *_SPEAKS)))
    if element.esme is not None:
        _check_login(table, element.centre)
    return element


def _check_login(table: Table, centre: CentreConfig) -> None:
    """Note an account that no bind can carry: a message centre would never be asked, and messages wait for ever."""
    client = SmppClient(centre.system_type, address_range=centre.address_range)
    try:
        client.encode(1, Login(centre.system_id, centre.password))
    except NotSpoken as wrong:
        table.wrong("user", f"the bind cannot be said: {wrong}")


def _read(name: str, table: Table, directory: Path, role: str, *, second: bool = False) -> ElementConfig:
    transport = table.choice("transport", ("tcp", "tls") if role == SMSC else ("tcp", "tls", "ssh"))
    dialect = table.choice("dialect", dialects.names())
    spoken = dialects.load(dialect).CAPABILITIES.commands
    if any((role == one) != (word in spoken) for one, word in _SPEAKS.items()):
        table.wrong("dialect", f"{dialect} is not what a {role} speaks")
    if role == SMSC:
        _no_subscribers(table)
    limits = Limits(
        window=table.number("window", 1, least=1),
        connect_timeout_s=table.seconds("connect_timeout_s", 10),
        answer_timeout_s=table.seconds("answer_timeout_s", 10),
        keep_alive_s=table.seconds("keep_alive_s", 30),
    )
    can = dialects.load(dialect).CAPABILITIES
    if limits.window > can.max_window:
        table.wrong("window", f"{dialect} takes at most {can.max_window}")
    sessions = table.number("sessions", 1, least=1)
    words = tuple(t.__name__ for t in (*can.commands, *can.facets))
    return ElementConfig(
        name=name,
        role=role,
        dialect=dialect,
        transport=transport,
        host=table.text("host"),
        port=table.number("port", least=1, most=65535),
        user=table.text("user", None if Login in can.commands else ""),
        sessions=sessions,
        limits=limits,
        dialect_options=_options(table, dialect),
        ssh_user=table.text("ssh_user") if transport == "ssh" else "",
        known_hosts=_known_hosts(table, directory) if transport == "ssh" else "",
        password=_secret(table, "password_env") or "",
        ssh_password=_secret(table, "ssh_password_env") if transport == "ssh" else None,
        readings={} if role == SMSC else read_readings(table),
        manners=_manners(table, role, limits.window * sessions, second=second),
        cannot=table.choices("cannot", words, ()),
        pushes=table.choices("pushes", words, ()),
        maintenance=() if second else read_windows(table),
        also=None if second or "also" not in table.names() else _also(name, table, directory, role),
        esme=read_centre(table.table("esme", optional=True), transport, directory) if role == SMSC else None,
    )


def _no_subscribers(table: Table) -> None:
    """Note what is only said of elements that hold subscribers: it would be passed over in silence."""
    if table.mapping("dialect_options"):
        table.wrong(
            "dialect_options", "a short message centre has none: say system_type and the like in its esme table"
        )
    if "also" in table.names():
        table.wrong("also", "a short message centre has no second door: let a second centre stand beside it")


def _manners(table: Table, role: str, window: int, *, second: bool) -> Manners:
    """How it is treated; of a short message centre only the pace is said here, its retries go by what it answers."""
    if second:
        return Manners()
    return Manners(read_pace(table, window)) if role == SMSC else read_manners(table, window)


def _also(name: str, table: Table, directory: Path, role: str) -> ElementConfig:
    return _read(f"{name}/also", table.table("also"), directory, role, second=True)


def _options(table: Table, dialect: str) -> Mapping[str, object]:
    options = table.mapping("dialect_options")
    try:
        dialects.load(dialect).client(options)
    except NotSpoken as wrong:
        table.wrong("dialect_options", str(wrong))
    return options


def _secret(table: Table, key: str) -> str | None:
    name = table.optional_text(key)
    return None if name is None else os.environ.get(name)


def _known_hosts(table: Table, directory: Path) -> str:
    """The element's host keys; an absent file is refused when the session opens, with what to do."""
    path = directory / table.text("known_hosts")
    return path.read_text("utf-8") if path.is_file() else ""
