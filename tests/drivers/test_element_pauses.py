"""When an element is left alone: it does not answer, or a human says so; and how it is found to be well again."""

import asyncio
import itertools
from dataclasses import replace

import pytest

from drivers import commands as c
from drivers.breaker import BreakerRules
from drivers.commands import Refused, Why
from drivers.element import Manners
from drivers.errors import InDoubt, NotSpoken, Unreachable
from drivers.flow import Pace, Paused
from drivers.subscription import Imsi
from tests.drivers.peer import LOGIN, Silence
from tests.drivers.standing import BRISK, PROBE, Mortal, door, element, lets_in, mml, speaking, standing, until_away
from tests.drivers.timelapse import ended, timelapse

IMSI = Imsi("208990000000001")
CHANGE = c.RemoveSubscriber(IMSI)


def now() -> float:
    return asyncio.get_running_loop().time()


@timelapse
async def test_after_failures_in_a_row_nobody_is_let_through_and_the_peer_hears_nothing() -> None:
    peer = Mortal(alive=False)
    async with standing(hlr := element(door(peer))):
        began = now()
        came = await until_away(hlr)
        assert set(came) <= {InDoubt, Unreachable}
        assert len(came) >= 3
        assert now() - began >= 1.0
        heard, then = len(peer.heard), now()
        answers = await asyncio.gather(*(hlr.send(CHANGE, lane=n % 4) for n in range(50)), return_exceptions=True)
        assert {(type(answer), "hlr-1 does not answer" in str(answer)) for answer in answers} == {(Paused, True)}
        assert (len(peer.heard), now()) == (heard, then)


@timelapse
async def test_those_who_wait_for_a_place_are_sent_away_when_it_opens() -> None:
    peer = Mortal(answer=lambda _: Silence())
    async with standing(hlr := element(door(peer), manners=replace(BRISK, pace=Pace(window=1)))):
        sends = [asyncio.create_task(hlr.send(CHANGE)) for _ in range(30)]
        ends = await asyncio.gather(*sends, return_exceptions=True)
        assert {type(end) for end in ends} <= {InDoubt, Unreachable, Paused}
        assert sum(isinstance(end, Paused) for end in ends) >= 20


@timelapse
async def test_one_probe_at_a_time_is_a_read_and_nothing_else_is_said() -> None:
    peer = Mortal(alive=False)
    async with standing(hlr := element(door(peer))):
        await until_away(hlr)
        since = now()
        while now() < since + 60:
            assert isinstance(await ended(hlr.send(CHANGE)), Paused)
            await asyncio.sleep(0.5)
        later = [(at, command) for at, command in peer.at if at > since]
        assert {command for _, command in later} <= {PROBE, LOGIN}
        times = [at for at, command in later]
        assert all(late - early >= 2.0 for early, late in itertools.pairwise(times))
        assert len(times) >= 20


@timelapse
async def test_an_answer_to_the_probe_lets_everybody_in_again() -> None:
    peer = Mortal(alive=False)
    async with standing(hlr := element(door(peer))):
        await until_away(hlr)
        await asyncio.sleep(30)
        assert not lets_in(hlr)
        waiting = asyncio.create_task(hlr.reopened(60))
        peer.alive, since = True, now()
        await waiting
        assert now() - since <= 2.5
        assert lets_in(hlr)
        assert isinstance(await hlr.send(CHANGE), c.Done)


@pytest.mark.parametrize("answer", [Refused(Why.NOT_FOUND, "3001"), Refused(Why.BUSY, "1033"), Refused(Why.OTHER, "1")])
@timelapse
async def test_any_answer_to_the_probe_is_one(answer: Refused) -> None:
    peer = Mortal(alive=False)
    async with standing(hlr := element(door(peer))):
        await until_away(hlr)
        peer.alive, peer.answer = True, lambda _: answer
        await hlr.reopened(10)
        assert lets_in(hlr)


@timelapse
async def test_a_connection_alone_proves_nothing() -> None:
    peer = Mortal(answer=lambda _: Silence())  # it opens, it takes the login, and then it is silent
    async with standing(hlr := element(door(peer))):
        await until_away(hlr)
        await asyncio.sleep(30)
        assert not lets_in(hlr)
        assert len([command for command in peer.asked if command == PROBE]) >= 10


