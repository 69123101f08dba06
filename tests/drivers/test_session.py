"""One conversation: login, window, waiting, keep-alive and starting again, against a scripted peer."""

import asyncio
import itertools
from dataclasses import replace

import pytest

from drivers import commands as c
from drivers.commands import Command, Reply, Why
from drivers.dialects import mml_h
from drivers.errors import NotSpoken, Uncertain, Unreachable
from drivers.session import Session
from drivers.stream import Stream
from drivers.subscription import Imsi, Msisdn, Subscription
from tests.drivers.peer import LOGIN, QUICK, Act, Peer, Silence, session_with

ONE, TWO = Imsi("208990000000001"), Imsi("208990000000002")


def _held(command: Command) -> Reply:
    if isinstance(command, c.ReadSubscriber):
        return c.Held(Subscription(command.imsi, Msisdn("+" + command.imsi)))
    return c.Done()


async def test_the_first_command_logs_in_and_gets_its_answer() -> None:
    async with session_with(peer := Peer()) as session:
        before = session.connected
        assert isinstance(await session.send(c.RemoveSubscriber(ONE)), c.Done)
        assert (before, session.connected) == (False, True)
        assert peer.heard == [LOGIN, c.RemoveSubscriber(ONE)]


async def test_a_refused_login_is_unreachable_and_nothing_else_is_said() -> None:
    def script(_: Command) -> Act:
        return c.Refused(Why.FORBIDDEN, "1013", "ERR1013:Wrong user name or password")

    async with session_with(peer := Peer(script)) as session:
        with pytest.raises(Unreachable, match=r"login was refused: ERR1013.*password"):
            await session.send(c.RemoveSubscriber(ONE))
        assert peer.heard == [LOGIN]
        assert peer.streams[0].closed
        assert not session.connected


async def test_a_login_without_answer_is_unreachable() -> None:
    async with session_with(peer := Peer(lambda _: Silence())) as session:
        with pytest.raises(Unreachable):
            await session.send(c.RemoveSubscriber(ONE))
        assert peer.heard == [LOGIN]
        assert peer.streams[0].closed


async def test_a_connection_that_never_opens_is_unreachable() -> None:
    async def never() -> Stream:
        await asyncio.sleep(60)
        raise AssertionError

    session = Session("hlr-1", never, lambda: mml_h.client({}), LOGIN, QUICK)
    with pytest.raises(Unreachable, match="no answer in time"):
        await session.send(c.KeepAlive())


async def test_a_refusal_is_a_value() -> None:
    refusal = c.Refused(Why.NOT_FOUND, "3001", "ERR3001:Subscriber not defined")
    async with session_with(Peer(lambda command: c.Done() if command == LOGIN else refusal)) as session:
        assert await session.send(c.RemoveSubscriber(ONE)) == refusal
        assert session.connected


async def test_many_tasks_each_get_their_own_answer() -> None:
    imsis = [Imsi(f"{208990000000000 + n}") for n in range(300)]
    async with session_with(peer := Peer(_held), replace(QUICK, answer_timeout_s=10)) as session:
        replies = await asyncio.gather(*(session.send(c.ReadSubscriber(imsi)) for imsi in imsis))
        assert replies == [_held(c.ReadSubscriber(imsi)) for imsi in imsis]
        assert len(peer.streams) == 1
        assert peer.heard.count(LOGIN) == 1


async def test_the_window_is_never_exceeded() -> None:
    def script(command: Command) -> Act:
        return c.Done() if command == LOGIN else Silence()

    async with session_with(peer := Peer(script), replace(QUICK, window=3, answer_timeout_s=10)) as session:
        sends = [asyncio.create_task(session.send(c.RemoveSubscriber(Imsi(f"{n:015}")))) for n in range(12)]
        for answered in range(12):
            await peer.heard_after(min(1 + answered + 3, 13))
            await asyncio.sleep(0.01)
            assert len(peer.heard) - 1 - answered <= 3
            await peer.kept[answered].answer(c.Done())
        assert all(isinstance(reply, c.Done) for reply in await asyncio.gather(*sends))


