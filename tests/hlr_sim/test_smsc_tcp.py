"""The message centre over real lines: TCP, TLS, half a connection, many at once, and a process that is killed."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from drivers.errors import StreamClosed, Unreachable
from drivers.stream import connect_tcp
from tests.hlr_sim.smsc_esme import PASSWORD, PHONE, Esme, Site, id_of, site_in, text_of

CHECKOUT = Path(__file__).parents[2]
LOOPBACK = "127.0.0.1"


@pytest.fixture
async def open_site(site: Site) -> Site:
    await site.server.start()
    return site


async def _over_tcp(site: Site, **more: Any) -> Esme:  # noqa: ANN401 - passed on
    esme = site.listen(await connect_tcp(LOOPBACK, site.server.port), **more)
    assert (await esme.bind()).status == 0
    return esme


async def test_many_esmes_submit_at_once_and_each_gets_its_answers(open_site: Site) -> None:
    esmes = [await _over_tcp(open_site) for _ in range(5)]

    async def work(esme: Esme, number: int) -> None:
        for n in range(100):
            await esme.say(f"{number}-{n}".encode(), to=f"3361234567{number}")
        await esme.until(lambda pdu: pdu.name == "submit_sm_resp", 100)

    await asyncio.gather(*(work(esme, number) for number, esme in enumerate(esmes)))
    await open_site.settled(lambda: open_site.figures["receipts"]["acknowledged"] == 500)
    for number in range(5):
        assert open_site.texts(f"+3361234567{number}") == [f"{number}-{n}" for n in range(100)]
    for esme in esmes:
        await esme.stream.close()


async def test_half_a_connection_still_takes_messages(open_site: Site) -> None:
    open_site.turn(half_close_after=1)
    esme = await _over_tcp(open_site)
    assert (await esme.submit(b"answered")).status == 0
    await esme.until_closed()  # their half
    await esme.say(b"heard all the same")
    await open_site.settled(lambda: open_site.texts() == ["answered", "heard all the same"])
    await esme.stream.close()


async def test_bytes_one_at_a_time_over_tcp(open_site: Site) -> None:
    open_site.turn(tcp="bytes")
    esme = await _over_tcp(open_site)
    assert (await esme.submit()).status == 0
    await esme.delivered()
    await esme.stream.close()


async def test_over_tls_the_certificate_is_checked(tmp_path: Path) -> None:
    async with site_in(tmp_path) as site:
        site.spec = replace(site.spec, transport="tls")
        site.smsc.close()
        site.open()
        await site.server.start()
        told = site.server.description()
        assert told["transport"] == "tls"
        trusting = ssl.create_default_context(cafile=str(told["certificate"]))
        esme = site.listen(await connect_tcp(LOOPBACK, site.server.port, trusting))
        assert (await esme.bind()).status == 0
        assert (await esme.submit()).status == 0
        await esme.stream.close()
        with pytest.raises(Unreachable):
            await connect_tcp(LOOPBACK, site.server.port, ssl.create_default_context())


Start = Callable[[], tuple["subprocess.Popen[bytes]", dict[str, Any]]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start the simulator as a process over the same directory; killed at the end."""
    scenario = tmp_path / "scenario.toml"
    scenario.write_text(
        'spec = "1"\n[elements.smsc]\ndialect = "smpp"\ntransport = "tcp"\nuser = "linegate"\n'
        "[elements.smsc.smsc]\nreceipt_timing = 'delayed'\nreceipt_delay_s = 0.2\n",
        encoding="utf-8",
    )
    running: list[subprocess.Popen[bytes]] = []

    def begin() -> tuple[subprocess.Popen[bytes], dict[str, Any]]:
        command = [sys.executable, "-m", "hlr_sim", "--data", str(tmp_path / "data"), "--port", "0"]
        process = subprocess.Popen(
            [*command, "--scenario", str(scenario)],
            cwd=CHECKOUT,
            env=dict(os.environ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        running.append(process)
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps({"passwords": {"smsc": PASSWORD}}).encode() + b"\n")
        process.stdin.flush()
        return process, json.loads(process.stdout.readline())

    yield begin
    for process in running:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


async def _meet(told: dict[str, Any]) -> tuple[Esme, asyncio.Task[None]]:
    esme = Esme(await connect_tcp(LOOPBACK, told["elements"]["smsc"]["port"]))
    listening = asyncio.create_task(esme.listen())
    assert (await esme.bind()).status == 0
    return esme, listening


async def _leave(esme: Esme, listening: asyncio.Task[None]) -> None:
    await esme.stream.close()
    await listening


async def test_nothing_answered_is_lost_when_the_process_is_killed_under_load(start: Start) -> None:
    """Killed again and again in the middle of a window: what was answered is there, and its receipt comes."""
    answered: set[str] = set()
    receipted: set[str] = set()
    for turn in range(3):
        process, told = start()
        esme, listening = await _meet(told)
        with suppress(StreamClosed):
            for n in range(60):
                await esme.say(f"{turn}-{n}".encode())
            await esme.until(lambda pdu: pdu.name == "submit_sm_resp", 20)
            process.send_signal(signal.SIGKILL)
        await esme.until_closed()
        answered |= {id_of(pdu) for pdu in esme.heard if pdu.name == "submit_sm_resp"}
        receipted |= {text_of(pdu).message_id for pdu in esme.heard if pdu.name == "deliver_sm"}
        await _leave(esme, listening)
        process.wait()
    process, told = start()
    esme, listening = await _meet(told)
    missing = answered - receipted
    await esme.until(lambda pdu: pdu.name == "deliver_sm" and text_of(pdu).message_id in missing, len(missing))
    async with httpx.AsyncClient(base_url=told["http"]) as page:
        items = (await page.get("/sms", params={"to": "+" + PHONE})).json()["items"]
    kept = [sms["message_ids"][0] for sms in items]
    assert len(answered) >= 60
    assert len(kept) == len(set(kept))
    assert answered <= set(kept)
    await _leave(esme, listening)
