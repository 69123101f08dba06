"""Receipts find their message however the centre writes ids, whenever they come, and each is kept."""

from __future__ import annotations

import asyncio
import uuid

import pytest

from drivers.commands import Submitted
from drivers.dialects.smpp.delivery import MessageState as Told
from drivers.dialects.smpp.matching import IdForm
from drivers.esme.config import CentreConfig
from drivers.subscription import Msisdn
from gateway.alerts.outbox.outbox import Outbox
from gateway.orders.messages import Handling, OnDoubt
from tests.gateway.alerts.boxes import RESEND, TO, Box, alert, new
from tests.gateway.alerts.centres import SILENCE, FakeEsme, receipt, taken

LONG = "0123456789" * 40
ABOUT = Msisdn(TO)


async def _sent(box: Box, *texts: str, smsc_id: str | None = None) -> list[str]:
    if smsc_id is not None:
        box.esme.script = lambda _: Submitted(smsc_id)
    ids = await box.queue(*(new(text) for text in texts or ("hello",)))
    for one in ids:
        await box.until(one, "sent")
    return ids


async def test_a_receipt_ends_the_message_and_is_kept(box: Box) -> None:
    async with box.sending():
        (one,) = await box.queue(alert(80))
        await box.until(one, "sent")
        await box.hear(receipt(box.esme.out[0].message_id, error="000", done_at="2603020900"))
        row = await box.row(one)
    assert (row["state"], row["receipt_state"]) == ("delivered", "DELIVRD")
    assert await box.receipts(one) == ["matched"]
    assert box.events() == ["message.sent", "message.delivered"]


@pytest.mark.parametrize("state", [Told.UNDELIVERABLE, Told.EXPIRED, Told.REJECTED, Told.DELETED])
async def test_a_message_the_phone_did_not_get_is_undelivered(box: Box, state: Told) -> None:
    async with box.sending():
        (one,) = await _sent(box)
        await box.hear(receipt(box.esme.out[0].message_id, state, error="011"))
        row = await box.row(one)
    assert (row["state"], row["receipt_state"], box.events()) == ("undelivered", state.value, ["message.undelivered"])


async def test_a_receipt_on_the_way_ends_nothing(box: Box) -> None:
    async with box.sending():
        (one,) = await _sent(box)
        for state in (Told.ENROUTE, Told.ACCEPTED):
            await box.hear(receipt(box.esme.out[0].message_id, state))
        assert await box.state(one) == "sent"
        await box.hear(receipt(box.esme.out[0].message_id))
        assert await box.state(one) == "delivered"
    assert await box.receipts(one) == ["matched"] * 3


async def test_repeated_receipts_are_counted_and_change_nothing(box: Box) -> None:
    async with box.sending() as outbox:
        (one,) = await _sent(box)
        told = receipt(box.esme.out[0].message_id)
        await box.hear(told, told)
        await box.hear(receipt(box.esme.out[0].message_id, Told.EXPIRED))
        figures = await outbox.figures()
    assert (await box.state(one), await box.receipts(one)) == ("delivered", ["matched", "repeated", "repeated"])
    assert figures.receipts == {("DELIVRD", "matched"): 1, ("DELIVRD", "repeated"): 1, ("EXPIRED", "repeated"): 1}
    assert box.events() == ["message.delivered"]


async def _swept(outbox: Outbox) -> None:
    outbox._clerk.sweep()
    while outbox._clerk._sweeping:  # noqa: ASYNC110 - it tells nobody
        await asyncio.sleep(0.005)
    await asyncio.sleep(0.02)


_UUID = str(uuid.UUID(int=0xA5 << 100 | 7))


@pytest.mark.parametrize(
    ("answered", "told"),
    [
        ("000002af", "687"),
        ("687", "2AF"),
        ("2AF", "2af"),
        ("0000012345", "12345"),
        ("12345", "0000012345"),
        (_UUID, _UUID.upper()),
        ("msg-0001:x", "msg-0001:x"),
    ],
)
async def test_ids_match_however_the_centre_writes_them(box: Box, answered: str, told: str) -> None:
    async with box.sending():
        (one,) = await _sent(box, smsc_id=answered)
        await box.hear(receipt(told))
        assert (await box.state(one), (await box.row(one))["smsc_id"]) == ("delivered", answered)


