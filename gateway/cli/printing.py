"""What people see: rich tables; and what scripts see: one JSON document."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

import typer
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from gateway.cli.gateway_client import Json

_WIDTH_WITHOUT_TERMINAL = 160
_COLOURS = {
    "completed": "green",
    "active": "green",
    "ok": "green",
    "done": "green",
    "already_so": "green",
    "in_progress": "cyan",
    "acknowledged": "cyan",
    "pending": "cyan",
    "held": "yellow",
    "maintenance": "yellow",
    "away": "red",
    "barred": "yellow",
    "warn": "yellow",
    "suspended": "red",
    "failed": "red",
    "partial": "red",
    "rejected": "red",
    "refused": "red",
    "differs": "red",
    "fail": "red",
}


def console(*, stderr: bool = False) -> Console:
    """Make a console; without a terminal it is wide enough for a table, and never coloured."""
    made = Console(stderr=stderr, highlight=False, markup=False)
    if not made.is_terminal:
        made.width = _WIDTH_WITHOUT_TERMINAL
    return made


def show(document: Any, *, as_json: bool, drawn: Callable[[], RenderableType]) -> None:  # noqa: ANN401 - any JSON
    """Print a document: as JSON, or as what ``drawn`` makes of it."""
    if as_json:
        typer.echo(json.dumps(document, indent=2, ensure_ascii=False))
    else:
        console().print(drawn())


def table(title: str, *columns: str) -> Table:
    """Make an empty table."""
    made = Table(title=title or None, title_justify="left", header_style="bold", expand=False)
    for column in columns:
        made.add_column(column, overflow="fold")
    return made


def cell(value: object) -> Text:
    """Write one value; what a terminal would take for a command is shown as a mark, not obeyed."""
    if value is None or value in ("", []):
        return Text("-", style="dim")
    text = ", ".join(str(item) for item in value) if isinstance(value, list) else str(value)
    return Text("".join(char if char.isprintable() or char == "\n" else "\ufffd" for char in text))


def state(word: object) -> Text:
    """Write a state in its colour."""
    text = cell(word)
    text.stylize(_COLOURS.get(str(word), ""))
    return text


def rows(made: Table, lines: Iterable[Iterable[object]]) -> Table:
    """Fill a table; texts made by ``state`` and ``cell`` stay as they are."""
    for line in lines:
        made.add_row(*(value if isinstance(value, Text) else cell(value) for value in line))
    return made


def facts(of: Mapping[str, Any], *names: str) -> Table:
    """Write one thing as a list of names and values."""
    made = Table.grid(padding=(0, 2))
    for name in names:
        shown = state(of.get(name)) if name == "state" else cell(of.get(name))
        made.add_row(Text(name.replace("_", " "), style="bold"), shown)
    return made


def clock(time: str | None) -> str | None:
    """Write a time of the gateway in this machine's zone, to the second."""
    return None if time is None else datetime.fromisoformat(time).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def flat(document: Json, path: str = "") -> dict[str, Any]:
    """Write nested tables as dotted names."""
    found: dict[str, Any] = {}
    for name, value in document.items():
        if isinstance(value, dict):
            found |= flat(value, f"{path}{name}.")
        else:
            found[f"{path}{name}"] = value
    return found
