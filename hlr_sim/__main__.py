"""``python -m hlr_sim``: run a simulated network until told to stop, or until whoever started it is gone."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import uvicorn
import uvloop

from hlr_sim import parent, scenario
from hlr_sim.element import Account, Surroundings
from hlr_sim.http import make_app
from hlr_sim.scenario import ElementSpec
from hlr_sim.simulation import Simulation, running

_HOST = "127.0.0.1"
_LOCK_PATIENCE_S = 10.0
_EXIT_CANNOT_START = 2


class _Page(uvicorn.Server):
    """Uvicorn that leaves signals to us: they end the whole simulation, not its page alone."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


def main(arguments: Sequence[str] | None = None) -> int:
    """Start, say so in one line of JSON on stdout, run; return the exit code."""
    options = _options().parse_args(arguments)
    os.umask(0o077)  # subscribers' data are nobody else's to read
    alone = options.passwords_env or sys.stdin.isatty()
    try:
        specs = scenario.read(options.scenario or scenario.default_file())
        if alone:
            accounts = parent.accounts_from_environment(specs, os.environ)
        else:
            accounts = parent.accounts_from_line(specs, parent.read_first_line())
            parent.die_with_parent()
        with parent.only_one(options.data, _LOCK_PATIENCE_S):
            uvloop.run(_run(specs, accounts, options.data, options.port))
    except (parent.StartError, scenario.ScenarioError, OSError) as problem:
        print(f"hlr_sim: {problem}", file=sys.stderr)  # noqa: T201 - this is the command line
        return _EXIT_CANNOT_START
    return 0


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m hlr_sim", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="directory that keeps subscribers and keys")
    parser.add_argument("--port", type=int, default=8090, help="port of the REST page on 127.0.0.1; 0 is any free one")
    parser.add_argument("--scenario", type=Path, help="scenario file; the default has orange, sfr and smsc")
    parser.add_argument(
        "--passwords-env", action="store_true", help=f"take every password from {parent.PASSWORD_VARIABLE}"
    )
    return parser


async def _run(specs: Sequence[ElementSpec], accounts: Mapping[str, Account], data_dir: Path, port: int) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    with socket.create_server((_HOST, port)) as door:
        async with running(specs, accounts, data_dir, Surroundings()) as simulation:
            await _serve(simulation, door, stop)


async def _serve(simulation: Simulation, door: socket.socket, stop: asyncio.Event) -> None:
    config = uvicorn.Config(
        make_app(simulation),
        loop="none",
        http="httptools",
        ws="none",
        lifespan="off",
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=1,
    )
    page = _Page(config)
    serving = asyncio.create_task(page.serve(sockets=[door]), name="REST page")
    while not page.started and not serving.done():  # noqa: ASYNC110 - uvicorn has no event to wait for
        await asyncio.sleep(0.01)
    if page.started:
        _say_ready(simulation, door.getsockname()[1])
    stopped = asyncio.create_task(stop.wait(), name="stop")
    await asyncio.wait({serving, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    page.should_exit = True
    await serving


def _say_ready(simulation: Simulation, port: int) -> None:
    ready = {"ready": True, "http": f"http://{_HOST}:{port}", "elements": simulation.description()}
    print(json.dumps(ready), flush=True)  # noqa: T201 - the line whoever started us waits for


if __name__ == "__main__":
    sys.exit(main())
