"""How a connection is kept alive and how it ends: enquire_link, unbind from either side, silence, half-close."""

import asyncio
import dataclasses

import pytest

from drivers.commands import Refused, Submitted
from drivers.dialects.smpp.pdu import Pdu
from drivers.errors import InDoubt, Unreachable
from drivers.esme.terms import Role
from tests.drivers.esme.binds import TIMERS, bound, config
from tests.drivers.esme.smsc import Smsc, Visit, keeping, nothing, refusing, submission
from tests.drivers.timelapse import ended, settled, soon, timelapse

LEAVING = dataclasses.replace(TIMERS, transceivers_leave=True)


@timelapse
async def test_a_silent_link_is_asked_after_and_lives() -> None:
    smsc = Smsc()
    async with bound(smsc) as bind:
        await asyncio.sleep(65)
        assert len(smsc.last.named("enquire_link")) == 3
        assert bind.bound


@timelapse
async def test_a_link_with_traffic_is_not_asked_after() -> None:
    smsc = Smsc()
    async with bound(smsc) as bind:
        for _ in range(10):
            await asyncio.sleep(15)
            await bind.submit(submission())
        assert smsc.last.named("enquire_link") == []


@timelapse
async def test_the_centres_own_enquire_link_is_answered() -> None:
    smsc = Smsc()
    async with bound(smsc):
        number = await smsc.last.say("enquire_link")
        await soon(lambda: bool(smsc.last.named("enquire_link_resp")))
        assert smsc.last.asked[-1].sequence == number


@timelapse
async def test_a_centre_that_has_forgotten_the_bind_is_left_once_all_is_answered() -> None:
    smsc = Smsc(submit=keeping)
    async with bound(smsc) as bind:
        first, second = bind.submit(submission()), bind.submit(submission())
        await soon(lambda: len(smsc.last.unanswered) == 2)
        forgotten, taken = smsc.last.unanswered
        await smsc.last.stream.send(refusing(0x04)(smsc.last, forgotten))
        refused = await first
        assert isinstance(refused, Refused)
        assert refused.code == "0x04"
        assert isinstance(await ended(bind.submit(submission())), Unreachable)
        await smsc.last.answer(taken)
        assert isinstance(await second, Submitted)
        assert await bind.ended() == "the SMSC has forgotten that we are bound"


@timelapse
async def test_a_link_that_does_not_answer_is_dead_and_its_messages_are_in_doubt() -> None:
    smsc = Smsc(enquire=nothing, submit=keeping)
    async with bound(smsc) as bind:
        loop = asyncio.get_running_loop()
        begun_s = loop.time()
        await asyncio.sleep(25)
        answer = bind.submit(submission())
        assert "enquire_link was not answered" in await bind.ended()
        assert loop.time() - begun_s == pytest.approx(30)
        assert isinstance(await ended(answer), InDoubt)


@timelapse
async def test_a_half_closed_line_is_over() -> None:
    smsc = Smsc(submit=keeping)
    async with bound(smsc) as bind:
        answer = bind.submit(submission())
        await soon(lambda: bool(smsc.last.unanswered))
        await smsc.last.stream.close()
        assert "the peer ended" in await bind.ended()
        assert isinstance(await ended(answer), InDoubt)


@timelapse
async def test_an_unbind_by_the_centre_is_answered_after_the_window() -> None:
    smsc = Smsc(submit=keeping)
    async with bound(smsc, config(window=2)) as bind:
        out = [bind.submit(submission()) for _ in range(2)]
        beyond = bind.submit(submission())
        await settled()
        await smsc.last.say("unbind")
        await settled()
        assert bind.state == "unbound"
        assert isinstance(await ended(beyond), Unreachable)
        assert isinstance(await ended(bind.submit(submission())), Unreachable)
        assert smsc.last.named("unbind_resp") == []
        for asked in list(smsc.last.unanswered):
            await smsc.last.answer(asked)
        assert [type(await answer) for answer in out] == [Submitted, Submitted]
        assert "unbound us" in await bind.ended()
        await bind.close()
        await settled()
        assert len(smsc.last.named("unbind_resp")) == 1
        assert len(smsc.last.named("submit_sm")) == 2


