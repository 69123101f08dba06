"""Configuration: reads the files of one directory into frozen values; every mistake names its file and key."""

from __future__ import annotations

import os
import re
import sysconfig
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import time
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gateway.clients import ApiClient, read_clients
from gateway.contract.actions import every
from gateway.contract.rules import Rules, read_rules
from gateway.contract.table import ConfigError, Table
from gateway.databases import DatabaseSettings, read_database
from gateway.elements import read_element
from gateway.retention import RetentionSettings, read_retention
from gateway.routing import Topology, read_topology
from gateway.sending import MessageSettings, read_messages
from gateway.texts import Texts, read_texts

T = TypeVar("T")
_HOUR = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_MOST_AT_ONCE = 1000
_LONGEST_PAGE = 1000  # what waits for it waits so long


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """How much at once."""

    lines_at_once: int
    max_backlog: int


@dataclass(frozen=True, slots=True)
class Nightly:
    """When the night's audit is due, and what it does: ``policy`` is a word of ``gateway.audit``."""

    at: time
    time_zone: str
    policy: str


@dataclass(frozen=True, slots=True)
class AuditSettings:
    """How audits read: so many a second over all of them (0: any), at once, and lines a commit."""

    per_s: int = 0
    at_once: int = 8
    page: int = 200
    nightly: Nightly | None = None


@dataclass(frozen=True, slots=True)
class SimSettings:
    """What is asked of whoever wants a card's secrets, and how much stations may report in one body."""

    puk_needs_second_person: bool = False
    max_reports_bytes: int = 1_048_576


