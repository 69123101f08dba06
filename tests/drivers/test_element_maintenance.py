"""An element held by a human hears nothing until it is let go; nobody is refused, everybody is told until when."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from drivers import commands as c
from drivers.commands import Refused, Why
from drivers.door import Door
from drivers.flow import Paused
from drivers.session import Session
from drivers.subscription import Imsi
from tests.drivers.peer import LOGIN, QUICK, Silence
from tests.drivers.standing import PROBE, Mortal, door, element, empty, lets_in, mml, speaking, standing, until_away
from tests.drivers.timelapse import settled, timelapse

CHANGE = c.RemoveSubscriber(Imsi("208990000000001"))
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@timelapse
async def test_held_it_hears_nothing_and_says_until_when() -> None:
    peer = Mortal()
    session = Session("hlr-1", peer.connect, mml, LOGIN, replace(QUICK, keep_alive_s=1.0))
    async with standing(hlr := element(Door(speaking(c.RemoveSubscriber), [session], repr))):
        await hlr.send(CHANGE)
        hlr.hold("hlr-1 is in maintenance: new disks", NOON)
        await settled()
        heard = len(peer.heard)
        for _ in range(60):
            with pytest.raises(Paused, match="new disks") as told:
                await hlr.send(CHANGE)
            assert told.value.until == NOON
            await asyncio.sleep(1)
        assert len(peer.heard) == heard  # not even that we are still there
        assert (hlr.in_maintenance, hlr.paused) == (True, ("hlr-1 is in maintenance: new disks", NOON))
        assert not hlr.connected
        hlr.release()
        assert (hlr.in_maintenance, hlr.paused) == (False, None)
        assert isinstance(await hlr.send(CHANGE), c.Done)


@timelapse
async def test_what_is_under_way_may_end() -> None:
    peer = Mortal(answer=lambda _: Silence())
    async with standing(hlr := element(door(peer))):
        under_way = asyncio.create_task(hlr.send(CHANGE))
        await settled()
        hlr.hold("disks", None)
        await asyncio.sleep(0.1)
        await peer.kept[0].answer(c.Done())
        assert isinstance(await under_way, c.Done)
        await settled()
        assert not hlr.connected


@timelapse
async def test_released_before_it_was_quiet_the_line_stays() -> None:
    peer = Mortal(answer=lambda _: Silence())
    async with standing(hlr := element(door(peer))):
        under_way = asyncio.create_task(hlr.send(CHANGE))
        await settled()
        hlr.hold("disks", None)
        hlr.release()
        await peer.kept[0].answer(c.Done())
        assert isinstance(await under_way, c.Done)
        await settled()
        assert hlr.connected


@timelapse
async def test_another_end_replaces_the_first_and_is_told() -> None:
    async with standing(hlr := element(door(Mortal()))):
        hlr.hold("disks", None)
        waiting = asyncio.create_task(hlr.reopened(60))
        hlr.hold("disks", None)
        await settled()
        assert not waiting.done()
        hlr.hold("disks", NOON)
        await settled()
        assert waiting.done()
        assert hlr.paused == ("disks", NOON)


@timelapse
async def test_nobody_probes_what_is_in_maintenance() -> None:
    peer = Mortal(alive=False)
    async with standing(hlr := element(door(peer))):
        await until_away(hlr)
        hlr.hold("disks", NOON)
        heard = len(peer.heard)
        await asyncio.sleep(60)
        assert len(peer.heard) == heard
        hlr.release()  # it is let go, but it has not been heard of since
        assert hlr.paused
        assert "does not answer" in hlr.paused[0]
        await asyncio.sleep(5)
        assert peer.at[-1][1] in (PROBE, LOGIN)
        peer.alive = True
        await hlr.reopened(10)
        assert lets_in(hlr)


@timelapse
async def test_a_probe_under_way_as_it_begins_does_not_end_it() -> None:
    peer = Mortal(alive=False)
    async with standing(hlr := element(door(peer))):
        await until_away(hlr)
        peer.alive, peer.answer = True, lambda _: Silence()
        heard = len(peer.heard)
        await peer.heard_after(heard + 2)  # the login of the new line, and the probe
        assert peer.heard[-1] == PROBE
        hlr.hold("disks", NOON)
        await peer.kept[-1].answer(Refused(Why.NOT_FOUND, "3001"))
        peer.answer = empty
        await asyncio.sleep(5)
        assert hlr.paused == ("disks", NOON)
        hlr.release()
        await hlr.reopened(10)
        assert lets_in(hlr)


@timelapse
async def test_letting_go_what_nobody_holds_does_not_let_anybody_in() -> None:
    async with standing(hlr := element(door(Mortal(alive=False)))):
        await until_away(hlr)
        hlr.release()
        assert not lets_in(hlr)