@timelapse
async def test_an_unbind_by_the_centre_is_answered_in_the_end_even_if_it_answers_nothing() -> None:
    smsc = Smsc(submit=keeping)
    async with bound(smsc) as bind:
        answer = bind.submit(submission())
        await settled()
        await smsc.last.say("unbind")
        await bind.ended()
        assert isinstance(await ended(answer), InDoubt)
        await bind.close()
        await settled()
        assert len(smsc.last.named("unbind_resp")) == 1


@timelapse
async def test_draining_waits_for_the_answers_and_then_unbinds() -> None:
    smsc = Smsc(submit=keeping)
    async with bound(smsc) as bind:
        answer = bind.submit(submission())
        await settled()
        draining = asyncio.create_task(bind.drain(5))
        await settled()
        assert isinstance(await ended(bind.submit(submission())), Unreachable)
        assert smsc.last.named("unbind") == []
        await smsc.last.answer(smsc.last.unanswered[0])
        await draining
        assert isinstance(await answer, Submitted)
        assert smsc.last.asked[-1].name == "unbind"
        assert bind.left
        assert bind.state == "closed"


@timelapse
async def test_draining_does_not_wait_for_ever() -> None:
    smsc = Smsc(submit=keeping, unbind=nothing)
    async with bound(smsc) as bind:
        answer = bind.submit(submission())
        await settled()
        begun_s = asyncio.get_running_loop().time()
        await bind.drain(3)
        assert asyncio.get_running_loop().time() - begun_s < 4
        assert isinstance(await ended(answer), InDoubt)
        assert smsc.last.asked[-1].name == "unbind"


@timelapse
async def test_draining_lets_out_what_waits_beyond_the_window() -> None:
    smsc = Smsc()
    async with bound(smsc, config(window=2)) as bind:
        answers = [bind.submit(submission()) for _ in range(5)]
        await bind.drain(5)
        assert [type(await ended(answer)) for answer in answers] == [Submitted] * 5


@timelapse
async def test_unbinds_that_cross_are_no_trouble() -> None:
    def also_unbinds(visit: Visit, asked: Pdu) -> bytes:
        return Smsc().unbind(visit, asked) + Smsc().unbind(visit, Pdu("unbind", 99)).replace(b"\x80", b"\x00", 1)

    smsc = Smsc(unbind=also_unbinds)
    async with bound(smsc) as bind:
        await bind.drain(5)
        await settled()
        assert [pdu.name for pdu in smsc.last.asked[-2:]] == ["unbind", "unbind_resp"]


@pytest.mark.parametrize(
    ("role", "timers", "leaves"),
    [
        (Role.TRANSMITTER, TIMERS, True),
        (Role.TRANSCEIVER, TIMERS, False),
        (Role.TRANSCEIVER, LEAVING, True),
        (Role.RECEIVER, LEAVING, False),
    ],
)
def test_without_messages_only_those_leave_that_nobody_speaks_to(role: Role, timers: object, leaves: bool) -> None:  # noqa: FBT001 - a table
    @timelapse
    async def run() -> None:
        smsc = Smsc()
        how = dataclasses.replace(config(), timers=timers)  # type: ignore[arg-type]  # one of two Timers
        async with bound(smsc, how, role) as bind:
            await asyncio.sleep(400)
            assert bind.bound == (not leaves)
            assert bind.idle == leaves
            assert bool(smsc.last.named("unbind")) == leaves

    run()


@timelapse
async def test_messages_keep_a_transmitter_bound() -> None:
    async with bound(Smsc(), role=Role.TRANSMITTER) as bind:
        for _ in range(5):
            await asyncio.sleep(200)
            await bind.submit(submission())
        assert bind.bound
