"""Which SMSC a message goes to, who is next, and what is promised to whoever waits."""

import asyncio
import dataclasses
from collections import Counter

import pytest

from drivers.commands import Submitted
from drivers.errors import NotSpoken, Unreachable
from drivers.esme.config import Speed
from tests.drivers.esme.centres import PLAIN, esme_with, named, send
from tests.drivers.esme.smsc import Smsc, keeping, nothing, refusing, submission
from tests.drivers.timelapse import settled, soon, timelapse


@timelapse
async def test_the_lowest_rank_is_used_while_it_is_well_and_again_when_it_is_back() -> None:
    first, second = Smsc(), Smsc()
    async with esme_with((named("second", rank=2), second), (named("first"), first)) as esme:
        assert {(await send(esme))[0] for _ in range(20)} == {"first"}
        first.bind = refusing(0x08)
        await first.last.stream.close()
        await settled()
        assert {(await send(esme))[0] for _ in range(20)} == {"second"}
        first.bind = Smsc().bind
        await asyncio.sleep(120)
        assert {(await send(esme))[0] for _ in range(20)} == {"first"}


@timelapse
async def test_a_full_window_is_waited_for_and_no_reason_to_go_elsewhere() -> None:
    first, second = Smsc(submit=keeping), Smsc()
    async with esme_with((named("first", speed=Speed(window=1)), first), (named("second", rank=2), second)) as esme:
        await send(esme)
        waiting = asyncio.create_task(send(esme))
        await asyncio.sleep(2)
        assert not waiting.done()
        await first.last.answer(first.last.unanswered[0])
        assert (await waiting)[0] == "first"


@timelapse
async def test_a_centre_in_maintenance_is_passed_over_also_by_who_waits_already() -> None:
    first, second = Smsc(submit=keeping), Smsc()
    async with esme_with((named("first", speed=Speed(window=1)), first), (named("second", rank=2), second)) as esme:
        await send(esme)
        waiting = asyncio.create_task(send(esme))
        await settled()
        esme.centres[0].hold("new software", None)
        assert (await waiting)[0] == "second"


@timelapse
async def test_who_is_throttled_time_and_again_is_passed_over_for_a_while() -> None:
    first, second = Smsc(submit=refusing(0x58)), Smsc()
    async with esme_with((named("first"), first), (named("second", rank=2), second)) as esme:
        by = []
        for _ in range(5):
            name, answers = await send(esme)
            await asyncio.wait(answers)
            by.append(name)
        assert by == ["first", "first", "first", "second", "second"]
        await asyncio.sleep(2)
        assert (await send(esme))[0] == "first"


@pytest.mark.parametrize("seed", range(5))
def test_centres_of_one_rank_share_by_weight(seed: int) -> None:
    @timelapse
    async def run() -> None:
        pairs = [(named(name, weight=weight), Smsc()) for name, weight in (("a", 1), ("b", 2), ("c", 5))]
        async with esme_with(*pairs, seed=seed) as esme:
            by = []
            for _ in range(800):
                name, answers = await send(esme)
                await asyncio.wait(answers)
                by.append(name)
            assert Counter(by) == {
                "a": pytest.approx(100, abs=2),
                "b": pytest.approx(200, abs=2),
                "c": pytest.approx(500, abs=2),
            }
            assert all(len(set(by[n : n + 8])) == 3 for n in range(0, 800, 8))  # smooth: none waits long for its turn

    run()


@timelapse
async def test_a_full_centre_leaves_its_share_to_the_others() -> None:
    full, free = Smsc(submit=nothing), Smsc()
    async with esme_with((named("full", weight=9, speed=Speed(window=2)), full), (named("free"), free)) as esme:
        by = Counter[str]()
        for _ in range(9):
            name, answers = await send(esme)
            by[name] += 1
            if name == "free":
                await asyncio.wait(answers)
        assert by == {"full": 2, "free": 7}


