"""Three hundred lines' use in many shuffled batches, against a list counted by a model that is as dumb as can be."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from gateway.alerts.usage.intake import Taken
from gateway.alerts.usage.means import Means
from gateway.alerts.usage.record import UsageRecord
from gateway.alerts.usage.usage import open_usage
from gateway.orders.desk import Listeners
from tests.gateway.alerts.counted import NUMBER, Desk, put_lines, usage_on
from tests.gateway.cards import card
from tests.gateway.rig import START, Rig, SimNetwork, Time, gateway_on

NUMBERS = [f"+3361000{n:04d}" for n in range(300)]
METERED = [f"+3362000{n:04d}" for n in range(10)]
#: thresholds of an unlimited plan by (counter's word, unit): the counter, its limit in that unit
LIMITS = {
    ("data", "GB"): ("data", 50),
    ("voice", "h"): ("voice", 40),
    ("sms", "count"): ("sms", 1000),
    ("data", "EUR"): ("roaming_data_spend", 50),
}
KEPT = {"GB": 10**9, "h": 3600, "count": 1, "EUR": 10**6}


@dataclass
class Model:
    """Adds up in a dictionary of exact decimals; months are cut by hand, in Paris."""

    used: dict[tuple[str, str, str], Decimal] = field(default_factory=lambda: defaultdict(Decimal))

    def count(self, one: UsageRecord) -> None:
        counter, _ = LIMITS[one.counter, one.unit]
        if counter != "roaming_data_spend" or one.abroad:
            self.used[one.msisdn, counter, month_of(one.at)] += Decimal(one.amount) * KEPT[one.unit]

    def crossings(self) -> set[tuple[str, str, str, int]]:
        limits = {counter: limit * KEPT[unit] for (_, unit), (counter, limit) in LIMITS.items()}
        return {
            (number, counter, month, percent)
            for (number, counter, month), used in self.used.items()
            for percent in (80, 100)
            if used * 100 >= limits[counter] * percent and (number in NUMBERS or counter == "roaming_data_spend")
        }


def month_of(at: datetime) -> str:
    """Months of winter 2026 in Paris begin an hour before those of UTC."""
    return f"{at + timedelta(hours=1):%Y-%m}"


def some_records(chance: random.Random) -> list[UsageRecord]:
    """Use of three months, the last of them running."""
    made = []
    for n in range(6000):
        counter, unit = chance.choice(list(LIMITS))
        limit = LIMITS[counter, unit][1]
        amount = Decimal(chance.randrange(limit * 100)) / 400 if unit in {"GB", "EUR"} else chance.randrange(limit // 3)
        back = timedelta(minutes=chance.choice([chance.randrange(60 * 24), chance.randrange(60 * 24 * 80)]))
        number, at = chance.choice(NUMBERS + METERED), (START - back).replace(microsecond=0)
        made.append(UsageRecord(n, f"u{n}", number, counter, amount, unit, at, abroad=unit == "EUR"))
    return made


@pytest.fixture
async def desk(rig: Rig) -> Desk:
    await put_lines(rig, NUMBERS)
    await put_lines(rig, METERED, plan="metered", first=5000)
    return Desk(rig, usage_on(rig))


async def _stood(desk: Desk) -> dict[tuple[str, str, str], int]:
    numbers = {row["line_id"]: row["msisdn"] for row in await desk.rig.all_rows("lines")}
    rows = await desk.rig.all_rows("usage_counters")
    return {(numbers[row["line_id"]], row["counter"], row["period"]): row["used"] for row in rows}


async def _crossed(desk: Desk) -> dict[tuple[str, str, str, int], str]:
    numbers = {row["line_id"]: row["msisdn"] for row in await desk.rig.all_rows("lines")}
    rows = await desk.rig.all_rows("crossings")
    return {
        (numbers[row["line_id"]], row["counter"], row["period"], row["percent"]): f"{row['outcome']} {row['action']}"
        for row in rows
    }


async def test_every_record_counts_once_in_its_period_whatever_comes_twice_late_or_broken(desk: Desk) -> None:
    chance, model = random.Random(20260302), Model()
    good = some_records(chance)
    for one in good:
        model.count(one)
    twice = [replace(one, place=9000) for one in chance.sample(good, 1500)]
    other = [replace(one, amount=one.amount + 1) for one in chance.sample(good, 50)]
    strange = [replace(one, record_id=f"x{one.record_id}", msisdn="+33699999999") for one in good[:50]]
    wrong = [replace(one, record_id=f"y{one.record_id}", unit="furlong") for one in good[:50]]
    old = [replace(one, record_id=f"z{one.record_id}", at=START - timedelta(days=91)) for one in good[:50]]
    first, rest = good[:3000], [*good[3000:], *twice, *strange, *wrong, *old]
    chance.shuffle(rest)
    batches = [first[n : n + 250] for n in range(0, len(first), 250)]
    taken = [await desk.usage.intake.take(batch) for batch in batches]
    taken += await asyncio.gather(*(desk.usage.intake.take(rest[n : n + 250]) for n in range(0, len(rest), 250)))
    taken.append(await desk.usage.intake.take(other))
    total = Taken()
    for part in taken:
        total.add(part)
    assert (total.accepted, total.duplicates, len(total.problems)) == (6000, 1500, 200)
    assert await _stood(desk) == {key: int(used) for key, used in model.used.items()}
    await _as_told(desk, model, total)


async def _as_told(desk: Desk, model: Model, total: Taken) -> None:
    """What was crossed is what the model says, each once; only the running month is told of and acted upon."""
    crossed = await _crossed(desk)
    assert set(crossed) == model.crossings()
    assert len(total.crossings) == len(crossed)
    running = {key: what for key, what in crossed.items() if key[2] == "2026-03"}
    assert {what for key, what in crossed.items() if key[2] != "2026-03"} == {"past None"}
    for (number, counter, month, percent), what in running.items():
        if percent == 100:
            done = "waived" if counter == "roaming_data_spend" else "ordered"
            assert what == f"alerted {done}", (number, counter)
        else:
            expected = (
                {"alerted None", "overtaken None"} if (number, counter, month, 100) in crossed else {"alerted None"}
            )
            assert what in expected
    messages = [row for row in await desk.rig.all_rows("messages") if row["kind"] == "alert"]
    assert len(messages) == sum(what.startswith("alerted") for what in running.values())
    orders = [row for row in await desk.rig.all_rows("orders") if row["action"] == "limit_use"]
    assert len(orders) == sum(what == "alerted ordered" for what in running.values())
    ends = {row["due_at"] for row in await desk.rig.all_rows("orders") if row["action"] == "lift_limit"}
    assert ends == {datetime(2026, 3, 31, 22, tzinfo=UTC).isoformat()}


async def test_the_same_batch_from_many_hands_at_once_counts_once(desk: Desk) -> None:
    batch = some_records(random.Random(3))[:400]
    taken = await asyncio.gather(*(desk.usage.intake.take(batch) for _ in range(8)))
    assert sum(one.accepted for one in taken) == 400
    assert sum(one.duplicates for one in taken) == 400 * 7
    model = Model()
    for one in batch:
        model.count(one)
    assert await _stood(desk) == {key: int(used) for key, used in model.used.items()}
    assert set(await _crossed(desk)) == model.crossings()


async def test_two_that_know_nothing_of_each_other_lose_nothing(desk: Desk) -> None:
    """As two instances on one database would: whoever comes second finds the counter changed, and looks again."""
    gateway = desk.rig.gateway
    listeners = Listeners(gateway.bell.ring, gateway.bell.ring)
    means = Means(gateway.journal, gateway.engine, gateway.settings.contracts, gateway.clock, listeners)
    hands = [desk.usage, *(open_usage(means, gateway.settings.texts) for _ in range(3))]
    batches = [[desk.record(1, msisdn=NUMBERS[0]) for _ in range(15)] for _ in hands]
    taken = await asyncio.gather(*(one.intake.take(batch) for one, batch in zip(hands, batches, strict=True)))
    assert [one.accepted for one in taken] == [15] * 4
    assert await _stood(desk) == {(NUMBERS[0], "data", "2026-03"): 60 * 10**9}
    assert sorted(crossing["percent"] for one in taken for crossing in one.crossings) == [80, 100]


async def test_one_id_for_two_lines_at_once_counts_for_one_of_them(desk: Desk) -> None:
    one = desk.record(1, msisdn=NUMBERS[0], record_id="same")
    taken = await desk.usage.intake.take([one, replace(one, msisdn=NUMBERS[1])])
    assert (taken.accepted, [problem.why.slug for problem in taken.problems]) == (1, ["id-reused"])
    assert sum((await _stood(desk)).values()) == 10**9


async def test_ids_are_forgotten_when_their_records_are_too_old_to_come_again(desk: Desk) -> None:
    batch = some_records(random.Random(5))[:300]
    await desk.usage.intake.take(batch)
    desk.rig.time.jump(days=99)
    await desk.usage.retention.tidy()
    assert len(await desk.rig.all_rows("usage_records")) == 300
    desk.rig.time.jump(days=2)
    await desk.usage.retention.tidy()
    assert await desk.rig.all_rows("usage_records") == []
    again = await desk.usage.intake.take(batch)
    assert {problem.why.slug for problem in again.problems} == {"too-late"}
    assert again.accepted == 0


async def test_what_was_counted_outlives_a_stop_and_what_was_begun_is_carried_out(
    tmp_path: Path, sim: SimNetwork, time: Time
) -> None:
    async with gateway_on(tmp_path / "data", sim, time) as rig:
        await rig.stock(card(1))
        assert await rig.until(await rig.activate(card(1), NUMBER)) == "completed"
        desk = Desk(rig, usage_on(rig))
        batch = [desk.record(30), desk.record(30)]
        sim.fault("lost", "Provide", count=None)  # the network does not answer before the stop
        assert (await desk.usage.intake.take(batch)).accepted == 2
    sim.faults.clear()
    async with gateway_on(tmp_path / "data", sim, time) as rig:
        desk = Desk(rig, usage_on(rig))
        again = await desk.usage.intake.take(batch)
        assert (again.accepted, again.duplicates, again.crossings) == (0, 2, [])
        await desk.settled()
        assert await desk.restrictions() == [("fair_use", "fair_use 2026-03")]
        assert sim.held(card(1).imsi).cap_kbit_s == 128  # type: ignore[union-attr]  # it is there
        assert [action for action, _, _ in await desk.orders()] == ["limit_use", "lift_limit"]
