"""``linegate line …``: its commands and their options."""

from __future__ import annotations

import typer

from gateway.cli.failure import EXIT_CODES
from gateway.cli.options import AsJson, Msisdn
from gateway.cli.port_commands import rio


def lines() -> typer.Typer:
    """Make the group of commands."""
    group = typer.Typer(help="See lines.", no_args_is_help=True, epilog=EXIT_CODES)
    group.command("show", epilog=EXIT_CODES)(show)
    group.command("history", epilog=EXIT_CODES)(history)
    group.command("rio", epilog=EXIT_CODES)(rio)
    return group


def show(msisdn: Msisdn, *, as_json: AsJson = False) -> None:
    """Show a line: what was agreed, what restricts it, what the network should hold."""
    from gateway.cli import lines as work  # noqa: PLC0415 - heavy, see the module

    work.show_line(msisdn, as_json=as_json)


def history(msisdn: Msisdn, *, as_json: AsJson = False) -> None:
    """Show what happened to a line, oldest first."""
    from gateway.cli import lines as work  # noqa: PLC0415 - heavy, see the module

    work.show_history(msisdn, as_json=as_json)
