"""One connection: binding, the window, answers, and what becomes of messages when there are none."""

import asyncio
import dataclasses
import logging

import pytest

from drivers.commands import Refused, Submitted
from drivers.dialects.smpp import pdu as p
from drivers.dialects.smpp.pdu import Pdu
from drivers.errors import InDoubt, NotSpoken, Unreachable
from drivers.esme.bind import Bind
from drivers.esme.terms import BindRefused, Role
from tests.drivers.esme.binds import Notes, bound, config, deaf
from tests.drivers.esme.smsc import NUMBER, Smsc, keeping, nothing, refusing, submission
from tests.drivers.timelapse import ended, settled, soon, timelapse


@pytest.mark.parametrize(
    ("role", "state"),
    [(Role.TRANSCEIVER, "bound_trx"), (Role.TRANSMITTER, "bound_tx"), (Role.RECEIVER, "bound_rx")],
)
def test_each_role_binds_as_what_it_is(role: Role, state: str) -> None:
    @timelapse
    async def run() -> None:
        smsc, notes = Smsc(), Notes()
        async with bound(smsc, role=role, notes=notes) as bind:
            assert bind.state == state
            assert [pdu.name for pdu in smsc.last.asked] == [f"bind_{role}"]
            assert bind.taking == (role is not Role.RECEIVER)
        assert notes.states == [state, "closed"]

    run()


@timelapse
async def test_a_receiver_takes_no_messages() -> None:
    async with bound(Smsc(), role=Role.RECEIVER) as bind:
        assert isinstance(await ended(bind.submit(submission())), Unreachable)


@pytest.mark.parametrize("status", [0x05, 0x0D, 0x0E, 0x0F])
def test_a_refused_bind_tells_the_code_and_never_the_password(status: int) -> None:
    @timelapse
    async def run() -> None:
        smsc = Smsc(bind=refusing(status))
        with pytest.raises(BindRefused, match=f"0x{status:02X}") as refused:
            async with bound(smsc):
                pass
        assert "FAKEpw01" not in str(refused.value)

    run()


@timelapse
async def test_a_bind_without_answer_is_given_up_in_time() -> None:
    with pytest.raises(Unreachable, match="within 5 s"):
        async with bound(Smsc(bind=nothing)):
            pass


@timelapse
async def test_a_line_that_ends_before_the_bind_is_answered_is_unreachable() -> None:
    smsc = Smsc(bind=nothing)
    opening = asyncio.create_task(Bind(config(), Role.TRANSCEIVER, smsc.connect, deaf, Notes()).open())
    await soon(lambda: bool(smsc.visits and smsc.last.asked))
    await smsc.last.stream.close()
    assert isinstance(await ended(opening), Unreachable)
    await smsc.close()


@timelapse
async def test_a_password_that_cannot_be_said_is_not_said() -> None:
    smsc = Smsc()
    with pytest.raises(NotSpoken):
        async with bound(smsc, dataclasses.replace(config(), password="FAKEpw01+")):
            pass
    assert smsc.visits == [] or smsc.last.asked == []


@timelapse
async def test_never_more_are_unanswered_than_the_window_holds() -> None:
    smsc = Smsc(submit=keeping)
    async with bound(smsc, config(window=3)) as bind:
        answers = [bind.submit(submission()) for _ in range(7)]
        await settled()
        for done in range(1, 8):
            assert len(smsc.last.unanswered) == min(3, 8 - done)
            await smsc.last.answer(smsc.last.unanswered[0])
            await settled()
            assert sum(answer.done() for answer in answers) == done
        assert [pdu.sequence for pdu in smsc.last.named("submit_sm")] == list(range(2, 9))


@timelapse
async def test_answers_in_any_order_go_to_their_messages() -> None:
    smsc = Smsc(submit=keeping)
    async with bound(smsc) as bind:
        answers = [bind.submit(submission()) for _ in range(4)]
        await settled()
        asked = list(smsc.last.unanswered)
        for pdu in (asked[2], asked[0], asked[3], asked[1]):
            await smsc.last.answer(pdu)
        assert await asyncio.gather(*answers) == [Submitted(f"id-{pdu.sequence}") for pdu in asked]


@timelapse
async def test_what_is_submitted_in_one_turn_is_one_write() -> None:
    smsc = Smsc()
    async with bound(smsc) as bind:
        await asyncio.gather(*(bind.submit(submission()) for _ in range(10)))
        assert smsc.last.chunks == 2  # the bind, and all messages


@timelapse
async def test_sequence_numbers_begin_again_after_the_greatest() -> None:
    smsc = Smsc()
    async with bound(smsc) as bind:
        bind._voice.number = p.MAX_SEQUENCE - 1
        await asyncio.gather(*(bind.submit(submission()) for _ in range(3)))
        assert [pdu.sequence for pdu in smsc.last.named("submit_sm")] == [p.MAX_SEQUENCE, 1, 2]


