"""The doors: TCP and SSH, with the drivers' own client end coming in."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from drivers import commands as c
from drivers import dialects
from drivers.commands import Done, Login
from drivers.errors import InDoubt, StreamClosed, Unreachable
from drivers.session import Limits, Session
from drivers.ssh import SshTarget, connect_ssh
from drivers.stream import Stream, connect_tcp
from drivers.subscription import ApnAccess, Iccid, Imsi, Msisdn, OutgoingBar, SpeedCap
from hlr_sim.element import Account, SimulatedElement, Surroundings
from hlr_sim.faults import Fault, FaultPlan, Kind
from hlr_sim.scenario import ElementSpec
from hlr_sim.server import ElementServer
from hlr_sim.smsc import Smsc
from hlr_sim.subscribers import OdbOutgoing

if TYPE_CHECKING:
    from tests.hlr_sim.conftest import Bench

PASSWORD, SSH_PASSWORD = "s3cret", "ssh-secret"
ANNA = Imsi("208010000000001")
SET_CAP = c.Provide(ANNA, SpeedCap(512))


async def over_tcp(server: ElementServer) -> Stream:
    return await connect_tcp("127.0.0.1", server.port)


async def over_ssh(server: ElementServer, password: str = SSH_PASSWORD) -> Stream:
    known = f"[127.0.0.1]:{server.port} {server.host_key}\n"
    return await connect_ssh(SshTarget("127.0.0.1", server.port, "linegate", known, password))


def session(server: ElementServer, dialect: str = "mml_h") -> Session:
    async def connect() -> Stream:
        return await (over_ssh(server) if server.element.spec.transport == "ssh" else over_tcp(server))

    module = dialects.load(dialect)
    return Session("test", connect, lambda: module.client({}), Login("linegate", PASSWORD), Limits())


@pytest.mark.parametrize("transport", ["tcp", "ssh"])
async def test_a_subscriber_is_made_over(make_bench: Callable[..., Bench], transport: str) -> None:
    server = make_bench(transport=transport).server
    await server.start()
    talk = session(server)
    assert isinstance(await talk.send(c.PutKeys(ANNA, Iccid("")), c.Credentials("0" * 32, "f" * 32)), Done)
    assert isinstance(await talk.send(c.CreateSubscriber(ANNA, Msisdn("+33612345678"))), Done)
    assert isinstance(await talk.send(c.Provide(ANNA, ApnAccess("internet", provided=True))), Done)
    held = await talk.send(c.ReadSubscriber(ANNA))
    assert isinstance(held, c.Held)
    assert held.subscription.apns == {"internet"}
    await talk.close()


@pytest.mark.parametrize("transport", ["tcp", "ssh"])
async def test_a_cut_reaches_the_client_over(make_bench: Callable[..., Bench], transport: str) -> None:
    bench = make_bench(transport=transport)
    await bench.server.start()
    bench.faults.add(Fault("orange", Kind.REFUSE_CONNECT))
    stream = await (over_ssh(bench.server) if transport == "ssh" else over_tcp(bench.server))
    with pytest.raises(StreamClosed):
        await stream.receive()
    await stream.close()


@pytest.mark.parametrize("transport", ["tcp", "ssh"])
async def test_half_an_answer_arrives_over(make_bench: Callable[..., Bench], transport: str) -> None:
    bench = make_bench(transport=transport)
    await bench.server.start()
    talk = session(bench.server)
    assert isinstance(await talk.send(c.KeepAlive()), Done)
    bench.faults.add(Fault("orange", Kind.HALF_LINE))
    with pytest.raises(InDoubt):
        await talk.send(c.ReadKeys(ANNA))
    assert not talk.connected
    assert isinstance(await talk.send(c.KeepAlive()), Done)  # a new conversation
    await talk.close()


@pytest.mark.usefixtures("anna")
@pytest.mark.parametrize("transport", ["tcp", "ssh"])
async def test_what_was_heard_is_carried_out_though_nobody_waits(
    make_bench: Callable[..., Bench], transport: str
) -> None:
    bench = make_bench(transport=transport)
    await bench.server.start()
    stream = await (over_ssh(bench.server) if transport == "ssh" else over_tcp(bench.server))
    client = dialects.load("mml_h").client({})
    bench.faults.add(Fault("orange", Kind.FREEZE, match="Provide", delay_s=60))
    said: list[c.Command] = [Login("linegate", PASSWORD), c.Provide(ANNA, OutgoingBar.ALL), SET_CAP]
    for number, command in enumerate(said):
        await stream.send(client.encode(number, command).data)
        await asyncio.sleep(0.05)
    await stream.close()
    await asyncio.sleep(0.05)
    bench.server.element.thaw()
    async with asyncio.timeout(5):
        while bench.server.element.sessions:  # noqa: ASYNC110 - the end of a conversation is no event
            await asyncio.sleep(0.01)
    held = bench.hlr.store.find(ANNA)
    assert held is not None
    assert (held.odb_outgoing, held.ambr_dl_kbit_s) == (OdbOutgoing.BAOC, 512)


async def test_ssh_lets_nobody_in_with_a_wrong_password(make_bench: Callable[..., Bench]) -> None:
    server = make_bench(transport="ssh").server
    await server.start()
    with pytest.raises(Unreachable):
        await over_ssh(server, PASSWORD)


async def test_the_ssh_host_key_is_kept(make_bench: Callable[..., Bench], tmp_path: Path) -> None:
    first, second = (make_bench(transport="ssh").server for _ in range(2))
    await first.start()
    await second.start()
    assert first.host_key == second.host_key
    assert str(first.host_key).startswith("ssh-ed25519 ")
    assert stat.S_IMODE((tmp_path / "orange.host_key").stat().st_mode) == 0o600


async def test_stopping_ends_every_conversation(make_bench: Callable[..., Bench]) -> None:
    server = make_bench().server
    await server.start()
    talk = session(server)
    assert isinstance(await talk.send(c.KeepAlive()), Done)
    assert server.element.sessions == 1
    await server.stop()
    assert server.element.sessions == 0
    await talk.close()


async def test_short_messages_are_taken_and_kept(smsc: Smsc, tmp_path: Path) -> None:
    spec = ElementSpec("smsc", "smpp", "tcp", "127.0.0.1", 0, "linegate")
    server = ElementServer(SimulatedElement(spec, Account(PASSWORD), smsc, FaultPlan(), Surroundings()), tmp_path)
    await server.start()
    talk = session(server, "smpp")
    texts = ["Bonjour à tous", "5 € de crédit"]
    replies = [await talk.send(c.SendSms("Linegate", Msisdn("+33612345678"), text)) for text in texts]
    assert isinstance(await talk.send(c.KeepAlive()), Done)
    ids = [reply.message_id for reply in replies if isinstance(reply, c.Submitted)]
    assert [(sms.message_id, sms.text) for sms in smsc.inbox(None, 10)] == list(zip(ids, texts, strict=True))
    assert smsc.inbox("+33600000000", 10) == []
    await talk.close()
    await server.stop()
