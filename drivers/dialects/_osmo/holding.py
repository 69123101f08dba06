"""What an OsmoHLR holds of a subscription: two domains, each open or shut, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

from drivers.dialect import Capabilities, Fit
from drivers.subscription import (
    ALL_RATS,
    IncomingBar,
    NetworkAccess,
    OutgoingBar,
    PacketBar,
    Rat,
    RoamingBar,
    Subscription,
)

ITS_RATS = frozenset({Rat.GERAN, Rat.UTRAN})  #: an HLR without S6a serves no other radio access

_ACCESS = {mode.domains: mode for mode in NetworkAccess}


def access(*, cs: bool, ps: bool) -> NetworkAccess:
    """Name the network access mode in which these domains are open."""
    return _ACCESS[frozenset(name for name, is_open in (("cs", cs), ("ps", ps)) if is_open)]


def domains(mode: NetworkAccess) -> tuple[bool, bool]:
    """Tell whether the circuit switched and the packet switched domain are open."""
    return "cs" in mode.domains, "ps" in mode.domains


def fit(wanted: Subscription, capabilities: Capabilities) -> Fit:
    """Say how an OsmoHLR holds a subscription.

    Locked is no domain at all. Packet data are on as soon as any APN is wanted, and then every APN is served: it hands
    the wildcard to the SGSN. A lock covers the bars below it, but not those of roaming and at home, which would be
    missing again the moment it is lifted.
    """
    cs, ps = domains(wanted.access)
    data = bool(wanted.apns) and wanted.packet is not PacketBar.ALL
    held = access(cs=cs and not wanted.locked, ps=ps and data and not wanted.locked)
    missing = list(_missing(wanted))
    if NetworkAccess not in capabilities.facets and held is not NetworkAccess.BOTH:
        missing.insert(0, f"cannot set network access to {held}: that takes the VTY, beside CTRL as a second door")
        held = NetworkAccess.BOTH
    return Fit(Subscription(wanted.imsi, wanted.msisdn, access=held), tuple(missing))


def _missing(wanted: Subscription) -> Iterator[str]:
    """Name everything there is no place for, in plain words."""
    if not wanted.locked:
        if wanted.outgoing is not OutgoingBar.NONE:
            yield f"cannot bar outgoing calls only (wanted {wanted.outgoing})"
        if wanted.incoming is not IncomingBar.NONE:
            yield f"cannot bar incoming calls only (wanted {wanted.incoming})"
        if wanted.packet is PacketBar.WHEN_ROAMING:
            yield "cannot bar packet services when roaming only"
    if wanted.roaming is not RoamingBar.NONE:
        yield f"cannot bar roaming (wanted {wanted.roaming})"
    if wanted.home_bars:
        types = ",".join(str(number) for number in sorted(wanted.home_bars))
        yield f"cannot bar international calls by ODB-HPLMN type (wanted {types})"
    if wanted.premium_barred:
        yield "cannot bar premium numbers"
    yield from _missing_services(wanted)
    if wanted.cap_kbit_s is not None:
        yield f"cannot cap the bit rate (wanted {wanted.cap_kbit_s} kbit/s)"
    if wanted.rats not in (ITS_RATS, ALL_RATS):  # all of them is what a subscription says of which nobody said anything
        rats = ",".join(sorted(wanted.rats)) or "none"
        yield f"cannot restrict radio access: it serves exactly 2g and 3g, wanted {rats}"


def _missing_services(wanted: Subscription) -> Iterator[str]:
    if wanted.service_bars:
        yield f"cannot bar single services (wanted {', '.join(sorted(wanted.service_bars))})"
    if wanted.caller_id_hidden:
        yield "cannot hide the caller's number"
    if wanted.diverted_to is not None:
        yield f"cannot divert calls (wanted to {wanted.diverted_to})"
