"""``linegate bulk …``: its commands and their options."""

from __future__ import annotations

from typing import Annotated

import typer

from gateway.cli.failure import EXIT_CODES
from gateway.cli.options import AsJson, Key

_BulkId = Annotated[str, typer.Argument(help="The id the bulk order was taken with.", metavar="ID")]
_MOST_LISTED = 1000


def bulks() -> typer.Typer:
    """Make the group of commands."""
    group = typer.Typer(
        help="One action for an explicit list of lines; agree to it as the second person.",
        no_args_is_help=True,
        epilog=EXIT_CODES,
    )
    for name, command in (
        ("submit", submit),
        ("show", show),
        ("list", list_),
        ("approve", approve),
        ("reject", reject),
    ):
        group.command(name, epilog=EXIT_CODES)(command)
    return group


def submit(  # noqa: PLR0913 - one parameter is one option
    action: Annotated[str, typer.Argument(help="suspend, change_options, terminate, …", metavar="ACTION")],
    file: Annotated[str, typer.Argument(help="One line a row, every one named in full; - is stdin.")],
    *,
    by: Annotated[str, typer.Option(help="What the rows are: msisdn, imsi or iccid.")] = "msisdn",
    details: Annotated[str, typer.Option(help="""What is ordered, JSON: '{"reason": "fraud"}'.""")] = "{}",
    external_id: Annotated[str | None, typer.Option(help="Your own number for the bulk order.")] = None,
    at: Annotated[str | None, typer.Option(help="When: RFC 3339 with offset, or now.")] = None,
    note: Annotated[str | None, typer.Option(help="A word to go with it.")] = None,
    idempotency_key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Have the gateway give one action to every line of a list; it goes on by itself."""
    from gateway.cli import bulk_orders as work  # noqa: PLC0415 - heavy, see the module

    rest = {"external_id": external_id, "requested_start": at, "note": note}
    work.submit(work.make(action, by, file, details, rest), idempotency_key, as_json=as_json)


def show(
    bulk_id: _BulkId,
    *,
    limit: Annotated[int, typer.Option(min=1, max=_MOST_LISTED, help="How many of its lines.")] = 20,
    cursor: Annotated[str | None, typer.Option(help="Go on where a list ended: its `next`.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show how far a bulk order has come, and what became of its lines."""
    from gateway.cli import bulk_orders as work  # noqa: PLC0415 - heavy, see the module

    work.show_one(bulk_id, limit, cursor, as_json=as_json)


def list_(
    *,
    state: Annotated[str | None, typer.Option(help="awaiting_approval, rejected, placing or placed.")] = None,
    as_json: AsJson = False,
) -> None:
    """List bulk orders, newest first."""
    from gateway.cli import bulk_orders as work  # noqa: PLC0415 - heavy, see the module

    work.show_list(state, as_json=as_json)


def approve(bulk_id: _BulkId, *, as_json: AsJson = False) -> None:
    """Agree to a bulk order somebody else asked for."""
    from gateway.cli import bulk_orders as work  # noqa: PLC0415 - heavy, see the module

    work.decide(bulk_id, "approve", as_json=as_json)


def reject(bulk_id: _BulkId, *, as_json: AsJson = False) -> None:
    """Refuse a bulk order somebody else asked for: none of it is ever placed."""
    from gateway.cli import bulk_orders as work  # noqa: PLC0415 - heavy, see the module

    work.decide(bulk_id, "reject", as_json=as_json)
