"""What the REST page accepts, checked by pydantic at the border and turned into the simulator's own values."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import Path, Query
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from drivers.commands import Why
from hlr_sim.faults import ANY, Fault, Kind
from hlr_sim.subscribers import (
    NetworkAccessMode,
    OdbIncoming,
    OdbOutgoing,
    OdbPacket,
    OdbRoaming,
    Radio,
    Subscriber,
)
from hlr_sim.validity import APN, FORWARDED_TO, HPLMN_TYPES, IMSI, MSISDN


def _plus(to: object) -> object:
    """Put back the ``+`` that a query string turns into a blank."""
    return "+" + to[1:] if isinstance(to, str) and to.startswith(" ") else to


def _apns(names: frozenset[str]) -> frozenset[str]:
    if not all(APN.fullmatch(name) for name in names):
        raise ValueError("an APN has letters, digits, dots and hyphens")
    return names


def _hplmn(types: frozenset[int]) -> frozenset[int]:
    if not types <= HPLMN_TYPES:
        raise ValueError("operator specific barring has types 1 to 4")
    return types


#: without number, cap, forwarding; elsewhere null is as good as absent
_MAY_BE_NULL = ("msisdn", "ambr_dl_kbit_s", "cf_conditional")

ImsiPath = Annotated[str, Path(pattern=f"^{IMSI.pattern}$")]
Number = Annotated[str, Field(pattern=f"^{MSISDN.pattern}$")]
Recipient = Annotated[str, BeforeValidator(_plus), Query(pattern=f"^{MSISDN.pattern}$")]


MsisdnPath = Annotated[str, Path(pattern=f"^{MSISDN.pattern}$")]
Country = Annotated[str, Query(pattern="^[A-Z]{2}$")]


class PhoneBody(BaseModel):
    """What shall be so of a phone; what is left out stays. ``alert``: ESMEs with messages waiting are told."""

    model_config = ConfigDict(extra="forbid")

    reachable: bool | None = None
    known: bool | None = None
    alert: bool = False


class FromPhoneBody(BaseModel):
    """What a phone sends to an ESME's number; ``system_id`` left out is the element's own account."""

    model_config = ConfigDict(extra="forbid")

    to: Annotated[str, Field(pattern="^[0-9A-Za-z+]{1,20}$")]
    text: Annotated[str, Field(max_length=5000)]
    element: str | None = None
    system_id: Annotated[str, Field(min_length=1, max_length=15)] | None = None


class FaultBody(BaseModel):
    """One fault to script; see ``hlr_sim.faults``."""

    model_config = ConfigDict(extra="forbid", strict=False)

    element: str
    kind: Kind
    match: str = ANY
    after: int = 0
    count: int | None = 1
    delay_s: float | None = None
    why: Why | None = None

    def fault(self) -> Fault:
        """Make the fault. Raises ValueError when its parts do not fit together."""
        return Fault(**dict(self))


class Hand(BaseModel):
    """Someone else's hand: the fields of one subscriber to change behind the gateway's back."""

    model_config = ConfigDict(extra="forbid")

    msisdn: Number | None = None
    lock: bool | None = None
    network_access_mode: NetworkAccessMode | None = None
    odb_outgoing: OdbOutgoing | None = None
    odb_incoming: OdbIncoming | None = None
    odb_roaming: OdbRoaming | None = None
    odb_packet: OdbPacket | None = None
    odb_hplmn: Annotated[frozenset[int], AfterValidator(_hplmn)] | None = None
    odb_premium: bool | None = None
    access_restriction: frozenset[Radio] | None = None
    apns: Annotated[frozenset[str], AfterValidator(_apns)] | None = None
    ambr_dl_kbit_s: Annotated[int, Field(ge=1)] | None = None
    ss_baoc_speech: bool | None = None
    ss_baic_speech: bool | None = None
    ss_baoc_sms: bool | None = None
    cug_no_outgoing_access: bool | None = None
    clir_permanent: bool | None = None
    cf_conditional: Annotated[str, Field(pattern=f"^{FORWARDED_TO.pattern}$")] | None = None

    def on(self, held: Subscriber) -> Subscriber:
        """Return the subscriber with the named fields changed; ``null`` takes a number or the bit rate away."""
        named = {name: getattr(self, name) for name in self.model_fields_set}
        return replace(held, **{n: v for n, v in named.items() if v is not None or n in _MAY_BE_NULL})
