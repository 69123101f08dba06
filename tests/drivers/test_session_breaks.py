"""What a session makes of a conversation that breaks: what was sent is in doubt, what was not is unreachable."""

import asyncio
from dataclasses import replace

import pytest

from drivers import commands as c
from drivers.commands import Command, Reply, Why
from drivers.errors import Garbled, InDoubt, Unreachable
from drivers.subscription import Iccid, Imsi, Msisdn, Subscription
from tests.drivers.peer import LOGIN, QUICK, Act, Cut, Peer, Silence, session_with

ONE, TWO, THREE = (Imsi(f"20899000000000{n}") for n in (1, 2, 3))
GONE = c.Refused(Why.SESSION, "5004", "ERR5004:Session invalid or timed out")


def _held(imsi: Imsi) -> Reply:
    return c.Held(Subscription(imsi, Msisdn("+" + imsi)))


def _once(first: Act, target: Command) -> Peer:
    """A peer that acts strangely at the first ``target`` and answers everything else."""
    acts = [first]

    def script(command: Command) -> Act:
        if command == target and acts:
            return acts.pop()
        return _held(command.imsi) if isinstance(command, c.ReadSubscriber) else c.Done()

    return Peer(script)


async def test_silence_is_doubt_and_the_look_goes_over_the_same_line() -> None:
    async with session_with(peer := _once(Silence(), c.RemoveSubscriber(ONE))) as session:
        with pytest.raises(InDoubt, match="no answer within"):
            await session.send(c.RemoveSubscriber(ONE))
        assert [stream.closed for stream in peer.streams] == [False]
        with pytest.raises(InDoubt, match="no answer within"):  # its answer was taken for the first one's
            await session.send(c.RemoveSubscriber(ONE))
        assert peer.streams[0].closed
        assert not session.connected
        assert isinstance(await session.send(c.RemoveSubscriber(ONE)), c.Done)
        assert peer.heard == [LOGIN, *[c.RemoveSubscriber(ONE)] * 2, LOGIN, c.RemoveSubscriber(ONE)]


async def test_a_late_answer_is_never_taken_for_another_commands() -> None:
    async with session_with(peer := _once(Silence(), c.ReadSubscriber(ONE))) as session:
        with pytest.raises(InDoubt):
            await session.send(c.ReadSubscriber(ONE))
        later = asyncio.create_task(session.send(c.ReadSubscriber(TWO)))
        late = peer.kept[0]
        # the peer's end is shut by now, so the late bytes are put where a slow network would still deliver them
        peer.streams[0]._inbox.put_nowait(late.server.answer(late.number, _held(ONE)))
        assert await later == _held(TWO)
        assert await session.send(c.ReadSubscriber(THREE)) == _held(THREE)


async def test_doubt_falls_on_everyone_who_was_waiting() -> None:
    def script(command: Command) -> Act:
        return c.Done() if command == LOGIN else Silence()

    async with session_with(peer := Peer(script), replace(QUICK, answer_timeout_s=5)) as session:
        sends = [asyncio.create_task(session.send(c.RemoveSubscriber(imsi))) for imsi in (ONE, TWO, THREE)]
        await peer.heard_after(4)
        await peer.kept[0].stream.close()
        outcomes = await asyncio.gather(*sends, return_exceptions=True)
        assert [type(outcome) for outcome in outcomes] == [InDoubt] * 3


async def test_a_line_cut_instead_of_an_answer_is_doubt() -> None:
    async with session_with(_once(Cut(), c.RemoveSubscriber(ONE))) as session:
        with pytest.raises(InDoubt):
            await session.send(c.RemoveSubscriber(ONE))
        assert not session.connected
        assert isinstance(await session.send(c.RemoveSubscriber(TWO)), c.Done)


async def test_a_line_cut_while_sending_is_doubt() -> None:
    peer = Peer(damage=lambda data: None if b"RMV SUB" in data else data)
    async with session_with(peer) as session:
        with pytest.raises(InDoubt, match="while a command was sent"):
            await session.send(c.RemoveSubscriber(ONE))
        assert peer.heard == [LOGIN]
        assert isinstance(await session.send(c.RemoveKeys(ONE, Iccid(""))), c.Done)


async def test_half_a_command_lost_is_doubt() -> None:
    peer = Peer(damage=lambda data: data[:9] if b"RMV SUB" in data else data)
    async with session_with(peer) as session:
        with pytest.raises(InDoubt):
            await session.send(c.RemoveSubscriber(ONE))
        assert peer.heard == [LOGIN]


async def test_a_line_lost_while_idle_is_opened_again_unnoticed() -> None:
    async with session_with(peer := Peer()) as session:
        await session.send(c.RemoveSubscriber(ONE))
        await peer.streams[0]._peer.close()
        await asyncio.sleep(0.02)
        assert not session.connected
        assert isinstance(await session.send(c.RemoveSubscriber(TWO)), c.Done)
        assert len(peer.streams) == 2


@pytest.mark.parametrize(
    "noise",
    [b"login: \r\n---    END\r\n", b"\xff\xfe---    END", b"+++    HLR9820\r\nRETCODE = 0 ok\r\n\r\n---    END\r\n"],
)
async def test_an_answer_that_makes_no_sense_is_garbled(noise: bytes) -> None:
    async with session_with(peer := _once(noise, c.RemoveSubscriber(ONE))) as session:
        with pytest.raises(Garbled):
            await session.send(c.RemoveSubscriber(ONE))
        assert peer.streams[0].closed
        assert isinstance(await session.send(c.RemoveSubscriber(ONE)), c.Done)


async def test_a_forgotten_session_is_logged_in_again_and_the_command_repeated_once() -> None:
    async with session_with(peer := _once(GONE, c.RemoveSubscriber(ONE))) as session:
        assert isinstance(await session.send(c.RemoveSubscriber(ONE)), c.Done)
        assert peer.heard == [LOGIN, c.RemoveSubscriber(ONE)] * 2
        assert peer.streams[0].closed


async def test_a_session_forgotten_at_once_is_unreachable() -> None:
    async with session_with(peer := Peer(lambda command: c.Done() if command == LOGIN else GONE)) as session:
        with pytest.raises(Unreachable, match="5004"):
            await session.send(c.RemoveSubscriber(ONE))
        assert peer.heard == [LOGIN, c.RemoveSubscriber(ONE)] * 2
        assert not session.connected


async def test_a_forgotten_session_leaves_the_others_in_doubt() -> None:
    acts: list[Act] = [GONE]

    def script(command: Command) -> Act:
        if command == c.RemoveSubscriber(ONE):
            return acts.pop() if acts else c.Done()
        return Silence() if command == c.RemoveSubscriber(TWO) else c.Done()

    async with session_with(peer := Peer(script), replace(QUICK, answer_timeout_s=5)) as session:
        await session.send(c.KeepAlive())
        first = asyncio.create_task(session.send(c.RemoveSubscriber(ONE)))
        second = asyncio.create_task(session.send(c.RemoveSubscriber(TWO)))
        assert isinstance(await first, c.Done)
        with pytest.raises(InDoubt):
            await second
        assert c.RemoveSubscriber(TWO) in peer.heard


async def test_closing_leaves_what_was_sent_in_doubt() -> None:
    def script(command: Command) -> Act:
        return c.Done() if command == LOGIN else Silence()

    async with session_with(peer := Peer(script), replace(QUICK, answer_timeout_s=5)) as session:
        sent = asyncio.create_task(session.send(c.RemoveSubscriber(ONE)))
        await peer.heard_after(2)
        await session.close()
        with pytest.raises(InDoubt):
            await sent
        assert peer.streams[0].closed
