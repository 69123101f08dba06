"""A gateway as ``linegate serve`` runs it, its network in the same process: ``python -m benchmarks.instance DATA``.

``LINEGATE_DATABASE``: the PostgreSQL it shares, if any. ``--lines N`` makes so many lines first; ``--down``: the
element cannot be reached. It prints ``ready http://…`` when it listens.
"""

from __future__ import annotations

import argparse
import logging
import os
from pathlib import Path

import uvloop

from benchmarks.quick_network import quick_element, quick_settings, reaching, rules_of_lines
from benchmarks.saga.linegate import add_lines
from gateway.api import create_api
from gateway.api.serve import serve
from gateway.app import open_gateway


async def main(told: argparse.Namespace) -> None:
    """Serve until told to stop."""
    settings = quick_settings(told.data, os.environ.get("LINEGATE_DATABASE", ""), os.environ["LINEGATE_TOKEN"])
    element = quick_element(rules_of_lines(), down=told.down)
    async with open_gateway(settings, reach=reaching(element)) as gateway:
        await add_lines(gateway, range(told.lines))
        await serve(
            create_api(gateway), "127.0.0.1", 0, ready=lambda port: print(f"ready http://127.0.0.1:{port}", flush=True)
        )


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    asked = argparse.ArgumentParser()
    asked.add_argument("data", type=Path)
    asked.add_argument("--lines", type=int, default=0)
    asked.add_argument("--down", action="store_true")
    uvloop.run(main(asked.parse_args()))
