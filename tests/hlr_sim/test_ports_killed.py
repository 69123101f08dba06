"""The process with a clearing house behind TLS and a register of handsets behind SSH: what was answered outlives it."""

from __future__ import annotations

import json
import os
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from drivers import commands as c
from drivers import dialects
from drivers.commands import AlreadySo, Done, Login
from drivers.session import Limits, Session
from drivers.ssh import SshTarget, connect_ssh
from drivers.stream import Stream, connect_tcp
from tests.hlr_sim.porting import wish

CHECKOUT = Path(__file__).parents[2]
PASSWORD = "FAKEpw01"
IMEI = c.Imei("490154203237518")
SCENARIO = """
spec = "1"
[elements.npc]
dialect = "npc"
transport = "tls"
user = "linegate"
[elements.eir]
dialect = "eir"
transport = "ssh"
user = "linegate"
"""


@contextmanager
def _process(directory: Path) -> Iterator[tuple[subprocess.Popen[bytes], dict[str, Any]]]:
    """Run it and read its ready line; it ends by a kill."""
    (file := directory / "network.toml").write_text(SCENARIO, encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, "-m", "hlr_sim", "--data", str(directory), "--port", "0", "--scenario", str(file)],
        cwd=CHECKOUT,
        env=dict(os.environ),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    told = {"passwords": dict.fromkeys(("npc", "eir"), PASSWORD), "ssh_passwords": {"eir": PASSWORD}}
    try:
        process.stdin.write(json.dumps(told).encode() + b"\n")
        process.stdin.flush()
        yield process, json.loads(process.stdout.readline())
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


def _session(name: str, door: dict[str, Any]) -> Session:
    port = door["port"]

    async def connect() -> Stream:
        if door["transport"] == "tls":
            return await connect_tcp("127.0.0.1", port, ssl.create_default_context(cafile=door["certificate"]))
        known = f"[127.0.0.1]:{port} {door['host_key']}\n"
        return await connect_ssh(SshTarget("127.0.0.1", port, "linegate", known, PASSWORD))

    client = dialects.load(door["dialect"]).client
    return Session(name, connect, lambda: client({}), Login("linegate", PASSWORD), Limits())


async def test_files_and_blocked_handsets_survive_a_kill(tmp_path: Path) -> None:
    asked = wish(on="2999-01-01")
    for expected in (Done, AlreadySo):
        with _process(tmp_path) as (process, told):
            house, register = (_session(name, told["elements"][name]) for name in ("npc", "eir"))
            assert type(await house.send(asked)) is expected
            assert type(await register.send(c.BlockImei(IMEI, "stolen"))) is expected
            async with httpx.AsyncClient(base_url=told["http"]) as page:
                assert (await page.get("/ports/P-1")).json()["state"] == "accepted"
                assert (await page.get(f"/network/imei/{IMEI}")).json()["blocked"] is True
            process.kill()
            await house.close()
            await register.close()
