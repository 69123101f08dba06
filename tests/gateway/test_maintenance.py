"""Maintenance windows: which one holds, how they are read, and who is told of them when."""

from __future__ import annotations

import asyncio
import itertools
import tomllib
from datetime import UTC, datetime, timedelta

import pytest

from gateway.contract.table import ConfigError, Table
from gateway.maintenance import Window, current, read_windows
from gateway.orders.upkeep import Opening
from tests.gateway.rig import START, Rig, SimNetwork

NOON = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def _window(begins: int | None, ends: int | None, why: str = "w") -> Window:
    return Window(NOON + HOUR * (begins or 0), None if ends is None else NOON + HOUR * ends, why)


@pytest.mark.parametrize(
    ("hour", "holds", "over"), [(-1, False, False), (0, True, False), (1, True, False), (2, False, True)]
)
def test_a_window_holds_from_its_first_moment_to_before_its_last(hour: int, *, holds: bool, over: bool) -> None:
    window = _window(0, 2)
    assert (window.holds(NOON + HOUR * hour), window.over(NOON + HOUR * hour)) == (holds, over)


def test_a_window_without_end_holds_until_it_is_closed() -> None:
    window = _window(0, None)
    assert (window.holds(NOON + 1000 * HOUR), window.over(NOON + 1000 * HOUR)) == (True, False)


@pytest.mark.parametrize(
    ("windows", "longest"),
    [
        ([], None),
        ([(-3, -1), (1, 3)], None),
        ([(-3, 1), (-1, 2), (-2, 1)], (-1, 2)),
        ([(-3, 9), (-1, None), (-2, 1)], (-1, None)),
        ([(-3, 1), (1, 9)], (-3, 1)),  # the next one is told when it begins
    ],
)
def test_of_those_that_hold_the_one_that_holds_longest_is_told(
    windows: list[tuple[int, int | None]], longest: tuple[int, int | None] | None
) -> None:
    expected = None if longest is None else _window(*longest)
    assert current([_window(*one) for one in windows], NOON) == expected
    assert current([_window(*one) for one in reversed(windows)], NOON) == expected


def _read(text: str) -> tuple[Window, ...]:
    table = Table("elements.toml", tomllib.loads(text))
    windows = read_windows(table)
    table.finish()
    return windows


def test_planned_windows_are_read_by_name() -> None:
    text = """
    [maintenance.release_12]
    from = 2026-12-01T02:00:00+01:00
    until = 2026-12-01T04:00:00+01:00
    why = "release 12"
    [maintenance.disks]
    from = 2026-12-24T02:00:00Z
    until = 2026-12-24T03:00:00Z
    """
    first, second = _read(text)
    assert first == Window(datetime(2026, 12, 1, 1, tzinfo=UTC), datetime(2026, 12, 1, 3, tzinfo=UTC), "release 12")
    assert second.why == "planned maintenance"
    assert _read("") == ()


@pytest.mark.parametrize(
    ("lines", "mistakes"),
    [
        ("from = 2026-12-01T02:00:00Z", ["until: is missing"]),
        ("until = 2026-12-01T02:00:00Z", ["from: is missing"]),
        ("", ["from: is missing", "until: is missing"]),
        ("from = 2026-12-01T02:00:00\nuntil = 2026-12-01T04:00:00Z", ["from: must have an offset"]),
        ("from = 2026-12-01\nuntil = 2026-12-01T04:00:00Z", ["from: must be a time with offset"]),
        ("from = 2026-12-01T02:00:00Z\nuntil = 2026-12-01T02:00:00Z", ["until: must be later than from"]),
        ("from = 2026-12-01T02:00:00Z\nuntil = 2026-12-01T02:30:00+01:00", ["until: must be later than from"]),
        ("from = 2026-12-01T02:00:00Z\nuntil = 2026-12-01T03:00:00Z\nwhy = 7", ["why: must be a text"]),
        ("from = 2026-12-01T02:00:00Z\nuntil = 2026-12-01T03:00:00Z\nwhom = 7", ["whom: unknown key"]),
    ],
)
def test_a_wrong_window_is_told_by_its_key(lines: str, mistakes: list[str]) -> None:
    with pytest.raises(ConfigError) as wrong:
        _read(f"[maintenance.release]\n{lines}")
    assert len(wrong.value.mistakes) == len(mistakes)
    for told, expected in zip(wrong.value.mistakes, mistakes, strict=True):
        assert told.startswith(f"elements.toml: maintenance.release.{expected}")


async def test_a_window_opened_by_hand_is_kept_with_who_and_why(rig: Rig) -> None:
    upkeep = rig.gateway.upkeep
    await upkeep.open(Opening("orange", START + HOUR, "disks", "anna (noc)"))
    (opened,) = (await upkeep.opened()).values()
    assert (opened.window.until, opened.window.why, opened.who) == (START + HOUR, "disks", "anna (noc)")
    assert opened.window.since >= START
    assert await upkeep.close("orange", "by hand")
    assert not await upkeep.close("orange", "by hand")
    assert await upkeep.opened() == {}
    kinds = [row["type"] for row in await rig.all_rows("events")]
    assert kinds == ["maintenance.opened", "maintenance.closed"]


async def test_whatever_is_opened_and_closed_at_once_what_was_decided_last_holds(rig: Rig, sim: SimNetwork) -> None:
    upkeep, orange = rig.gateway.upkeep, rig.gateway.network.element("orange")
    for n in range(20):
        opening = Opening("orange", START + HOUR * (n + 1), "disks", "anna")
        await asyncio.gather(upkeep.open(opening), *(upkeep.tend() for _ in range(3)))
        assert orange.in_maintenance
        if n % 2:
            closing = upkeep.close("orange", "by hand")
            await asyncio.gather(*(upkeep.tend() for _ in range(3)), closing, *(upkeep.tend() for _ in range(3)))
            assert not orange.in_maintenance
    kinds = [row["type"] for row in await rig.all_rows("events")]
    assert [len(list(same)) for _, same in itertools.groupby(kinds)] == [2, 1] * 10
    assert sim.log() == []


async def test_a_full_journal_for_a_moment_is_no_end_of_looking_after_windows(rig: Rig) -> None:
    """The window has ended, and forgetting it cannot be written: it is tried again."""
    upkeep, orange = rig.gateway.upkeep, rig.gateway.network.element("orange")
    await upkeep.open(Opening("orange", START + HOUR, "disks", "anna"))
    journal = rig.gateway.journal
    most, journal._max_waiting = journal._max_waiting, 0  # type: ignore[attr-defined]  # as full as can be
    rig.time.jump(hours=2)
    await asyncio.sleep(1.2)
    assert orange.in_maintenance
    journal._max_waiting = most  # type: ignore[attr-defined]  # and room again
    await orange.reopened(5)
    assert not orange.in_maintenance
