"""SMSCs that flood, drip, do not read or change their mind at once; and a machine that is held up."""

import asyncio
from collections.abc import Sequence

import pytest

from drivers.commands import Submitted
from drivers.dialects.smpp import pdu as p
from drivers.dialects.smpp.delivery import Heard
from drivers.dialects.smpp.pdu import Pdu
from drivers.errors import InDoubt, StreamClosed, Unreachable
from drivers.esme.bind import Bind
from drivers.esme.terms import Role
from drivers.esme.voice import MOST_OWED_BYTES
from drivers.stream import Stream
from tests.drivers.esme.binds import Notes, bound, config, deaf
from tests.drivers.esme.smsc import RECEIPT, Smsc, Visit, keeping, nothing, reply, submission
from tests.drivers.timelapse import ended, hold_up, settled, timelapse


@timelapse
async def test_an_answer_that_lay_unread_while_the_machine_was_held_up_is_an_answer() -> None:
    smsc, notes = Smsc(submit=keeping), Notes()
    async with bound(smsc, notes=notes) as bind:
        answer = bind.submit(submission())
        await settled()
        answering = asyncio.create_task(smsc.last.answer(smsc.last.unanswered[0]))
        hold_up(15)
        assert isinstance(await answer, Submitted)
        await answering


@timelapse
async def test_a_link_is_not_dead_because_the_machine_was_held_up() -> None:
    smsc = Smsc(enquire=keeping)
    async with bound(smsc) as bind:
        await asyncio.sleep(21)
        (asked,) = smsc.last.unanswered
        answering = asyncio.create_task(smsc.last.stream.send(reply(asked)))
        hold_up(15)
        await asyncio.sleep(1)
        assert bind.bound
        await answering


@timelapse
async def test_held_up_or_not_silence_is_noticed() -> None:
    async with bound(Smsc(submit=keeping, enquire=nothing)) as bind:
        answer = bind.submit(submission())
        await settled()
        hold_up(15)
        await asyncio.sleep(0.2)
        assert isinstance(answer.exception(), InDoubt)
        await asyncio.sleep(20)
        hold_up(15)
        await asyncio.sleep(0.2)
        assert not bind.bound


@timelapse
async def test_a_pdu_that_drips_in_for_ever_is_no_sign_of_life() -> None:
    smsc = Smsc(enquire=nothing)
    async with bound(smsc) as bind:
        await smsc.last.stream.send((60_000).to_bytes(4))
        for _ in range(40):
            await asyncio.sleep(1)
            if bind.bound:
                await smsc.last.stream.send(b"\0")
        assert not bind.bound
        assert "enquire_link" in await bind.ended()


class _Clogged:
    """A line that takes nothing more once it is clogged, though it still brings what comes."""

    def __init__(self, line: Stream) -> None:
        self._line = line
        self._gone = asyncio.Event()
        self.clogged = False

    async def receive(self) -> bytes:
        return await self._line.receive()

    async def send(self, data: bytes) -> None:
        if self.clogged:
            await self._gone.wait()
            raise StreamClosed("closed")
        await self._line.send(data)

    async def close(self) -> None:
        self._gone.set()
        await self._line.close()


@timelapse
async def test_an_smsc_that_asks_and_asks_and_never_reads_is_given_up_before_its_answers_fill_the_memory() -> None:
    smsc, lines = Smsc(), list[_Clogged]()

    async def connect() -> Stream:
        lines.append(_Clogged(await smsc.connect()))
        return lines[-1]

    bind = Bind(config(), Role.TRANSCEIVER, connect, deaf, Notes())
    await bind.open()
    lines[-1].clogged = True
    asked = p.encode(Pdu("enquire_link", 1))
    for _ in range(MOST_OWED_BYTES // len(asked) // 1000 + 2):
        if bind.bound:
            await smsc.last.stream.send(asked * 1000)
            await settled()
    assert "does not read" in await bind.ended()
    await bind.close()
    await smsc.close()


@timelapse
async def test_an_unbind_that_comes_with_the_answer_to_the_bind_is_heard() -> None:
    def at_once(_: Visit, asked: Pdu) -> bytes:
        receipt = p.encode(Pdu("deliver_sm", 1, fields=dict(RECEIPT)))
        return reply(asked, system_id="SMSC") + receipt + p.encode(Pdu("unbind", 2))

    async def slow(_: Sequence[Heard]) -> None:
        await asyncio.sleep(3)

    smsc = Smsc(bind=at_once)
    bind = Bind(config(), Role.TRANSCEIVER, smsc.connect, slow, Notes())
    with pytest.raises(Unreachable):
        await bind.open()
    assert not bind.taking
    assert isinstance(await ended(bind.submit(submission())), Unreachable)
    await smsc.close()
