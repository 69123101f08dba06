"""Reading: whose garbled answer it was, what is never told, and keys asked for apart only where they are wanted."""

from __future__ import annotations

import asyncio
from typing import cast

import pytest

from drivers.commands import Held, ReadKeys, ReadSubscriber
from drivers.dialect import Capabilities
from drivers.errors import Garbled, InDoubt, NotSpoken
from drivers.retry import Pauses, RetryRules
from drivers.subscription import Imsi, Msisdn, Subscription
from drivers.target import Target
from gateway.audit.reading import Pace, Reader, Unreadable

SHORT = Pauses(0.001, 0.001)
NOBODY, BAD = Imsi("208010000000099"), Imsi("208010000000013")


class OneSession:
    """An element with one conversation: what breaks it for one breaks it for all who wait."""

    name = "orange"
    retry = RetryRules(SHORT, SHORT, SHORT)

    def __init__(self, *words: type) -> None:
        self.capabilities = Capabilities(frozenset(words), frozenset(), 8)
        self.waiting: list[asyncio.Future[None]] = []
        self.asked: list[str] = []
        self.fault: Exception | None = None

    async def look(self, imsi: Imsi, lane: int) -> Held | None:
        assert lane == 3
        self.asked.append(imsi)
        if self.fault is not None:
            raise self.fault
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.waiting.append(mine)
        asyncio.get_running_loop().call_later(0.002, self._answer, mine, imsi)
        await mine
        return None if imsi == NOBODY else Held(Subscription(imsi, Msisdn("+33612345678")))

    async def has_keys(self, imsi: Imsi, lane: int) -> bool:
        assert lane == 3
        self.asked.append(f"keys {imsi}")
        return False

    def _answer(self, mine: asyncio.Future[None], imsi: Imsi) -> None:
        broken, self.waiting = ([*self.waiting], []) if imsi == BAD else ([], self.waiting)
        for one in broken:
            if not one.done():
                one.set_exception(Garbled("unprintable"))
        if not mine.done():
            mine.set_result(None)


async def _look(element: OneSession, imsi: Imsi, *, keys: bool = False) -> object:
    return await Reader(Pace(0)).look(cast("Target", element), imsi, keys=keys)


async def test_those_who_waited_beside_a_garbled_answer_are_asked_again_until_they_are_told_apart() -> None:
    element, reader = OneSession(ReadSubscriber), Reader(Pace(0))
    imsis = [Imsi(f"2080100000000{n:02}") for n in range(10, 18)]
    answers = await asyncio.gather(*(reader.look(cast("Target", element), imsi, keys=False) for imsi in imsis))
    told = dict(zip(imsis, answers, strict=True))
    assert isinstance(told.pop(BAD), Unreadable)
    assert all(isinstance(answer, Held) for answer in told.values())


async def test_nobody_is_nobody() -> None:
    assert await _look(OneSession(ReadSubscriber), NOBODY) is None


@pytest.mark.parametrize(
    ("fault", "times"), [(Garbled("?"), 4), (InDoubt("no answer"), 10), (NotSpoken("no word for that"), 1)]
)
async def test_what_is_never_told_is_given_up(fault: Exception, times: int) -> None:
    element = OneSession(ReadSubscriber)
    element.fault = fault
    assert await _look(element, BAD) == Unreadable(str(fault))
    assert len(element.asked) == times


@pytest.mark.parametrize(
    ("words", "wanted", "keys"),
    [
        ((ReadSubscriber, ReadKeys), True, False),
        ((ReadSubscriber, ReadKeys), False, None),
        ((ReadSubscriber,), True, None),
    ],
)
async def test_keys_are_asked_for_where_they_are_wanted_and_can_be(
    words: tuple[type, ...], *, wanted: bool, keys: bool | None
) -> None:
    held = await _look(OneSession(*words), Imsi("208010000000001"), keys=wanted)
    assert isinstance(held, Held)
    assert held.keys is keys