async def test_an_idle_conversation_is_kept_open() -> None:
    async with session_with(peer := Peer(), replace(QUICK, keep_alive_s=0.05)) as session:
        await session.send(c.RemoveSubscriber(ONE))
        heard = await peer.heard_after(4)
        assert heard[2:4] == [c.KeepAlive(), c.KeepAlive()]
        assert len(peer.streams) == 1


async def test_a_busy_conversation_needs_no_keeping() -> None:
    async with session_with(peer := Peer(), replace(QUICK, keep_alive_s=0.5)) as session:
        for _ in range(10):
            await session.send(c.RemoveSubscriber(ONE))
            await asyncio.sleep(0.02)
        assert c.KeepAlive() not in peer.heard


async def test_a_dead_conversation_is_noticed_while_idle() -> None:
    def script(command: Command) -> Act:
        return Silence() if command == c.KeepAlive() else c.Done()

    async with session_with(peer := Peer(script), replace(QUICK, keep_alive_s=0.05, answer_timeout_s=0.1)) as session:
        await session.send(c.RemoveSubscriber(ONE))
        await peer.heard_after(3)
        await asyncio.sleep(0.3)
        assert not session.connected
        assert isinstance(await session.send(c.RemoveSubscriber(ONE)), c.Done)
        assert len(peer.streams) == 2


async def test_an_unreachable_element_is_not_dialled_at_every_command() -> None:
    dialled: list[float] = []

    async def nobody() -> Stream:
        dialled.append(asyncio.get_running_loop().time())
        raise Unreachable("nobody there")

    session = Session("hlr-1", nobody, lambda: mml_h.client({}), LOGIN, QUICK)
    until = asyncio.get_running_loop().time() + 1.0
    while asyncio.get_running_loop().time() < until:
        with pytest.raises(Unreachable):
            await session.send(c.KeepAlive())
        await asyncio.sleep(0.005)
    waits = [later - earlier for earlier, later in itertools.pairwise(dialled)]
    assert waits[0] >= 0.05
    assert waits[1] >= 0.1
    assert all(wait >= 0.2 for wait in waits[2:])
    assert 4 <= len(dialled) <= 7


async def test_what_cannot_be_said_disturbs_nobody() -> None:
    async with session_with(peer := Peer(_held)) as session:
        with pytest.raises(NotSpoken):
            await session.send(c.SendSms("Linegate", Msisdn("+33612345678"), "hello"))
        with pytest.raises(NotSpoken):
            await session.send(c.RemoveSubscriber(Imsi('1";RMV SUB:')))
        assert await session.send(c.ReadSubscriber(TWO)) == _held(c.ReadSubscriber(TWO))
        assert peer.heard == [LOGIN, c.ReadSubscriber(TWO)]


async def test_a_caller_who_gives_up_does_not_confuse_the_next() -> None:
    def script(command: Command) -> Act:
        return c.Done() if command == LOGIN else Silence()

    async with session_with(peer := Peer(script), replace(QUICK, answer_timeout_s=5)) as session:
        first = asyncio.create_task(session.send(c.ReadSubscriber(ONE)))
        second = asyncio.create_task(session.send(c.ReadSubscriber(TWO)))
        await peer.heard_after(3)
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        await peer.kept[0].answer(_held(c.ReadSubscriber(ONE)))
        await peer.kept[1].answer(_held(c.ReadSubscriber(TWO)))
        assert await second == _held(c.ReadSubscriber(TWO))
        assert len(peer.streams) == 1


async def test_what_is_not_certain_any_more_when_its_turn_comes_is_kept_back() -> None:
    def script(command: Command) -> Act:
        return c.Done() if command == LOGIN else Silence()

    sure = True
    async with session_with(peer := Peer(script), replace(QUICK, window=1, answer_timeout_s=10)) as session:
        first = asyncio.create_task(session.send(c.RemoveSubscriber(ONE), None, lambda: sure))
        await peer.heard_after(2)
        second = asyncio.create_task(session.send(c.RemoveSubscriber(TWO), None, lambda: sure))
        await asyncio.sleep(0)
        sure = False
        await peer.kept[0].answer(c.Done())
        assert isinstance(await first, c.Done), "it was written while it was certain"
        with pytest.raises(Uncertain, match="kept back"):
            await second
        assert peer.heard == [LOGIN, c.RemoveSubscriber(ONE)]
