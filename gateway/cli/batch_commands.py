"""``linegate batch …``: its commands and their options."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.failure import EXIT_CODES
from gateway.cli.options import AsJson, Key

_BatchId = Annotated[str, typer.Argument(help="The id the batch was taken with.", metavar="ID")]
_Out = Annotated[Path | None, typer.Option("--results", dir_okay=False, help="Write what became of every row there.")]


def batches() -> typer.Typer:
    """Make the group of commands."""
    group = typer.Typer(
        help="Files of orders in bulk: validated whole, then placed while everybody else goes first.",
        no_args_is_help=True,
        epilog=EXIT_CODES,
    )
    for name, command in (
        ("submit", submit),
        ("show", show),
        ("list", list_),
        ("start", start),
        ("approve", approve),
        ("pause", pause),
        ("resume", resume),
        ("cancel", cancel),
        ("results", results),
    ):
        group.command(name, epilog=EXIT_CODES)(command)
    return group


def submit(  # noqa: PLR0913 - one parameter is one option
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Orders: NDJSON, or CSV with a header.")],
    *,
    format_: Annotated[str | None, typer.Option("--format", help="ndjson or csv; else by the file's name.")] = None,
    validate_only: Annotated[bool, typer.Option("--validate-only", help="Look at every row; place nothing.")] = False,
    start: Annotated[
        bool | None,
        typer.Option("--start/--no-start", help="Start although rows have problems; or by hand. Else: if none has."),
    ] = None,
    follow: Annotated[bool, typer.Option("--follow", help="Follow it until nothing moves by itself any more.")] = False,
    results_: _Out = None,
    idempotency_key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Send a file of orders; sent again after a break, it goes on where it was."""
    from gateway.cli import batch_submitting as work  # noqa: PLC0415 - heavy, see the module

    asked = work.Submission(file, format_, validate_only, start, follow, results_, idempotency_key, as_json)
    work.submit(asked)


def show(
    batch_id: _BatchId,
    *,
    follow: Annotated[bool, typer.Option("--follow", help="Follow it until nothing moves by itself any more.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show how far a batch has come."""
    from gateway.cli import batches as work  # noqa: PLC0415 - heavy, see the module

    work.show_one(batch_id, follow=follow, as_json=as_json)


def list_(
    *,
    state: Annotated[str | None, typer.Option(help="receiving, validating, ready, running, paused, …")] = None,
    as_json: AsJson = False,
) -> None:
    """List batches, newest first."""
    from gateway.cli import batches as work  # noqa: PLC0415 - heavy, see the module

    work.show_list(state, as_json=as_json)


def start(
    batch_id: _BatchId,
    *,
    accept_problems: Annotated[bool, typer.Option("--accept-problems", help="Rows with problems stay out.")] = False,
    as_json: AsJson = False,
) -> None:
    """Begin placing a validated batch."""
    from gateway.cli import batches as work  # noqa: PLC0415 - heavy, see the module

    work.move(batch_id, "start", {"accept_problems": accept_problems}, as_json=as_json)


def approve(batch_id: _BatchId, *, as_json: AsJson = False) -> None:
    """Agree, as the second person, to a batch somebody else sent; to refuse, cancel it."""
    from gateway.cli import batches as work  # noqa: PLC0415 - heavy, see the module

    work.approve(batch_id, as_json=as_json)


def pause(batch_id: _BatchId, *, as_json: AsJson = False) -> None:
    """Place no more for now; orders placed go on."""
    _move(batch_id, "pause", as_json=as_json)


def resume(batch_id: _BatchId, *, as_json: AsJson = False) -> None:
    """Go on placing."""
    _move(batch_id, "resume", as_json=as_json)


def cancel(batch_id: _BatchId, *, as_json: AsJson = False) -> None:
    """Place no more at all; orders placed go on."""
    _move(batch_id, "cancel", as_json=as_json)


def results(
    batch_id: _BatchId,
    out: Annotated[Path, typer.Argument(dir_okay=False, help="NDJSON, or CSV if it is named .csv.", metavar="FILE")],
    *,
    problems: Annotated[bool, typer.Option("--problems", help="Only rows that have one.")] = False,
) -> None:
    """Write what became of every row to a file; one that is there is not overwritten."""
    from gateway.cli import batches as work  # noqa: PLC0415 - heavy, see the module

    work.write_results(batch_id, out, only_problems=problems)


def _move(batch_id: str, verb: str, *, as_json: bool) -> None:
    from gateway.cli import batches as work  # noqa: PLC0415 - heavy, see the module

    work.move(batch_id, verb, None, as_json=as_json)
