"""``linegate element …``: its commands and their options."""

from __future__ import annotations

from typing import Annotated

import typer

from gateway.cli.failure import EXIT_CODES
from gateway.cli.options import AsJson

_Name = Annotated[str, typer.Argument(help="An element's or a group's name in elements.toml.", metavar="NAME")]


def elements() -> typer.Typer:
    """Make the group of commands."""
    group = typer.Typer(help="See elements, and leave them alone for a while.", no_args_is_help=True, epilog=EXIT_CODES)
    for name, command in (("list", list_), ("show", show), ("hold", hold), ("release", release)):
        group.command(name, epilog=EXIT_CODES)(command)
    return group


def list_(*, as_json: AsJson = False) -> None:
    """List every element and group: what it speaks, and how it is."""
    from gateway.cli import elements as work  # noqa: PLC0415 - heavy, see the module

    work.show_list(as_json=as_json)


def show(name: _Name, *, as_json: AsJson = False) -> None:
    """Show an element: how it is, what it can, and when it is left alone."""
    from gateway.cli import elements as work  # noqa: PLC0415 - heavy, see the module

    work.show_one(name, as_json=as_json)


def hold(
    name: _Name,
    *,
    why: Annotated[str, typer.Option(help="Told to whoever looks at an order that waits for it.")],
    until: Annotated[str | None, typer.Option(help="RFC 3339 with offset; else until it is released.")] = None,
    as_json: AsJson = False,
) -> None:
    """Leave an element, or a whole group, alone: orders wait as held, none is refused."""
    from gateway.cli import elements as work  # noqa: PLC0415 - heavy, see the module

    work.hold(name, why, until, as_json=as_json)


def release(name: _Name, *, as_json: AsJson = False) -> None:
    """Speak to it again; what has piled up follows at a growing pace."""
    from gateway.cli import elements as work  # noqa: PLC0415 - heavy, see the module

    work.release(name, as_json=as_json)
