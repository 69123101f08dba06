"""SMS abuse under a ladder: from the next billing period, longer each time, lifted by the clocks and nobody else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from drivers.subscription import Msisdn
from gateway.alerts.usage.record import UsageRecord
from gateway.orders import records
from gateway.orders.order import LineRef
from tests.gateway.clocks.conftest import opened
from tests.gateway.clocks.networks import Ticking

#: the 15th begins in Nouméa when it is 13:00 UTC on the 14th, all year round
PERIODS = {month: datetime(2026, month, 14, 13, tzinfo=UTC) for month in range(1, 13)}


async def abuse(moving: Ticking, msisdn: str) -> None:
    """500 SMS in a day."""
    moment = moving.now
    name = moment.isoformat()
    record = UsageRecord(
        place=0, record_id=name, msisdn=Msisdn(msisdn), counter="sms", amount=500, unit="count", at=moment
    )
    taken = await moving.rig.gateway.alerting.usage.intake.take([record])
    assert not taken.problems


async def held(moving: Ticking, msisdn: str) -> list[tuple[datetime, datetime | None]]:
    found = await records.find_line(moving.rig.gateway.journal, LineRef(msisdn=Msisdn(msisdn)))
    assert found is not None
    return [(r.since, r.until) for r in found.line.restrictions if r.kind.value == "sms_off"]


async def test_each_time_is_longer_and_begins_with_the_next_period(moving: Ticking) -> None:
    msisdn = await opened(moving.rig, "opt-nc")
    for at, begins, ends in (
        (datetime(2026, 3, 20, 5, tzinfo=UTC), PERIODS[4], PERIODS[5]),
        (datetime(2026, 5, 20, 5, tzinfo=UTC), PERIODS[6], PERIODS[12]),
        (
            datetime(2027, 1, 5, 5, tzinfo=UTC),
            datetime(2027, 1, 14, 13, tzinfo=UTC),
            datetime(2028, 1, 14, 13, tzinfo=UTC),
        ),
    ):
        await moving.jump(at)
        await abuse(moving, msisdn)
        await moving.jump(begins - timedelta(seconds=1))
        assert await held(moving, msisdn) == []
        await moving.jump(begins)
        assert await held(moving, msisdn) == [(begins, ends)]
        await moving.jump(ends - timedelta(seconds=1))
        assert await held(moving, msisdn) == [(begins, ends)]
        await moving.jump(ends)
        assert await held(moving, msisdn) == []
    lifts = [row for row in await moving.rig.all_rows("orders") if row["action"] == "lift_limit"]
    assert [row["accepted_at"] for row in lifts] == [
        PERIODS[5].isoformat(), PERIODS[12].isoformat(), "2028-01-14T13:00:00+00:00",
    ]  # fmt: skip


async def test_two_abuses_of_one_period_are_one_time(moving: Ticking) -> None:
    msisdn = await opened(moving.rig, "opt-nc")
    for day in (20, 25):
        await moving.jump(datetime(2026, 3, day, 5, tzinfo=UTC))
        await abuse(moving, msisdn)
    await moving.jump(PERIODS[4])
    assert await held(moving, msisdn) == [(PERIODS[4], PERIODS[5])]
    await moving.jump(PERIODS[5])
    assert await held(moving, msisdn) == []
