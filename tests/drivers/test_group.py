"""Several elements before the same subscribers: the primary is spoken to, and a backup only for what was not sent."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from drivers import commands as c
from drivers.commands import Refused, Why
from drivers.dialects import mml_h
from drivers.errors import InDoubt, NotSpoken, Unreachable
from drivers.flow import Paused
from drivers.group import Group
from drivers.subscription import Imsi, Msisdn
from tests.drivers.peer import Silence
from tests.drivers.standing import PROBE, Mortal, door, element, empty, lets_in, standing, until_away
from tests.drivers.timelapse import ended, settled, timelapse

IMSI = Imsi("208990000000001")
CHANGE = c.RemoveSubscriber(IMSI)
NOON, NIGHT = (datetime(2026, 3, 2, hour, 0, tzinfo=UTC) for hour in (12, 23))


@dataclass
class Pair:
    """Two elements, the peers behind them, and the group they make."""

    peers: tuple[Mortal, Mortal]

    def __post_init__(self) -> None:
        self.primary, self.backup = (
            element(door(peer), name=name) for peer, name in zip(self.peers, ("hlr-a", "hlr-b"), strict=True)
        )
        self.group = Group("hlr", [self.primary, self.backup])

    @property
    def asked(self) -> tuple[int, int]:
        """How many commands each has heard, probes apart."""
        first, second = (sum(command != PROBE for command in peer.asked) for peer in self.peers)
        return first, second


@asynccontextmanager
async def _pair(primary: Mortal | None = None, backup: Mortal | None = None) -> AsyncIterator[Pair]:
    pair = Pair((primary or Mortal(), backup or Mortal()))
    async with standing(pair.primary, pair.backup):
        yield pair


@timelapse
async def test_the_primary_is_spoken_to_and_says_so() -> None:
    async with _pair() as pair:
        replies = [await pair.group.send(CHANGE) for _ in range(5)]
        assert {reply.by for reply in replies if isinstance(reply, c.Done)} == {"hlr-a"}
        assert pair.asked == (5, 0)
        assert pair.group.connected


@timelapse
async def test_what_could_not_be_sent_to_the_primary_goes_to_the_backup_at_once() -> None:
    async with _pair(Mortal(reachable=False)) as pair:
        before = asyncio.get_running_loop().time()
        reply = await pair.group.send(CHANGE)
        assert isinstance(reply, c.Done)
        assert (reply.by, pair.asked) == ("hlr-b", (0, 1))
        assert asyncio.get_running_loop().time() == before


@timelapse
async def test_once_the_primary_is_away_the_backup_has_all_of_it_without_a_pause() -> None:
    async with _pair(Mortal(alive=False)) as pair:
        await until_away(pair.primary)
        before, heard = asyncio.get_running_loop().time(), len(pair.peers[0].heard)
        replies = await asyncio.gather(*(pair.group.send(CHANGE) for _ in range(100)))
        assert {reply.by for reply in replies if isinstance(reply, c.Done)} == {"hlr-b"}
        assert (asyncio.get_running_loop().time(), len(pair.peers[0].heard)) == (before, heard)


@timelapse
async def test_a_primary_in_maintenance_is_stood_in_for() -> None:
    async with _pair() as pair:
        pair.primary.hold("hlr-a is in maintenance: disks", NOON)
        assert isinstance(await pair.group.send(CHANGE), c.Done)
        assert (pair.asked, pair.group.paused, pair.group.in_maintenance) == ((0, 1), None, False)


@timelapse
async def test_what_is_in_doubt_is_not_said_again_to_the_backup() -> None:
    async with _pair(Mortal(answer=lambda _: Silence())) as pair:
        with pytest.raises(InDoubt):
            await pair.group.send(CHANGE)
        assert pair.asked == (1, 0)


@timelapse
async def test_while_the_primary_owes_an_answer_only_it_is_asked_what_became_of_it() -> None:
    """By the backup a look could overtake the command, and be wrong a moment later."""
    async with _pair(Mortal(answer=lambda _: Silence())) as pair:
        with pytest.raises(InDoubt):
            await pair.group.send(CHANGE)
        pair.primary.flow.pause("hlr-a does not answer")
        came = await ended(pair.group.send(c.ReadSubscriber(IMSI)))
        assert type(came) is Unreachable  # and no pause that the backup would be the end of
        assert "hlr-a may still do what it was told" in str(came)
        assert pair.asked == (1, 0)
        assert isinstance(await pair.group.send(c.RemoveSubscriber(Imsi("208990000000002"))), c.Done)
        assert pair.asked == (1, 1)  # of others nothing is owed
        await pair.peers[0].streams[0].close()  # the line is given up
        await settled()
        assert await pair.group.read(IMSI) is None
        assert pair.asked == (1, 2)


@pytest.mark.parametrize("why", [Why.BUSY, Why.FORBIDDEN, Why.NOT_FOUND, Why.OTHER])
@timelapse
async def test_what_the_primary_refuses_is_refused(why: Why) -> None:
    async with _pair(Mortal(answer=lambda _: Refused(why, ""))) as pair:
        reply = await pair.group.send(CHANGE)
        assert isinstance(reply, Refused)
        assert (reply.why, reply.by, pair.asked) == (why, "hlr-a", (1, 0))


@timelapse
async def test_when_the_primary_answers_its_probe_it_is_spoken_to_again() -> None:
    async with _pair(Mortal(alive=False)) as pair:
        await until_away(pair.primary)
        await pair.group.send(CHANGE)
        pair.peers[0].alive = True
        await pair.primary.reopened(10)
        assert lets_in(pair.primary)
        before = pair.asked
        replies = [await pair.group.send(CHANGE) for _ in range(5)]
        assert {reply.by for reply in replies if isinstance(reply, c.Done)} == {"hlr-a"}
        assert pair.asked == (before[0] + 5, before[1])


@pytest.mark.parametrize(
    ("ends", "told"),
    [((NOON, NIGHT), NOON), ((NIGHT, NOON), NOON), ((None, NOON), NOON), ((NOON, None), NOON), ((None, None), None)],
)
@timelapse
async def test_if_nobody_lets_anybody_through_the_first_to_come_back_is_waited_for(
    ends: tuple[datetime | None, datetime | None], told: datetime | None
) -> None:
    async with _pair() as pair:
        pair.primary.hold("hlr-a rests", ends[0])
        pair.backup.hold("hlr-b rests", ends[1])
        with pytest.raises(Paused, match="hlr-a rests; hlr-b rests") as paused:
            await pair.group.send(CHANGE)
        assert paused.value.until == told
        assert (pair.group.paused, pair.group.in_maintenance) == (("hlr-a rests; hlr-b rests", told), True)
        waiting = asyncio.create_task(pair.group.reopened(60))
        await settled()
        assert not waiting.done()
        pair.backup.release()
        await settled()
        assert waiting.done()
        assert isinstance(await pair.group.send(CHANGE), c.Done)
        assert pair.asked == (0, 1)


@timelapse
async def test_with_the_backup_at_rest_a_primary_out_of_reach_is_tried_again_soon() -> None:
    """Whoever waited for a pause to end would wait for the backup; the primary may be back any moment."""
    async with _pair(Mortal(reachable=False)) as pair:
        pair.backup.hold("hlr-b rests", None)
        came = await ended(pair.group.send(CHANGE))
        assert type(came) is Unreachable
        assert "nobody there" in str(came)
        assert lets_in(pair.primary)


@timelapse
async def test_nobody_within_reach_is_unreachable() -> None:
    async with _pair(Mortal(reachable=False), Mortal(reachable=False)) as pair:
        assert type(await ended(pair.group.send(CHANGE))) is Unreachable
        assert not pair.group.connected


@timelapse
async def test_waiting_for_a_group_leaves_nothing_behind() -> None:
    async with _pair() as pair:
        pair.primary.hold("rests", None)
        pair.backup.hold("rests", None)
        await settled()
        before = len(asyncio.all_tasks())
        await pair.group.reopened(5)
        waiting = asyncio.create_task(pair.group.reopened(60))
        await settled()
        waiting.cancel()
        await settled()
        assert len(asyncio.all_tasks()) == before


@timelapse
async def test_a_group_can_what_its_elements_can() -> None:
    async with _pair(Mortal(answer=empty)) as pair:
        assert pair.group.capabilities == mml_h.CAPABILITIES
        with pytest.raises(NotSpoken, match="element hlr has no command for SendSms"):
            await pair.group.send(c.SendSms("Linegate", Msisdn("+33612345678"), "hello"))
        assert pair.group.describe(CHANGE) == repr(CHANGE)
        await pair.group.send(CHANGE)
        await pair.group.close()
        assert not pair.group.connected
