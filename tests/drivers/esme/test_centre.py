"""One SMSC: coming back after breaks, refusals, maintenance, pairs of connections, figures."""

import asyncio
import dataclasses
from datetime import UTC, datetime
from random import Random

import pytest

from drivers.commands import Submitted
from drivers.esme.centre import Centre
from drivers.esme.config import Binding, Speed
from drivers.esme.esme import Esme
from tests.drivers.esme.centres import PLAIN, Ear, esme_with, send
from tests.drivers.esme.smsc import Smsc, keeping, nothing, refusing, reply, submission, took
from tests.drivers.timelapse import settled, soon, timelapse

PAIR = dataclasses.replace(PLAIN, binding=Binding.TRANSMITTER_AND_RECEIVER)
SENDING = dataclasses.replace(PLAIN, binding=Binding.TRANSMITTER)


@timelapse
async def test_a_broken_connection_comes_back_and_whoever_waits_is_served_at_once() -> None:
    smsc = Smsc()
    async with esme_with((PLAIN, smsc)) as esme:
        await smsc.last.stream.close()
        await soon(lambda: not esme.usable)
        _, (answer,) = await send(esme)
        assert isinstance(await answer, Submitted)
        assert asyncio.get_running_loop().time() == smsc.calls_s[1]


@timelapse
async def test_a_centre_that_was_closed_is_bound_again_when_it_is_started_again() -> None:
    smsc, random = Smsc(), Random(1)
    centre = Centre(PLAIN, smsc.connect, random)
    for visits in (1, 2):
        esme = Esme([centre], random, Ear())
        esme.start()
        await soon(lambda: centre.usable)
        _, (answer,) = await send(esme)
        assert isinstance(await answer, Submitted)
        await esme.close(1)
        assert (len(smsc.visits), centre.usable) == (visits, False)
    await smsc.close()


@timelapse
async def test_a_silent_centre_is_bound_anew() -> None:
    smsc = Smsc(enquire=nothing)
    async with esme_with((PLAIN, smsc)):
        await asyncio.sleep(40)
        assert len(smsc.visits) == 2


@timelapse
async def test_pauses_between_attempts_grow_up_to_the_longest_with_jitter() -> None:
    smsc = Smsc(bind=refusing(0x08))
    async with esme_with((PLAIN, smsc), wait=False):
        await asyncio.sleep(3600)
        pauses_s = [after - before for before, after in zip(smsc.calls_s, smsc.calls_s[1:], strict=False)]
        assert all(pause_s <= min(60, 0.5 * 2**n) for n, pause_s in enumerate(pauses_s))
        assert 60 < len(pauses_s) < 240  # half of 60 s in the mean
        assert len({round(pause_s, 3) for pause_s in pauses_s}) > len(pauses_s) / 2


@timelapse
async def test_only_a_connection_that_lasted_makes_the_pauses_short_again() -> None:
    smsc = Smsc(bind=refusing(0x08))
    async with esme_with((PLAIN, smsc), wait=False) as esme:
        await asyncio.sleep(600)
        smsc.bind = Smsc().bind
        await asyncio.sleep(120)
        assert esme.usable
        calls = len(smsc.calls_s)
        await smsc.last.stream.close()
        await asyncio.sleep(0.6)
        assert len(smsc.calls_s) == calls + 1


@timelapse
async def test_a_pair_sends_on_one_connection_and_hears_on_the_other() -> None:
    smsc, ear = Smsc(), Ear()
    async with esme_with((PAIR, smsc), ear=ear) as esme:
        await soon(lambda: esme.centres[0].figures().bound == 2)
        _, (answer,) = await send(esme)
        assert isinstance(await answer, Submitted)
        sending = next(visit for visit in smsc.visits if visit.named("bind_transmitter"))
        hearing = next(visit for visit in smsc.visits if visit.named("bind_receiver"))
        assert len(sending.named("submit_sm")) == 1
        await hearing.tell()
        await soon(lambda: bool(hearing.named("deliver_sm_resp")))
        assert [name for name, _ in ear.heard] == ["east"]


@timelapse
async def test_a_receiver_stays_while_an_idle_transmitter_leaves_and_comes_back_for_a_message() -> None:
    smsc = Smsc()
    async with esme_with((PAIR, smsc)) as esme:
        (centre,) = esme.centres
        await asyncio.sleep(1000)
        assert centre.figures().bound == 1
        assert esme.usable
        assert [visit.asked[0].name for visit in smsc.visits].count("bind_transmitter") == 1
        _, (answer,) = await send(esme)
        assert isinstance(await answer, Submitted)
        assert centre.figures().bound == 2


@timelapse
async def test_several_connections_share_the_messages() -> None:
    smsc = Smsc(submit=keeping)
    async with esme_with((dataclasses.replace(PLAIN, connections=3), smsc)) as esme:
        await soon(lambda: esme.centres[0].figures().bound == 3)
        for _ in range(9):
            await send(esme)
        await settled()
        assert [len(visit.unanswered) for visit in smsc.visits] == [3, 3, 3]
        assert esme.centres[0].figures().window_in_use == 9
        assert esme.centres[0].figures().window == 30


