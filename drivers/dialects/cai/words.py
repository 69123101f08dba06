"""CAI words for each facet, in both directions: one table of numbers, used by both ends and by the read-back.

Public sources show that ``NAM``, ``OBO``, ``OBI``, ``OBR``, ``OBOPRI``, ``OBOPRE``, ``OSB1`` to ``OSB4``, ``TEMPBLOCK``
exist; what each number beyond 0 and 1 means, the names ``OBGPRS``, ``ARD``, ``AMBR``, ``CLIR``, ``CUGNOA`` and those of
barring one service (``BAOC`` and ``BAIC`` with a basic service group behind) are this project's choice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar, assert_never

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
    ServiceBar,
    ServiceBars,
    ServiceLock,
    SpeedCap,
)

#: MAP NetworkAccessMode (TS 29.002): 0 both, 1 circuit only, 2 packet only; there is no "none"
ACCESS = {NetworkAccess.BOTH: 0, NetworkAccess.CS_ONLY: 1, NetworkAccess.PS_ONLY: 2}
OUTGOING = {
    OutgoingBar.NONE: 0,
    OutgoingBar.ALL: 1,
    OutgoingBar.INTERNATIONAL: 2,
    OutgoingBar.INTERNATIONAL_EXCEPT_HOME: 3,
    OutgoingBar.WHEN_ROAMING: 4,
}
INCOMING = {IncomingBar.NONE: 0, IncomingBar.ALL: 1, IncomingBar.WHEN_ROAMING: 2}
ROAMING = {RoamingBar.NONE: 0, RoamingBar.OUTSIDE_HPLMN: 1, RoamingBar.OUTSIDE_HOME_COUNTRY: 2}
PACKET = {PacketBar.NONE: 0, PacketBar.ALL: 1, PacketBar.WHEN_ROAMING: 2}
#: Access-Restriction-Data bits, 1 is "not allowed" (TS 29.272 §7.3.31): NR as secondary RAT and NR in 5GS go together
ARD_BITS = {Rat.UTRAN: (0,), Rat.GERAN: (1,), Rat.EUTRAN: (4,), Rat.NR: (8, 10)}
#: basic service groups: TS10 speech, TS20 short messages (TS 22.003); a closed user group without outgoing access
SERVICE_BARS = {
    ServiceBar.SPEECH_OUT: "BAOCTS10",
    ServiceBar.SPEECH_IN: "BAICTS10",
    ServiceBar.SHORT_MESSAGE_OUT: "BAOCTS20",
    ServiceBar.OUTSIDE_GROUP: "CUGNOA",
}
#: the parameters of each facet as GET tells them, in its order
READ_BACK = (
    ("NAM",),
    ("OBO",),
    ("OBI",),
    ("OBR",),
    ("OBOPRI", "OBOPRE"),
    ("OSB1", "OSB2", "OSB3", "OSB4"),
    ("OBGPRS",),
    ("TEMPBLOCK",),
    ("ARD",),
    ("AMBR",),
)
#: those of supplementary services, which GET tells only where one is set
SERVICES = (tuple(SERVICE_BARS.values()), ("CLIR",))
MAX_NUMBER = 0xFFFFFFFF  #: Unsigned32, the widest any of these is in Diameter (TS 29.272)
DEFAULT_APN_IDS = {"internet": 1, "visualvoicemail": 2, "tethering": 3}
FOREIGN = "apnid-"  #: names an APN nobody agreed with us

_DIGITS = re.compile(r"[0-9]{1,10}")

Numbers = dict[str, int]
_Bar = TypeVar("_Bar", OutgoingBar, IncomingBar, RoamingBar, PacketBar)


def numbers(facet: Facet) -> Numbers:
    """Put a facet into numbers. Raises NotSpoken for what has none, such as an APN or a diversion: they have names."""
    match facet:
        case ServiceLock(locked):
            return {"TEMPBLOCK": int(locked)}
        case NetworkAccess() if facet not in ACCESS:
            raise NotSpoken("CAI has no NAM without any domain; lock the subscriber")
        case NetworkAccess():
            return {"NAM": ACCESS[facet]}
        case OutgoingBar():
            return {"OBO": OUTGOING[facet]}
        case IncomingBar():
            return {"OBI": INCOMING[facet]}
        case RoamingBar():
            return {"OBR": ROAMING[facet]}
        case PacketBar():
            return {"OBGPRS": PACKET[facet]}
        case HomeBar(types):
            return {f"OSB{n}": int(n in types) for n in (1, 2, 3, 4)}
        case PremiumBar(barred):
            return {"OBOPRI": int(barred), "OBOPRE": int(barred)}
        case RatAccess(rats):
            return {"ARD": sum(1 << bit for rat in ALL_RATS - rats for bit in ARD_BITS[rat])}
        case SpeedCap(None):
            return {"AMBR": 0}
        case SpeedCap(int() as cap) if 0 < cap <= MAX_NUMBER:
            return {"AMBR": cap}
        case ServiceBars(bars):
            return {word: int(bar in bars) for bar, word in SERVICE_BARS.items()}
        case CallerId(hidden):
            return {"CLIR": int(hidden)}
        case SpeedCap() | ApnAccess() | Diversion():
            raise NotSpoken(f"CAI has no number for {facet}")
        case _:
            assert_never(facet)


def nearest(told: Mapping[str, int]) -> Facet:
    """Read the facet nearest to the numbers, in doubt the stricter one; ``numbers`` of it tells whether it is exact.

    Raises ValueError when no facet is near.
    """
    match told:
        case {"TEMPBLOCK": locked}:
            return ServiceLock(locked > 0)
        case {"NAM": mode}:
            return _access(mode)
        case {"OBO": category}:
            return _back(OUTGOING, category, OutgoingBar.ALL)
        case {"OBI": category}:
            return _back(INCOMING, category, IncomingBar.ALL)
        case {"OBR": category}:
            return _back(ROAMING, category, RoamingBar.OUTSIDE_HPLMN)
        case {"OBGPRS": category}:
            return _back(PACKET, category, PacketBar.ALL)
        case {"OSB1": _, "OSB2": _, "OSB3": _, "OSB4": _}:
            return HomeBar(frozenset(n for n in (1, 2, 3, 4) if told[f"OSB{n}"]))
        case {"OBOPRI": information, "OBOPRE": entertainment}:
            return PremiumBar(information > 0 or entertainment > 0)
        case {"ARD": mask}:
            return RatAccess(frozenset(r for r in ALL_RATS if not any(mask >> bit & 1 for bit in ARD_BITS[r])))
        case {"AMBR": cap}:
            return SpeedCap(cap or None)
        case {"BAOCTS10": _, "BAICTS10": _, "BAOCTS20": _, "CUGNOA": _}:
            return ServiceBars(frozenset(bar for bar, word in SERVICE_BARS.items() if told[word]))
        case {"CLIR": restricted}:
            return CallerId(restricted > 0)
        case _:
            raise ValueError("the parameters set are not those of one facet")


def exactly(told: Mapping[str, int]) -> Facet:
    """Read the facet that is told in just these numbers. Raises ValueError."""
    facet = nearest(told)
    if numbers(facet) != told:
        raise ValueError("a number is unknown, or only part of one facet is set")
    return facet


def _back(table: Mapping[_Bar, int], category: int, strictest: _Bar) -> _Bar:
    return next((bar for bar, known in table.items() if known == category), strictest)


def _access(mode: int) -> NetworkAccess:
    for access, known in ACCESS.items():
        if known == mode:
            return access
    raise ValueError("an unknown NAM")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What is agreed with one element: the profile of a new subscriber and the number of each APN."""

    profile: int
    apn_ids: Mapping[str, int]

    @classmethod
    def from_options(cls, options: Mapping[str, object]) -> Vocabulary:
        """Read the element's ``dialect_options``. Raises NotSpoken naming the key that is wrong."""
        known = {"profile", "apn_ids"}
        if unknown := set(options) - known:
            raise NotSpoken(f"cai knows no option {sorted(unknown)}; it knows {sorted(known)}")
        profile, apn_ids = options.get("profile", 1), options.get("apn_ids", DEFAULT_APN_IDS)
        if not isinstance(profile, int):
            raise NotSpoken("dialect option profile must be a number")
        if not isinstance(apn_ids, Mapping) or not all(isinstance(v, int) for v in apn_ids.values()):
            raise NotSpoken("dialect option apn_ids must map APN names to numbers")
        return cls(profile, {str(k): int(v) for k, v in apn_ids.items()})

    def apn(self, apn_id: int) -> str:
        """Name the APN of a number; one of another hand has a name of its own, so that it is never read as absent."""
        return next((name for name, known in self.apn_ids.items() if known == apn_id), f"{FOREIGN}{apn_id}")

    def apn_id(self, apn: str) -> int:
        """Number an APN, one of another hand too. Raises NotSpoken."""
        foreign = apn.removeprefix(FOREIGN)
        if foreign != apn and (found := digits(foreign)) is not None:
            return found
        if apn not in self.apn_ids:
            raise NotSpoken("this element has no number for that APN; add it to its apn_ids")
        return self.apn_ids[apn]


def digits(word: str) -> int | None:
    """Read a number that fits an Unsigned32; ``None`` when it is none."""
    return int(word) if _DIGITS.fullmatch(word) and int(word) <= MAX_NUMBER else None