@dataclass(frozen=True, slots=True)
class BulkSettings:
    """Which actions on many lines at once wait until a second person has agreed."""

    needs_second_person: frozenset[str] = frozenset({"terminate"})


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the composition root needs; secrets are read from their places at start and never printed."""

    data: Path
    engine: EngineSettings
    topology: Topology
    contracts: Mapping[str, Rules]
    texts: Mapping[str, Texts]
    max_body_bytes: int
    max_import_bytes: int
    vault_key: str | None = field(repr=False)
    vault_key_file: Path
    admin_token: str | None = field(repr=False)
    audit: AuditSettings = field(default_factory=AuditSettings)
    sims: SimSettings = field(default_factory=SimSettings)
    messages: MessageSettings = field(default_factory=MessageSettings)
    clients: tuple[ApiClient, ...] = ()
    bulk: BulkSettings = field(default_factory=BulkSettings)
    database: DatabaseSettings = field(default_factory=DatabaseSettings)
    retention: RetentionSettings = field(default_factory=RetentionSettings)


def config_directory(given: Path | None) -> Path:
    """Find the configuration: what was given, else LINEGATE_CONFIG, else the packaged default."""
    if given is not None:
        return given
    named = os.environ.get("LINEGATE_CONFIG")
    return Path(named) if named else packaged_directory()


def packaged_directory() -> Path:
    """Return the configuration that comes with the program: in a checkout, or where the wheel put it."""
    checkout = Path(__file__).parent.parent / "config"
    if (checkout / "linegate.toml").is_file():
        return checkout
    return Path(sysconfig.get_path("data")) / "share" / "linegate" / "config"


def read_settings(directory: Path, data: Path, contracts: Path | None = None) -> Settings:
    """Read and check every file. Raises ConfigError with all mistakes of all files."""
    mistakes: list[str] = []
    root = _gather(mistakes, lambda: _read_root(directory))
    rules = _read_folder(mistakes, contracts or directory / "contracts", read_rules)
    texts = _read_folder(mistakes, directory / "alerts", read_texts)
    topology = _gather(mistakes, lambda: _read_topology(directory))
    if root is None or topology is None or mistakes:
        raise ConfigError(mistakes)
    settings = replace(
        root,
        data=data,
        topology=topology,
        contracts={r.name: r for r in rules.values()},
        texts=texts,
        vault_key_file=data / root.vault_key_file,
    )
    _check_names(rules)
    _check_rights(rules)
    _check_hosts(settings)
    return settings


def _read_root(directory: Path) -> Settings:
    root = Table("linegate.toml", read_toml(directory / "linegate.toml"))
    if root.text("spec") != "1":
        root.wrong("spec", 'this version reads spec = "1"')
    api, engine, vault, tokens = (root.table(name) for name in ("api", "engine", "vault", "api_tokens"))
    admin_token = os.environ.get(tokens.text("admin_env"))
    settings = Settings(
        data=Path(),
        engine=EngineSettings(
            lines_at_once=engine.number("lines_at_once", least=1),
            max_backlog=engine.number("max_backlog", least=1),
        ),
        topology=Topology(),
        contracts={},
        texts={},
        max_body_bytes=api.number("max_body_bytes", least=1024),
        max_import_bytes=api.number("max_import_bytes", least=1024),
        vault_key=os.environ.get(vault.text("key_env")),
        vault_key_file=Path(vault.text("key_file")),
        admin_token=admin_token,
        audit=_audit(root.table("audit", optional=True)),
        sims=_sims(root.table("sims", optional=True)),
        messages=read_messages(root.table("messages", optional=True)),
        clients=read_clients(tokens, admin_token),
        bulk=_bulk(root.table("bulk", optional=True)),
        database=read_database(root.table("database", optional=True)),
        retention=read_retention(root.table("retention", optional=True)),
    )
    root.finish()
    return settings


def _sims(table: Table) -> SimSettings:
    usual = SimSettings()
    return SimSettings(
        puk_needs_second_person=table.switch("puk_needs_second_person", default=usual.puk_needs_second_person),
        max_reports_bytes=table.number("max_reports_bytes", usual.max_reports_bytes, least=1024),
    )


def _bulk(table: Table) -> BulkSettings:
    usual = BulkSettings()
    asked = table.choices("needs_second_person", every(), tuple(sorted(usual.needs_second_person)))
    return BulkSettings(frozenset(asked))


def _audit(table: Table) -> AuditSettings:
    usual = AuditSettings()
    return AuditSettings(
        per_s=table.number("per_s", usual.per_s),
        at_once=table.number("at_once", usual.at_once, least=1, most=_MOST_AT_ONCE),
        page=table.number("page", usual.page, least=1, most=_LONGEST_PAGE),
        nightly=_nightly(table),
    )


def _nightly(table: Table) -> Nightly | None:
    at, zone = table.optional_text("nightly"), table.text("time_zone", "UTC")
    policy = table.choice("policy", ("report", "repair", "adopt"), "report")
    try:
        ZoneInfo(zone)
    except (ValueError, ZoneInfoNotFoundError, OSError):
        table.wrong("time_zone", f"{zone!r} must be a name of the IANA database, as Europe/Paris")
    if at is None:
        return None
    if not _HOUR.fullmatch(at):
        table.wrong("nightly", "must be hour and minute, as 02:30")
        return None
    return Nightly(time.fromisoformat(at), zone, policy)


def read_toml(path: Path) -> dict[str, Any]:
    """Parse one file. Raises ConfigError naming it."""
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as missing:
        raise ConfigError([f"{path.name}: cannot be read in {path.parent.name}/ ({missing.strerror})"]) from missing
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as broken:
        raise ConfigError([f"{path.name}: is not TOML: {broken}"]) from broken


def _gather(mistakes: list[str], read: Callable[[], T]) -> T | None:
    """Read one file; if it is wrong, keep its mistakes and go on to the next."""
    try:
        return read()
    except ConfigError as wrong:
        mistakes.extend(wrong.mistakes)
        return None


def _read_folder(mistakes: list[str], folder: Path, read: Callable[[str, dict[str, Any]], T]) -> dict[str, T]:
    """Read every TOML file of a folder by its stem."""
    found: dict[str, T] = {}
    for path in sorted(folder.glob("*.toml")):
        value = _gather(mistakes, lambda path=path: read(f"{folder.name}/{path.name}", read_toml(path)))  # type: ignore[misc]  # the default binds the loop's path
        if value is not None:
            found[path.stem] = value
    return found


def _read_topology(directory: Path) -> Topology:
    root = Table("elements.toml", read_toml(directory / "elements.toml"))
    if root.text("spec") != "1":
        root.wrong("spec", 'this version reads spec = "1"')
    elements = {name: read_element(name, table, directory) for name, table in root.tables("elements").items()}
    topology = read_topology(root, elements)
    root.finish()
    return topology


def _check_names(rules: Mapping[str, Rules]) -> None:
    """A contract is named like its file, so there are never two of one name."""
    mistakes = [
        f"contracts/{stem}.toml: name: must be {stem!r}, like its file" for stem, r in rules.items() if r.name != stem
    ]
    if mistakes:
        raise ConfigError(mistakes)


def _check_rights(rules: Mapping[str, Rules]) -> None:
    """What a channel may ask for must be something that can be asked."""
    mistakes = [
        f"contracts/{stem}.toml: rights.{channel}.actions: {action!r} is not one of: {', '.join(every())}"
        for stem, r in rules.items()
        for channel, rule in r.bounds.rights.items()
        for action in sorted(rule.actions - set(every()))
    ]
    if mistakes:
        raise ConfigError(mistakes)


def _check_hosts(settings: Settings) -> None:
    """Every host of every contract must be served by an element that holds subscribers."""
    lacking = "elements.toml has no hlr element, group or route"
    mistakes = [
        f"contracts/{rules.name}.toml: hosts.{name}.element: {lacking} {target!r}: add it, or take the file away"
        for rules in settings.contracts.values()
        for name, host in rules.hosts.items()
        for target in settings.topology.targets(host.element)
        if not settings.topology.holds_subscribers(target)
    ]
    if mistakes:
        raise ConfigError(mistakes)