@timelapse
async def test_maintenance_answers_unbinds_stays_away_and_ends() -> None:
    smsc, until = Smsc(submit=keeping), datetime(2026, 1, 2, tzinfo=UTC)
    async with esme_with((PLAIN, smsc)) as esme:
        (centre,) = esme.centres
        _, (answer,) = await send(esme)
        await settled()
        centre.hold("new software", until)
        centre.hold("new software", until)
        assert centre.paused == ("new software", until)
        assert centre.in_maintenance
        assert not esme.usable
        assert esme.try_place(1) is None
        await smsc.last.answer(smsc.last.unanswered[0])
        await asyncio.sleep(1000)
        assert isinstance(await answer, Submitted)
        assert smsc.last.asked[-1].name == "unbind"
        assert len(smsc.visits) == 1
        waiting = asyncio.create_task(send(esme))
        await settled()
        assert not waiting.done()
        centre.release()
        await waiting
        assert len(smsc.visits) == 2
        assert centre.paused is None


@timelapse
async def test_maintenance_that_ends_at_once_does_no_harm() -> None:
    smsc = Smsc()
    async with esme_with((PLAIN, smsc)) as esme:
        esme.centres[0].hold("a slip", None)
        esme.centres[0].release()
        _, (answer,) = await send(esme)
        assert isinstance(await answer, Submitted)


@timelapse
async def test_figures_tell_what_happened() -> None:
    smsc = Smsc()
    async with esme_with((PLAIN, smsc)) as esme:
        (centre,) = esme.centres
        for status in (0, 0, 0x0B):
            smsc.submit = lambda _, asked, status=status: reply(asked, status, message_id="a")  # type: ignore[misc]  # a default
            _, answers = await send(esme)
            await asyncio.gather(*answers)
        smsc.submit = nothing
        _, (lost,) = await send(esme)
        await asyncio.wait([lost])
        _, (cut,) = await send(esme)
        await smsc.last.tell(2)
        await soon(lambda: len(smsc.last.named("deliver_sm_resp")) == 2)
        await smsc.last.stream.close()
        await asyncio.wait([cut])
        figures = centre.figures()
        assert (figures.submitted, figures.by_status) == (5, {"0x00": 2, "0x0B": 1, "none": 2})
        assert (figures.receipts, figures.window_in_use, figures.connections) == (2, 0, 1)


@timelapse
async def test_latencies_are_those_of_the_answers() -> None:
    smsc = Smsc(submit=keeping)
    async with esme_with((PLAIN, smsc)) as esme:
        assert esme.centres[0].figures().latency_p50_s is None
        for n in range(10):
            await send(esme)
            await asyncio.sleep(1 if n else 5)
            await smsc.last.answer(smsc.last.unanswered[0])
            await settled()
        figures = esme.centres[0].figures()
        assert figures.latency_p50_s == pytest.approx(1)
        assert figures.latency_p99_s == pytest.approx(5)


@timelapse
async def test_throttled_it_pauses_sends_less_and_recovers() -> None:
    smsc = Smsc()
    how = dataclasses.replace(PLAIN, speed=Speed(window=10, per_s=20, throttle_pause_s=2))
    async with esme_with((how, smsc)) as esme:
        (centre,) = esme.centres
        for _ in range(60):
            await send(esme)
        await settled()
        smsc.submit = refusing(0x58)
        _, (refused,) = await send(esme)
        await asyncio.wait([refused])
        smsc.submit = Smsc().submit
        assert centre.paused is not None
        assert "too much" in centre.paused[0]
        begun_s, before = asyncio.get_running_loop().time(), len(smsc.times_s)
        for _ in range(300):
            await send(esme)
        await settled()
        times_s = [time_s - begun_s for time_s in smsc.times_s[before:]]
        assert min(times_s) >= 2
        assert sum(2 <= time_s < 3 for time_s in times_s) == pytest.approx(11, abs=2)
        assert sum(9 <= time_s < 10 for time_s in times_s) == pytest.approx(20, abs=2)
        assert centre.figures().per_s == 20


@timelapse
async def test_a_centre_that_answers_nothing_but_errors_is_left_alone_for_a_while() -> None:
    smsc = Smsc(submit=refusing(0x08))
    async with esme_with((PLAIN, smsc)) as esme:
        for _ in range(10):
            _, answers = await send(esme)
            await asyncio.wait(answers)
        assert esme.centres[0].paused is not None
        begun_s = asyncio.get_running_loop().time()
        smsc.submit = lambda _, asked: took(asked)
        _, (answer,) = await send(esme)
        assert asyncio.get_running_loop().time() - begun_s == pytest.approx(10)
        assert isinstance(await answer, Submitted)


@timelapse
async def test_closing_lets_what_is_out_be_answered_and_unbinds_everything() -> None:
    smsc = Smsc(submit=keeping)
    async with esme_with((PAIR, smsc)) as esme:
        _, (answer,) = await send(esme)
        await settled()
        closing = asyncio.create_task(esme.close(5))
        await settled()
        sending = next(visit for visit in smsc.visits if visit.unanswered)
        await sending.answer(sending.unanswered[0])
        await closing
        assert isinstance(await answer, Submitted)
        assert [visit.asked[-1].name for visit in smsc.visits] == ["unbind", "unbind"]


@timelapse
async def test_a_sender_only_never_hears() -> None:
    smsc = Smsc()
    async with esme_with((SENDING, smsc)) as esme:
        with await esme.place(1) as place:
            assert isinstance(await place.submit(submission()), Submitted)
        assert [visit.asked[0].name for visit in smsc.visits] == ["bind_transmitter"]
