"""Streams over SSH against a real server on the loopback interface: the right host, the right user, or nothing."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace

import asyncssh
import pytest

from drivers import commands as c
from drivers.commands import Reply
from drivers.dialects import mml_h
from drivers.errors import InDoubt, StreamClosed, Unreachable
from drivers.session import Limits, Session
from drivers.ssh import SshTarget, connect_ssh
from drivers.subscription import Imsi

LOOPBACK, USER, PASSWORD = "127.0.0.1", "gate", "FAKE-ssh-password"
LOGIN, REMOVE = c.Login("gate", "FAKEpw01"), c.RemoveSubscriber(Imsi("208990000000001"))


class _Door(asyncssh.SSHServer):
    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == (USER, PASSWORD)


class _SilentDoor(_Door):
    """Lets the user in and then never opens a session."""

    def __init__(self) -> None:
        self.gone = asyncio.Event()

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self.gone.set()

    async def session_requested(self) -> bool:
        await self.gone.wait()
        return False


@dataclass
class Element:
    """An MML element behind a real SSH server; ``reply`` is what it says, None hangs up instead."""

    port: int = 0
    known_hosts: str = ""
    reply: Callable[[c.Command], Reply | None] = lambda _: c.Done()
    heard: list[c.Command | None] = field(default_factory=list)

    @property
    def target(self) -> SshTarget:
        return SshTarget(LOOPBACK, self.port, USER, self.known_hosts, password=PASSWORD)

    async def serve(self, process: "asyncssh.SSHServerProcess[bytes]") -> None:
        server = mml_h.server({})
        while data := await process.stdin.read(1024):
            for asked in server.feed(data):
                self.heard.append(asked.command)
                reply = self.reply(asked.command) if asked.command else None
                if reply is None:
                    process.channel.get_connection().abort()
                    return
                process.stdout.write(server.answer(asked.number, reply))
        process.exit(0)


def _known(port: int, key: asyncssh.SSHKey) -> str:
    return f"[{LOOPBACK}]:{port} {key.export_public_key().decode()}"


@pytest.fixture
async def element() -> AsyncIterator[Element]:
    element, key = Element(), asyncssh.generate_private_key("ssh-ed25519")
    server = await asyncssh.listen(
        LOOPBACK, 0, server_host_keys=[key], server_factory=_Door, process_factory=element.serve, encoding=None
    )
    element.port = server.get_port()
    element.known_hosts = _known(element.port, key)
    yield element
    server.close()
    await server.wait_closed()


def _session(element: Element) -> Session:
    return Session("hlr-1", lambda: connect_ssh(element.target), lambda: mml_h.client({}), LOGIN, Limits())


async def test_mml_is_spoken_over_ssh(element: Element) -> None:
    session = _session(element)
    assert isinstance(await session.send(REMOVE), c.Done)
    assert element.heard == [LOGIN, REMOVE]
    await session.close()


async def test_another_host_key_is_unreachable(element: Element) -> None:
    element.known_hosts = _known(element.port, asyncssh.generate_private_key("ssh-ed25519"))
    with pytest.raises(Unreachable, match="another host key"):
        await connect_ssh(element.target)
    assert element.heard == []


async def test_a_host_nobody_knows_is_unreachable(element: Element) -> None:
    element.known_hosts = _known(1, asyncssh.generate_private_key("ssh-ed25519"))
    with pytest.raises(Unreachable):
        await connect_ssh(element.target)


@pytest.mark.parametrize("nothing", ["", "  \n"])
async def test_no_known_host_at_all_is_unreachable(element: Element, nothing: str) -> None:
    element.known_hosts = nothing
    with pytest.raises(Unreachable, match="known_hosts"):
        await connect_ssh(element.target)


@pytest.mark.parametrize("nonsense", ["this is not a key", "# only a comment", "@wrong [127.0.0.1]:1 ssh-ed25519 AAAA"])
async def test_a_known_hosts_that_makes_no_sense_is_unreachable(element: Element, nonsense: str) -> None:
    element.known_hosts = nonsense
    with pytest.raises(Unreachable):
        await connect_ssh(element.target)


async def test_a_wrong_password_is_unreachable_and_not_repeated(element: Element) -> None:
    target = replace(element.target, password="FAKE-wrong-password")
    with pytest.raises(Unreachable, match="PermissionDenied") as refused:
        await connect_ssh(target)
    assert "FAKE" not in f"{refused.value} {target!r}"


async def test_a_client_key_that_is_not_there_is_unreachable(element: Element) -> None:
    with pytest.raises(Unreachable):
        await connect_ssh(replace(element.target, password=None, client_key="no/such/key"))


async def test_nobody_listening_is_unreachable(element: Element) -> None:
    with pytest.raises(Unreachable, match="ConnectionRefusedError"):
        await connect_ssh(replace(element.target, port=1))


async def test_a_peer_gone_before_its_answer_leaves_doubt(element: Element) -> None:
    element.reply = lambda command: c.Done() if command == LOGIN else None
    session = _session(element)
    with pytest.raises(InDoubt):
        await session.send(REMOVE)
    assert element.heard == [LOGIN, REMOVE]
    element.reply = lambda _: c.Done()
    assert isinstance(await session.send(REMOVE), c.Done)
    await session.close()


async def test_closing_twice_is_safe(element: Element) -> None:
    stream = await connect_ssh(element.target)
    await stream.close()
    await stream.close()
    with pytest.raises(StreamClosed):
        await stream.receive()


async def test_giving_up_half_way_leaves_no_connection_behind() -> None:
    key, doors = asyncssh.generate_private_key("ssh-ed25519"), list[_SilentDoor]()

    def door() -> _SilentDoor:
        doors.append(_SilentDoor())
        return doors[-1]

    async with asyncssh.listen(LOOPBACK, 0, server_host_keys=[key], server_factory=door) as server:
        target = SshTarget(LOOPBACK, server.get_port(), USER, _known(server.get_port(), key), password=PASSWORD)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(connect_ssh(target), 0.5)
        assert len(doors) == 1
        await asyncio.wait_for(doors[0].gone.wait(), 2)
