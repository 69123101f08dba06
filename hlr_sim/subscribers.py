"""One subscriber as an HLR holds it (TS 23.008), in the standards' words and with no idea of who set them.

This is deliberately not ``drivers.subscription``: the simulated network keeps its own model, so that what a phone
would get is judged by a second reading of 3GPP and not by the gateway's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class OdbOutgoing(StrEnum):
    """Outgoing calls, one category at a time (TS 22.041 §5.1, TS 23.008 §2.8)."""

    NONE = "none"
    BAOC = "baoc"
    BOIC = "boic"
    BOIC_EXHC = "boic_exhc"
    BOC_ROAM = "boc_roam"


class OdbIncoming(StrEnum):
    """Incoming calls (TS 22.041 §5.2)."""

    NONE = "none"
    BAIC = "baic"
    BIC_ROAM = "bic_roam"


class OdbRoaming(StrEnum):
    """Registration outside the home network (TS 22.041 §5.3)."""

    NONE = "none"
    HPLMN_ONLY = "hplmn_only"
    HPLMN_COUNTRY_ONLY = "hplmn_country_only"


class OdbPacket(StrEnum):
    """Packet oriented services (TS 22.041 §5.5)."""

    NONE = "none"
    ALL = "all"
    ROAM = "roam"


class NetworkAccessMode(StrEnum):
    """Which domains serve the subscriber (TS 23.008 §2.1.1.2, words of TS 29.002); ``NEITHER`` is some makers' own."""

    PACKET_AND_CIRCUIT = "packet_and_circuit"
    ONLY_CIRCUIT = "only_circuit"
    ONLY_PACKET = "only_packet"
    NEITHER = "neither"


class Radio(StrEnum):
    """Radio accesses the Access-Restriction-Data can forbid (TS 29.272 §7.3.31)."""

    GERAN = "geran"
    UTRAN = "utran"
    EUTRAN = "eutran"
    NR = "nr"


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Everything held for one IMSI, perhaps without a number; keys are the authentication centre's, kept elsewhere."""

    imsi: str
    msisdn: str | None
    lock: bool = False
    network_access_mode: NetworkAccessMode = NetworkAccessMode.PACKET_AND_CIRCUIT
    odb_outgoing: OdbOutgoing = OdbOutgoing.NONE
    odb_incoming: OdbIncoming = OdbIncoming.NONE
    odb_roaming: OdbRoaming = OdbRoaming.NONE
    odb_packet: OdbPacket = OdbPacket.NONE
    odb_hplmn: frozenset[int] = field(default_factory=frozenset)  # ODB-HPLMN-Specific types 1 to 4 (TS 22.041 §5.4)
    odb_premium: bool = False
    access_restriction: frozenset[Radio] = field(default_factory=frozenset)  # the accesses NOT allowed
    apns: frozenset[str] = field(default_factory=frozenset)
    ambr_dl_kbit_s: int | None = None
    ss_baoc_speech: bool = False  # barring of all outgoing calls, teleservices 1x (TS 22.088)
    ss_baic_speech: bool = False
    ss_baoc_sms: bool = False  # the same, teleservices 2x
    cug_no_outgoing_access: bool = False  # a closed user group without outgoing access (TS 22.085)
    clir_permanent: bool = False  # TS 22.081
    cf_conditional: str | None = None  # CFB, CFNRy and CFNRc, all to one number (TS 22.082): digits as dialled

    def as_json(self) -> dict[str, object]:
        """Write every field in JSON's types; sets become sorted lists."""
        return {
            "imsi": self.imsi,
            "msisdn": self.msisdn,
            "lock": self.lock,
            "network_access_mode": self.network_access_mode,
            "odb_outgoing": self.odb_outgoing,
            "odb_incoming": self.odb_incoming,
            "odb_roaming": self.odb_roaming,
            "odb_packet": self.odb_packet,
            "odb_hplmn": sorted(self.odb_hplmn),
            "odb_premium": self.odb_premium,
            "access_restriction": sorted(self.access_restriction),
            "apns": sorted(self.apns),
            "ambr_dl_kbit_s": self.ambr_dl_kbit_s,
            "ss_baoc_speech": self.ss_baoc_speech,
            "ss_baic_speech": self.ss_baic_speech,
            "ss_baoc_sms": self.ss_baoc_sms,
            "cug_no_outgoing_access": self.cug_no_outgoing_access,
            "clir_permanent": self.clir_permanent,
            "cf_conditional": self.cf_conditional,
        }


_READ: Mapping[str, Callable[[Any], Any]] = {
    "imsi": str,
    "msisdn": lambda msisdn: msisdn,
    "lock": bool,
    "network_access_mode": NetworkAccessMode,
    "odb_outgoing": OdbOutgoing,
    "odb_incoming": OdbIncoming,
    "odb_roaming": OdbRoaming,
    "odb_packet": OdbPacket,
    "odb_hplmn": frozenset,
    "odb_premium": bool,
    "access_restriction": lambda names: frozenset(Radio(name) for name in names),
    "apns": frozenset,
    "ambr_dl_kbit_s": lambda kbit_s: kbit_s,
    "ss_baoc_speech": bool,
    "ss_baic_speech": bool,
    "ss_baoc_sms": bool,
    "cug_no_outgoing_access": bool,
    "clir_permanent": bool,
    "cf_conditional": lambda number: number,
}


def from_json(written: Mapping[str, object]) -> Subscriber:
    """Read back what ``as_json`` wrote; what an older edition did not write has its default.

    Raises KeyError or ValueError on anything else.
    """
    return Subscriber(**{name: _READ[name](value) for name, value in written.items()})
