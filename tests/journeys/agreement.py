"""What a contract makes of a line, a second time: written from the published table, not from the product.

Nothing here may import the gateway: two readings of the same page check each other.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.journeys.agreement_sheets import BARS, LOSS, SHEETS, Sheet, Shut

Json = dict[str, Any]

SWAP_REASONS = (*LOSS, "malfunction", "damaged", "other")
LIFTED_ONLY_BY_NAME = frozenset({*LOSS, "fraud", "authority"})
FAIR_USE = ("fair_use", "fair_use")
TOPPED_UP = frozenset({"fair_use", "credit_used"})
_UNKNOWN = {
    "attach": "refused:unknown",
    "voice_out.national": False,
    "voice_in": False,
    "sms_out": False,
    "sms_in": False,
    "data.allowed": False,
}


@dataclass
class AgreedLine:
    """One line as its completed orders have left it; ``waiting``: top-ups bought and not begun."""

    msisdn: str
    imsi: str
    iccid: str
    host: str
    plan: str
    options: set[str]
    holds: set[tuple[str, str]] = field(default_factory=set)
    terminated: bool = False
    contract: str = "technicophone"
    bars: set[str] = field(default_factory=set)
    plan_changed: bool = False
    waiting: int = 0

    @property
    def sheet(self) -> Sheet:
        """Its contract's row of the table."""
        return SHEETS[self.contract]

    @property
    def state(self) -> str:
        """The word ``GET /v1/lines`` should say."""
        if self.terminated:
            return "terminated"
        kinds = {kind for kind, _ in self.holds - {FAIR_USE}}
        return "suspended" if "suspended" in kinds else "barred" if kinds else "active"

    def liftable(self) -> set[tuple[str, str]]:
        """What a reactivation without a reason lifts."""
        return {held for held in self.holds - {FAIR_USE} if held[1] not in LIFTED_ONLY_BY_NAME}

    def expected(self) -> Json:
        """What must be seen once the line is so."""
        home, abroad = self._seen()
        line: Json = {"state": "completed", "line_state": self.state, "msisdn": self.msisdn, "imsi": self.imsi}
        return line | {"home": home, "abroad": abroad}

    def agreed(self) -> Json:
        """What the line's own page must say besides."""
        reasons = sorted(reason for _, reason in self.holds)
        agreed = {"plan": self.plan, "options": sorted(self.options), "host": self.host, "reasons": reasons}
        return agreed | {"contract": self.contract, "bars": sorted(self.bars)}

    def _seen(self) -> tuple[Json, Json]:
        match self.state:
            case "terminated":
                return dict(_UNKNOWN), dict(_UNKNOWN)
            case "suspended":
                nothing = {**dict.fromkeys(list(_UNKNOWN)[1:], False), "emergency": True}
                return nothing, {"attach": "refused"}
            case _:
                may_roam = "roaming" in self.options and "roaming_block" not in self.options
                abroad = self._got(abroad=True) if may_roam else {"attach": "refused:roaming"}
                return self._got(abroad=False), abroad

    def _shut(self) -> frozenset[Shut]:
        """Everything that is closed on a line that is let in."""
        sheet = self.sheet
        shut = frozenset[Shut]().union(*(BARS[bar] for bar in self.bars))
        if self.state == "barred":
            shut |= sheet.barred
        if self.plan in sheet.silent_plans:
            shut |= {Shut.VOICE_OUT, Shut.VOICE_IN}
        if sheet.incoming_abroad_by is not None and sheet.incoming_abroad_by not in self.options:
            shut |= {Shut.VOICE_IN_ABROAD}
        return shut

    def _got(self, *, abroad: bool) -> Json:
        shut = self._shut()
        calls = Shut.VOICE_OUT not in shut
        anyone = calls and Shut.OUTSIDE_FLEET not in shut
        far = anyone and Shut.INTERNATIONAL not in shut
        closed_in = {Shut.VOICE_IN} | ({Shut.VOICE_IN_ABROAD} if abroad else set())
        data = "data" in self.options and Shut.DATA not in shut
        got: Json = {
            "attach": "accepted",
            "voice_out.national": anyone,
            "voice_out.international": far and (abroad or "international" in self.options),
            "voice_out.premium": anyone and Shut.PREMIUM not in shut,
            "voice_in": not closed_in & shut,
            "sms_out": Shut.SMS_OUT not in shut,
            "sms_in": True,
            "data.allowed": data,
            "rats": ["2g", "3g", *(rat for rat in ("4g", "5g") if rat in self.options)],
            "emergency": True,
        }
        if "fleet_only" in self.bars:
            got["voice_out.fleet"] = calls
        if self.sheet.speeds:
            got["data.cap_kbit_s"] = self._cap() if data else None
        return got

    def _cap(self) -> int | None:
        speeds = [speed for option, speed in self.sheet.speeds.items() if option in self.options]
        if FAIR_USE in self.holds and self.plan in self.sheet.fair_use:
            speeds.append(self.sheet.fair_use[self.plan])
        return min(speeds, default=None)
