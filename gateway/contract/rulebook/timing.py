"""What a contract says of time: its calendar, when an order takes effect, until when it is cancelled, what runs out."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import time
from enum import StrEnum

from gateway.contract.calendar import Calendar, Span, Unit, known_country, parse_span
from gateway.contract.line import Kind, Reason
from gateway.contract.rulebook.services import reasons
from gateway.contract.table import Table

_HOUR = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_ACTIONS = ("terminate", "suspend", "bar_outgoing", "reactivate")
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class EffectRule:
    """When an order of this action takes effect unless its ``requested_start`` says otherwise.

    ``after``: not before so long; ``within``: at once, and promised so long after at the latest. ``option`` narrows it
    to orders that name that option.
    """

    name: str
    action: str
    option: str | None
    after: Span | None
    within: Span | None
    source: str


@dataclass(frozen=True, slots=True)
class WindowRule:
    """How long before it takes effect an order may still be cancelled."""

    before: Span
    source: str


class Since(StrEnum):
    """What a clock begins with."""

    ORDERED = "ordered"  # a line whose activation waits
    ACTIVATED = "activated"
    NOTIFIED = "notified"  # the letter of that name was sent
    RESTRICTED = "restricted"  # the first restriction of that kind and for one of those reasons


class How(StrEnum):
    """Who decides when a clock has run out."""

    AUTOMATIC = "automatic"  # the order is placed
    PROPOSED = "proposed"  # an event tells that it is due: a human places it


@dataclass(frozen=True, slots=True)
class ClockRule:
    """Something that is due when a time has run out: ``action`` with ``reason``, placed or proposed."""

    name: str
    since: Since
    kinds: frozenset[Kind]
    reasons: frozenset[Reason]
    notice: str | None
    after: Span
    action: str
    reason: Reason | None
    how: How
    source: str


@dataclass(frozen=True, slots=True)
class LadderRule:
    """How long the restriction for an abuse holds, the first time, the second and so on; the last repeats.

    ``from_next_period``: it begins with the next billing period; else at once.
    """

    effect: Kind
    spans: tuple[Span, ...]
    from_next_period: bool
    source: str


@dataclass(frozen=True, slots=True)
class Timing:
    """Everything a contract says of time."""

    calendar: Calendar
    billing_day: int = 1
    effects: tuple[EffectRule, ...] = ()
    windows: Mapping[str, WindowRule] = field(default_factory=dict)
    clocks: tuple[ClockRule, ...] = ()
    ladders: Mapping[str, LadderRule] = field(default_factory=dict)
    automatic_activation: Span | None = None  # after the SIM was delivered, if its customer says nothing
    automatic_activation_source: str = ""


def read_timing(root: Table, time_zone: str, options: Collection[str], restrictions: Collection[Kind]) -> Timing:
    """Read ``[calendar]``, ``[activation]``, ``[effects.*]``, ``[cancellation.*]``, ``[clocks.*]``, ``[ladders.*]``."""
    calendar = root.table("calendar")
    activation = root.table("activation") if root.holds_table("activation") else None
    return Timing(
        calendar=_calendar(calendar, time_zone),
        billing_day=calendar.number("billing_day", default=1, least=1, most=28),
        effects=tuple(_effect(n, t, options) for n, t in root.tables("effects", optional=True).items()),
        windows={
            n: WindowRule(span(t, "before"), t.text("source"))
            for n, t in root.tables("cancellation", optional=True).items()
        },
        clocks=tuple(_clock(n, t) for n, t in root.tables("clocks", optional=True).items()),
        ladders={n: _ladder(t, restrictions) for n, t in root.tables("ladders", optional=True).items()},
        automatic_activation=None if activation is None else span(activation, "automatic_after"),
        automatic_activation_source="" if activation is None else activation.text("source"),
    )


def span(table: Table, key: str) -> Span:
    """Read a length of time, as ``"48 working hours"``."""
    return _span(table, key, table.text(key))


def optional_span(table: Table, key: str) -> Span | None:
    """Read a length of time that may be absent."""
    written = table.optional_text(key)
    return None if written is None else _span(table, key, written)


def _span(table: Table, key: str, written: str) -> Span:
    try:
        return parse_span(written)
    except ValueError as wrong:
        if written:  # what is missing was said already
            table.wrong(key, str(wrong))
        return Span(1, Unit.DAYS)


def _calendar(table: Table, time_zone: str) -> Calendar:
    country, subdivision = table.text("country"), table.optional_text("subdivision")
    if country and not known_country(country, subdivision):
        where = country if subdivision is None else f"{country}-{subdivision}"
        key = "subdivision" if subdivision is not None and known_country(country, None) else "country"
        table.wrong(key, f"{where}: no public holidays are known for it: use ISO 3166 codes, as FR and YT")
        country, subdivision = "FR", None
    weekend = table.choices("weekend", _DAYS, ("saturday", "sunday"))
    begins, ends = _hour(table, "day_begins"), _hour(table, "day_ends")
    return Calendar(
        time_zone, country or "FR", subdivision, frozenset(_DAYS.index(d) for d in weekend), begins or time(), ends
    )


def _hour(table: Table, key: str) -> time | None:
    written = table.optional_text(key)
    if written is None:
        return None
    if not _HOUR.fullmatch(written):
        table.wrong(key, "must be hour and minute, as 08:30")
        return None
    return time.fromisoformat(written)


def _effect(name: str, table: Table, options: Collection[str]) -> EffectRule:
    option = table.optional_text("option")
    if option is not None and option not in options:
        table.wrong("option", f"must be one of: {', '.join(options)}")
    after, within = optional_span(table, "after"), optional_span(table, "within")
    if (after is None) is (within is None):
        table.wrong("after", "give either after (not before) or within (at once, at the latest)")
    return EffectRule(name, table.text("action"), option, after, within, table.text("source"))


def _clock(name: str, table: Table) -> ClockRule:
    since = Since(table.choice("since", Since))
    kinds = frozenset(Kind(k) for k in table.choices("kinds", Kind, ()))
    if bool(kinds) is not (since is Since.RESTRICTED):
        table.wrong("kinds", f'goes with since = "{Since.RESTRICTED}", and only with it')
    notice, action = table.optional_text("notice"), table.choice("action", _ACTIONS, "terminate")
    if (notice is None) is (since is Since.NOTIFIED):
        table.wrong("notice", f'goes with since = "{Since.NOTIFIED}", and only with it')
    reason = table.choice("reason", Reason) if "reason" in table.names() else None
    if reason is None and action in ("suspend", "bar_outgoing"):
        table.wrong("reason", f"is missing: {action} is ordered with a reason")
    return ClockRule(
        name=name,
        since=since,
        kinds=kinds,
        reasons=reasons(table, "reasons", ()),
        notice=notice,
        after=span(table, "after"),
        action=action,
        reason=None if reason is None else Reason(reason),
        how=How(table.choice("how", How)),
        source=table.text("source"),
    )


def _ladder(table: Table, restrictions: Collection[Kind]) -> LadderRule:
    effect = Kind(table.choice("effect", Kind))
    if effect not in restrictions:
        table.wrong("effect", f"restrictions.{effect.value} is missing: say what it closes")
    spans = tuple(_span(table, "spans", written) for written in table.texts("spans"))
    if not spans:
        table.wrong("spans", "name at least one length of time, as ['1 month', '6 months', '1 year']")
        spans = (Span(1, Unit.MONTHS),)
    return LadderRule(effect, spans, table.switch("from_next_period", default=False), table.text("source"))
