"""How much a customer may have and ask for, who may ask, and how numbers come and go between operators."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

from gateway.contract.calendar import Span, Unit
from gateway.contract.line import Reason
from gateway.contract.rio import KINDS
from gateway.contract.rulebook.services import reasons
from gateway.contract.rulebook.timing import optional_span, span
from gateway.contract.table import Table

#: the gateway's own: its clocks, what use brings about, its audits, other operators; no contract narrows them
OWN_CHANNELS: Final = frozenset({"clock", "usage", "audit", "portability"})


@dataclass(frozen=True, slots=True)
class LineLimit:
    """How many lines one customer may have, how many taken at once, and how long then between further ones."""

    most: int
    at_once: int
    then_one_every: Span
    source: str


@dataclass(frozen=True, slots=True)
class PlanChangeLimit:
    """How many times a plan is changed in one billing period; this edition knows once."""

    source: str


@dataclass(frozen=True, slots=True)
class TopUpRule:
    """What is sold on top of plans, and which reasons for a restriction it ends."""

    lifts: frozenset[Reason]
    source: str


@dataclass(frozen=True, slots=True)
class TwinRule:
    """A second SIM for one number, and what it does not go with."""

    not_with_options: frozenset[str]
    not_with_plans: frozenset[str]
    source: str


@dataclass(frozen=True, slots=True)
class RightRule:
    """What may be asked by a channel: these actions (none named: all), and lifting these reasons (none named: all)."""

    actions: frozenset[str]
    lifts: frozenset[Reason]
    source: str


@dataclass(frozen=True, slots=True)
class PortRule:
    """How numbers come and go: see the keys of ``[portability]`` in the manual."""

    operator: str  # the two characters that name us in a RIO
    kind: str  # E or P, the kind of its customers in a RIO
    soonest: Span
    latest: Span
    change_before: Span
    changed_latest: Span
    cancel_before: Span
    outage: Span
    temporary_after: Span | None
    source: str


@dataclass(frozen=True, slots=True)
class Bounds:
    """All of it; ``None``: the contract sets no such bound, or does not offer it."""

    lines: LineLimit | None = None
    plan_changes: PlanChangeLimit | None = None
    top_ups: TopUpRule | None = None
    twin: TwinRule | None = None
    portability: PortRule | None = None
    rights: Mapping[str, RightRule] = field(default_factory=dict)


def read_bounds(root: Table, options: Collection[str], plans: Collection[str]) -> Bounds:
    """Read ``[limits.*]``, ``[top_ups]``, ``[twin]``, ``[portability]`` and ``[rights.*]``."""
    limits = root.tables("limits", optional=True)
    for name in limits.keys() - {"lines", "plan_changes"}:
        root.wrong(f"limits.{name}", "must be one of: lines, plan_changes")
    changes = limits.get("plan_changes")
    return Bounds(
        lines=_lines(limits["lines"]) if "lines" in limits else None,
        plan_changes=None if changes is None else _plan_changes(changes),
        top_ups=_top_ups(root.table("top_ups")) if root.holds_table("top_ups") else None,
        twin=_twin(root.table("twin"), options, plans) if root.holds_table("twin") else None,
        portability=_portability(root.table("portability")) if root.holds_table("portability") else None,
        rights={name: _right(name, table) for name, table in root.tables("rights", optional=True).items()},
    )


def _lines(table: Table) -> LineLimit:
    return LineLimit(
        most=table.number("most", least=1),
        at_once=table.number("at_once", least=1),
        then_one_every=span(table, "then_one_every"),
        source=table.text("source"),
    )


def _plan_changes(table: Table) -> PlanChangeLimit:
    if table.number("per_billing_period", least=1) > 1:
        table.wrong("per_billing_period", "this version counts to 1: leave the table out for any number")
    return PlanChangeLimit(table.text("source"))


def _top_ups(table: Table) -> TopUpRule:
    return TopUpRule(reasons(table, "lifts"), table.text("source"))


def _twin(table: Table, options: Collection[str], plans: Collection[str]) -> TwinRule:
    return TwinRule(
        not_with_options=frozenset(table.choices("not_with_options", options, ())),
        not_with_plans=frozenset(table.choices("not_with_plans", plans, ())),
        source=table.text("source"),
    )


def _right(channel: str, table: Table) -> RightRule:
    rule = RightRule(frozenset(table.texts("actions", ())), reasons(table, "lifts", ()), table.text("source"))
    if channel in OWN_CHANNELS:
        table.wrong("actions", f"the channel {channel} is the gateway's own: nothing narrows it")
    if rule.lifts and rule.actions and "reactivate" not in rule.actions:
        table.wrong("lifts", "only reactivate lifts: name it among the actions")
    return rule


def _portability(table: Table) -> PortRule:
    operator = table.text("operator")
    if len(operator) != 2 or not operator.isalnum():  # noqa: PLR2004 - the first two characters of a RIO
        table.wrong("operator", "must be the two characters that name this operator in a RIO, as 01")
    return PortRule(
        operator=operator,
        kind=table.choice("kind", sorted(KINDS), "P"),
        soonest=span(table, "soonest"),
        latest=span(table, "latest"),
        change_before=span(table, "change_before"),
        changed_latest=span(table, "changed_latest"),
        cancel_before=span(table, "cancel_before"),
        outage=_hours(table),
        temporary_after=optional_span(table, "temporary_after"),
        source=table.text("source"),
    )


def _hours(table: Table) -> Span:
    outage = span(table, "outage")
    if outage.unit not in (Unit.HOURS, Unit.MINUTES, Unit.WORKING_HOURS):
        table.wrong("outage", "must be in hours or minutes, as '4 hours'")
    return outage
