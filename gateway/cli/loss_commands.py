"""``linegate loss`` and ``linegate handset …``: their options."""

from __future__ import annotations

from typing import Annotated

import typer

from gateway.cli.failure import EXIT_CODES
from gateway.cli.options import AsJson, Key

_Imei = Annotated[str, typer.Argument(help="14 digits, 15 with the check digit, or 16.", metavar="IMEI")]
_Reference = Annotated[str | None, typer.Option(help="Your own reference, as a police report's number.")]


def loss(  # noqa: PLR0913 - one parameter is one option
    reason: Annotated[str, typer.Argument(help="lost or stolen.", metavar="REASON")],
    *,
    msisdn: Annotated[list[str] | None, typer.Option(help="A line by its number; may be repeated.")] = None,
    imsi: Annotated[list[str] | None, typer.Option(help="A line by a SIM's IMSI; may be repeated.")] = None,
    iccid: Annotated[list[str] | None, typer.Option(help="A line by a SIM's ICCID; may be repeated.")] = None,
    imei: Annotated[str | None, typer.Option(help="Keep the handset out too; with one line only.")] = None,
    reported_at: Annotated[str | None, typer.Option(help="When it was reported: RFC 3339; else now.")] = None,
    external_id: Annotated[str | None, typer.Option(help="Your own number for the report.")] = None,
    idempotency_key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Take lost or stolen lines out of service at once, ahead of everything else."""
    from gateway.cli import losses as work  # noqa: PLC0415 - heavy, see the module

    named = {"msisdn": msisdn or [], "imsi": imsi or [], "iccid": iccid or []}
    rest = {"reported_at": reported_at, "external_id": external_id}
    work.report(work.make(reason, named, imei, rest), idempotency_key, as_json=as_json)


def handsets() -> typer.Typer:
    """Make the group of commands about handsets."""
    group = typer.Typer(help="Keep handsets out of the network by their IMEI.", no_args_is_help=True, epilog=EXIT_CODES)
    for name, command in (("block", block), ("unblock", unblock), ("show", show), ("list", list_)):
        group.command(name, epilog=EXIT_CODES)(command)
    return group


def block(
    imei: _Imei,
    *,
    reason: Annotated[str, typer.Option(help="Why, in a word: lost, stolen, fraud.")],
    reference: _Reference = None,
    as_json: AsJson = False,
) -> None:
    """Have every register keep a handset out."""
    from gateway.cli import losses as work  # noqa: PLC0415 - heavy, see the module

    work.move_handset(imei, "block", {"reason": reason, "reference": reference}, as_json=as_json)


def unblock(imei: _Imei, *, reference: _Reference = None, as_json: AsJson = False) -> None:
    """Have every register let a handset in again."""
    from gateway.cli import losses as work  # noqa: PLC0415 - heavy, see the module

    work.move_handset(imei, "unblock", {"reference": reference}, as_json=as_json)


def show(imei: _Imei, *, as_json: AsJson = False) -> None:
    """Show what is wished of a handset, and what every register has confirmed."""
    from gateway.cli import losses as work  # noqa: PLC0415 - heavy, see the module

    work.show_handset(imei, as_json=as_json)


def list_(*, as_json: AsJson = False) -> None:
    """List handsets that are, or once were, kept out."""
    from gateway.cli import losses as work  # noqa: PLC0415 - heavy, see the module

    work.list_handsets(as_json=as_json)
