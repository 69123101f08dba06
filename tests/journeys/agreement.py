"""What Technicophone's contract makes of a line, a second time: written from the published table, not from the product.

Nothing here may import the gateway: two readings of the same page check each other.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

OPTIONS = ("international", "roaming", "roaming_block", "data", "4g", "5g", "iphone")
PLANS = ("unlimited", "metered")
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
SWAP_REASONS = (*LOSS, "malfunction", "damaged", "other")
LIFTED_ONLY_BY_NAME = frozenset({*LOSS, "fraud", "authority"})
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
    """One line as its completed orders have left it."""

    msisdn: str
    imsi: str
    iccid: str
    host: str
    plan: str
    options: set[str]
    holds: set[tuple[str, str]] = field(default_factory=set)
    terminated: bool = False

    @property
    def state(self) -> str:
        """The word ``GET /v1/lines`` should say."""
        if self.terminated:
            return "terminated"
        kinds = {kind for kind, _ in self.holds}
        return "suspended" if "suspended" in kinds else "barred" if kinds else "active"

    def liftable(self) -> set[tuple[str, str]]:
        """What a reactivation without a reason lifts."""
        return {(kind, reason) for kind, reason in self.holds if reason not in LIFTED_ONLY_BY_NAME}

    def expected(self) -> Json:
        """What must be seen once the line is so."""
        home, abroad = self._seen()
        line: Json = {"state": "completed", "line_state": self.state, "msisdn": self.msisdn, "imsi": self.imsi}
        return line | {"home": home, "abroad": abroad}

    def agreed(self) -> Json:
        """What the line's own page must say besides."""
        reasons = sorted(reason for _, reason in self.holds)
        return {"plan": self.plan, "options": sorted(self.options), "host": self.host, "reasons": reasons}

    def _seen(self) -> tuple[Json, Json]:
        match self.state:
            case "terminated":
                return dict(_UNKNOWN), dict(_UNKNOWN)
            case "suspended":
                nothing = {**dict.fromkeys(list(_UNKNOWN)[1:], False), "emergency": True}
                return nothing, {"attach": "refused"}
            case "barred":
                out, incoming_abroad = False, False
            case _:
                out, incoming_abroad = True, True
        may_roam = "roaming" in self.options and "roaming_block" not in self.options
        got: Json = {
            "attach": "accepted",
            "voice_out.national": out,
            "voice_out.international": out and "international" in self.options,
            "voice_in": True,
            "sms_out": out,
            "sms_in": True,
            "data.allowed": out and "data" in self.options,
            "rats": ["2g", "3g", *(rat for rat in ("4g", "5g") if rat in self.options)],
            "emergency": True,
        }
        abroad = got | {"voice_out.international": out, "voice_in": incoming_abroad}
        return got, abroad if may_roam else {"attach": "refused:roaming"}
