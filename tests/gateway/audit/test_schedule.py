"""The night's audit: at its hour in its place, once a night, and once for all the nights that were missed."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, time
from pathlib import Path

import pytest

from gateway.audit.schedule import last_slot
from gateway.settings import AuditSettings, Nightly
from tests.gateway.audit.hands import gateway_with, in_service
from tests.gateway.rig import Rig, SimNetwork, Time

NIGHT = Nightly(time(2, 30), "Europe/Paris", "repair")  # 01:30 UTC in winter
SETTINGS = AuditSettings(nightly=NIGHT)


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "slot"),
    [
        ("2026-03-02T01:29:59", "2026-03-01T01:30"),
        ("2026-03-02T01:30:00", "2026-03-02T01:30"),
        ("2026-03-02T23:59:59", "2026-03-02T01:30"),
        ("2026-07-02T00:29:59", "2026-07-01T00:30"),
        ("2026-07-02T00:30:00", "2026-07-02T00:30"),
        ("2026-03-29T01:29:59", "2026-03-28T01:30"),  # the hour from 2 to 3 is skipped: it is due at 3:30
        ("2026-03-29T01:30:00", "2026-03-29T01:30"),
        ("2026-03-30T00:30:00", "2026-03-30T00:30"),
        ("2026-10-25T00:29:59", "2026-10-24T00:30"),  # the hour from 2 to 3 comes twice: the first one counts
        ("2026-10-25T00:30:00", "2026-10-25T00:30"),
        ("2026-10-25T01:31:00", "2026-10-25T00:30"),
        ("2026-10-26T01:29:59", "2026-10-25T00:30"),
    ],
)
def test_a_night_is_due_at_its_hour_in_its_place(now: str, slot: str) -> None:
    assert last_slot(NIGHT, _utc(now)) == _utc(slot)


async def _kept(rig: Rig, nights: int) -> list[str]:
    """Wait until so many audits have been started and ended; return when each was, and any that were too many."""
    async with asyncio.timeout(60):
        while len(await rig.all_rows("audits")) < nights or rig.gateway.auditor.nightly_running:  # noqa: ASYNC110 - nothing tells tests of it
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.6)  # it looks twice a second: one too many would be there by now
    return [f"{row['started_at'][:16]} {row['policy']}" for row in await rig.all_rows("audits")]


async def test_one_a_night_from_the_next_night_on(tmp_path: Path, sim: SimNetwork, time: Time) -> None:
    async with gateway_with(tmp_path / "data", sim, time, SETTINGS) as rig:
        await in_service(rig, 3)
        assert await _kept(rig, 0) == []
        time.jump(hours=16)
        assert await _kept(rig, 0) == []
        time.jump(hours=1)
        first = "2026-03-03T02:00 repair"
        assert await _kept(rig, 1) == [first]
        time.jump(hours=20)
        assert await _kept(rig, 1) == [first]
        time.jump(hours=4)
        assert await _kept(rig, 2) == [first, "2026-03-04T02:00 repair"]
        (row, _) = await rig.all_rows("audits")
        assert (row["state"], row["done"], '"nightly":true' in row["asked"]) == ("completed", 3, True)


async def test_nights_missed_are_made_up_once(tmp_path: Path, sim: SimNetwork, time: Time) -> None:
    async with gateway_with(tmp_path / "data", sim, time, SETTINGS) as rig:
        time.jump(hours=17)
        assert len(await _kept(rig, 1)) == 1
    time.jump(days=5)
    async with gateway_with(tmp_path / "data", sim, time, SETTINGS) as rig:
        assert len(await _kept(rig, 2)) == 2
    async with gateway_with(tmp_path / "data", sim, time, SETTINGS) as rig:
        assert len(await _kept(rig, 2)) == 2


async def test_without_an_hour_there_is_no_nightly_audit(rig: Rig) -> None:
    rig.time.jump(days=3)
    assert await _kept(rig, 0) == []


async def test_a_night_that_has_not_ended_is_not_begun_again(tmp_path: Path, sim: SimNetwork, time: Time) -> None:
    slow = AuditSettings(nightly=NIGHT, per_s=1)
    async with gateway_with(tmp_path / "data", sim, time, slow) as rig:
        await in_service(rig, 60)
        time.jump(hours=17)
        await _begun(rig, 1)
        time.jump(days=1)
        await asyncio.sleep(0.6)
        await _begun(rig, 1)
        (row,) = await rig.all_rows("audits")
        await rig.gateway.auditor.cancel(row["audit_id"])
        time.jump(days=1)
        await _begun(rig, 2)
        assert [row["state"] for row in await rig.all_rows("audits")] == ["cancelled", "running"]


async def _begun(rig: Rig, nights: int) -> None:
    async with asyncio.timeout(60):
        while len(await rig.all_rows("audits")) < nights:  # noqa: ASYNC110 - nothing tells tests of it
            await asyncio.sleep(0.01)
