"""``linegate up``: a gateway and the network it is tried against, in one command."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import threading
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import typer
import uvloop

from gateway.api import create_api
from gateway.api.serve import serve
from gateway.app import Gateway, open_gateway
from gateway.cli import listening
from gateway.cli.attach_feed import follow_attaches
from gateway.cli.failure import Failure
from gateway.cli.hardening import leave_no_core
from gateway.cli.scenarios import elements_in, scenario_file
from gateway.cli.simulator import Passwords, Simulator, simulator
from gateway.cli.starting import explained, start_logging
from gateway.journal.sqlite import JournalLocked
from gateway.settings import Settings, config_directory, read_settings

_HOST = "127.0.0.1"
_PATIENCE_S = 10.0  # a predecessor that was killed may hold its ports and its journal a moment longer
_PAUSE_S = 0.05
_STDIN = 0


@dataclass(frozen=True, slots=True)
class Embedding:
    """What the command was told."""

    data: Path
    port: int
    sim_port: int
    config: Path | None
    contracts: Path | None
    verbose: bool
    until_stdin_ends: bool
    scenario: str = "default"


def up(told: Embedding) -> None:
    """Run until told to stop. Raises Failure when it cannot start, or when the simulated network dies."""
    leave_no_core()  # the vault's key is in memory
    start_logging(verbose=told.verbose)
    os.umask(0o077)  # who has which number is nobody else's to read
    if told.until_stdin_ends:
        threading.Thread(target=_end_with_stdin, name="stdin watch", daemon=True).start()
    with explained():
        scenario = scenario_file(told.scenario, told.config)
        told.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        settings = read_settings(config_directory(told.config), told.data, told.contracts)
        uvloop.run(_up(told, scenario, _with_token(settings)))


def _with_token(settings: Settings) -> Settings:
    """Make a token if none was given, and say it: nobody could use the gateway otherwise."""
    if settings.admin_token:
        return settings
    token = secrets.token_urlsafe(32)
    typer.echo(f"token {token}")
    return replace(settings, admin_token=token)


async def _up(told: Embedding, scenario: Path, settings: Settings) -> None:
    # uvicorn takes the signals while it serves and raises them again when it has ended: before and after, they are ours
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with AsyncExitStack() as stack:
        starting = asyncio.create_task(_start(stack, told, scenario, settings), name="start")
        stopping = asyncio.create_task(stopped.wait(), name="stop")
        await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if not starting.done():
            starting.cancel()
            await asyncio.gather(starting, return_exceptions=True)
            return
        gateway, sim = starting.result()
        await _serve(gateway, told.port, sim)


async def _start(
    stack: AsyncExitStack, told: Embedding, scenario: Path, settings: Settings
) -> tuple[Gateway, Simulator]:
    for port in (told.port, told.sim_port):
        await listening.wait_until_free(_HOST, port, _PATIENCE_S)
    topology = settings.topology
    passwords = Passwords.made_for({*topology.elements, *elements_in(scenario)})
    sim = await stack.enter_async_context(simulator(told.data / "sim", told.sim_port, scenario, passwords))
    reached = replace(settings, topology=replace(topology, elements=sim.reached(topology.elements, passwords)))
    return await _open(stack, reached), sim


async def _open(stack: AsyncExitStack, settings: Settings) -> Gateway:
    until = asyncio.get_running_loop().time() + _PATIENCE_S
    while True:
        try:
            return await stack.enter_async_context(open_gateway(settings))
        except JournalLocked:
            if asyncio.get_running_loop().time() > until:
                raise
            await asyncio.sleep(_PAUSE_S)


async def _serve(gateway: Gateway, port: int, sim: Simulator) -> None:
    announcing: set[asyncio.Task[None]] = set()

    def ready(real_port: int) -> None:
        announcing.add(asyncio.create_task(gateway.journal.announce(f"http://{_HOST}:{real_port}"), name="announce"))
        typer.echo(f"ready http://{_HOST}:{real_port} sim {sim.url}")

    serving = asyncio.create_task(serve(create_api(gateway), _HOST, port, ready=ready), name="api")
    dying = asyncio.create_task(sim.process.wait(), name="simulated network")
    following = asyncio.create_task(follow_attaches(sim.url, gateway.alerting.welcomer), name="attaches")
    await asyncio.wait({serving, dying}, return_when=asyncio.FIRST_COMPLETED)
    died = not serving.done()
    if died:
        signal.raise_signal(signal.SIGTERM)  # uvicorn's own way to end: answers under way are still given
    dying.cancel()
    following.cancel()
    await serving
    if died:
        code = sim.process.returncode
        raise Failure(f"the simulated network ended by itself (exit code {code}): start again")


def _end_with_stdin() -> None:
    while os.read(_STDIN, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
