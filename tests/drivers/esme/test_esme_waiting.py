"""Who waits for room at an SMSC, in which order, and what becomes of those who give up."""

import asyncio
from random import Random

import pytest

from drivers.errors import Unreachable
from drivers.esme.centre import Centre
from drivers.esme.config import Speed
from drivers.esme.esme import Esme
from tests.drivers.esme.centres import PLAIN, Ear, esme_with, named, send
from tests.drivers.esme.smsc import Smsc, keeping, refusing, submission
from tests.drivers.timelapse import ended, settled, soon, timelapse


@timelapse
async def test_a_message_waits_until_there_is_room_for_all_its_segments_and_nobody_overtakes_it() -> None:
    smsc = Smsc(submit=keeping)
    async with esme_with((named("east", speed=Speed(window=3)), smsc)) as esme:
        await send(esme, 2)
        long = asyncio.create_task(send(esme, 3))
        await settled()
        short = asyncio.create_task(send(esme))
        await settled()
        assert esme.try_place(1) is None
        assert not long.done()
        assert not short.done()
        for asked in list(smsc.last.unanswered):
            await smsc.last.answer(asked)
        await long
        await settled()
        assert not short.done()
        await smsc.last.answer(smsc.last.unanswered[0])
        await short


@timelapse
async def test_lanes_go_before_age() -> None:
    smsc = Smsc(submit=keeping)
    async with esme_with((named("east", speed=Speed(window=1)), smsc)) as esme:
        await send(esme)
        order: list[str] = []

        async def wait(name: str, lane: int) -> None:
            with await esme.place(1, lane=lane) as place:
                order.append(name)
                await place.submit(submission())

        tasks = []
        for name, lane in (("bulk 1", 3), ("bulk 2", 3), ("urgent", 0), ("usual 1", 1), ("usual 2", 1)):
            tasks.append(asyncio.create_task(wait(name, lane)))
            await settled()
        smsc.submit = Smsc().submit
        await smsc.last.answer(smsc.last.unanswered[0])
        await asyncio.gather(*tasks)
        assert order == ["urgent", "usual 1", "usual 2", "bulk 1", "bulk 2"]


@timelapse
async def test_who_does_not_want_to_wait_for_a_centre_is_told_at_once() -> None:
    smsc = Smsc(bind=refusing(0x0E))
    async with esme_with((PLAIN, smsc), wait=False) as esme:
        await settled()
        with pytest.raises(Unreachable, match="has to wait"):
            await esme.place(1, wait=False)
        assert esme.try_place(1) is None
        assert not esme.usable
        news = asyncio.create_task(esme.news())
        smsc.bind = Smsc().bind
        assert (await send(esme))[0] == "east"
        assert news.done()
        assert esme.usable


@timelapse
async def test_who_gives_up_waiting_keeps_no_room() -> None:
    smsc = Smsc(submit=keeping)
    async with esme_with((named("east", speed=Speed(window=1)), smsc)) as esme:
        await send(esme)
        await settled()
        given_up, waiting = asyncio.create_task(esme.place(1)), asyncio.create_task(esme.place(1))
        await settled()
        await smsc.last.answer(smsc.last.unanswered[0])
        for _ in range(20):  # at whatever moment he gives up
            await asyncio.sleep(0)
            if esme.centres[0].figures().window_in_use == 0:
                break
        given_up.cancel()
        assert isinstance(await ended(given_up), asyncio.CancelledError)
        (await waiting).release()


@timelapse
async def test_whoever_waits_when_all_is_closed_is_told_that_nothing_was_sent() -> None:
    smsc = Smsc(submit=keeping)
    async with esme_with((named("east", speed=Speed(window=1)), smsc)) as esme:
        await send(esme)
        waiting = asyncio.create_task(esme.place(1))
        await settled()
        await esme.close(1)
        assert isinstance(await ended(waiting), Unreachable)
        with pytest.raises(Unreachable):
            await esme.place(1)


@timelapse
async def test_time_lets_in_who_stands_behind_somebody_that_only_a_centre_can_help() -> None:
    away, slow = Smsc(bind=refusing(0x0E)), Smsc()
    pairs = ((named("away"), away), (named("slow", speed=Speed(per_s=1, burst=1)), slow))
    async with esme_with(*pairs, wait=False) as esme:
        await soon(lambda: esme.usable)
        await settled()
        await send(esme)
        for_away = asyncio.create_task(send(esme, avoid=frozenset({"slow"})))
        await settled()
        assert (await asyncio.wait_for(send(esme, avoid=frozenset({"away"})), 5))[0] == "slow"
        assert not for_away.done()
        for_away.cancel()


@timelapse
async def test_who_does_not_want_to_wait_is_told_so_also_behind_somebody_who_does() -> None:
    async with esme_with((PLAIN, Smsc(bind=refusing(0x0E))), wait=False) as esme:
        patient = asyncio.create_task(send(esme))
        await settled()
        with pytest.raises(Unreachable, match="has to wait"):
            await asyncio.wait_for(esme.place(1, wait=False), 5)
        assert not patient.done()
        patient.cancel()


@timelapse
async def test_those_who_have_gone_are_nobody() -> None:
    smsc = Smsc(bind=refusing(0x0E))
    async with esme_with((PLAIN, smsc), wait=False) as esme:
        gone = [asyncio.create_task(send(esme)) for _ in range(3)]
        await settled()
        smsc.bind = Smsc().bind
        for each in gone:
            each.cancel()
        await soon(lambda: all(each.done() for each in gone))
        await asyncio.sleep(70)
        place = esme.try_place(1)
        assert place is not None
        place.release()


class _Watched(Centre):
    """Counts how often it is looked at."""

    looks = 0

    def healthy(self, now_s: float) -> bool:
        self.looks += 1
        return super().healthy(now_s)


@timelapse
async def test_an_answer_costs_the_same_however_many_wait_and_also_with_another_centre_in_reserve() -> None:
    smsc, random = Smsc(submit=keeping), Random(1)
    how = (named("first", speed=Speed(window=1)), named("reserve", rank=2))
    first, reserve = (_Watched(each, smsc.connect, random) for each in how)
    esme = Esme([first, reserve], random, Ear())
    esme.start()
    await soon(lambda: first.usable and reserve.usable)
    await send(esme)
    waiting = [asyncio.create_task(send(esme)) for _ in range(1000)]
    await settled()
    first.looks = 0
    await smsc.visits[0].answer(smsc.submitted()[0])
    await soon(lambda: any(each.done() for each in waiting))
    assert first.looks < 50
    for each in waiting:
        each.cancel()
    await esme.close(1)
    await smsc.close()
