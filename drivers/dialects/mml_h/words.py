"""MML-H words for each facet, in both directions: one table, read left to right by the client, back by the server."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar, assert_never

from drivers.dialects.mml_h import services
from drivers.dialects.mml_h.syntax import Params, flag, truth
from drivers.errors import NotSpoken
from drivers.subscription import (
    ALL_RATS,
    ApnAccess,
    CallerId,
    Diversion,
    Facet,
    HomeBar,
    IncomingBar,
    NetworkAccess,
    OutgoingBar,
    PacketBar,
    PremiumBar,
    Rat,
    RatAccess,
    RoamingBar,
    ServiceBars,
    ServiceLock,
    SpeedCap,
)

OUTGOING = {
    OutgoingBar.NONE: "NOBOC",
    OutgoingBar.ALL: "BAOC",
    OutgoingBar.INTERNATIONAL: "BOIC",
    OutgoingBar.INTERNATIONAL_EXCEPT_HOME: "BOICEXHC",
    OutgoingBar.WHEN_ROAMING: "BOCROAM",
}
INCOMING = {IncomingBar.NONE: "NOBIC", IncomingBar.ALL: "BAIC", IncomingBar.WHEN_ROAMING: "BICROAM"}
ROAMING = {
    RoamingBar.NONE: "NOBAR",
    RoamingBar.OUTSIDE_HPLMN: "BROHPLMN",
    RoamingBar.OUTSIDE_HOME_COUNTRY: "BROHPLMNC",
}
PACKET = {PacketBar.NONE: "NOBPOS", PacketBar.ALL: "BAPOS", PacketBar.WHEN_ROAMING: "BALLAPROAM"}
#: TS 29.272 §7.3.31 bits 1, 0, 4 and 8+10: NR covers both non-standalone and standalone use
NOT_ALLOWED = {
    Rat.GERAN: "GERANNOTALLOWED",
    Rat.UTRAN: "UTRANNOTALLOWED",
    Rat.EUTRAN: "EUTRANNOTALLOWED",
    Rat.NR: "NRNOTALLOWED",
}
ACCESS = {NetworkAccess.BOTH: "BOTH", NetworkAccess.CS_ONLY: "NONGPRS", NetworkAccess.PS_ONLY: "GPRS"}
LOCKS = ("IC", "OC", "GPRSLOCK", "EPSLOCK", "NGSLOCK")
PREMIUM = ("ODBINFO", "ODBENTE")
HOME_BARS = {n: f"ODBPB{n}" for n in (1, 2, 3, 4)}
_STRICTEST: dict[str, Facet] = {
    "MOD ODBOC": OutgoingBar.ALL,
    "MOD ODBIC": IncomingBar.ALL,
    "MOD ODBROAM": RoamingBar.OUTSIDE_HPLMN,
    "MOD ODBPOS": PacketBar.ALL,
}
DEFAULT_APN_TEMPLATES = {"internet": 1, "visualvoicemail": 2, "tethering": 3}
ALL_LINES = 10_000  #: more than LST SUB ever prints: one report
NO_CAP = "0"
FOREIGN = "template-"  #: names an APN template nobody agreed with us

_UNKNOWN_BAR = re.compile(r"[A-Z][A-Z0-9_]{0,31}")

_Bar = TypeVar("_Bar", NetworkAccess, OutgoingBar, IncomingBar, RoamingBar, PacketBar)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What is agreed with one element: its serial number, the template id of each APN, that of a new subscriber.

    ``report_lines``: the longest body one report of the simulated element has; more comes in several reports.
    """

    hlr_sn: str
    apn_templates: Mapping[str, int]
    subscriber_template: int | None = None
    report_lines: int = ALL_LINES

    @classmethod
    def from_options(cls, options: Mapping[str, object]) -> Vocabulary:
        """Read the element's ``dialect_options``. Raises NotSpoken naming the key that is wrong."""
        known = {"hlr_sn", "apn_templates", "subscriber_template", "report_lines"}
        if unknown := set(options) - known:
            raise NotSpoken(f"mml_h knows no option {sorted(unknown)}; it knows {sorted(known)}")
        hlr_sn, templates = options.get("hlr_sn", 1), options.get("apn_templates", DEFAULT_APN_TEMPLATES)
        if not isinstance(hlr_sn, int):
            raise NotSpoken("dialect option hlr_sn must be a number")
        if not isinstance(templates, Mapping) or not all(isinstance(v, int) for v in templates.values()):
            raise NotSpoken("dialect option apn_templates must map APN names to template numbers")
        template, lines = options.get("subscriber_template"), options.get("report_lines", ALL_LINES)
        if not isinstance(template, int | None):
            raise NotSpoken("dialect option subscriber_template must be a number")
        if not isinstance(lines, int) or lines < 1:
            raise NotSpoken("dialect option report_lines must be a number from 1")
        return cls(str(hlr_sn), {str(k): int(v) for k, v in templates.items()}, template, lines)

    def parameters(self, facet: Facet) -> tuple[str, Params]:
        """Say which ``MOD`` command carries the facet, and with what. Raises NotSpoken for what has no words."""
        match facet:
            case ServiceLock(locked):
                return "MOD LCK", dict.fromkeys(LOCKS, flag(value=locked))
            case NetworkAccess() if facet is NetworkAccess.NONE:  # words of the enums are equal: "none" is every NONE
                raise NotSpoken("MML-H has no NAM without any domain; lock the subscriber")
            case NetworkAccess():
                return "MOD NAM", {"NAM": ACCESS[facet]}
            case OutgoingBar():
                return "MOD ODBOC", {"ODBOC": OUTGOING[facet]}
            case IncomingBar():
                return "MOD ODBIC", {"ODBIC": INCOMING[facet]}
            case RoamingBar():
                return "MOD ODBROAM", {"ODBROAM": ROAMING[facet]}
            case PacketBar():
                return "MOD ODBPOS", {"ODBPOS": PACKET[facet]}
            case HomeBar(types):
                return "MOD ODBPB", {word: flag(value=n in types) for n, word in HOME_BARS.items()}
            case PremiumBar(barred):
                return "MOD ODBOC", dict.fromkeys(PREMIUM, flag(value=barred))
            case RatAccess(rats):
                return "MOD ARD", {"PROV": "TRUE"} | {w: flag(value=r not in rats) for r, w in NOT_ALLOWED.items()}
            case SpeedCap(int() as cap) if cap < 1:
                raise NotSpoken("a speed of 0 would be read as no cap; bar packet services instead")
            case SpeedCap(cap):
                return "MOD AMBR", {"AMBRMAXREQBWDL": NO_CAP if cap is None else str(cap)}
            case ServiceBars() | CallerId() | Diversion():
                return services.parameters(facet)
            case ApnAccess(apn, provided):
                prov = "ADDPDPCNTX" if provided else "RMVPDPCNTX"
                return "MOD OPTGPRS", {"PROV": prov, "APN_TYPE": "EPS_APN", "APNTPLID": self.template(apn)}
            case _:
                assert_never(facet)

    def facet(self, words: str, params: Mapping[str, str]) -> Facet:
        """Read a ``MOD`` command back into its facet. Raises ValueError when a parameter is missing or unknown."""
        match words:
            case "MOD LCK":
                values = {truth(params[name]) for name in LOCKS if name in params}
                if len(values) != 1:
                    raise ValueError("MOD LCK must set every lock alike")
                return ServiceLock(values.pop())
            case "MOD NAM":
                return _back(ACCESS, params["NAM"])
            case "MOD ODBOC" if not params.keys().isdisjoint(PREMIUM):
                information, entertainment = (truth(params[name]) for name in PREMIUM)
                if information != entertainment or "ODBOC" in params:
                    raise ValueError("MOD ODBOC must set both premium bars alike, and nothing else")
                return PremiumBar(information)
            case "MOD ODBOC":
                return _back(OUTGOING, params["ODBOC"])
            case "MOD ODBIC":
                return _back(INCOMING, params["ODBIC"])
            case "MOD ODBROAM":
                return _back(ROAMING, params["ODBROAM"])
            case "MOD ODBPOS":
                return _back(PACKET, params["ODBPOS"])
            case "MOD ODBPB":
                return HomeBar(frozenset(n for n, word in HOME_BARS.items() if truth(params[word])))
            case "MOD ARD":
                return RatAccess(frozenset(r for r in ALL_RATS if not truth(params[NOT_ALLOWED[r]])))
            case "MOD AMBR":
                return SpeedCap(_number(params["AMBRMAXREQBWDL"]))
            case "MOD OPTGPRS":
                return ApnAccess(self.apn(params["APNTPLID"]), params["PROV"] == "ADDPDPCNTX")
            case _:
                return services.service(words, params)

    def strictest(self, words: str, params: Mapping[str, str]) -> Facet:
        """Read what no facet expresses, left by another hand, as the strictest of its kind. Raises ValueError."""
        values = set(params.values())
        match words:
            case "MOD LCK" if values == {"TRUE", "FALSE"}:
                return ServiceLock(locked=True)
            case "MOD ODBOC" if values == {"TRUE", "FALSE"}:
                return PremiumBar(barred=True)
            case "MOD ODBOC" | "MOD ODBIC" | "MOD ODBROAM" | "MOD ODBPOS":
                if not all(_UNKNOWN_BAR.fullmatch(value) for value in values):
                    raise ValueError("a barring category that is no word")
                return _STRICTEST[words]
            case _:
                raise ValueError(f"{words} is set to something unknown")

    def apn(self, template: str) -> str:
        """Name the APN of a template id. Raises ValueError when it is no number."""
        for name, number in self.apn_templates.items():
            if str(number) == template:
                return name
        if not (template.isascii() and template.isdigit()):
            raise ValueError("an APN template is a number")
        return FOREIGN + template  # provided by another hand: read back as different, never as absent

    def template(self, apn: str) -> str:
        """Number the template of an APN, one of another hand too. Raises NotSpoken."""
        if apn.startswith(FOREIGN) and apn.removeprefix(FOREIGN).isascii() and apn.removeprefix(FOREIGN).isdigit():
            return apn.removeprefix(FOREIGN)
        if apn not in self.apn_templates:
            raise NotSpoken(f"this element has no template for APN {apn!r}; add it to its apn_templates")
        return str(self.apn_templates[apn])


def _number(word: str) -> int | None:
    if not word.isascii() or not word.isdigit():
        raise ValueError("a bit rate must be digits")
    return int(word) or None


def _back(table: Mapping[_Bar, str], word: str) -> _Bar:
    for value, known in table.items():
        if known == word:
            return value
    raise ValueError("unknown barring category")
