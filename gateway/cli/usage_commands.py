"""``linegate usage …``: its commands and their options."""

from __future__ import annotations

from typing import Annotated

import typer

from gateway.cli.failure import EXIT_CODES
from gateway.cli.options import AsJson, Msisdn


def usages() -> typer.Typer:
    """Make the group of commands."""
    group = typer.Typer(help="Count use, and see what lines have used.", no_args_is_help=True, epilog=EXIT_CODES)
    for name, command in (("post", post), ("show", show), ("alerting", alerting)):
        group.command(name, epilog=EXIT_CODES)(command)
    return group


def post(
    file: Annotated[str, typer.Argument(help="Records as JSON (one, or a list), or one a line; - is stdin.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Post usage records; those told before count once, so a file may be posted again after an interruption."""
    from gateway.cli import usage as work  # noqa: PLC0415 - heavy, see the module

    work.post(work.read_records(file), as_json=as_json)


def show(
    msisdn: Msisdn,
    *,
    period: Annotated[str | None, typer.Option(help="An older period, as 2026-11 or 2026-11-22; else now.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show what a line has used, of which limits, and what it was told."""
    from gateway.cli import usage as work  # noqa: PLC0415 - heavy, see the module

    work.show_line(msisdn, period, as_json=as_json)


def alerting(
    msisdn: Msisdn,
    file: Annotated[str | None, typer.Argument(help="What is agreed from now on, as JSON; - is stdin.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Show what was agreed about a line's alerts: language, caps, waivers; with a file, agree something else."""
    from gateway.cli import usage as work  # noqa: PLC0415 - heavy, see the module

    work.alerting(msisdn, None if file is None else work.read_agreement(file), as_json=as_json)