@timelapse
async def test_every_door_must_answer_the_probe() -> None:
    ctrl, vty = Mortal(alive=False), Mortal(alive=False)
    doors = (door(ctrl, can=speaking(c.RemoveSubscriber)), door(vty, can=speaking(c.ReadSubscriber, c.KeepAlive)))
    async with standing(hlr := element(*doors)):
        await until_away(hlr)
        ctrl.alive = True
        await asyncio.sleep(20)
        assert not lets_in(hlr)
        assert ctrl.asked[-1] == c.KeepAlive()  # it knows no reads
        vty.alive = True
        await hlr.reopened(10)
        assert lets_in(hlr)
        assert vty.asked[-1] == PROBE


@timelapse
async def test_a_late_answer_and_new_failures_make_no_second_probe() -> None:
    """Commands that were under way when it opened may still be answered, or not, in any order."""
    gone = Mortal(reachable=False)
    slow = Mortal(answer=lambda _: Silence())
    doors = (door(gone, can=speaking(c.RemoveSubscriber)), door(slow, can=speaking(c.ReadKeys), answer_timeout_s=5))
    rules = BreakerRules(failures=2, over_s=0.5, cool_down_s=20)
    async with standing(hlr := element(*doors, manners=Manners(Pace(window=8), rules))):
        first = [asyncio.create_task(hlr.send(c.ReadKeys(IMSI))) for _ in range(2)]
        await asyncio.sleep(0.6)
        first.append(asyncio.create_task(hlr.send(c.ReadKeys(IMSI))))
        await ended(hlr.send(CHANGE))
        await asyncio.sleep(0.6)
        await ended(hlr.send(CHANGE))
        assert not lets_in(hlr)
        await slow.kept[0].answer(c.KeysHeld())  # the circuit is closed again by this, and opened anew by the silence
        assert isinstance(await first[0], c.KeysHeld)
        await asyncio.gather(*first[1:], return_exceptions=True)
        assert not lets_in(hlr)
        probes = [task for task in asyncio.all_tasks() if task.get_name() == "probe hlr-1"]
        assert len(probes) == 1


@timelapse
async def test_what_cannot_be_said_is_no_failure() -> None:
    peer = Mortal()
    async with standing(hlr := element(door(peer))):
        for _ in range(20):
            with pytest.raises(NotSpoken):
                await hlr.send(c.RemoveSubscriber(Imsi('1";RMV SUB:')))
            await asyncio.sleep(0.5)
        assert lets_in(hlr)
        assert peer.asked == []


@timelapse
async def test_refusals_are_answers() -> None:
    peer = Mortal(answer=lambda _: Refused(Why.BUSY, "1033"))
    async with standing(hlr := element(door(peer))):
        for _ in range(20):
            answer = await hlr.send(CHANGE)
            assert isinstance(answer, Refused)
            assert answer.why is Why.BUSY
            await asyncio.sleep(0.5)
        assert lets_in(hlr)


@timelapse
async def test_one_answer_between_failures_keeps_it_in_service() -> None:
    doors = (
        door(Mortal(reachable=False), can=speaking(c.RemoveSubscriber)),
        door(Mortal(), can=speaking(c.ReadSubscriber)),
    )
    async with standing(hlr := element(*doors)):
        for n in range(40):
            if n % 3 == 2:
                assert await hlr.read(IMSI) is None
            else:
                assert isinstance(await ended(hlr.send(CHANGE)), Unreachable)
            await asyncio.sleep(1)
        assert lets_in(hlr)


@timelapse
async def test_a_fault_in_a_probe_is_no_end_of_probing() -> None:
    peer = Mortal(alive=False)
    broken = True

    def client() -> object:
        if broken:
            raise RuntimeError("a fault of ours")
        return mml()

    one = door(peer, client=client)  # type: ignore[arg-type]  # it is never a client
    async with standing(hlr := element(one)):
        for _ in range(3):
            hlr._failed()
            await asyncio.sleep(0.6)
        assert not lets_in(hlr)
        await asyncio.sleep(20)
        broken, peer.alive = False, True
        await hlr.reopened(20)
        assert lets_in(hlr)
