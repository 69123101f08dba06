"""What ``elements.toml`` says of each network element: where it is, how it is spoken to, how it is treated."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from drivers import dialects
from drivers.commands import Login
from drivers.element import Manners
from drivers.errors import NotSpoken
from drivers.session import Limits
from gateway.contract.table import Table
from gateway.maintenance import Window, read_windows
from gateway.manners import read_manners, read_readings


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

    @property
    def needs_password(self) -> bool:
        """Whether its dialect logs in as somebody."""
        return bool(self.user)


def read_element(name: str, table: Table, directory: Path) -> ElementConfig:
    """Check one element's table; mistakes are noted in it."""
    return _read(name, table, directory, table.choice("role", ("hlr", "smsc")))


def _read(name: str, table: Table, directory: Path, role: str, *, second: bool = False) -> ElementConfig:
    transport = table.choice("transport", ("tcp", "tls", "ssh"))
    dialect = table.choice("dialect", dialects.names())
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
        readings=read_readings(table),
        manners=Manners() if second else read_manners(table, limits.window * sessions),
        cannot=table.choices("cannot", words, ()),
        pushes=table.choices("pushes", words, ()),
        maintenance=() if second else read_windows(table),
        also=None if second or "also" not in table.names() else _also(name, table, directory, role),
    )


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
