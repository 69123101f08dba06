"""A real OsmoHLR in trouble: its database in another hand, hung, killed. Nothing that passes is told as final."""

import asyncio
from dataclasses import replace

import pytest

from drivers import commands as c
from drivers.commands import Credentials, Why
from drivers.errors import DriverError, InDoubt, Unreachable
from drivers.session import Session
from drivers.subscription import Iccid, Imsi, Msisdn, NetworkAccess, Subscription
from tests.peers.doors import LIMITS, sessions
from tests.peers.osmo_hlr import OsmoHlr

A, B, ABSENT = Imsi("901700000014701"), Imsi("901700000014702"), Imsi("901700000014709")
NUMBER, OTHER = Msisdn("+491700000001"), Msisdn("+491700000002")
ICCID, MILENAGE = Iccid("8933010000000000017"), Credentials("0" * 31 + "1", "0" * 31 + "2")
COMP128 = Credentials("0" * 31 + "3")
HASTY = replace(LIMITS, answer_timeout_s=0.3, connect_timeout_s=0.5)
WRITES: dict[str, tuple[c.Command, Credentials | None]] = {
    "create": (c.CreateSubscriber(B, None), None),
    "create again": (c.CreateSubscriber(A, None), None),
    "assign": (c.AssignMsisdn(A, OTHER), None),
    "release": (c.ReleaseMsisdn(A, NUMBER), None),
    "3g keys": (c.PutKeys(A, ICCID), MILENAGE),
    "2g keys": (c.PutKeys(A, ICCID), COMP128),
    "remove": (c.RemoveSubscriber(A), None),
}


async def _line(session: Session) -> None:
    for command in (c.CreateSubscriber(A, None), c.AssignMsisdn(A, NUMBER)):
        assert isinstance(await session.send(command), c.Done)


@pytest.mark.parametrize("name", WRITES)
@pytest.mark.parametrize("writer", [0, 1], ids=["ctrl", "vty"])
async def test_a_locked_database_is_busy_and_the_same_command_works_afterwards(
    hlr: OsmoHlr, writer: int, name: str
) -> None:
    command, keys = WRITES[name]
    async with sessions(hlr) as both:
        await _line(both[0])
        with hlr.locked():
            refused = await both[writer].send(command, keys)
            assert isinstance(refused, c.Refused)
            assert refused.why is Why.BUSY
            assert isinstance(await both[writer].send(c.ReadSubscriber(A)), c.Held)
        again = await both[writer].send(command, keys)
        exists = name == "create again"
        assert again.why is Why.EXISTS if isinstance(again, c.Refused) and exists else isinstance(again, c.Done)


@pytest.mark.parametrize("writer", [0, 1], ids=["ctrl", "vty"])
async def test_a_number_that_is_taken_is_a_conflict_locked_or_not(hlr: OsmoHlr, writer: int) -> None:
    async with sessions(hlr) as both:
        await _line(both[0])
        await both[0].send(c.CreateSubscriber(B, None))
        for refused in (await both[writer].send(c.AssignMsisdn(B, NUMBER)), await _while_locked(hlr, both[writer])):
            assert isinstance(refused, c.Refused)
            assert (refused.why, refused.code) == (Why.CONFLICT, "number_not_set")


async def _while_locked(hlr: OsmoHlr, session: Session) -> c.Reply:
    with hlr.locked():
        return await session.send(c.AssignMsisdn(B, NUMBER))


async def test_who_is_absent_is_absent_locked_or_not(hlr: OsmoHlr) -> None:
    async with sessions(hlr) as both:
        with hlr.locked():
            for session in both:
                for command in (c.RemoveSubscriber(ABSENT), c.AssignMsisdn(ABSENT, OTHER), c.ReadSubscriber(ABSENT)):
                    refused = await session.send(command)
                    assert isinstance(refused, c.Refused)
                    assert refused.why is Why.NOT_FOUND


async def test_network_access_a_locked_hlr_confirms_in_silence_is_not_believed(hlr: OsmoHlr) -> None:
    async with sessions(hlr) as (ctrl, terminal):
        await _line(ctrl)
        with hlr.locked():
            refused = await terminal.send(c.Provide(A, NetworkAccess.NONE))
            assert isinstance(refused, c.Refused)
            assert (refused.why, refused.code) == (Why.BUSY, "not_stored")
            assert await terminal.send(c.Provide(A, NetworkAccess.BOTH)) == c.Done("")  # as it is already
            assert await ctrl.send(c.ReadSubscriber(A)) == c.Held(Subscription(A, NUMBER))
        assert await terminal.send(c.Provide(A, NetworkAccess.NONE)) == c.Done("")
        assert await ctrl.send(c.ReadSubscriber(A)) == c.Held(Subscription(A, NUMBER, access=NetworkAccess.NONE))


@pytest.mark.parametrize("writer", [0, 1], ids=["ctrl", "vty"])
async def test_what_a_hung_hlr_was_told_is_in_doubt_and_a_late_answer_is_nobody_elses(
    hlr: OsmoHlr, writer: int
) -> None:
    async with sessions(hlr, HASTY) as both:
        session = both[writer]
        assert isinstance(await session.send(c.CreateSubscriber(A, None)), c.Done)
        hlr.freeze()
        with pytest.raises(InDoubt):
            await session.send(c.CreateSubscriber(B, None))
        hlr.thaw()
        for _ in range(3):
            assert await session.send(c.ReadSubscriber(A)) == c.Held(Subscription(A, None))
        again = await session.send(c.CreateSubscriber(B, None))
        assert isinstance(again, c.Refused)
        assert again.why is Why.EXISTS


@pytest.mark.parametrize("writer", [0, 1], ids=["ctrl", "vty"])
async def test_what_was_confirmed_before_a_kill_is_there_after_it(hlr: OsmoHlr, writer: int) -> None:
    confirmed: list[Imsi] = []
    under_load = asyncio.Event()

    async def load(session: Session) -> None:
        for n in range(10_000):
            imsi = Imsi(f"9017000002{n:05d}")
            if isinstance(await session.send(c.CreateSubscriber(imsi, None)), c.Done):
                confirmed.append(imsi)
            if n == 100:
                under_load.set()

    async with sessions(hlr) as both:
        loading = asyncio.create_task(load(both[writer]))
        await under_load.wait()
        hlr.kill()
        with pytest.raises(DriverError):
            await loading
        with pytest.raises(Unreachable):
            await both[writer].send(c.KeepAlive())
        await hlr.start()
        for imsi in confirmed:
            assert await _once_it_is_back(both[writer], c.ReadSubscriber(imsi)) == c.Held(Subscription(imsi, None))


async def _once_it_is_back(session: Session, command: c.Command) -> c.Reply:
    async with asyncio.timeout(10):
        while True:
            try:
                return await session.send(command)
            except Unreachable:
                await asyncio.sleep(0.02)
