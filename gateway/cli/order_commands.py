"""``linegate order …``: its commands and their options."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.failure import EXIT_CODES
from gateway.cli.options import AsJson, DryRun, Key, OrderId, Timeout, Wait

_DEFAULT_TIMEOUT_S = 60.0
_MOST_LISTED = 200


def orders() -> typer.Typer:
    """Make the group of commands."""
    group = typer.Typer(help="Post, preview, follow and move orders.", no_args_is_help=True, epilog=EXIT_CODES)
    for name, command in (
        ("post", post),
        ("new", new),
        ("bulk", bulk),
        ("show", show),
        ("list", list_),
        ("cancel", cancel),
        ("hold", hold),
        ("resume", resume),
    ):
        group.command(name, epilog=EXIT_CODES)(command)
    return group


def post(  # noqa: PLR0913 - one parameter is one option
    file: Annotated[str, typer.Argument(help="One JSON order, or one a line; - is stdin.")],
    *,
    idempotency_key: Key = None,
    dry_run: DryRun = False,
    wait: Wait = False,
    timeout: Timeout = _DEFAULT_TIMEOUT_S,
    as_json: AsJson = False,
) -> None:
    """Post orders from a file."""
    from gateway.cli import order_input  # noqa: PLC0415 - heavy, see the module
    from gateway.cli import orders as work  # noqa: PLC0415 - heavy, see the module

    manner = work.Manner(dry_run, timeout if wait else None, idempotency_key, as_json)
    work.post(order_input.read_orders(file), manner)


def new(  # noqa: PLR0913 - one parameter is one option
    action: Annotated[str, typer.Argument(help="activate, suspend, swap_sim, …", metavar="ACTION")],
    *,
    msisdn: Annotated[str | None, typer.Option(help="The line by its number.")] = None,
    imsi: Annotated[str | None, typer.Option(help="The line by its SIM's IMSI.")] = None,
    iccid: Annotated[str | None, typer.Option(help="The line by its SIM's ICCID.")] = None,
    details: Annotated[str, typer.Option(help="""What is ordered, JSON: '{"reason": "fraud"}'.""")] = "{}",
    external_id: Annotated[str | None, typer.Option(help="Your own number for the order.")] = None,
    at: Annotated[str | None, typer.Option(help="When: RFC 3339 with offset, or now.")] = None,
    priority: Annotated[str | None, typer.Option(help="emergency, interactive or bulk.")] = None,
    note: Annotated[str | None, typer.Option(help="A word to go with it.")] = None,
    idempotency_key: Key = None,
    dry_run: DryRun = False,
    wait: Wait = False,
    timeout: Timeout = _DEFAULT_TIMEOUT_S,
    as_json: AsJson = False,
) -> None:
    """Post one order made from options."""
    from gateway.cli import order_input  # noqa: PLC0415 - heavy, see the module
    from gateway.cli import orders as work  # noqa: PLC0415 - heavy, see the module

    line = {"msisdn": msisdn, "imsi": imsi, "iccid": iccid}
    rest = {"external_id": external_id, "requested_start": at, "priority": priority, "note": note}
    order = order_input.make_order(action, line, details, rest)
    work.post([order], work.Manner(dry_run, timeout if wait else None, idempotency_key, as_json))


def bulk(  # noqa: PLR0913 - one parameter is one option
    file: Annotated[Path, typer.Argument(help="One JSON order a line, or a .csv of activations.")],
    *,
    at_once: Annotated[int, typer.Option(min=1, max=256, help="How many conversations with the gateway.")] = 16,
    wait: Wait = False,
    timeout: Annotated[
        float | None, typer.Option(min=0, help="With --wait: seconds after the last was posted.")
    ] = None,
    dry_run: DryRun = False,
    results: Annotated[Path | None, typer.Option(help="Write what became of each there, a JSON line a row.")] = None,
    run: Annotated[str, typer.Option(help="Another word here posts the same file anew.")] = "",
    as_json: AsJson = False,
) -> None:
    """Post a file of thousands, many at once; posting it again after an interruption doubles nothing.

    A .csv has the columns msisdn, contract, iccid and plan, and may have options (separated by blanks), host and
    external_id. Orders have the priority bulk unless their row says otherwise.
    """
    from gateway.cli import bulk as work  # noqa: PLC0415 - heavy, see the module

    work.bulk(work.Wish(file, at_once, wait, dry_run, results, as_json, timeout, run))


def show(order_id: OrderId, *, as_json: AsJson = False) -> None:
    """Show an order: its state, its three times, its steps."""
    from gateway.cli import orders as work  # noqa: PLC0415 - heavy, see the module

    work.show_one(order_id, as_json=as_json)


def list_(  # noqa: PLR0913 - one parameter is one option
    *,
    line: Annotated[str | None, typer.Option(help="Of the line with this number.")] = None,
    state: Annotated[str | None, typer.Option(help="In this state.")] = None,
    action: Annotated[str | None, typer.Option(help="Of this action.")] = None,
    since: Annotated[str | None, typer.Option(help="Accepted at this time or later: RFC 3339 with offset.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=_MOST_LISTED, help="How many at most.")] = 50,
    cursor: Annotated[str | None, typer.Option(help="Go on where a list ended: its `next`.")] = None,
    as_json: AsJson = False,
) -> None:
    """List orders, newest first."""
    from gateway.cli import orders as work  # noqa: PLC0415 - heavy, see the module

    filters = {"line": line, "state": state, "action": action, "since": since, "cursor": cursor, "limit": limit}
    work.show_list(filters, as_json=as_json)


def cancel(order_id: OrderId, *, as_json: AsJson = False) -> None:
    """Cancel an order that has not started."""
    _move(order_id, "cancel", as_json=as_json)


def hold(order_id: OrderId, *, as_json: AsJson = False) -> None:
    """Keep an order from starting."""
    _move(order_id, "hold", as_json=as_json)


def resume(order_id: OrderId, *, as_json: AsJson = False) -> None:
    """Let a held order go on."""
    _move(order_id, "resume", as_json=as_json)


def _move(order_id: str, verb: str, *, as_json: bool) -> None:
    from gateway.cli import orders as work  # noqa: PLC0415 - heavy, see the module

    work.move(order_id, verb, as_json=as_json)