async def test_an_id_in_another_base_is_not_looked_for_where_the_centre_is_said_to_write_it_as_it_is(
    box: Box,
) -> None:
    box.esme = FakeEsme(configs=[CentreConfig("smsc", "h", 1, "u", message_ids=IdForm.AS_IS)])
    async with box.sending():
        (one,) = await _sent(box, smsc_id="2af")
        await box.hear(receipt("687"))
        assert (await box.state(one), await box.outcomes()) == ("sent", ["parked"])


async def test_another_centres_ids_are_not_this_ones(box: Box) -> None:
    async with box.sending():
        (one,) = await _sent(box)
        await box.hear(receipt(box.esme.out[0].message_id), centre="other")
        assert (await box.state(one), await box.outcomes()) == ("sent", ["parked"])


async def test_one_id_for_all_messages_is_told_apart_by_reference_and_phone(box: Box) -> None:
    async with box.sending():
        one, two = await _sent(box, "one", "two", smsc_id="1")
        references = [out.submission.reference for out in box.esme.out]
        await box.hear(receipt("1", about=ABOUT, reference=references[1]))
        assert [await box.state(each) for each in (one, two)] == ["sent", "delivered"]


async def test_a_receipt_without_id_is_known_by_reference_and_phone(box: Box) -> None:
    async with box.sending():
        (one,) = await _sent(box)
        reference = box.esme.out[0].submission.reference
        await box.hear(receipt("", about=Msisdn("+33699999999"), reference=reference))
        assert await box.state(one) == "sent"
        await box.hear(receipt("", about=ABOUT, reference=reference))
        assert await box.state(one) == "delivered"


async def test_a_reference_is_not_believed_for_ever(box: Box) -> None:
    async with box.sending():
        (one,) = await _sent(box)
        box.time.jump(hours=73)
        await box.hear(receipt("", about=ABOUT, reference=box.esme.out[0].submission.reference))
        assert (await box.state(one), await box.outcomes()) == ("sent", ["parked"])


async def test_a_receipt_that_comes_days_later_is_matched(box: Box) -> None:
    async with box.sending():
        (one,) = await _sent(box)
        box.time.jump(days=20)
        await box.hear(receipt(box.esme.out[0].message_id))
        assert await box.state(one) == "delivered"


async def test_a_receipt_before_the_answer_waits_for_it(box: Box) -> None:
    box.esme.script = lambda _: None
    (one,) = await box.queue(new())
    async with box.sending():
        (out,) = await box.out(1)
        await box.hear(receipt(out.message_id))
        assert (await box.state(one), await box.outcomes()) == ("sending", ["parked"])
        box.esme.say(out, taken(out))
        await box.until(one, "delivered")
    assert await box.receipts(one) == ["matched"]


async def test_a_receipt_that_waits_is_known_after_a_start(box: Box) -> None:
    async with box.sending():
        await box.hear(receipt("00000001"))
    box.renew()
    async with box.sending():
        (one,) = await box.queue(new())
        await box.until(one, "delivered")
    assert await box.receipts(one) == ["matched"]


async def test_a_receipt_of_nobodys_message_is_an_orphan_in_the_end(box: Box) -> None:
    async with box.sending() as outbox:
        await box.hear(receipt("4711"))
        box.time.jump(seconds=59)
        await _swept(outbox)
        assert await box.outcomes() == ["parked"]
        box.time.jump(seconds=2)
        await _swept(outbox)
        figures = await outbox.figures()
    assert await box.outcomes() == ["orphan"]
    assert (figures.parked_receipts, figures.receipts["DELIVRD", "orphan"]) == (0, 1)


async def test_a_long_text_is_what_the_worst_of_its_parts_is(box: Box) -> None:
    async with box.sending():
        (one,) = await _sent(box, LONG)
        ids = [out.message_id for out in box.esme.out]
        await box.hear(receipt(ids[2]), receipt(ids[0], Told.EXPIRED))
        assert await box.state(one) == "sent"
        await box.hear(receipt(ids[1]))
        row = await box.row(one)
    assert (len(ids), row["state"], row["receipt_state"]) == (3, "undelivered", "EXPIRED")


