"""``linegate contract …``: contracts as files, on this machine; no gateway is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import RenderableType

from gateway.cli.failure import Failure, WrongUse
from gateway.cli.gateway_client import Json
from gateway.cli.printing import rows, show, table
from gateway.contract.explaining import Clause, about, clauses
from gateway.contract.rules import Rules, read_rules
from gateway.contract.table import ConfigError
from gateway.settings import config_directory, read_settings, read_toml


@dataclass(frozen=True, slots=True)
class Folders:
    """Where contracts are: in the configuration, or in a folder of their own."""

    config: Path | None = None
    contracts: Path | None = None

    @property
    def files(self) -> Mapping[str, Path]:
        """Every contract's file by its name."""
        folder = self.contracts or config_directory(self.config) / "contracts"
        return {path.stem: path for path in sorted(folder.glob("*.toml"))}


def check(path: Path | None, config: Path | None, *, as_json: bool) -> None:
    """Print what is wrong. Raises Failure when anything is, WrongUse when there is nothing to check."""
    if path is not None and not path.exists():
        raise WrongUse(f"there is no file or folder {path}")
    alone = path is not None and path.is_file()
    files = [path] if path is not None and alone else list(Folders(config, path).files.values())
    if not files:
        raise WrongUse(f"there is no contract in {path or config_directory(config) / 'contracts'}: *.toml")
    mistakes = {file: _mistakes(file) for file in files}
    around = () if alone or any(mistakes.values()) else _around(config, path)
    document = {
        "ok": not around and not any(mistakes.values()),
        "files": [{"file": str(file), "mistakes": list(wrong)} for file, wrong in mistakes.items()],
        "around": list(around),
    }
    if not document["ok"]:
        told = [*(mistake for wrong in mistakes.values() for mistake in wrong), *around]
        raise Failure(f"{len(told)} to put right:\n  " + "\n  ".join(told), document)
    show(document, as_json=as_json, drawn=lambda: _draw_checked(files))


def show_list(config: Path | None, contracts: Path | None, *, as_json: bool) -> None:
    """Print every contract, one a row. Raises WrongUse with every mistake, when one cannot be read."""
    try:
        found = [_read(path) for path in Folders(config, contracts).files.values()]
    except ConfigError as wrong:
        raise WrongUse("a contract cannot be read:\n  " + "\n  ".join(wrong.mistakes)) from wrong
    documents = [_summary(rules) for rules in found]
    show({"items": documents}, as_json=as_json, drawn=lambda: _draw_all(documents))


def explain(contract: str, topic: str, folders: Folders, *, as_json: bool) -> None:
    """Print what a contract says about a topic. Raises WrongUse when there is no such contract, Failure for no word."""
    data = _data(contract, folders)
    every = clauses(data)
    found = about(every, topic)
    if not found:
        there = ", ".join(clause.rule for clause in every)
        raise Failure(f"{contract} says nothing about {topic!r}; it has rules on: {there}", {"rules": []})
    document = {"contract": str(data.get("name", contract)), "topic": topic, "rules": [_document(c) for c in found]}
    show(document, as_json=as_json, drawn=lambda: _draw_clauses(found))


def _read(path: Path) -> Rules:
    return read_rules(f"{path.parent.name}/{path.name}", read_toml(path))


def _mistakes(path: Path) -> tuple[str, ...]:
    try:
        name = _read(path).name
    except ConfigError as wrong:
        return wrong.mistakes
    if name != path.stem:
        return (f"{path.parent.name}/{path.name}: name: must be {path.stem!r}, like its file",)
    return ()


def _around(config: Path | None, contracts: Path | None) -> tuple[str, ...]:
    """What a gateway would still refuse with these contracts: an element that is missing, a text that is wrong."""
    try:
        read_settings(config_directory(config), Path(), contracts)
    except ConfigError as wrong:
        return wrong.mistakes
    return ()


def _data(contract: str, folders: Folders) -> Mapping[str, Any]:
    path = Path(contract) if contract.endswith(".toml") else folders.files.get(contract)
    if path is None:
        raise WrongUse(f"there is no contract {contract!r}; there are: {', '.join(folders.files) or 'none'}")
    try:
        return read_toml(path)
    except ConfigError as wrong:
        raise WrongUse("\n".join(wrong.mistakes)) from wrong


def _summary(rules: Rules) -> Json:
    return {
        "name": rules.name,
        "time_zone": rules.time_zone,
        "hosts": list(rules.hosts),
        "plans": list(rules.plans),
        "options": list(rules.options),
        "bars": [bar.value for bar in rules.bars],
    }


def _document(clause: Clause) -> Json:
    return {"rule": clause.rule, "says": dict(clause.says), "source": clause.source}


def _draw_checked(files: Sequence[Path]) -> RenderableType:
    return rows(table("", "contract", "file", ""), ((file.stem, str(file), "ok") for file in files))


def _draw_all(documents: Sequence[Json]) -> RenderableType:
    names = ("name", "time_zone", "hosts", "plans", "options", "bars")
    made = table("", "contract", "time zone", "hosts", "plans", "options", "customers' own bars")
    return rows(made, ([document[name] for name in names] for document in documents))


def _draw_clauses(found: Sequence[Clause]) -> RenderableType:
    made = table("", "rule", "says", "source")
    return rows(made, ((clause.rule, _said(clause.says), clause.source) for clause in found))


def _said(says: Mapping[str, Any]) -> str:
    return "\n".join(f"{key} = {_value(value)}" for key, value in says.items())


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
