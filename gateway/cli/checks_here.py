"""What can be checked on this machine alone: Python, configuration, secrets, the vault's key."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

from gateway.cli.examination import Finding, fail, ok, warn
from gateway.contract.table import ConfigError
from gateway.elements import ElementConfig
from gateway.settings import Settings, read_settings
from gateway.stock.vault import Vault, VaultError, load_key

_OLDEST, _TOO_NEW = (3, 11), (3, 14)
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def python() -> Finding:
    """The interpreter we run in."""
    version = ".".join(str(part) for part in sys.version_info[:3])
    if _OLDEST <= sys.version_info[:2] < _TOO_NEW:
        return ok("python", version)
    return fail("python", version, "install Linegate with Python 3.11, 3.12 or 3.13")


def configuration(directory: Path, data: Path | None) -> tuple[Settings | None, list[Finding]]:
    """Read everything; every mistake of every file is a finding."""
    try:
        settings = read_settings(directory, data or Path())
    except ConfigError as wrong:
        return None, [fail("configuration", mistake, f"correct it in {directory}") for mistake in wrong.mistakes]
    contracts, elements = ", ".join(settings.contracts), ", ".join(settings.topology.elements)
    return settings, [ok("configuration", f"{directory}: contracts {contracts}; elements {elements}")]


def consistency(settings: Settings) -> Iterator[Finding]:
    """Contracts, and who carries their messages; ``read_settings`` has checked that every host has its element."""
    if not settings.contracts:
        yield fail("contracts", "there is none", "put at least one file into contracts/")
        return
    yield ok("contracts", "every host is served by an element")
    if not any(element.role == "smsc" for element in settings.topology.elements.values()):
        yield warn("messages", "no element is an smsc", "confirmations are not sent until elements.toml has one")


def elements(settings: Settings) -> Iterator[Finding]:
    """What each element's session will need."""
    for element in settings.topology.elements.values():
        lacking = list(_lacking(element))
        if lacking:
            advice = "`linegate serve` needs it before it can reach the element; `linegate up` brings its own"
            yield warn(f"element {element.name}", ", ".join(lacking), advice)
        else:
            yield ok(f"element {element.name}", f"{element.transport} to {element.host} port {element.port}")


def token(settings: Settings) -> Finding:
    """The token this environment has; its text stays where it is."""
    if settings.admin_token:
        return ok("token", "LINEGATE_TOKEN is set")
    return warn("token", "LINEGATE_TOKEN is not set", "`linegate serve` needs one; `linegate up` makes and prints one")


def vault(settings: Settings, data: Path) -> Finding:
    """The key that opens every SIM's secrets; none is made by looking."""
    file = settings.vault_key_file
    try:
        if settings.vault_key:
            Vault(load_key(settings.vault_key, file))
            return ok("vault key", "from the environment")
        if not file.exists():
            return ok("vault key", f"{file.name} will be made in {data} when the gateway starts")
        mode = stat.S_IMODE(file.stat().st_mode)
        Vault(load_key(None, file))
    except (VaultError, OSError, ValueError) as wrong:
        return fail("vault key", str(wrong), "restore it from your backup: without it no SIM's secrets can be read")
    if mode & _OTHERS:
        return fail("vault key", f"{file.name} has mode {mode:04o}: others can read it", f"chmod 600 {file}")
    if file.stat().st_uid != os.getuid():
        return warn("vault key", f"{file.name} belongs to another user", "run the gateway as its owner")
    return ok("vault key", f"{file.name}, mode {mode:04o}")


def shared_vault(settings: Settings) -> Finding:
    """Whether instances that share a database can read each other's secrets."""
    if settings.vault_key:
        return ok("vault key shared", "from the environment: let every instance have the same")
    advice = (
        "give every instance the same key by the variable [vault] key_env names, or one's file in each data directory"
    )
    return warn("vault key shared", "each instance uses the key in its own data directory, or makes one", advice)


def _lacking(element: ElementConfig) -> Iterator[str]:
    if element.transport == "ssh" and not element.known_hosts.strip():
        yield "its known_hosts file is missing or empty"
    if element.transport == "ssh" and not element.ssh_password:
        yield "its SSH password is not in the environment"
    if not element.password:
        yield "its password is not in the environment"
