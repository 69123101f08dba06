"""One configured element: what it can be told, and the sessions that take turns."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from drivers import commands as c
from drivers.commands import Reply, Why
from drivers.dialect import Capabilities, Fit
from drivers.dialects import mml_h, smpp
from drivers.door import Door
from drivers.element import Element
from drivers.errors import Garbled, NotSpoken
from drivers.subscription import ApnAccess, Imsi, Msisdn, ServiceLock, Subscription
from tests.drivers.peer import LOGIN, Peer, session_with

IMSI = Imsi("208990000000001")
NUMBER = Msisdn("+33612345678")
HELD = Subscription(IMSI, NUMBER)


@asynccontextmanager
async def _element(*peers: Peer, can: Capabilities = mml_h.CAPABILITIES) -> AsyncIterator[Element]:
    async with AsyncExitStack() as stack:
        sessions = [await stack.enter_async_context(session_with(peer)) for peer in peers]
        yield Element("hlr-1", [Door(can, sessions, repr)], Fit)


def _saying(reply: Reply) -> Peer:
    return Peer(lambda command: c.Done() if command == LOGIN else reply)


async def test_what_it_has_no_command_for_is_not_spoken() -> None:
    async with _element(peer := Peer()) as element:
        with pytest.raises(NotSpoken, match="hlr-1 has no command for SendSms"):
            await element.send(c.SendSms("Linegate", NUMBER, "hello"))
        assert peer.streams == []


async def test_what_it_cannot_hold_is_not_spoken() -> None:
    can = Capabilities(frozenset({c.Provide}), frozenset({ServiceLock}), 1)
    async with _element(peer := Peer(), can=can) as element:
        with pytest.raises(NotSpoken, match=r"cannot hold ApnAccess .*internet"):
            await element.send(c.Provide(IMSI, ApnAccess("internet", provided=True)))
        assert isinstance(await element.send(c.Provide(IMSI, ServiceLock(locked=True))), c.Done)
        assert len(peer.heard) == 2


def test_a_message_centre_holds_nothing() -> None:
    element = Element("smsc-1", [Door(smpp.CAPABILITIES, [], repr)], Fit)
    with pytest.raises(NotSpoken, match="smsc-1"):
        element.check(c.Provide(IMSI, ServiceLock(locked=True)))


async def test_sessions_take_turns() -> None:
    peers = [Peer(), Peer(), Peer()]
    async with _element(*peers) as element:
        await asyncio.gather(*(element.send(c.RemoveSubscriber(IMSI)) for _ in range(30)))
        assert [len(peer.heard) for peer in peers] == [11, 11, 11]
        assert element.connected
        await element.close()
        assert all(peer.streams[0].closed for peer in peers)


@pytest.mark.parametrize(
    ("reply", "expected"), [(c.Held(HELD), HELD), (c.Refused(Why.NOT_FOUND, "3001"), None)], ids=["held", "not there"]
)
async def test_reading_back(reply: Reply, expected: Subscription | None) -> None:
    async with _element(_saying(reply)) as element:
        assert await element.read(IMSI) == expected


@pytest.mark.parametrize(
    ("reply", "expected"), [(c.KeysHeld(), True), (c.Refused(Why.NOT_FOUND, "3007"), False)], ids=["held", "not there"]
)
async def test_asking_for_keys(reply: Reply, *, expected: bool) -> None:
    async with _element(_saying(reply)) as element:
        assert await element.has_keys(IMSI) is expected


async def test_an_element_that_will_not_be_read_leaves_doubt() -> None:
    async with _element(_saying(c.Refused(Why.FORBIDDEN, "1006"))) as element:
        with pytest.raises(Garbled, match="does not let itself be read"):
            await element.read(IMSI)
        with pytest.raises(Garbled, match="does not let its keys be listed"):
            await element.has_keys(IMSI)
