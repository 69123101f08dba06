"""One line as its contract says it should be, moved by the same events as the gateway's, without asking it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.gateway.cards import Card
from tests.gateway.clocks.oracle import ESCALATIONS, Escalation, billing_day_before, months_after

DEFAULTS: Mapping[tuple[str, str], frozenset[str]] = {
    ("technicophone", "unlimited"): frozenset(),
    ("technicophone", "metered"): frozenset(),
    ("cmi", "unlimited"): frozenset({"international", "data"}),
    ("cmi", "metered"): frozenset({"international", "data"}),
    ("opt-nc", "forfait_m"): frozenset({"international", "roaming", "data"}),
    ("orange-mayotte", "standard"): frozenset({"international", "roaming", "data"}),
    ("orange-mayotte", "blocked"): frozenset({"international", "roaming", "data"}),
    ("monaco-telecom", "standard"): frozenset({"international", "data"}),
}
_TOP_UPS_LIFT = {"fair_use", "credit_used"}
_KEPT = {"lost", "stolen", "fraud", "authority"}
_LADDER = (1, 6, 12)


@dataclass
class Held:
    """A restriction."""

    kind: str
    reason: str
    since: datetime
    reference: str | None = None
    until: datetime | None = None


@dataclass
class Coming:
    """An order that waits for its time."""

    order_id: str
    due: datetime
    action: str
    details: dict[str, Any]


@dataclass(frozen=True, order=True)
class Due:
    """Something that is due on a line."""

    at: datetime
    label: str
    since: str
    action: str = field(compare=False)
    details: Mapping[str, Any] = field(compare=False)
    placed: bool = field(compare=False, default=True)


@dataclass
class Life:
    """The line."""

    contract: str
    msisdn: str
    card: Card
    plan: str
    state: str = "none"  # none ordered active gone
    opened: datetime | None = None
    options: set[str] = field(default_factory=set)
    ends: dict[str, datetime] = field(default_factory=dict)
    held: list[Held] = field(default_factory=list)
    bars: set[str] = field(default_factory=set)
    letters: dict[str, tuple[datetime, datetime | None]] = field(default_factory=dict)
    offences: int = 0
    bought: int = 0  # top-ups that wait
    coming: list[Coming] = field(default_factory=list)
    done: set[Due] = field(default_factory=set)
    old_cards: list[Card] = field(default_factory=list)
    story: list[str] = field(default_factory=list)

    def restricted(self, kind: str, reason: str | None = None) -> bool:
        return any(h.kind == kind and reason in (None, h.reason) for h in self.held)

    def due(self) -> Iterator[Due]:
        """List what is due, from the contract as it is written in the oracle."""
        if self.state == "gone":
            return
        for escalation in ESCALATIONS[self.contract]:
            if (since := self._since(escalation)) is None:
                continue
            at = max(escalation.lasts(self.contract, since), *self._granted(escalation, since))
            yield Due(at, escalation.name, since.isoformat(), escalation.action, escalation.details, escalation.placed)
        for option, at in self.ends.items():
            yield Due(at, f"option {option}", at.isoformat(), "change_options", {"remove": [option]})
        for held in self.held:
            if held.until is not None:
                details = {"effect": held.kind, "reference": held.reference}
                yield Due(held.until, f"{held.kind} {held.reference}", held.until.isoformat(), "lift_limit", details)

    def _since(self, escalation: Escalation) -> datetime | None:
        if escalation.begins == "ordered":
            return self.opened if self.state == "ordered" else None
        if escalation.begins == "suspended":
            held = [h for h in self.held if h.kind == "suspended"]
            return min(
                (h.since for h in held if not escalation.reasons or h.reason in escalation.reasons), default=None
            )
        return self.letters[escalation.begins][0] if escalation.begins in self.letters else None

    def _granted(self, escalation: Escalation, since: datetime) -> Iterator[datetime]:
        yield since
        for name, (at, until) in self.letters.items():
            if until is not None and name in (escalation.name, escalation.begins) and at >= since:
                yield until

    def apply(self, action: str, details: Mapping[str, Any], now: datetime) -> None:
        """Become what the order makes of it."""
        if self.state == "gone":
            return
        match action:
            case "activate":
                self.state, self.opened = "active", now
                self.options = set(DEFAULTS[self.contract, self.plan]) | set(details.get("options", ()))
            case "change_options":
                self._change_options(details)
            case "suspend" | "report_lost":
                self._restrict("suspended", details["reason"], now)
            case "bar_outgoing":
                self._restrict("barred_outgoing", details["reason"], now)
            case "reactivate":
                self._reactivate(details.get("reason"))
            case "change_bars":
                self.bars = (self.bars | set(details.get("add", ()))) - set(details.get("remove", ()))
            case "terminate":
                self.state, self.ends, self.letters = "gone", {}, {}
            case _:
                self._apply_more(action, details, now)

    def _apply_more(self, action: str, details: Mapping[str, Any], now: datetime) -> None:
        match action:
            case "record_notice":
                self._notice(details, now)
            case "limit_use":
                self._limit(details, now)
            case "lift_limit":
                self.held = [h for h in self.held if (h.kind, h.reference) != (details["effect"], details["reference"])]
            case "top_up":
                kept = [h for h in self.held if h.reason not in _TOP_UPS_LIFT]
                self.bought += len(kept) == len(self.held)
                self.held = kept
            case "change_plan":
                self.plan = details["plan"]
                if self.plan == "blocked":
                    self.options &= DEFAULTS[self.contract, self.plan]
                    self.ends = {option: at for option, at in self.ends.items() if option in self.options}
            case "swap_sim":
                if details["reason"] in ("lost", "stolen"):
                    self.held = [h for h in self.held if h.reason not in ("lost", "stolen")]
            case _:
                raise AssertionError(action)

    def _restrict(self, kind: str, reason: str, now: datetime) -> None:
        if not self.restricted(kind, reason):
            self.held.append(Held(kind, reason, now))

    def _reactivate(self, reason: str | None) -> None:
        limits = ("fair_use", "sms_off")
        gone = [h for h in self.held if h.kind not in limits]
        gone = [h for h in gone if h.reason == reason or (reason is None and h.reason not in _KEPT)]
        self.held = [h for h in self.held if h not in gone]

    def _change_options(self, details: Mapping[str, Any]) -> None:
        add, remove = set(details.get("add", ())), set(details.get("remove", ()))
        self.options = (self.options | add) - remove
        self.ends = {option: at for option, at in self.ends.items() if option not in add | remove}
        if until := details.get("until"):
            self.ends |= dict.fromkeys(add, datetime.fromisoformat(until))

    def _notice(self, details: Mapping[str, Any], now: datetime) -> None:
        name, until = details["notice"], details.get("until")
        before = self.letters.pop(name, None)
        if details.get("settled"):
            return
        at = now if before is None or until is None else before[0]
        self.letters[name] = (at, None if until is None else datetime.fromisoformat(until))

    def _limit(self, details: Mapping[str, Any], now: datetime) -> None:
        effect, reference = details["effect"], details["reference"]
        if effect == "fair_use":
            if self.bought:
                self.bought -= 1
            else:
                self.held.append(Held("fair_use", "fair_use", now, reference))
            return
        if any(h.kind == "sms_off" and h.until is not None and h.until > now for h in self.held):
            return  # of the same time
        begins = billing_day_before(self.contract, now, 15)
        until = months_after(self.contract, begins, _LADDER[min(self.offences, 2)])
        self.offences += 1
        self.held.append(Held("sms_off", "abuse", now, reference, until))
