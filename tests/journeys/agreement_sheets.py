"""What each contract sells and closes, a second time: the published table row by row, not the product's files.

Nothing here may import the gateway: two readings of the same page check each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

REASONS = (
    "unpaid",
    "credit_limit",
    "customer",
    "fraud",
    "abuse",
    "network_harm",
    "numbering_breach",
    "authority",
    "missing_papers",
    "stolen_handset",
    "inactivity",
)
LOSS = ("lost", "stolen")
CREDIT_USED = "credit_used"


class Shut(StrEnum):
    """A service that something closes; emergency calls are not among them."""

    VOICE_OUT = "voice out"
    VOICE_IN = "voice in"
    VOICE_IN_ABROAD = "voice in abroad"
    INTERNATIONAL = "international"
    PREMIUM = "premium"
    OUTSIDE_FLEET = "outside the fleet"
    SMS_OUT = "SMS out"
    DATA = "data"


#: the customer's own bars: what stands in the parentheses of each
BARS: Mapping[str, frozenset[Shut]] = {
    "receive_calls_only": frozenset({Shut.VOICE_OUT}),
    "make_calls_only": frozenset({Shut.VOICE_IN}),
    "national_only": frozenset({Shut.INTERNATIONAL}),
    "receive_sms_only": frozenset({Shut.SMS_OUT}),
    "no_data": frozenset({Shut.DATA}),
    "no_topup": frozenset(),
    "no_premium": frozenset({Shut.PREMIUM}),
    "fleet_only": frozenset({Shut.OUTSIDE_FLEET}),
}
_SPEEDS = {"speed_512": 512, "speed_10000": 10_000, "speed_30000": 30_000}
_EVERYWHERE = ("international", "roaming", "roaming_block", "data", "4g", "5g")


@dataclass(frozen=True)
class Sheet:
    """One contract's row. ``barred``: what ``bar_outgoing`` shuts; ``numbers``: its first digits, and how many follow.

    ``ends_options``: the plan whose choice drops every added option; ``delayed``: the option that opens late unless
    the order says when; ``fair_use``: the speed that is left, by plan.
    """

    name: str
    numbers: tuple[str, int]
    hosts: Mapping[str, str]
    plans: tuple[str, ...]
    barred: frozenset[Shut]
    options: tuple[str, ...] = _EVERYWHERE
    defaults: frozenset[str] = frozenset()
    with_plan: Mapping[str, frozenset[str]] = field(default_factory=dict)
    bars: tuple[str, ...] = tuple(BARS)
    bar_reasons: tuple[str, ...] = REASONS
    silent_plans: tuple[str, ...] = ()
    incoming_abroad_by: str | None = None
    ends_options: str | None = None
    delayed: str | None = None
    one_plan_change: bool = False
    twins: bool = False  # beside no data, whether an option or of the plan
    tops_up: bool = True
    fair_use: Mapping[str, int] = field(default_factory=dict)
    speeds: Mapping[str, int] = field(default_factory=dict)

    def at_activation(self, plan: str) -> frozenset[str]:
        """What a new line on that plan has before anything is chosen."""
        return self.defaults | self.with_plan.get(plan, frozenset())


_CALLS_AND_SMS = frozenset({Shut.VOICE_OUT, Shut.SMS_OUT})
_WITH_CREDIT = (*REASONS, CREDIT_USED)
SHEETS: Mapping[str, Sheet] = {
    sheet.name: sheet
    for sheet in (
        Sheet(
            "technicophone",
            ("+3364", 7),
            {"orange": "20801", "sfr": "20810"},
            ("unlimited", "metered"),
            _CALLS_AND_SMS | {Shut.DATA, Shut.VOICE_IN_ABROAD},
            options=(*_EVERYWHERE, "iphone"),
            bars=(),
            tops_up=False,
        ),
        Sheet(
            "cmi",
            ("+3374", 7),
            {"cmi": "20811"},
            ("unlimited", "metered"),
            _CALLS_AND_SMS,
            defaults=frozenset({"international", "data"}),
            delayed="roaming",
        ),
        Sheet(
            "opt-nc",
            ("+6877", 5),
            {"opt-nc": "54601"},
            ("forfait_m", "horaire", "data_only", "blocked"),
            frozenset({Shut.VOICE_OUT}),
            options=(*_EVERYWHERE, "roaming_incoming", *_SPEEDS),
            defaults=frozenset({"international", "roaming"}),
            with_plan={"forfait_m": frozenset({"data"}), "data_only": frozenset({"data"})},
            bar_reasons=_WITH_CREDIT,
            silent_plans=("data_only",),
            incoming_abroad_by="roaming_incoming",
            one_plan_change=True,
            twins=True,
            fair_use={"forfait_m": 512},
            speeds=_SPEEDS,
        ),
        Sheet(
            "orange-mayotte",
            ("+262639", 6),
            {"orange-mayotte": "64700"},
            ("standard", "blocked"),
            _CALLS_AND_SMS | {Shut.DATA},
            defaults=frozenset({"international", "roaming", "data"}),
            bar_reasons=_WITH_CREDIT,
            ends_options="blocked",
        ),
        Sheet(
            "monaco-telecom",
            ("+3776", 8),
            {"monaco-telecom": "21210"},
            ("standard",),
            _CALLS_AND_SMS,
            defaults=frozenset({"international", "data"}),
            delayed="roaming",
        ),
    )
}
