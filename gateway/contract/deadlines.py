"""What is due on a line, and when: all of it follows from the line and its contract, nothing is remembered beside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, assert_never

from gateway.contract.line import Life, Line
from gateway.contract.rulebook.timing import ClockRule, How, Since
from gateway.contract.rules import Rules


@dataclass(frozen=True, slots=True)
class Deadline:
    """Something that is due: an order of this action with these details, placed or proposed.

    ``name`` is the same for as long as the reason for it is; ``due_at`` is in UTC; ``clock`` names the rule, if it
    is one of the contract's.
    """

    name: str
    due_at: datetime
    action: str
    how: How
    source: str
    details: Mapping[str, Any] = field(default_factory=dict)
    clock: str | None = None


def deadlines(line: Line, rules: Rules) -> tuple[Deadline, ...]:
    """List what is due on the line, earliest first."""
    if line.life is Life.TERMINATED:
        return ()
    due = [*_ends(line), *_restrictions(line), *(d for rule in rules.timing.clocks for d in _clock(rule, line, rules))]
    return tuple(sorted(due, key=lambda d: (d.due_at, d.name)))


def _ends(line: Line) -> Iterator[Deadline]:
    for end in line.ends:
        yield Deadline(
            f"option {end.option} until {end.at.isoformat()}",
            end.at.astimezone(UTC),
            "change_options",
            How.AUTOMATIC,
            "as ordered",
            {"remove": [end.option]},
        )


def _restrictions(line: Line) -> Iterator[Deadline]:
    for held in line.restrictions:
        if held.until is not None:
            yield Deadline(
                f"{held.kind.value} {held.reference} until {held.until.isoformat()}",
                held.until.astimezone(UTC),
                "lift_limit",
                How.AUTOMATIC,
                "as ordered",
                {"effect": held.kind.value, "reference": held.reference},
            )


def _clock(rule: ClockRule, line: Line, rules: Rules) -> Iterator[Deadline]:
    since = _since(rule, line)
    if since is None:
        return
    details: dict[str, Any] = {}
    if rule.reason is not None:
        details = {"reason": rule.reason.value}
    elif rule.action == "terminate":
        details = {"reason": rule.name}
    due_at = max(rules.timing.calendar.after(since, rule.after), *_granted(rule, line, since))
    yield Deadline(
        f"clock {rule.name} since {since.isoformat()}", due_at, rule.action, rule.how, rule.source, details, rule.name
    )


def _granted(rule: ClockRule, line: Line, since: datetime) -> Iterator[datetime]:
    """Until when time was granted: on this clock since it runs, or by the letter it counts from (004 art. 16)."""
    yield since.astimezone(UTC)
    for notice in line.notices:
        if notice.until is not None and notice.name in (rule.name, rule.notice) and notice.at >= since:
            yield notice.until.astimezone(UTC)


def _since(rule: ClockRule, line: Line) -> datetime | None:
    match rule.since:
        case Since.ORDERED:
            # whoever waits for a number to come has said when
            return line.opened_at if line.life is Life.ORDERED and line.porting is None else None
        case Since.ACTIVATED:
            return line.opened_at if line.life is Life.ACTIVE else None
        case Since.NOTIFIED:
            return max((n.at for n in line.notices if n.name == rule.notice), default=None)
        case Since.RESTRICTED:
            held = (r for r in line.restrictions if r.kind in rule.kinds)
            return min((r.since for r in held if not rule.reasons or r.reason in rule.reasons), default=None)
        case _:
            assert_never(rule.since)
