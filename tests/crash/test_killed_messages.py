"""``kill -9`` of gateway and message centre in turn, fifty times while twenty thousand alerts go out; then the sums.

And a centre that stands still for longer than answers are waited for, and answers after all.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from tests.crash.message_accounts import Accounts, quiet
from tests.crash.message_plan import Plan
from tests.crash.message_reckoning import reckon
from tests.crash.message_site import WINDOW, MessageSite
from tests.crash.message_traffic import Traffic, post_into_silence, post_under_fire
from tests.journeys.agreement import Json

SEED = os.environ.get("LINEGATE_TEST_SEED", "clara")
REPLAY = f"replay with LINEGATE_TEST_SEED={SEED}"
_LINES, _KILLS = 3000, 50
_FEW_LINES, _SILENCES = 200, 2
_SHOWN = 20  # of what is wrong
_SUMS = ("quiet", "posted", "counted", "journal", "phones", "turns", "receipts", "events", "orders", "logs")

pytestmark = pytest.mark.timeout(600)
Misfortune = Callable[[Traffic, Sequence[list[Json]]], Awaitable[None]]


@dataclass
class Aftermath:
    """What was found when all was over."""

    alerts: int
    flagged: int
    wrong: dict[str, list[str]]


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Aftermath:
    under_fire = partial(post_under_fire, kills=_KILLS, seed=SEED)
    return _live_through(under_fire, _LINES, tmp_path_factory.mktemp("killed"))


@pytest.fixture(scope="module")
def silenced(tmp_path_factory: pytest.TempPathFactory) -> Aftermath:
    into_silence = partial(post_into_silence, times=_SILENCES, seed=SEED)
    return _live_through(into_silence, _FEW_LINES, tmp_path_factory.mktemp("silenced"))


def _live_through(misfortune: Misfortune, lines: int, directory: Path) -> Aftermath:
    plan = Plan(SEED, lines)
    site = MessageSite(directory, numbers=plan.numbers)
    try:
        return asyncio.run(_told(misfortune, plan, site))
    finally:
        site.end()


async def _told(misfortune: Misfortune, plan: Plan, site: MessageSite) -> Aftermath:
    traffic = Traffic(site)
    await misfortune(traffic, plan.batches)
    restless = [] if await quiet(site) else ["something was left to be sent, answered, told or done"]
    accounts = await Accounts.of(plan, site)
    wrong = {"quiet": restless, "posted": traffic.wrong, "logs": _complaints(site)} | reckon(accounts)
    return Aftermath(len(accounts.shown), accounts.flagged, wrong)


def _complaints(site: MessageSite) -> list[str]:
    """What either process has to say about faults of its own: being killed is none."""
    lines = [
        f"{file.name}: {line}"
        for file in sorted((site.directory / "logs").glob("*.err"))
        for line in file.read_text(encoding="utf-8").splitlines()
    ]
    return [line for line in lines if " ERROR " in line or "Traceback" in line]


def test_twenty_thousand_alerts_met_fifty_deaths(killed: Aftermath) -> None:
    assert killed.alerts > _LINES * 5, REPLAY
    assert 0 < killed.flagged <= WINDOW * _KILLS, REPLAY


@pytest.mark.parametrize("sum_", _SUMS)
def test_after_the_deaths(killed: Aftermath, sum_: str) -> None:
    assert killed.wrong[sum_][:_SHOWN] == [], REPLAY


def test_silence_leaves_a_window_in_doubt_and_no_more(silenced: Aftermath) -> None:
    assert silenced.alerts > _FEW_LINES * 5, REPLAY
    assert silenced.flagged > 0, REPLAY


@pytest.mark.parametrize("sum_", _SUMS)
def test_after_the_silence(silenced: Aftermath, sum_: str) -> None:
    assert silenced.wrong[sum_][:_SHOWN] == [], REPLAY
