"""The confirmation SMS: one for each completed order, never twice, late rather than never, unsure rather than again."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from hlr_sim.faults import Kind
from tests.gateway.cards import Card, card
from tests.gateway.rig import Rig, SimNetwork, Time, gateway_on, states

NUMBER = "+33612345678"


async def _settled(rig: Rig, wait_s: float = 60) -> list[str]:
    """Wait until no message is on its way and every receipt is in; tell their states."""
    async with asyncio.timeout(wait_s):
        while not (found := states(await rig.all_rows("messages"))) or {"queued", "sending", "sent"} & set(found):  # noqa: ASYNC110 - a row of a database tells nobody that it changed
            await asyncio.sleep(0.01)
    return found


async def test_each_completed_order_is_confirmed_once(rig: Rig, line: Card) -> None:
    del line
    assert await rig.done("suspend", msisdn=NUMBER, reason="unpaid") == "completed"
    assert await rig.done("reactivate", msisdn=NUMBER) == "completed"
    assert await _settled(rig) == ["delivered"] * 3
    texts = rig.sim.inbox(NUMBER)
    assert ["en service" in texts[0], "suspendue" in texts[1], "réactivée" in texts[2]] == [True] * 3
    assert {sms.sender for sms in rig.sim.smsc.inbox(None, 10)} == {"TECHNICO"}
    rows = await rig.all_rows("messages")
    assert all(row["smsc_id"] and row["sent_at"] for row in rows)


async def test_a_new_number_is_told_at_the_new_number(rig: Rig, line: Card) -> None:
    del line
    assert await rig.done("change_number", msisdn=NUMBER, new_msisdn="+33787654321") == "completed"
    await _settled(rig)
    assert "+33787654321" in rig.sim.inbox("+33787654321")[0]


async def test_an_order_that_did_not_succeed_is_not_confirmed(rig: Rig, line: Card) -> None:
    del line
    rig.sim.fault(Kind.REFUSE, "Provide")
    assert await rig.done("suspend", msisdn=NUMBER, reason="unpaid") == "failed"
    assert await _settled(rig) == ["delivered"]


@pytest.mark.parametrize("kind", [Kind.LOST, Kind.DROP_BEFORE])
async def test_an_unanswered_message_is_parked_and_never_sent_again(rig: Rig, kind: Kind) -> None:
    rig.sim.fault(kind, "SendSms", element="smsc")
    assert await rig.until(await rig.activate(card(1), NUMBER)) == "completed"
    assert await _settled(rig) == ["parked"]
    assert await rig.done("suspend", msisdn=NUMBER, reason="unpaid") == "completed"
    assert await _settled(rig) == ["parked", "delivered"]
    assert len([e for e in rig.sim.log("smsc") if e.command == "SendSms"]) == 2


@pytest.mark.parametrize("kind", [Kind.SILENT, Kind.DROP_AFTER, Kind.GARBAGE])
async def test_a_receipt_tells_that_an_unanswered_message_went_out(rig: Rig, kind: Kind) -> None:
    rig.sim.fault(kind, "SendSms", element="smsc")
    assert await rig.until(await rig.activate(card(1), NUMBER)) == "completed"
    async with asyncio.timeout(60):
        while await _settled(rig) != ["delivered"]:  # noqa: ASYNC110 - a row of a database tells nobody that it changed
            await asyncio.sleep(0.01)
    (row,) = await rig.all_rows("messages")
    assert row["doubtful"] == 1
    assert len(rig.sim.inbox(NUMBER)) == 1


async def test_a_centre_that_is_away_has_it_in_the_end(tmp_path: Path, sim: SimNetwork, time: Time) -> None:
    sim.fault(Kind.REFUSE_CONNECT, element="smsc", count=None)
    async with gateway_on(tmp_path / "data", sim, time) as rig:
        await rig.stock(card(1))
        assert await rig.until(await rig.activate(card(1), NUMBER)) == "completed"
        await asyncio.sleep(0.1)
        assert states(await rig.all_rows("messages")) == ["queued"]
        sim.faults.clear()
        assert await _settled(rig) == ["delivered"]
        assert len(sim.inbox(NUMBER)) == 1


async def test_a_throttled_message_is_sent_again(rig: Rig) -> None:
    rig.sim.fault(Kind.BUSY, "SendSms", element="smsc", count=2)
    assert await rig.until(await rig.activate(card(1), NUMBER)) == "completed"
    assert await _settled(rig) == ["delivered"]
    assert len(rig.sim.inbox(NUMBER)) == 1


async def test_a_refused_message_has_failed(rig: Rig) -> None:
    rig.sim.fault(Kind.REFUSE, "SendSms", element="smsc")
    assert await rig.until(await rig.activate(card(1), NUMBER)) == "completed"
    assert await _settled(rig) == ["failed"]
    assert not rig.sim.inbox()


async def test_what_was_being_sent_is_not_sent_again(tmp_path: Path, sim: SimNetwork, time: Time) -> None:
    async with gateway_on(tmp_path / "data", sim, time) as rig:
        await rig.stock(card(1))
        sim.fault(Kind.SILENT, "SendSms", element="smsc")
        assert await rig.until(await rig.activate(card(1), NUMBER)) == "completed"
        async with asyncio.timeout(60):
            while not sim.inbox():  # noqa: ASYNC110 - a row of a database tells nobody that it changed
                await asyncio.sleep(0.001)
        assert states(await rig.all_rows("messages")) == ["sending"]
    async with gateway_on(tmp_path / "data", sim, time) as rig:
        assert set(await _settled(rig)) <= {"parked", "delivered"}, "in doubt, until its receipt comes"
        await asyncio.sleep(0.1)
        assert len(sim.inbox()) == 1


async def test_what_was_queued_when_we_stopped_is_sent(tmp_path: Path, sim: SimNetwork, time: Time) -> None:
    async with gateway_on(tmp_path / "data", sim, time, smsc=False) as rig:
        await rig.stock(card(1))
        assert await rig.until(await rig.activate(card(1), NUMBER)) == "completed"
        assert states(await rig.all_rows("messages")) == ["queued"]
    async with gateway_on(tmp_path / "data", sim, time) as rig:
        assert await _settled(rig) == ["delivered"]


async def test_more_than_one_batch_is_sent_whole(rig: Rig, line: Card) -> None:
    del line
    for _ in range(60):
        await rig.order("suspend", msisdn=NUMBER, reason="unpaid")
    await rig.until(await rig.order("reactivate", msisdn=NUMBER))
    assert await _settled(rig) == ["delivered"] * 62
    assert len(rig.sim.inbox(NUMBER)) == 62
