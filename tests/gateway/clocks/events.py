"""What may happen to a line on a day: legal events, drawn by chance from what the line is by the model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from tests.gateway.clocks.model import Life

PLANS = {
    "technicophone": ("unlimited", "metered"),
    "cmi": ("unlimited", "metered"),
    "opt-nc": ("forfait_m",),
    "orange-mayotte": ("standard", "blocked"),
    "monaco-telecom": ("standard",),
}
_OPTIONS = ("4g", "5g", "roaming_block")
_REASONS = ("unpaid", "abuse", "customer", "fraud", "authority")
_LETTERS: Mapping[str, tuple[str, ...]] = {
    "technicophone": ("unpaid_first", "unpaid_second"),
    "cmi": ("unpaid_reminder",),
    "opt-nc": (),
    "orange-mayotte": ("papers_requested", "papers_reminder"),
    "monaco-telecom": ("unpaid_reminder",),
}
_SELLS = {"cmi", "opt-nc", "orange-mayotte", "monaco-telecom"}
_SLOW = {"cmi", "monaco-telecom"}


@dataclass(frozen=True)
class Event:
    """An order to be asked for; ``start``: its date; ``swap``: it takes a new card."""

    action: str
    details: dict[str, Any]
    start: datetime | None = None
    swap: bool = False


Draw = Callable[[Life, Random, datetime], Event | None]


def draw(life: Life, chance: Random, now: datetime) -> Event | None:
    """Draw something that is legal on the line now."""
    if life.restricted("suspended", "lost") or life.restricted("suspended", "stolen"):
        reason = next(h.reason for h in life.held if h.reason in ("lost", "stolen"))
        return Event("swap_sim", {"reason": reason}, swap=True) if chance.random() < 0.7 else None
    if life.held and chance.random() < 0.3:
        return _reactivate(life, chance, now)
    return chance.choice(_DRAWS)(life, chance, now)


def _option(life: Life, chance: Random, now: datetime) -> Event | None:
    option = chance.choice(_OPTIONS)
    if option in life.options:
        return Event("change_options", {"remove": [option]})
    details: dict[str, Any] = {"add": [option]}
    if chance.random() < 0.6:
        details["until"] = (now + timedelta(days=chance.randint(1, 90), hours=chance.randint(0, 23))).isoformat()
    return Event("change_options", details)


def _roaming(life: Life, chance: Random, now: datetime) -> Event | None:
    if any(c.action == "change_options" for c in life.coming):
        return None
    if "roaming" in life.options:
        return Event("change_options", {"remove": ["roaming"]})
    details: dict[str, Any] = {"add": ["roaming"]}
    if life.contract in _SLOW and chance.random() < 0.5:  # with the date of its end (002 mobile 8.2.1)
        details["until"] = (now + timedelta(days=chance.randint(12, 60))).isoformat()
    return Event("change_options", details)


def _restrict(_life: Life, chance: Random, _now: datetime) -> Event | None:
    action = chance.choice(("suspend", "suspend", "bar_outgoing"))
    return Event(action, {"reason": chance.choice(_REASONS)})


def _reactivate(life: Life, chance: Random, _now: datetime) -> Event | None:
    reasons = sorted({h.reason for h in life.held if h.kind in ("suspended", "barred_outgoing")})
    return Event("reactivate", {"reason": chance.choice(reasons)}) if reasons else None


def _letter(life: Life, chance: Random, now: datetime) -> Event | None:
    names = _LETTERS[life.contract]
    if not names:
        return None
    name = chance.choice(names)
    if name not in life.letters:
        return Event("record_notice", {"notice": name})
    if chance.random() < 0.5:
        return Event("record_notice", {"notice": name, "settled": True})
    return Event("record_notice", {"notice": name, "until": (now + timedelta(days=chance.randint(1, 30))).isoformat()})


def _extend(life: Life, chance: Random, now: datetime) -> Event | None:
    """More time for a suspended line (004 art. 16)."""
    if life.contract != "orange-mayotte" or not life.restricted("suspended"):
        return None
    until = (now + timedelta(days=chance.randint(5, 40))).isoformat()
    return Event("record_notice", {"notice": "suspended_unpaid", "until": until})


def _lost(_life: Life, chance: Random, _now: datetime) -> Event | None:
    return Event("report_lost", {"reason": chance.choice(("lost", "stolen"))})


def _bars(life: Life, chance: Random, _now: datetime) -> Event | None:
    if life.contract == "technicophone":
        return None
    bar = chance.choice(("receive_calls_only", "no_data", "national_only", "no_premium"))
    return Event("change_bars", {"remove" if bar in life.bars else "add": [bar]})


def _top_up(life: Life, _chance: Random, _now: datetime) -> Event | None:
    return Event("top_up", {"volume": "5 GB"}) if life.contract in _SELLS else None


def _fair_use(_life: Life, _chance: Random, now: datetime) -> Event | None:
    return Event("limit_use", {"effect": "fair_use", "reference": f"fair_use {now:%Y-%m-%d}"})


def _abuse(life: Life, _chance: Random, now: datetime) -> Event | None:
    if life.contract != "opt-nc" or any(c.action == "limit_use" for c in life.coming):
        return None
    return Event("limit_use", {"effect": "sms_off", "reference": f"sms {now:%Y-%m-%d}"})


def _plan(life: Life, _chance: Random, _now: datetime) -> Event | None:
    others = [plan for plan in PLANS[life.contract] if plan != life.plan]
    return Event("change_plan", {"plan": others[0]}) if others else None


def _end(life: Life, chance: Random, now: datetime) -> Event | None:
    """A termination with a date (004 art. 16: 10 days after the request or later)."""
    if any(c.action == "terminate" for c in life.coming):
        return None
    start = now + timedelta(days=chance.randint(10, 40), hours=chance.randint(0, 12))
    return Event("terminate", {"reason": "customer"}, start=start)


_DRAWS: tuple[Draw, ...] = (
    *(_option, _option, _roaming, _roaming, _restrict, _restrict, _reactivate, _reactivate),
    *(_letter, _letter, _extend, _lost, _bars, _top_up, _fair_use, _abuse, _abuse, _plan, _end),
)
