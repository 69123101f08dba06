"""``linegate serve``: the gateway alone, against real elements."""

from __future__ import annotations

import asyncio
import os
import signal
from dataclasses import dataclass
from pathlib import Path

import typer
import uvloop

from gateway.api import create_api
from gateway.api.serve import serve as listen
from gateway.app import open_gateway
from gateway.cli.failure import WrongUse
from gateway.cli.hardening import leave_no_core
from gateway.cli.starting import explained, start_logging
from gateway.settings import Settings, config_directory, read_settings


@dataclass(frozen=True, slots=True)
class Serving:
    """What the command was told."""

    data: Path
    config: Path | None
    contracts: Path | None
    host: str
    port: int
    advertise: str | None
    verbose: bool


def serve(told: Serving) -> None:
    """Run until told to stop. Raises WrongUse when the configuration or the token is missing, Failure for the rest."""
    leave_no_core()  # the vault's key is in memory
    start_logging(verbose=told.verbose)
    os.umask(0o077)  # who has which number is nobody else's to read
    with explained():
        settings = read_settings(config_directory(told.config), told.data, told.contracts)
        if not settings.admin_token:
            raise WrongUse("set LINEGATE_TOKEN to the token clients will use; make one with `openssl rand -hex 32`")
        told.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        uvloop.run(_serve(told, settings))


async def _serve(told: Serving, settings: Settings) -> None:
    announcing: set[asyncio.Task[None]] = set()

    def ready(port: int) -> None:
        host = f"[{told.host}]" if ":" in told.host else told.host
        url = f"http://{host}:{port}"
        announcing.add(asyncio.create_task(gateway.journal.announce(told.advertise or url), name="announce"))
        typer.echo(f"ready {url}")

    for number in (signal.SIGTERM, signal.SIGINT):
        # uvicorn raises the signal again once it has ended: without this it would end us before the journal is closed
        asyncio.get_running_loop().add_signal_handler(number, lambda: None)
    async with open_gateway(settings) as gateway:
        await listen(create_api(gateway), told.host, told.port, ready=ready)