@timelapse
async def test_all_segments_go_on_one_connection_even_more_of_them_than_its_window_holds() -> None:
    smsc = Smsc(submit=keeping)
    how = dataclasses.replace(PLAIN, connections=2, speed=Speed(window=3))
    async with esme_with((how, smsc)) as esme:
        await soon(lambda: esme.centres[0].figures().bound == 2)
        await send(esme)  # one connection is not empty: the message needs all of the other
        await settled()
        _, answers = await send(esme, 7)
        await settled()
        counts = sorted(len(visit.unanswered) for visit in smsc.visits)
        assert counts == [1, 3]
        visit = max(smsc.visits, key=lambda one: len(one.unanswered))
        while visit.unanswered:
            await visit.answer(visit.unanswered[0])
            await settled()
            assert len(visit.unanswered) <= 3
        assert len(visit.named("submit_sm")) == 7
        assert [type(await answer) for answer in answers] == [Submitted] * 7


@timelapse
async def test_the_rate_counts_segments() -> None:
    smsc = Smsc()
    async with esme_with((named("east", speed=Speed(window=50, per_s=10, burst=1)), smsc)) as esme:
        begun_s = asyncio.get_running_loop().time()
        for _ in range(20):
            await send(esme, 3)
        await settled()
        times_s = [time_s - begun_s for time_s in smsc.times_s]
        assert len(times_s) == 60
        assert times_s[-1] == pytest.approx(5.9, abs=0.3)
        for start_s in range(5):
            assert sum(start_s <= time_s < start_s + 1 for time_s in times_s) <= 12


@timelapse
async def test_a_centre_to_be_avoided_is_avoided_and_does_not_hold_up_the_others() -> None:
    east, west = Smsc(submit=keeping), Smsc()
    async with esme_with((named("east", speed=Speed(window=1)), east), (named("west"), west)) as esme:
        by = {(await send(esme, avoid=frozenset({"west"})))[0]}
        waiting = asyncio.create_task(send(esme, avoid=frozenset({"west"})))
        await settled()
        by_others = {(await send(esme, avoid=frozenset({"east"})))[0] for _ in range(3)}
        assert (by, by_others) == ({"east"}, {"west"})
        assert not waiting.done()
        await east.last.answer(east.last.unanswered[0])
        assert (await waiting)[0] == "east"
        with pytest.raises(Unreachable):
            await esme.place(1, avoid=frozenset({"east", "west"}))


@timelapse
async def test_room_that_is_not_used_is_given_back() -> None:
    smsc = Smsc()
    async with esme_with((named("east", speed=Speed(window=2, per_s=1, burst=2)), smsc)) as esme:
        place = await esme.place(2)
        waiting = asyncio.create_task(esme.place(2))
        await settled()
        assert not waiting.done()
        place.release()
        place.release()
        other = await waiting
        with pytest.raises(NotSpoken), other:
            other.submit(dataclasses.replace(submission(), sender="L" * 30))
        assert esme.centres[0].figures().window_in_use == 0
        third = esme.try_place(2)
        assert third is not None
        third.release()


@timelapse
async def test_more_segments_than_were_asked_for_are_refused() -> None:
    async with esme_with((PLAIN, Smsc())) as esme:
        with await esme.place(1) as place:
            await place.submit(submission())
            with pytest.raises(ValueError, match="have been submitted"):
                place.submit(submission())


@timelapse
async def test_running_is_being_bound_until_it_is_stopped() -> None:
    smsc = Smsc()
    async with esme_with(wait=False) as nobody:
        assert not nobody.usable
    async with esme_with((PLAIN, smsc)) as esme:
        await esme.close(1)
    assert smsc.last.asked[-1].name == "unbind"


@timelapse
async def test_who_does_not_wait_for_the_last_answers_leaves_no_connection_either() -> None:
    smsc = Smsc(submit=keeping)
    async with esme_with((PLAIN, smsc)) as esme:
        await send(esme)
        closing = asyncio.create_task(esme.close(60))
        await settled()
        assert not all(visit.done() for visit in smsc.tasks)
        closing.cancel()
        await asyncio.wait([closing])
        await asyncio.sleep(1)
        assert all(visit.done() for visit in smsc.tasks)
        assert not esme.usable
