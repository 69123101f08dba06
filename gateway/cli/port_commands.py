"""``linegate ports`` and ``linegate line rio``: their options."""

from __future__ import annotations

from typing import Annotated

import typer

from gateway.cli.options import AsJson, Msisdn

_Reference = Annotated[str | None, typer.Argument(help="A port's reference: all that is known of it.")]
_Number = Annotated[str | None, typer.Option("--msisdn", help="Only those of this number.")]
_Ends = Annotated[str | None, typer.Option("--commitment-ends", help="Last day the customer is bound, as 2026-11-30.")]


def ports(
    reference: _Reference = None,
    *,
    msisdn: _Number = None,
    in_state: Annotated[str | None, typer.Option("--state", help="Only those in this state.")] = None,
    as_json: AsJson = False,
) -> None:
    """List numbers that come and go, newest first, or show one of them."""
    from gateway.cli import ports as work  # noqa: PLC0415 - heavy, see the module

    work.show_ports(reference, msisdn, in_state, as_json=as_json)


def rio(msisdn: Msisdn, *, commitment_ends: _Ends = None, as_json: AsJson = False) -> None:
    """Have a line's RIO sent to its phone; it is shown to nobody else."""
    from gateway.cli import ports as work  # noqa: PLC0415 - heavy, see the module

    work.send_rio(msisdn, commitment_ends, as_json=as_json)