async def test_two_connections_telling_of_two_parts_at_once_end_the_message(box: Box) -> None:
    async with box.sending():
        (one,) = await _sent(box, LONG)
        await asyncio.gather(*(box.hear(receipt(out.message_id)) for out in box.esme.out))
        assert await box.state(one) == "delivered"


async def test_a_held_message_is_resolved_by_its_receipt(box: Box) -> None:
    box.esme.script = lambda _: SILENCE
    (one,) = await box.queue(new())
    async with box.sending():
        await box.until(one, "parked")
        reference = box.esme.out[0].submission.reference
        await box.hear(receipt("77", Told.ACCEPTED, about=ABOUT, reference=reference))
        assert await box.state(one) == "sent"
        await box.hear(receipt("77", about=ABOUT, reference=reference))
        row = await box.row(one)
    assert (row["state"], row["smsc_id"], row["doubtful"]) == ("delivered", "77", 1)


async def test_a_held_message_is_resolved_after_a_start(box: Box) -> None:
    box.esme.script = lambda _: SILENCE
    (one,) = await box.queue(new())
    async with box.sending():
        await box.until(one, "parked")
    box.renew()
    async with box.sending():
        await box.hear(receipt("77", about=ABOUT, reference=box.esme.out[0].submission.reference))
        assert await box.state(one) == "delivered"


async def test_a_receipt_before_the_doubt_resolves_it(box: Box) -> None:
    box.esme.script = lambda _: None
    (one,) = await box.queue(new())
    async with box.sending():
        (out,) = await box.out(1)
        await box.hear(receipt("77", about=ABOUT, reference=out.submission.reference))
        box.esme.say(out, SILENCE)
        await box.until(one, "delivered")
    assert await box.receipts(one) == ["matched"]


async def test_a_message_that_was_to_be_sent_again_is_not_once_its_receipt_is_there(box: Box) -> None:
    box.esme.script = lambda _: SILENCE
    (one,) = await box.queue(new(handling=RESEND))
    async with box.sending():
        await box.out(1)
        await box.until(one, "queued")
        await box.hear(receipt("77", about=ABOUT, reference=box.esme.out[0].submission.reference))
        assert await box.state(one) == "delivered"
        box.time.jump(hours=1)
        await asyncio.sleep(0.05)
    assert len(box.esme.out) == 1


async def test_the_missing_part_of_a_held_text_is_resolved(box: Box) -> None:
    box.esme.script = lambda out: SILENCE if len(box.esme.out) == 2 else taken(out)
    (one,) = await box.queue(new(LONG, handling=Handling(on_doubt=OnDoubt.HOLD)))
    async with box.sending():
        await box.until(one, "parked")
        first, second, third = box.esme.out
        await box.hear(receipt(first.message_id), receipt(third.message_id))
        assert await box.state(one) == "parked"
        await box.hear(receipt("ffff", about=ABOUT, reference=second.submission.reference))
        assert await box.state(one) == "delivered"


async def test_both_receipts_of_a_doubled_message_are_its_evidence(box: Box) -> None:
    answers = [SILENCE]
    box.esme.script = lambda out: answers.pop() if answers else taken(out)
    (one,) = await box.queue(new(handling=RESEND))
    async with box.sending():
        await box.out(1)
        await box.until(one, "queued")
        box.time.jump(minutes=1)
        await box.until(one, "sent")
        first, second = box.esme.out
        await box.hear(receipt("lost-id", about=ABOUT, reference=first.submission.reference))
        await box.hear(receipt(second.message_id, about=ABOUT, reference=second.submission.reference))
        row = await box.row(one)
    assert (row["state"], row["doubtful"]) == ("delivered", 1)
    assert await box.receipts(one) == ["matched", "repeated"]


async def test_what_cannot_be_kept_is_not_acknowledged(box: Box) -> None:
    async with box.sending():
        await box.journal.close()
        with pytest.raises(Exception, match="closed"):
            await box.hear(receipt("1"))


async def test_recipients_are_never_taken_for_each_other(box: Box) -> None:
    other = Msisdn("+33687654321")
    async with box.sending():
        (one,) = await _sent(box, smsc_id="5")
        (two,) = await box.queue(new(to=other))
        await box.until(two, "sent")
        await box.hear(receipt("5", about=other))
        assert [await box.state(each) for each in (one, two)] == ["sent", "delivered"]
