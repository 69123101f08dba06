"""Killed between the answer to a message and the look at what has come for it: the receipt finds it afterwards."""

from __future__ import annotations

from drivers.dialects.smpp.matching import canonical
from gateway.alerts.outbox import book
from gateway.alerts.outbox.retrying import Fate
from gateway.journal.journal import Unit
from gateway.orders.messages import MessageState
from tests.gateway.alerts.boxes import Box, new
from tests.gateway.alerts.centres import receipt

_TAKEN, _REFERENCE = "4711", 12


async def test_a_receipt_that_waited_finds_the_message_written_just_before_the_death(box: Box) -> None:
    async with box.sending():
        await box.hear(receipt(_TAKEN))
        assert await box.outcomes() == ["parked"]
    (one,) = await box.queue(new())
    unit, now = Unit(), box.time()
    told = {"smsc": "smsc", "smsc_id": _TAKEN, "match_key": canonical(_TAKEN), "reference": _REFERENCE}
    book.claim(unit, one, _REFERENCE, 1, "smsc")
    book.add_part(unit, one, 1, sent_at=now.isoformat(), **told)
    book.settle(unit, await box.row(one), Fate(MessageState.SENT), now, _TAKEN)
    await box.journal.commit(unit)  # and nothing more: the gateway is killed here
    box.renew()
    async with box.sending():
        await box.until(one, "delivered")
    assert await box.receipts(one) == ["matched"]
