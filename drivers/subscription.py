"""What the network holds for one subscriber, in 3GPP words: intents, never bit masks.

Bit numbers differ between MAP and S6a (TS 29.002 ODB-GeneralData, TS 29.272 §7.3.30), so a shared mask would be a
bug: named values live here, and each dialect turns them into its own words at its edge.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NewType, assert_never

Imsi = NewType("Imsi", str)
"""15 digits, MCC + MNC + MSIN (TS 23.003 §2.2)."""
Msisdn = NewType("Msisdn", str)
"""E.164 with ``+`` (TS 23.003 §3.3); dialects drop the ``+`` where their element wants digits."""
Iccid = NewType("Iccid", str)
"""18 to 20 digits, the last one a Luhn check digit (ITU-T E.118)."""


class OutgoingBar(StrEnum):
    """ODB of outgoing calls (TS 22.041 §5.1, TS 23.008 §2.8.1); mobile-originated SMS falls under ``ALL``."""

    NONE = "none"
    ALL = "all"
    INTERNATIONAL = "international"
    INTERNATIONAL_EXCEPT_HOME = "international_except_home"
    WHEN_ROAMING = "when_roaming"


class IncomingBar(StrEnum):
    """ODB of incoming calls (TS 22.041 §5.2, TS 23.008 §2.8.2)."""

    NONE = "none"
    ALL = "all"
    WHEN_ROAMING = "when_roaming"


class RoamingBar(StrEnum):
    """ODB of roaming (TS 22.041 §5.3): enforced by the HLR at Update Location."""

    NONE = "none"
    OUTSIDE_HPLMN = "outside_hplmn"
    OUTSIDE_HOME_COUNTRY = "outside_home_country"


class PacketBar(StrEnum):
    """ODB of packet oriented services (TS 22.041 §5.5)."""

    NONE = "none"
    ALL = "all"
    WHEN_ROAMING = "when_roaming"


class NetworkAccess(StrEnum):
    """Network access mode: which domains serve the subscriber at all (TS 23.008 §2.1.1.2)."""

    BOTH = "both"
    CS_ONLY = "cs_only"
    PS_ONLY = "ps_only"
    NONE = "none"

    @property
    def domains(self) -> frozenset[str]:
        """The domains that are open: ``cs``, ``ps``."""
        return frozenset({"both": ("cs", "ps"), "cs_only": ("cs",), "ps_only": ("ps",), "none": ()}[self.value])


class ServiceBar(StrEnum):
    """Call barring for one basic service group, kept by the operator (TS 22.088 §1.1), and closed user group."""

    SPEECH_OUT = "speech_out"  # BAOC for speech; emergency calls are outside of it (TS 22.088 §1.1.2)
    SPEECH_IN = "speech_in"  # BAIC for speech
    SHORT_MESSAGE_OUT = "short_message_out"  # BAOC for short messages
    OUTSIDE_GROUP = "outside_group"  # closed user group without outgoing access: calls inside it only (TS 22.085 §1.1)


class Rat(StrEnum):
    """Radio access a subscriber may use (Access-Restriction-Data, TS 29.272 §7.3.31)."""

    GERAN = "2g"
    UTRAN = "3g"
    EUTRAN = "4g"
    NR = "5g"


ALL_RATS = frozenset(Rat)


@dataclass(frozen=True, slots=True)
class ServiceLock:
    """Every service of the subscriber locked; emergency calls stay a matter of the phone (TS 22.101 §10)."""

    locked: bool


@dataclass(frozen=True, slots=True)
class RatAccess:
    """The radio accesses allowed."""

    rats: frozenset[Rat]


@dataclass(frozen=True, slots=True)
class ApnAccess:
    """One access point name, provided or not."""

    apn: str
    provided: bool


@dataclass(frozen=True, slots=True)
class SpeedCap:
    """Subscriber's aggregate maximum bit rate (UE-AMBR, TS 29.272 §7.3.41); ``None`` is no cap."""

    cap_kbit_s: int | None


@dataclass(frozen=True, slots=True)
class HomeBar:
    """ODB-HPLMN-Specific types barred (TS 22.041 §5.4): what each type 1-4 stops is agreed with the operator."""

    types: frozenset[int]


@dataclass(frozen=True, slots=True)
class PremiumBar:
    """ODB of premium rate numbers, information and entertainment together (TS 22.041 §5.1)."""

    barred: bool


@dataclass(frozen=True, slots=True)
class ServiceBars:
    """Every service bar that holds; the others do not."""

    bars: frozenset[ServiceBar]


@dataclass(frozen=True, slots=True)
class CallerId:
    """Calling line identification: permanently restricted, or presented unless a call hides it (TS 22.081 §2)."""

    hidden: bool


@dataclass(frozen=True, slots=True)
class Diversion:
    """Conditional call forwarding on busy, no reply and not reachable (TS 22.082), all to one number, or none.

    ``to`` is the voicemail's number as this network dials it, 1 to 15 digits.
    """

    to: str | None


