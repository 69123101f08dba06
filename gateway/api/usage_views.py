"""How usage looks to the outside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from gateway.alerts.usage.intake import Taken
from gateway.api.usage_bodies import Unreadable


class RecordProblem(BaseModel):
    """A record that was kept out: its index in the list (or its line of NDJSON), and what to do about it."""

    index: int | None = None
    line: int | None = None
    id: str | None
    type: str
    detail: str


class CrossingView(BaseModel):
    """A percentage of a limit that was reached, and what followed."""

    msisdn: str
    threshold: str
    counter: str
    period: str
    percent: int
    used: int
    limit: int
    outcome: str
    action: str | None
    message_id: str | None
    order_id: str | None


class TakenView(BaseModel):
    """What became of a batch: accepted, duplicates and rejected are all of it; late are some of the accepted."""

    accepted: int
    duplicates: int
    late: int
    rejected: int
    problems: list[RecordProblem]
    crossings: list[CrossingView]


class CounterView(BaseModel):
    """What was used in a period: bytes, seconds or pieces; of money a decimal text."""

    counter: str
    used: int | str
    unit: str
    period: str
    begins: str
    ends: str


class ReachedView(BaseModel):
    """A percentage that was reached in the period, and what followed."""

    percent: int
    outcome: str
    message_id: str | None
    crossed_at: str
    used_at: str
    record_id: str
    action: str | None
    order_id: str | None


class ThresholdView(BaseModel):
    """A limit as it holds for the line; ``action``: in_force, ordered, waived, refused and why, or nothing."""

    threshold: str
    counter: str
    period: str
    limit: int | str
    unit: str
    percent: int
    at_100: str
    waived: bool
    muted: bool
    action: str | None
    crossings: list[ReachedView]


class LineUsageView(BaseModel):
    """How a line stands."""

    msisdn: str
    counters: list[CounterView]
    thresholds: list[ThresholdView]


class HoldsView(BaseModel):
    """What holds for a line, by contract and agreement."""

    threshold: str
    limit: int | str
    unit: str
    percents: list[int]
    at_100: str
    waived: bool
    muted: bool


class AlertingView(BaseModel):
    """What was agreed about a line's alerts, and what holds with it."""

    msisdn: str
    agreed: dict[str, Any]
    language: str
    holds: list[HoldsView]


def taken_view(taken: Taken, unreadable: Sequence[Unreadable], word: str) -> dict[str, Any]:
    """Lay out what became of a batch; ``word`` says what the places are: index or line."""
    problems = [
        {word: one.place, "id": one.record_id, "type": "/problems/unreadable", "detail": one.detail}
        for one in unreadable
    ]
    problems += [
        {word: one.place, "id": one.record_id, "type": f"/problems/{one.why.slug}", "detail": one.why.detail}
        for one in taken.problems
    ]
    return {
        "accepted": taken.accepted,
        "duplicates": taken.duplicates,
        "late": taken.late,
        "rejected": len(problems),
        "problems": sorted(problems, key=lambda problem: problem[word]),
        "crossings": taken.crossings,
    }
