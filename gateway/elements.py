"""What ``elements.toml`` says of each network element."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from drivers import dialects
from drivers.errors import NotSpoken
from drivers.session import Limits
from gateway.contract.table import Table


@dataclass(frozen=True, slots=True)
class ElementConfig:
    """One element: where it is, how it is spoken to, how much at once. Passwords are never printed."""

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


def read_element(name: str, table: Table, directory: Path) -> ElementConfig:
    """Check one element's table; mistakes are noted in it."""
    transport = table.choice("transport", ("tcp", "tls", "ssh"))
    dialect = table.choice("dialect", dialects.names())
    limits = Limits(
        window=table.number("window", 1, least=1),
        connect_timeout_s=table.seconds("connect_timeout_s", 10),
        answer_timeout_s=table.seconds("answer_timeout_s", 10),
        keep_alive_s=table.seconds("keep_alive_s", 30),
    )
    if dialect and limits.window > dialects.load(dialect).CAPABILITIES.max_window:
        table.wrong("window", f"{dialect} takes at most {dialects.load(dialect).CAPABILITIES.max_window}")
    return ElementConfig(
        name=name,
        role=table.choice("role", ("hlr", "smsc")),
        dialect=dialect,
        transport=transport,
        host=table.text("host"),
        port=table.number("port", least=1, most=65535),
        user=table.text("user"),
        sessions=table.number("sessions", 1, least=1),
        limits=limits,
        dialect_options=_options(table, dialect),
        ssh_user=table.text("ssh_user") if transport == "ssh" else "",
        known_hosts=_known_hosts(table, directory) if transport == "ssh" else "",
        password=_secret(table, "password_env") or "",
        ssh_password=_secret(table, "ssh_password_env") if transport == "ssh" else None,
    )


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
