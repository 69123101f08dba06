"""Options several commands share."""

from __future__ import annotations

from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of tables.")]
Msisdn = Annotated[str, typer.Argument(help="The number, E.164 with +.", metavar="MSISDN")]
OrderId = Annotated[str, typer.Argument(help="The id the order was acknowledged with.", metavar="ID")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Tell what it would do; nothing is written or sent.")]
Wait = Annotated[bool, typer.Option("--wait/--no-wait", help="Wait for its end; fail if it did not complete.")]
Timeout = Annotated[float, typer.Option(min=0, help="Seconds to wait for each order.")]
Key = Annotated[str | None, typer.Option("--idempotency-key", help="Posting again under the same key changes nothing.")]