Facet = (
    ServiceLock
    | NetworkAccess
    | OutgoingBar
    | IncomingBar
    | RoamingBar
    | PacketBar
    | HomeBar
    | PremiumBar
    | RatAccess
    | ApnAccess
    | SpeedCap
    | ServiceBars
    | CallerId
    | Diversion
)
"""One independently settable part of a subscription: a dialect carries each with one command."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """One subscriber's data; ``msisdn`` is ``None`` while it has no number.

    There is no field for emergency calls: nothing here can bar them.

    ``foreign`` is what another hand has set that no facet expresses, each as ``Facet: the element's own words``; the
    facet itself then reads as barred. It differs from every wish, and is gone once the facet is set.
    """

    imsi: Imsi
    msisdn: Msisdn | None
    locked: bool = False
    access: NetworkAccess = NetworkAccess.BOTH
    outgoing: OutgoingBar = OutgoingBar.NONE
    incoming: IncomingBar = IncomingBar.NONE
    roaming: RoamingBar = RoamingBar.NONE
    packet: PacketBar = PacketBar.NONE
    home_bars: frozenset[int] = field(default_factory=frozenset)
    premium_barred: bool = False
    rats: frozenset[Rat] = ALL_RATS
    apns: frozenset[str] = field(default_factory=frozenset)
    cap_kbit_s: int | None = None
    service_bars: frozenset[ServiceBar] = field(default_factory=frozenset)
    caller_id_hidden: bool = False
    diverted_to: str | None = None
    foreign: frozenset[str] = field(default_factory=frozenset)

    def facets(self) -> tuple[Facet, ...]:
        """Everything but the identities, bars before what they bar (the order in which it is safe to set them)."""
        return (*self.single_facets(), *(ApnAccess(apn, provided=True) for apn in sorted(self.apns)))

    def single_facets(self) -> tuple[Facet, ...]:
        """The facets there is one of, always in this order."""
        return (
            ServiceLock(self.locked),
            self.access,
            self.roaming,
            self.outgoing,
            self.incoming,
            self.packet,
            HomeBar(self.home_bars),
            PremiumBar(self.premium_barred),
            ServiceBars(self.service_bars),
            RatAccess(self.rats),
            SpeedCap(self.cap_kbit_s),
            CallerId(self.caller_id_hidden),
            Diversion(self.diverted_to),
        )

    def having(self, facet: Facet) -> Subscription:
        """Return the same subscriber with one facet set; what another hand had made of it is gone."""
        changed = self._having(facet)
        if not self.foreign:
            return changed
        return replace(changed, foreign=frozenset(m for m in self.foreign if not m.startswith(_mark(facet, ""))))

    def found(self, facet: Facet, words: str) -> Subscription:
        """Return the same subscriber as another hand has left it: ``facet`` is the nearest to the element's words."""
        return replace(self._having(facet), foreign=self.foreign | {_mark(facet, words)})

    def _having(self, facet: Facet) -> Subscription:
        match facet:
            case ServiceLock(locked):
                return replace(self, locked=locked)
            case NetworkAccess():
                return replace(self, access=facet)
            case OutgoingBar():
                return replace(self, outgoing=facet)
            case IncomingBar():
                return replace(self, incoming=facet)
            case RoamingBar():
                return replace(self, roaming=facet)
            case PacketBar():
                return replace(self, packet=facet)
            case HomeBar(types):
                return replace(self, home_bars=types)
            case PremiumBar(barred):
                return replace(self, premium_barred=barred)
            case RatAccess(rats):
                return replace(self, rats=rats)
            case SpeedCap(cap_kbit_s):
                return replace(self, cap_kbit_s=cap_kbit_s)
            case ServiceBars(bars):
                return replace(self, service_bars=bars)
            case CallerId(hidden):
                return replace(self, caller_id_hidden=hidden)
            case Diversion(to):
                return replace(self, diverted_to=to)
            case ApnAccess(apn, provided):
                return replace(self, apns=self.apns | {apn} if provided else self.apns - {apn})
            case _:
                assert_never(facet)

    def but_own_choices(self, wanted: Subscription) -> Subscription:
        """Return it with the subscriber's own choices (TS 22.082 §1.3.3) as wanted: diversions dialled stay."""
        marks = frozenset(m for m in self.foreign if m.startswith(_mark(Diversion(None), "")))
        if self.diverted_to is None and not marks:
            return self
        return replace(self, diverted_to=wanted.diverted_to, foreign=self.foreign - marks)

    def current(self, facet: Facet) -> Facet:
        """Return the facet of the same kind (for an APN: of the same name) as it is now."""
        if isinstance(facet, ApnAccess):
            return ApnAccess(facet.apn, facet.apn in self.apns)
        return next(own for own in self.facets() if type(own) is type(facet))

    def holds(self, facet: Facet) -> bool:
        """Tell whether the facet is already as stated."""
        return self.having(facet) == self


def _mark(facet: Facet, words: str) -> str:
    return f"{type(facet).__name__}: {words}"


def changes(before: Subscription, after: Subscription) -> tuple[Facet, ...]:
    """List the facets to set so that ``before`` becomes ``after``, identities apart; empty when nothing differs."""
    marked = {mark.partition(":")[0] for mark in before.foreign}
    pairs = zip(before.single_facets(), after.single_facets(), strict=True)
    wanted = (new for old, new in pairs if old != new or type(new).__name__ in marked)
    come = after.apns if ApnAccess.__name__ in marked else after.apns - before.apns
    provided = (ApnAccess(apn, provided=True) for apn in sorted(come))
    gone = (ApnAccess(apn, provided=False) for apn in sorted(before.apns - after.apns))
    return (*wanted, *provided, *gone)
