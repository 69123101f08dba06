"""One configured element: what it can be told, through which door, and who says that it is done."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from drivers import commands as c
from drivers.commands import Command, Reply, Why
from drivers.dialect import Capabilities
from drivers.dialects import mml_h, smpp
from drivers.door import Door
from drivers.element import Element
from drivers.errors import Busy, Garbled, InDoubt, NotSpoken, Uncertain
from drivers.flow import Pace
from drivers.subscription import ApnAccess, Imsi, Msisdn, NetworkAccess, ServiceLock, Subscription
from tests.drivers.peer import LOGIN, Peer, Silence
from tests.drivers.standing import BRISK, Mortal, door, element, empty, speaking, standing
from tests.drivers.timelapse import settled, timelapse

IMSI = Imsi("208990000000001")
NUMBER = Msisdn("+33612345678")
HELD = Subscription(IMSI, NUMBER)
LOCK = c.Provide(IMSI, ServiceLock(locked=True))


@asynccontextmanager
async def _element(peer: Peer, can: Capabilities = mml_h.CAPABILITIES) -> AsyncIterator[Element]:
    async with standing(hlr := element(door(peer, can=can))):
        yield hlr


def _saying(reply: Reply) -> Peer:
    return Peer(lambda command: c.Done() if command == LOGIN else reply)


async def test_what_it_has_no_command_for_is_not_spoken() -> None:
    async with _element(peer := Peer()) as hlr:
        with pytest.raises(NotSpoken, match="hlr-1 has no command for SendSms"):
            await hlr.send(c.SendSms("Linegate", NUMBER, "hello"))
        assert peer.streams == []


async def test_what_it_cannot_hold_is_not_spoken() -> None:
    can = Capabilities(frozenset({c.Provide}), frozenset({ServiceLock}), 1)
    async with _element(peer := Peer(), can) as hlr:
        with pytest.raises(NotSpoken, match=r"cannot hold ApnAccess .*internet"):
            await hlr.send(c.Provide(IMSI, ApnAccess("internet", provided=True)))
        assert isinstance(await hlr.send(LOCK), c.Done)
        assert len(peer.heard) == 2


def test_a_message_centre_holds_nothing() -> None:
    smsc = Element("smsc-1", [Door(smpp.CAPABILITIES, [], repr)], smpp.fit)
    with pytest.raises(NotSpoken, match="smsc-1"):
        smsc.check(LOCK)


async def test_what_was_taken_from_it_is_not_spoken_though_its_dialect_could() -> None:
    peer = Peer()
    less = mml_h.CAPABILITIES.without({"ServiceLock", "RemoveKeys"})
    async with standing(hlr := Element("hlr-1", [door(peer, can=less)], mml_h.fit, BRISK)):
        with pytest.raises(NotSpoken, match="cannot hold ServiceLock"):
            await hlr.send(LOCK)
        with pytest.raises(NotSpoken, match="no command for RemoveKeys"):
            hlr.check(c.RemoveKeys(IMSI, "8933010000000000010"))  # type: ignore[arg-type]  # plain text will do
        assert peer.streams == []


@pytest.mark.parametrize(
    ("reply", "expected"), [(c.Held(HELD), HELD), (c.Refused(Why.NOT_FOUND, "3001"), None)], ids=["held", "not there"]
)
async def test_reading_back(reply: Reply, expected: Subscription | None) -> None:
    async with _element(_saying(reply)) as hlr:
        assert await hlr.read(IMSI) == expected


@pytest.mark.parametrize(
    ("reply", "expected"), [(c.KeysHeld(), True), (c.Refused(Why.NOT_FOUND, "3007"), False)], ids=["held", "not there"]
)
async def test_asking_for_keys(reply: Reply, *, expected: bool) -> None:
    async with _element(_saying(reply)) as hlr:
        assert await hlr.has_keys(IMSI) is expected


async def test_an_element_that_will_not_be_read_leaves_doubt() -> None:
    async with _element(_saying(c.Refused(Why.FORBIDDEN, "1006"))) as hlr:
        with pytest.raises(Garbled, match="does not let itself be read"):
            await hlr.read(IMSI)
        with pytest.raises(Garbled, match="does not let its keys be listed"):
            await hlr.has_keys(IMSI)


async def test_one_that_is_too_busy_to_be_read_is_busy() -> None:
    async with _element(_saying(c.Refused(Why.BUSY, "1033"))) as hlr:
        with pytest.raises(Busy):
            await hlr.read(IMSI)
        with pytest.raises(Busy):
            await hlr.has_keys(IMSI)


async def test_the_reply_says_who_gave_it() -> None:
    replies: list[Reply] = [c.Done(), c.AlreadySo(), c.Refused(Why.NOT_FOUND, "3001")]
    peer = Mortal(answer=lambda _: replies[-1])
    async with standing(hlr := element(door(peer), name="hlr-7")):
        while replies:
            came = await hlr.send(c.RemoveSubscriber(IMSI))
            assert isinstance(came, c.Done | c.AlreadySo | c.Refused)
            assert (type(came), came.by) == (type(replies.pop()), "hlr-7")


#: as OsmoHLR's: over CTRL everything but network access, over VTY what its serving nodes are told of
CTRL = speaking(c.ReadSubscriber, c.CreateSubscriber, c.ChangeMsisdn, c.RemoveSubscriber)
VTY = speaking(c.ReadSubscriber, c.ChangeMsisdn, c.Provide, pushes=(NetworkAccess, c.ChangeMsisdn))


@pytest.mark.parametrize(
    ("command", "by"),
    [
        (c.CreateSubscriber(IMSI, NUMBER), "ctrl"),  # only the first door knows it
        (c.Provide(IMSI, NetworkAccess.CS_ONLY), "vty"),  # only the second
        (c.ChangeMsisdn(IMSI, NUMBER), "vty"),  # both, and only the second tells the serving node
        (c.ReadSubscriber(IMSI), "ctrl"),  # both, and neither tells anybody: the first
    ],
)
@timelapse
async def test_of_two_doors_the_one_is_taken_that_pushes(command: Command, by: str) -> None:
    ctrl, vty = Mortal(), Mortal()
    async with standing(hlr := element(door(ctrl, can=CTRL), door(vty, can=VTY))):
        await hlr.send(command)
        assert (ctrl.asked, vty.asked) == (([command], []) if by == "ctrl" else ([], [command]))


@timelapse
async def test_after_silence_at_a_door_it_is_asked_there_what_became_of_it() -> None:
    """Through the other door the look could overtake the command."""
    silent = c.Provide(IMSI, NetworkAccess.CS_ONLY)
    ctrl, vty = Mortal(), Mortal(answer=lambda command: Silence() if command == silent else empty(command))
    async with standing(hlr := element(door(ctrl, can=CTRL), door(vty, can=VTY))):
        with pytest.raises(InDoubt):
            await hlr.send(silent)
        await vty.kept[0].answer(c.Done())
        assert await hlr.read(IMSI) is None
        assert (ctrl.asked, vty.asked) == ([], [silent, c.ReadSubscriber(IMSI)])
        assert await hlr.read(IMSI) is None  # that settled it
        assert ctrl.asked == [c.ReadSubscriber(IMSI)]


@timelapse
async def test_two_doors_can_together_what_each_can() -> None:
    async with standing(hlr := element(door(Mortal(), can=CTRL), door(Mortal(), can=VTY))):
        assert hlr.capabilities.commands == CTRL.commands | VTY.commands
        assert hlr.capabilities.pushes == {NetworkAccess, c.ChangeMsisdn}
        with pytest.raises(NotSpoken, match="hlr-1 has no command for RemoveKeys"):
            hlr.check(c.RemoveKeys(IMSI, "8933010000000000010"))  # type: ignore[arg-type]  # plain text will do


async def test_a_command_is_described_by_the_door_it_goes_through() -> None:
    ctrl = Door(CTRL, [], lambda command: f"CTRL {type(command).__name__}")
    vty = Door(VTY, [], lambda command: f"VTY {type(command).__name__}")
    hlr = element(ctrl, vty)
    assert hlr.describe(c.CreateSubscriber(IMSI, NUMBER)) == "CTRL CreateSubscriber"
    assert hlr.describe(c.ChangeMsisdn(IMSI, NUMBER)) == "VTY ChangeMsisdn"


@timelapse
async def test_all_doors_together_take_no_more_than_the_element_does() -> None:
    ctrl, vty = Mortal(answer=lambda _: Silence()), Mortal(answer=lambda _: Silence())
    manners = replace(BRISK, pace=Pace(window=3))
    async with standing(hlr := element(door(ctrl, can=CTRL), door(vty, can=VTY), manners=manners)):
        commands: list[Command] = [c.CreateSubscriber(IMSI, NUMBER), c.ChangeMsisdn(IMSI, NUMBER)] * 5
        sends = [asyncio.create_task(hlr.send(command)) for command in commands]
        await settled()
        assert len(ctrl.asked) + len(vty.asked) == 3
        for send in sends:
            send.cancel()


async def test_what_is_not_certainly_ours_is_kept_back_and_looks_are_not() -> None:
    peer = Peer(lambda command: c.Held(HELD) if isinstance(command, c.ReadSubscriber) else c.Done())
    async with _element(peer) as hlr:
        hlr.ask_first(lambda: False)
        for _ in range(20):
            with pytest.raises(Uncertain):
                await hlr.send(LOCK)
        assert await hlr.read(IMSI) == HELD
        assert (peer.heard, hlr.paused) == ([LOGIN, c.ReadSubscriber(IMSI)], None)
