"""What the SMSC tells: handed on, and acknowledged only once it is in safe hands."""

import asyncio
from collections.abc import Sequence

from drivers.commands import Submitted
from drivers.dialects.smpp.delivery import Heard, Receipt
from drivers.esme import hearing
from tests.drivers.esme.binds import bound
from tests.drivers.esme.smsc import Smsc, submission
from tests.drivers.timelapse import settled, soon, timelapse


class Slow:
    """Keeps what it hears until it is let go on."""

    def __init__(self) -> None:
        self.batches: list[list[Heard]] = []
        self.go_on = asyncio.Event()
        self.fault: Exception | None = None

    async def __call__(self, heard: Sequence[Heard]) -> None:
        self.batches.append(list(heard))
        await self.go_on.wait()
        if self.fault is not None:
            raise self.fault


@timelapse
async def test_a_receipt_is_acknowledged_only_when_it_is_kept() -> None:
    smsc, hear = Smsc(), Slow()
    async with bound(smsc, hear=hear):
        await smsc.last.tell()
        await settled()
        ((heard,),) = hear.batches
        assert isinstance(heard.delivery, Receipt)
        assert smsc.last.named("deliver_sm_resp") == []
        hear.go_on.set()
        await settled()
        assert [(pdu.sequence, pdu.status) for pdu in smsc.last.named("deliver_sm_resp")] == [(1, 0)]


@timelapse
async def test_what_cannot_be_kept_is_asked_for_again() -> None:
    smsc, hear = Smsc(), Slow()
    hear.fault = RuntimeError("the journal is full")
    hear.go_on.set()
    async with bound(smsc, hear=hear) as bind:
        await smsc.last.tell(2)
        await soon(lambda: len(smsc.last.named("deliver_sm_resp")) == 2)
        assert {pdu.status for pdu in smsc.last.named("deliver_sm_resp")} == {0x64}
        hear.fault = None
        await smsc.last.tell()
        await soon(lambda: len(smsc.last.named("deliver_sm_resp")) == 3)
        assert smsc.last.asked[-1].status == 0
        assert bind.bound


@timelapse
async def test_one_message_that_nobody_can_keep_does_not_hold_up_the_others() -> None:
    async def choosy(heard: Sequence[Heard]) -> None:
        if any(one.sequence == 3 for one in heard):
            raise ValueError("this one can never be kept")

    smsc = Smsc()
    async with bound(smsc, hear=choosy):
        await smsc.last.tell(20)
        await soon(lambda: len(smsc.last.named("deliver_sm_resp")) == 20)
        assert [pdu.sequence for pdu in smsc.last.named("deliver_sm_resp") if pdu.status] == [3]


@timelapse
async def test_when_nothing_can_be_kept_it_is_not_tried_for_each_message() -> None:
    smsc, hear = Smsc(), Slow()
    hear.fault = RuntimeError("the journal is full")
    hear.go_on.set()
    async with bound(smsc, hear=hear):
        await smsc.last.tell(200)
        await soon(lambda: len(smsc.last.named("deliver_sm_resp")) == 200)
        assert {pdu.status for pdu in smsc.last.named("deliver_sm_resp")} == {0x64}
        assert len(hear.batches) < 10


@timelapse
async def test_answers_are_read_while_a_receipt_is_being_kept() -> None:
    smsc, hear = Smsc(), Slow()
    async with bound(smsc, hear=hear) as bind:
        await smsc.last.tell()
        await settled()
        assert isinstance(await bind.submit(submission()), Submitted)
        assert not hear.go_on.is_set()
        hear.go_on.set()


@timelapse
async def test_what_comes_while_one_batch_is_kept_is_the_next_batch() -> None:
    smsc, hear = Smsc(), Slow()
    async with bound(smsc, hear=hear):
        for _ in range(4):
            await smsc.last.tell()
            await settled()
        hear.go_on.set()
        await settled()
        assert [len(batch) for batch in hear.batches] == [1, 3]


@timelapse
async def test_too_much_at_once_is_left_in_the_line_and_nobody_is_overdue_for_it() -> None:
    smsc, hear = Smsc(), Slow()
    async with bound(smsc, hear=hear) as bind:
        await smsc.last.tell()
        await settled()
        await smsc.last.tell(hearing.MOST_WAITING)
        await settled()
        answer = bind.submit(submission())
        await smsc.last.tell(5)
        await asyncio.sleep(200)  # many times every timer
        assert bind.bound
        assert not answer.done()
        hear.go_on.set()
        assert isinstance(await answer, Submitted)
        await soon(lambda: len(smsc.last.named("deliver_sm_resp")) == hearing.MOST_WAITING + 6)


@timelapse
async def test_what_was_heard_before_the_line_broke_is_kept_all_the_same() -> None:
    smsc, hear = Smsc(), Slow()
    async with bound(smsc, hear=hear) as bind:
        await smsc.last.tell(3)
        await settled()
        await smsc.last.tell(2)
        await smsc.last.stream.close()
        await bind.ended()
        asyncio.get_running_loop().call_later(5, hear.go_on.set)
        await bind.close()
        assert [len(batch) for batch in hear.batches] == [3, 2]


@timelapse
async def test_closing_does_not_wait_for_ever_for_what_is_being_kept() -> None:
    smsc, hear = Smsc(), Slow()
    async with bound(smsc, hear=hear) as bind:
        await smsc.last.tell()
        await settled()
        begun_s = asyncio.get_running_loop().time()
        await bind.close()
        assert asyncio.get_running_loop().time() - begun_s <= 10


@timelapse
async def test_draining_acknowledges_what_is_being_kept_before_it_unbinds() -> None:
    smsc, hear = Smsc(), Slow()
    async with bound(smsc, hear=hear) as bind:
        await smsc.last.tell()
        await settled()
        draining = asyncio.create_task(bind.drain(5))
        await settled()
        hear.go_on.set()
        await draining
        assert [pdu.name for pdu in smsc.last.asked[1:]] == ["deliver_sm_resp", "unbind"]