@timelapse
async def test_a_refusal_is_a_value_and_so_is_a_nack() -> None:
    async with bound(Smsc(submit=refusing(0x58))) as bind:
        assert isinstance(refused := await bind.submit(submission()), Refused)
        assert refused.code == "0x58"
    nack = Smsc(submit=lambda _, asked: p.encode(Pdu("generic_nack", asked.sequence, 0x03)))
    async with bound(nack) as bind:
        assert isinstance(refused := await bind.submit(submission()), Refused)
        assert refused.code == "0x03"


@timelapse
async def test_an_answer_that_does_not_come_leaves_doubt_and_frees_its_place() -> None:
    notes = Notes()
    smsc = Smsc(submit=keeping)
    async with bound(smsc, config(window=1), notes=notes) as bind:
        loop = asyncio.get_running_loop()
        lost, begun_s = bind.submit(submission()), loop.time()
        await settled()
        assert isinstance(await ended(lost), InDoubt)
        assert loop.time() - begun_s == pytest.approx(10)
        assert notes.answers == [None]
        smsc.submit = Smsc().submit
        await smsc.last.answer(smsc.last.unanswered[0])  # late: it is nobody's any more
        assert isinstance(await bind.submit(submission()), Submitted)


@timelapse
async def test_each_answer_is_waited_for_on_its_own() -> None:
    async with bound(Smsc(submit=keeping)) as bind:
        first = bind.submit(submission())
        await asyncio.sleep(6)
        second = bind.submit(submission())
        await asyncio.sleep(5)
        assert first.done()
        assert not second.done()
        await asyncio.sleep(6)
        assert isinstance(second.exception(), InDoubt)


@timelapse
async def test_what_cannot_be_said_leaves_the_window_as_it_was() -> None:
    smsc = Smsc()
    async with bound(smsc, config(window=1)) as bind:
        wrong = dataclasses.replace(submission(), sender="L" * 30)
        with pytest.raises(NotSpoken):
            bind.submit(wrong)
        assert bind.window.room == 1
        assert isinstance(await bind.submit(submission()), Submitted)


@timelapse
async def test_when_the_line_is_cut_exactly_what_was_written_is_in_doubt() -> None:
    smsc, notes = Smsc(submit=keeping), Notes()
    async with bound(smsc, config(window=4), notes=notes) as bind:
        written = [bind.submit(submission()) for _ in range(3)]
        await settled()
        await smsc.last.answer(smsc.last.unanswered[0])
        await settled()
        more = [bind.submit(submission()) for _ in range(4)]
        await soon(lambda: len(smsc.last.unanswered) == 4)  # two of those, the others are beyond the window
        await smsc.last.stream.close()
        outcomes = [type(await ended(answer)) for answer in written + more]
        assert outcomes == [Submitted, InDoubt, InDoubt, InDoubt, InDoubt, Unreachable, Unreachable]
        assert notes.lost == 4
        assert await bind.ended()
        assert isinstance(await ended(bind.submit(submission())), Unreachable)


@timelapse
async def test_a_message_of_this_very_turn_was_never_sent() -> None:
    smsc = Smsc()
    async with bound(smsc) as bind:
        answer = bind.submit(submission())
        await bind.close()
        assert isinstance(await ended(answer), Unreachable)
        assert smsc.submitted() == []


@timelapse
async def test_rubbish_ends_the_connection_after_what_came_before_it() -> None:
    smsc = Smsc(submit=keeping)
    async with bound(smsc) as bind:
        begun_s = asyncio.get_running_loop().time()
        good, doubtful = bind.submit(submission()), bind.submit(submission())
        await settled()
        answer = p.encode(Pdu("submit_sm_resp", smsc.last.unanswered[0].sequence, fields={"message_id": "a"}))
        await smsc.last.stream.send(answer + b"\xff" * 16)
        assert await good == Submitted("a")
        assert isinstance(await ended(doubtful), InDoubt)
        assert asyncio.get_running_loop().time() == begun_s
        await bind.close()
        await settled()
        assert smsc.last.asked[-1].name == "generic_nack"


@timelapse
async def test_nothing_secret_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        smsc = Smsc(submit=keeping)
        async with bound(smsc) as bind:
            answer = bind.submit(submission(b"your balance is 5"))
            await settled()
            await smsc.last.stream.send(b"\xff" * 16)
            assert str(NUMBER) not in str(await ended(answer))
    assert "FAKEpw01" not in caplog.text
    assert "balance" not in caplog.text
