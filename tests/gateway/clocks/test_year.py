"""A year of a thousand lines under five contracts, through both changes of the clocks; and a leap day."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from tests.gateway.clocks.model import Life
from tests.gateway.clocks.networks import HOSTS, FiveNetworks, ticking
from tests.gateway.clocks.year import Told, Year, population

SEED = 20_260_302


async def lived(directory: Path, year: tuple[datetime, int], lines: int, events_a_day: int) -> Year:
    """Live through so many days from a day on; check everything there is to check."""
    first, days = year
    chance, sim = Random(SEED), FiveNetworks(directory / "network")
    try:
        async with ticking(directory, first, sim) as moving:
            past = Year(moving, SEED, population(lines, chance), first, days, events_a_day, chance)
            await moving.rig.stock(*(life.card for life in past.lives))
            await past.run()
            await _nothing_twice_nothing_forgotten(past)
            for life in past.lives:
                if life.state != "none":
                    await past.agrees(life)
                    await _network_agrees(past, life, sim)
            return past
    finally:
        await sim.close()


async def _nothing_twice_nothing_forgotten(past: Year) -> None:
    rig = past.ticking.rig
    orders = [row for row in await rig.all_rows("orders") if '"channel":"clock"' in row["body"]]
    assert {row["state"] for row in orders} <= {"completed"}
    placed: Counter[Told] = Counter((row["msisdn"], row["action"], row["accepted_at"]) for row in orders)
    assert placed == past.placed, _differing(past, placed, past.placed)
    told = [json.loads(row["data"]) for row in await rig.all_rows("events") if row["type"] == "clock.proposed"]
    proposed: Counter[Told] = Counter((t["msisdn"], t["clock"], t["due_at"]) for t in told)
    assert proposed == past.proposed, _differing(past, proposed, past.proposed)
    assert not [row for row in await rig.all_rows("events") if row["type"] == "clock.refused"]


def _differing(past: Year, found: Counter[Told], expected: Counter[Told]) -> str:
    wrong = sorted((found - expected) + (expected - found))
    life = next(life for life in past.lives if life.msisdn == wrong[0][0])
    return f"{wrong[:5]}\n{past.told(life)}"


async def _network_agrees(past: Year, life: Life, sim: FiveNetworks) -> None:
    """The host holds exactly what the line's options, plan, bars and restrictions come to, and no old card."""
    element = HOSTS[life.contract][0]
    wished = await past.ticking.rig.wished(life.msisdn)
    assert (wished is None) == (life.state != "active"), past.told(life)
    assert sim.held(life.card.imsi, element) == wished, past.told(life)
    assert not [old for old in life.old_cards if sim.held(old.imsi, element) is not None], past.told(life)


@pytest.mark.timeout(900)
async def test_a_year_of_a_thousand_lines(tmp_path: Path) -> None:
    past = await lived(tmp_path, (datetime(2026, 3, 2, tzinfo=UTC), 365), lines=1000, events_a_day=7)
    wanted = {"activate", "suspend", "reactivate", "report_lost", "swap_sim", "top_up", "limit_use", "terminate"}
    wanted |= {"change_options", "change_bars", "change_plan", "record_notice", "taken back", "too late"}
    assert wanted <= set(past.asked)
    assert {action for _, action, _ in past.placed} == {"change_options", "lift_limit", "suspend", "terminate"}
    assert {clock for _, clock, _ in past.proposed} == {
        "unpaid_restrict", "unpaid_terminate", "unpaid_suspend", "suspended_too_long", "never_activated",
    }  # fmt: skip
    print(f"seed {SEED}: {dict(past.asked)}; {past.placed.total()} placed, {past.proposed.total()} proposed")  # noqa: T201 - shown when it fails


@pytest.mark.timeout(300)
async def test_around_a_leap_day(tmp_path: Path) -> None:
    past = await lived(tmp_path, (datetime(2028, 1, 10, tzinfo=UTC), 90), lines=40, events_a_day=3)
    assert past.placed
    assert past.proposed
