"""Several sessions as one way in: the idlest is spoken on, the silent is asked after, the dead is left alone."""

import asyncio
from collections import Counter
from collections.abc import Sequence

import pytest

from drivers import commands as c
from drivers.commands import Command
from drivers.door import Door
from drivers.errors import InDoubt, Unreachable
from drivers.subscription import Imsi, Msisdn, Subscription
from tests.drivers.peer import Act, Peer, Silence
from tests.drivers.standing import Mortal, door
from tests.drivers.timelapse import ended, settled, timelapse

ONE, TWO, THREE = (Imsi(f"20899000000000{n}") for n in (1, 2, 3))


def _asked(peers: Sequence[Mortal]) -> list[int]:
    return [len(peer.asked) for peer in peers]


def _held(command: Command) -> Act:
    if isinstance(command, c.ReadSubscriber):
        return c.Held(Subscription(command.imsi, Msisdn("+" + command.imsi)))
    return c.Done()


async def _close(way: Door, peers: Sequence[Peer]) -> None:
    await way.close()
    assert all(stream.closed for peer in peers for stream in peer.streams)


@timelapse
async def test_sessions_take_turns() -> None:
    peers = [Mortal(), Mortal(), Mortal()]
    way = door(*peers)
    await asyncio.gather(*(way.send(c.RemoveSubscriber(ONE)) for _ in range(30)))
    assert _asked(peers) == [10, 10, 10]
    for _ in range(6):
        await way.send(c.RemoveSubscriber(ONE))
    assert _asked(peers) == [12, 12, 12]
    assert way.connected
    await _close(way, peers)
    assert not way.connected


@timelapse
async def test_a_slow_session_keeps_nobody_waiting() -> None:
    peers = [Mortal(answer=lambda _: Silence()), Mortal()]
    way = door(*peers)
    stuck = [asyncio.create_task(way.send(c.RemoveSubscriber(TWO))) for _ in range(2)]
    await settled()
    assert _asked(peers) == [1, 1]
    for _ in range(9):
        await way.send(c.RemoveSubscriber(ONE))
    assert _asked(peers) == [1, 10]
    ends = await asyncio.gather(*stuck, return_exceptions=True)
    assert Counter(type(end) for end in ends) == {InDoubt: 1, c.Done: 1}
    await way.close()


@timelapse
async def test_a_session_that_cannot_be_opened_is_left_to_the_others_for_a_while() -> None:
    peers = [Mortal(), Mortal(reachable=False), Mortal()]
    way = door(*peers)
    results = [type(await ended(way.send(c.RemoveSubscriber(ONE)))) for _ in range(20)]
    assert Counter(results) == {c.Done: 19, Unreachable: 1}
    await asyncio.sleep(1.1)
    peers[1].reachable = True
    results = [type(await ended(way.send(c.RemoveSubscriber(ONE)))) for _ in range(9)]
    assert Counter(results) == {c.Done: 9}
    assert _asked(peers)[1] == 3
    await way.close()


@timelapse
async def test_nobody_reachable_is_unreachable_every_time() -> None:
    way = door(*(Mortal(reachable=False) for _ in range(3)))
    for _ in range(10):
        with pytest.raises(Unreachable):
            await way.send(c.RemoveSubscriber(ONE))


@timelapse
async def test_after_silence_its_subscriber_is_asked_after_on_the_same_session() -> None:
    """A look elsewhere could overtake the command (docs/decisions/0004)."""
    silent: list[Command] = [c.RemoveSubscriber(ONE)]

    def answer(command: Command) -> Act:
        if command in silent:
            silent.remove(command)
            return Silence()
        return _held(command)

    peers = [Mortal(answer=answer) for _ in range(4)]
    way = door(*peers)
    with pytest.raises(InDoubt):
        await way.send(c.RemoveSubscriber(ONE))
    (where,) = [peer for peer in peers if peer.asked]
    for _ in range(3):
        await way.send(c.ReadSubscriber(TWO))  # of others anybody may be asked
    assert all(peer.asked for peer in peers)
    # the answer to this look is one too many for a peer that echoes: it ends the line, and so the doubt about it
    before = len(where.asked)
    assert isinstance(await ended(way.send(c.ReadSubscriber(ONE))), c.Held | InDoubt)
    assert where.asked[before:] == [c.ReadSubscriber(ONE)]
    await way.close()


@timelapse
async def test_whoever_gives_up_waiting_leaves_the_same_doubt() -> None:
    peers = [
        Mortal(answer=lambda command: Silence() if command == c.RemoveSubscriber(ONE) else _held(command))
        for _ in range(4)
    ]
    way = door(*peers)
    given_up = asyncio.create_task(way.send(c.RemoveSubscriber(ONE)))
    await settled()
    (where,) = [peer for peer in peers if peer.asked]
    given_up.cancel()
    await asyncio.gather(given_up, return_exceptions=True)
    look = asyncio.create_task(way.send(c.ReadSubscriber(ONE)))
    await settled()
    assert where.asked == [c.RemoveSubscriber(ONE), c.ReadSubscriber(ONE)]
    assert way.owes(c.ReadSubscriber(ONE)) or look.done()
    await asyncio.gather(look, return_exceptions=True)
    await way.close()


@pytest.mark.parametrize("late", [True, False])
@timelapse
async def test_the_doubt_ends_with_an_answer_or_with_the_line(*, late: bool) -> None:
    peers = [Mortal(answer=lambda command: Silence() if command == c.RemoveSubscriber(ONE) else _held(command))]
    peers += [Mortal(answer=_held) for _ in range(3)]
    way = door(*peers)
    while not peers[0].asked:
        came = await ended(way.send(c.RemoveSubscriber(ONE)))
    assert isinstance(came, InDoubt)
    if late:
        await peers[0].kept[0].answer(c.Done())
    look = await ended(way.send(c.ReadSubscriber(ONE)))
    assert peers[0].asked == [c.RemoveSubscriber(ONE), c.ReadSubscriber(ONE)]
    assert isinstance(look, c.Held if late else InDoubt)  # without it the look's answer echoes the wrong command
    before = _asked(peers)
    for _ in range(8):
        await way.send(c.ReadSubscriber(ONE))
    assert [now - then for now, then in zip(_asked(peers), before, strict=True)] == [2, 2, 2, 2]
    await way.close()


@timelapse
async def test_a_session_that_broke_in_its_silence_is_not_waited_for() -> None:
    peers = [Mortal(alive=False), Mortal()]
    way = door(*peers)
    while not peers[0].heard:
        await ended(way.send(c.RemoveSubscriber(ONE)))
    await asyncio.sleep(5)
    before = len(peers[1].asked)
    for _ in range(4):
        await ended(way.send(c.RemoveSubscriber(ONE)))
    assert len(peers[1].asked) > before
    await way.close()


@timelapse
async def test_both_identities_of_a_swap_are_asked_after_where_it_was_said() -> None:
    swap = c.ChangeImsi(ONE, TWO)
    peers = [Mortal(answer=lambda command: Silence() if command == swap else _held(command)) for _ in range(4)]
    way = door(*peers)
    with pytest.raises(InDoubt):
        await way.send(swap)
    (where,) = [peer for peer in peers if peer.asked]
    looks = [asyncio.create_task(way.send(c.ReadSubscriber(imsi))) for imsi in (ONE, TWO, THREE)]
    await settled()
    assert where.asked[1:3] == [c.ReadSubscriber(ONE), c.ReadSubscriber(TWO)]
    assert c.ReadSubscriber(THREE) not in where.asked
    await asyncio.gather(*looks, return_exceptions=True)
    await way.close()
