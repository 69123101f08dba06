"""The outbox sends what is queued, once, in order, in time, and what came of it is in the journal."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Select

from drivers.dialects.smpp.delivery import Available, FromPhone, Heard
from drivers.subscription import Msisdn
from gateway.alerts.outbox import book
from gateway.journal.sqlite import _prepared
from gateway.orders.messages import Handling, OnDoubt, Priority
from tests.gateway.alerts.boxes import RESEND, TO, Box, alert, new
from tests.gateway.alerts.centres import AWAY, SILENCE, Answer, refused, taken

LONG = "0123456789" * 40  # three segments of 153 septets


async def test_a_queued_message_is_sent_once_with_all_that_proves_it(box: Box) -> None:
    (one,) = await box.queue(new(line_id="line-1"))
    async with box.sending():
        row = await box.until(one, "sent")
        await asyncio.sleep(0.05)
    assert (box.esme.texts(), row["tries"], row["segments"], row["smsc"]) == (["hello"], 1, 1, "smsc")
    assert (row["smsc_id"], row["doubtful"]) == (box.esme.out[0].message_id, 0)
    said = box.esme.out[0].submission
    assert (said.to, said.sender, said.receipt, said.validity) == (TO, "TECHNICO", True, "")
    assert said.reference == row["reference"]


async def test_more_messages_than_there_is_room_for_all_go_out(box: Box) -> None:
    box.esme.room = 3
    ids = await box.queue(*(new(f"{n}") for n in range(20)))
    async with box.sending():
        for one in ids:
            await box.until(one, "sent")
    assert sorted(box.esme.texts(), key=int) == [str(n) for n in range(20)]


async def test_the_urgent_go_first_and_then_the_older(box: Box) -> None:
    def of(priority: Priority) -> Handling:
        return Handling(priority=priority)

    box.esme.room = 1
    await box.queue(
        new("bulk", handling=of(Priority.BULK)),
        new("first"),
        new("second"),
        new("urgent", handling=of(Priority.URGENT)),
    )
    async with box.sending():
        await box.out(4)
    assert box.esme.texts() == ["urgent", "first", "second", "bulk"]


async def test_a_message_waits_for_its_time(box: Box) -> None:
    (later,) = await box.queue(new("later", not_before=box.time() + timedelta(hours=1)))
    (now,) = await box.queue(new("now"))
    async with box.sending():
        await box.until(now, "sent")
        assert await box.state(later) == "queued"
        box.time.jump(hours=1)
        await box.until(later, "sent")
    assert box.esme.texts() == ["now", "later"]


async def test_what_is_too_late_is_never_sent(box: Box) -> None:
    (late,) = await box.queue(new("late", handling=Handling(validity_s=60)))
    box.time.jump(seconds=61)
    async with box.sending():
        row = await box.until(late, "expired")
    assert (box.esme.out, row["tries"], box.events()) == ([], 0, ["message.expired"])


async def test_what_is_too_late_ends_without_any_centre(box: Box) -> None:
    (late,) = await box.queue(new("late", handling=Handling(validity_s=60)))
    box.time.jump(seconds=61)
    async with box.outbox.sending(None):
        await box.until(late, "expired")
    assert box.events() == ["message.expired"]


async def test_the_centre_is_told_how_much_time_is_left(box: Box) -> None:
    (one,) = await box.queue(new(handling=Handling(validity_s=2 * 3600)))
    box.time.jump(minutes=30)
    async with box.sending():
        await box.until(one, "sent")
    assert box.esme.out[0].submission.validity in ("000000013000000R", "000000012959000R")


async def test_two_of_one_series_are_never_under_way_together(box: Box) -> None:
    box.esme.script = lambda _: None
    await box.queue(alert(80))
    async with box.sending():
        (eighty,) = await box.out(1)
        (full,) = await box.queue(alert(100))
        (other,) = await box.queue(alert(80, "line-2"))
        await box.until(other, "sending")
        assert await box.state(full) == "queued"
        box.esme.say(eighty, taken(eighty))
        await box.until(full, "sending")
        for out in box.esme.out[1:]:
            box.esme.say(out, taken(out))
    assert box.esme.texts() == ["80 %", "80 %", "100 %"]


async def test_an_older_alert_that_waits_is_withdrawn_by_the_newer(box: Box) -> None:
    eighty, full = await box.queue(alert(80), alert(100))
    async with box.sending():
        await box.until(full, "sent")
    assert (await box.state(eighty), box.esme.texts()) == ("withdrawn", ["100 %"])
    assert box.events() == ["message.withdrawn", "message.sent"]


async def test_an_older_alert_that_comes_later_is_withdrawn_at_once(box: Box) -> None:
    full, eighty = await box.queue(alert(100), alert(80))
    async with box.sending():
        await box.until(full, "sent")
    assert (await box.state(eighty), box.esme.texts()) == ("withdrawn", ["100 %"])


async def test_an_alert_that_comes_back_after_the_newer_is_withdrawn(box: Box) -> None:
    box.esme.script = lambda _: None
    (eighty,) = await box.queue(alert(80))
    async with box.sending():
        (out,) = await box.out(1)
        (full,) = await box.queue(alert(100))
        box.esme.script = taken
        box.esme.say(out, refused("0x58"))
        await box.until(eighty, "withdrawn")
        await box.until(full, "sent")
        box.time.jump(hours=1)
        await asyncio.sleep(0.05)
    assert box.esme.texts() == ["80 %", "100 %"]


@pytest.mark.parametrize(("answer", "pause_s"), [(refused("0x58"), 1), (refused("0x14"), 2), (AWAY, 0.5)])
async def test_what_was_not_taken_is_tried_again_after_a_pause(box: Box, answer: Answer, pause_s: float) -> None:
    answers = [answer]
    box.esme.script = lambda out: answers.pop() if answers else taken(out)
    (one,) = await box.queue(new())
    async with box.sending():
        await box.out(1)
        row = await box.until(one, "queued")
        assert row["not_before"] is not None
        box.time.jump(seconds=pause_s)
        row = await box.until(one, "sent")
    assert (row["tries"], row["doubtful"], len(box.esme.out)) == (2, 0, 2)


async def test_a_refused_message_has_failed(box: Box) -> None:
    box.esme.script = lambda _: refused("0x0B")
    (one,) = await box.queue(new())
    async with box.sending():
        row = await box.until(one, "failed")
    assert ("0x0B" in row["detail"], box.events()) == (True, ["message.failed"])


async def test_an_unanswered_message_is_held(box: Box) -> None:
    box.esme.script = lambda _: SILENCE
    (one,) = await box.queue(new())
    async with box.sending():
        row = await box.until(one, "parked")
        box.time.jump(hours=1)
        await asyncio.sleep(0.05)
    assert (row["doubtful"], len(box.esme.out), box.events()) == (1, 1, ["message.parked"])


async def test_an_unanswered_message_is_sent_again_where_that_is_wished_but_not_for_ever(box: Box) -> None:
    box.esme.script = lambda _: SILENCE
    (one,) = await box.queue(new(handling=RESEND))
    async with box.sending():
        for number in range(1, 5):
            await box.out(number)
            box.time.jump(minutes=1)
        row = await box.until(one, "parked")
    assert (row["doubtful"], len(box.esme.out)) == (4, 4)
    assert len({out.submission.reference for out in box.esme.out}) == 1


async def test_only_missing_parts_of_a_text_are_sent_again(box: Box) -> None:
    silent = {2}
    box.esme.script = lambda out: SILENCE if len(box.esme.out) in silent else taken(out)
    (one,) = await box.queue(new(LONG, handling=RESEND))
    async with box.sending():
        await box.out(3)
        await box.until(one, "queued")
        box.time.jump(minutes=1)
        row = await box.until(one, "sent")
    first, again = box.esme.out[1].submission, box.esme.out[3].submission
    assert (len(box.esme.out), row["segments"], row["doubtful"]) == (4, 3, 1)
    assert first == again


async def test_a_text_refused_in_part_is_held_where_a_half_text_may_not_be_finished(box: Box) -> None:
    box.esme.script = lambda out: refused("0x0B") if len(box.esme.out) == 3 else taken(out)
    (one,) = await box.queue(new(LONG))
    async with box.sending():
        row = await box.until(one, "parked")
    assert (row["doubtful"], len(box.esme.out)) == (0, 3)


async def test_a_text_throttled_in_part_is_finished_later(box: Box) -> None:
    box.esme.script = lambda out: refused("0x58") if len(box.esme.out) == 2 else taken(out)
    (one,) = await box.queue(new(LONG))
    async with box.sending():
        await box.out(3)
        await box.until(one, "queued")
        box.time.jump(minutes=1)
        row = await box.until(one, "sent")
    assert (row["doubtful"], len(box.esme.out)) == (0, 4)


@pytest.mark.parametrize(("on_doubt", "state"), [(OnDoubt.HOLD, "parked"), (OnDoubt.RESEND, "queued")])
async def test_what_was_being_sent_when_we_were_killed_is_in_doubt(box: Box, on_doubt: OnDoubt, state: str) -> None:
    (one,) = await box.queue(new(handling=Handling(on_doubt=on_doubt)))
    box.journal._writer.execute("UPDATE messages SET state = 'sending', tries = 1, reference = 7, segments = 1")
    box.esme.room = 0
    async with box.sending():
        row = await box.until(one, state)
        assert row["doubtful"] == 1
        box.esme.room = 1
        if state == "queued":
            box.esme.news.set()
            box.time.jump(minutes=1)
            await box.until(one, "sent")
            assert box.esme.out[0].submission.reference == 7


async def test_answers_that_come_while_we_stop_are_written(box: Box) -> None:
    box.esme.script = lambda _: None
    (one,) = await box.queue(new())
    async with box.sending():
        (out,) = await box.out(1)
        await box.outbox.pause()
        (never,) = await box.queue(new("never"))
        box.esme.say(out, taken(out))
    assert [await box.state(each) for each in (one, never)] == ["sent", "queued"]


async def test_a_phone_that_is_back_gets_at_once_what_waited_for_it(box: Box) -> None:
    answers: list[Answer] = [refused("0x14")]
    box.esme.script = lambda out: answers.pop() if answers else taken(out)
    (one,) = await box.queue(new())
    paced = await box.queue(new("paced", not_before=box.time() + timedelta(hours=1)))
    async with box.sending():
        await box.out(1)
        await box.until(one, "queued")
        await box.hear(Heard("alert_notification", 1, Available(Msisdn(TO)), needs_answer=False))
        await box.until(one, "sent")
    assert await box.state(paced[0]) == "queued"


async def test_what_a_phone_says_is_handed_on(box: Box) -> None:
    phone = FromPhone(Msisdn(TO), "3200", "SOLDE")
    async with box.sending():
        await box.hear(Heard("deliver_sm", 1, phone), Heard("deliver_sm", 2, None))
    assert box.asked == [("smsc", phone)]


async def test_a_message_no_segment_can_hold_has_failed_and_holds_nobody_up(box: Box) -> None:
    wrong, right = await box.queue(new("x" * 60_000), new("right"))
    async with box.sending():
        await box.until(right, "sent")
        assert await box.state(wrong) == "failed"


async def test_figures_tell_what_waits_and_what_came_of_the_rest(box: Box) -> None:
    box.esme.script = lambda out: taken(out) if out.text == "ok" else refused("0x0B")
    ok, _ = await box.queue(new("ok"), new("wrong"))
    await box.queue(new("later", not_before=box.time() + timedelta(hours=1)))
    async with box.sending() as outbox:
        await box.until(ok, "sent")
        await box.wait(lambda: outbox._clerk.counts["failed"] == 1, "never failed")
        figures = await outbox.figures()
    assert (figures.queued, figures.later, figures.tries) == ({}, 1, {"sent": 1, "failed": 1})


@pytest.mark.parametrize(
    ("statement", "index"),
    [(book._READY, "messages_queued"), (book._NEXT_DUE, "messages_later"), (book._OVERDUE, "messages_expiring")],
)
def test_a_long_queue_is_never_walked_through(box: Box, statement: Select[Any], index: str) -> None:
    prepared = _prepared(statement)
    values = dict.fromkeys(("most", "now")) | prepared.constants
    plan = box.journal._reader.execute(f"EXPLAIN QUERY PLAN {prepared.text}", values).fetchall()
    (step,) = [row["detail"] for row in plan]
    assert f"USING INDEX {index}" in step
