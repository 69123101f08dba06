"""Between what an element is told (neutral facets) and what this HLR holds (TS 23.008): one table each way."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import TypeVar, assert_never

from drivers import subscription as told
from drivers.subscription import Facet, Imsi, Msisdn, Rat, ServiceBar, Subscription
from hlr_sim.subscribers import (
    NetworkAccessMode,
    OdbIncoming,
    OdbOutgoing,
    OdbPacket,
    OdbRoaming,
    Radio,
    Subscriber,
)

_ACCESS = {
    told.NetworkAccess.BOTH: NetworkAccessMode.PACKET_AND_CIRCUIT,
    told.NetworkAccess.CS_ONLY: NetworkAccessMode.ONLY_CIRCUIT,
    told.NetworkAccess.PS_ONLY: NetworkAccessMode.ONLY_PACKET,
    told.NetworkAccess.NONE: NetworkAccessMode.NEITHER,
}
_OUTGOING = {
    told.OutgoingBar.NONE: OdbOutgoing.NONE,
    told.OutgoingBar.ALL: OdbOutgoing.BAOC,
    told.OutgoingBar.INTERNATIONAL: OdbOutgoing.BOIC,
    told.OutgoingBar.INTERNATIONAL_EXCEPT_HOME: OdbOutgoing.BOIC_EXHC,
    told.OutgoingBar.WHEN_ROAMING: OdbOutgoing.BOC_ROAM,
}
_INCOMING = {
    told.IncomingBar.NONE: OdbIncoming.NONE,
    told.IncomingBar.ALL: OdbIncoming.BAIC,
    told.IncomingBar.WHEN_ROAMING: OdbIncoming.BIC_ROAM,
}
_ROAMING = {
    told.RoamingBar.NONE: OdbRoaming.NONE,
    told.RoamingBar.OUTSIDE_HPLMN: OdbRoaming.HPLMN_ONLY,
    told.RoamingBar.OUTSIDE_HOME_COUNTRY: OdbRoaming.HPLMN_COUNTRY_ONLY,
}
_PACKET = {
    told.PacketBar.NONE: OdbPacket.NONE,
    told.PacketBar.ALL: OdbPacket.ALL,
    told.PacketBar.WHEN_ROAMING: OdbPacket.ROAM,
}
_RADIO = {Rat.GERAN: Radio.GERAN, Rat.UTRAN: Radio.UTRAN, Rat.EUTRAN: Radio.EUTRAN, Rat.NR: Radio.NR}

_Told = TypeVar("_Told", bound=StrEnum)
_Kept = TypeVar("_Kept", bound=StrEnum)


def _mirrored(table: dict[_Told, _Kept]) -> dict[_Kept, _Told]:
    return {kept: word for word, kept in table.items()}


_ACCESS_TOLD = _mirrored(_ACCESS)
_OUTGOING_TOLD = _mirrored(_OUTGOING)
_INCOMING_TOLD = _mirrored(_INCOMING)
_ROAMING_TOLD = _mirrored(_ROAMING)
_PACKET_TOLD = _mirrored(_PACKET)


def with_facet(subscriber: Subscriber, facet: Facet) -> Subscriber:
    """Return the subscriber with one facet set as told."""
    match facet:
        case told.ServiceLock(locked):
            return replace(subscriber, lock=locked)
        case told.NetworkAccess():
            return replace(subscriber, network_access_mode=_ACCESS[facet])
        case told.OutgoingBar():
            return replace(subscriber, odb_outgoing=_OUTGOING[facet])
        case told.IncomingBar():
            return replace(subscriber, odb_incoming=_INCOMING[facet])
        case told.RoamingBar():
            return replace(subscriber, odb_roaming=_ROAMING[facet])
        case told.PacketBar():
            return replace(subscriber, odb_packet=_PACKET[facet])
        case told.HomeBar(types):
            return replace(subscriber, odb_hplmn=types)
        case told.PremiumBar(barred):
            return replace(subscriber, odb_premium=barred)
        case told.ServiceBars(bars):
            return _with_service_bars(subscriber, bars)
        case told.CallerId(hidden):
            return replace(subscriber, clir_permanent=hidden)
        case told.Diversion(to):
            return replace(subscriber, cf_conditional=to)
        case told.RatAccess(rats):
            return replace(subscriber, access_restriction=frozenset(r for rat, r in _RADIO.items() if rat not in rats))
        case told.SpeedCap(cap_kbit_s):
            return replace(subscriber, ambr_dl_kbit_s=cap_kbit_s)
        case told.ApnAccess(apn, provided):
            return replace(subscriber, apns=subscriber.apns | {apn} if provided else subscriber.apns - {apn})
        case _:
            assert_never(facet)


def _with_service_bars(subscriber: Subscriber, bars: frozenset[ServiceBar]) -> Subscriber:
    return replace(
        subscriber,
        ss_baoc_speech=ServiceBar.SPEECH_OUT in bars,
        ss_baic_speech=ServiceBar.SPEECH_IN in bars,
        ss_baoc_sms=ServiceBar.SHORT_MESSAGE_OUT in bars,
        cug_no_outgoing_access=ServiceBar.OUTSIDE_GROUP in bars,
    )


def _service_bars_told(subscriber: Subscriber) -> frozenset[ServiceBar]:
    held = {
        ServiceBar.SPEECH_OUT: subscriber.ss_baoc_speech,
        ServiceBar.SPEECH_IN: subscriber.ss_baic_speech,
        ServiceBar.SHORT_MESSAGE_OUT: subscriber.ss_baoc_sms,
        ServiceBar.OUTSIDE_GROUP: subscriber.cug_no_outgoing_access,
    }
    return frozenset(bar for bar, is_set in held.items() if is_set)


def as_told(subscriber: Subscriber) -> Subscription:
    """Tell everything held, in the neutral words a dialect prints."""
    return Subscription(
        imsi=Imsi(subscriber.imsi),
        msisdn=None if subscriber.msisdn is None else Msisdn(subscriber.msisdn),
        locked=subscriber.lock,
        access=_ACCESS_TOLD[subscriber.network_access_mode],
        outgoing=_OUTGOING_TOLD[subscriber.odb_outgoing],
        incoming=_INCOMING_TOLD[subscriber.odb_incoming],
        roaming=_ROAMING_TOLD[subscriber.odb_roaming],
        packet=_PACKET_TOLD[subscriber.odb_packet],
        home_bars=subscriber.odb_hplmn,
        premium_barred=subscriber.odb_premium,
        rats=frozenset(rat for rat, radio in _RADIO.items() if radio not in subscriber.access_restriction),
        apns=subscriber.apns,
        cap_kbit_s=subscriber.ambr_dl_kbit_s,
        service_bars=_service_bars_told(subscriber),
        caller_id_hidden=subscriber.clir_permanent,
        diverted_to=subscriber.cf_conditional,
    )
