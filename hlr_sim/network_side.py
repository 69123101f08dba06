"""What would a phone get? Answered from the subscriber data alone, as the serving network would read it."""

from __future__ import annotations

from enum import StrEnum

from hlr_sim.subscribers import (
    NetworkAccessMode,
    OdbIncoming,
    OdbOutgoing,
    OdbPacket,
    OdbRoaming,
    Radio,
    Subscriber,
)

ACCEPTED = "accepted"

_RATS = {Radio.GERAN: "2g", Radio.UTRAN: "3g", Radio.EUTRAN: "4g", Radio.NR: "5g"}  # in the order they are told
_CIRCUIT = (NetworkAccessMode.PACKET_AND_CIRCUIT, NetworkAccessMode.ONLY_CIRCUIT)
_PACKET = (NetworkAccessMode.PACKET_AND_CIRCUIT, NetworkAccessMode.ONLY_PACKET)
_OUTGOING_INTERNATIONAL = 1  # the ODB-HPLMN-Specific type this operator has agreed that meaning for


class Place(StrEnum):
    """Where the phone is switched on; ``abroad`` is another network in another country."""

    HOME = "home"
    ABROAD = "abroad"


def probe(subscriber: Subscriber | None, imsi: str, at: Place) -> dict[str, object]:
    """Tell what a phone with this IMSI would get at that place."""
    attach = attach_answer(subscriber, at)
    got = _nothing() if subscriber is None or attach != ACCEPTED else _services(subscriber, abroad=at is Place.ABROAD)
    # TS 22.101 §10: an emergency call needs no subscription, TS 22.041 §1: and no barring applies to it
    return {"imsi": imsi, "at": at.value, "attach": attach} | got | _set_for(subscriber) | {"emergency": True}


def attach_answer(subscriber: Subscriber | None, at: Place) -> str:
    """Tell whether a phone is let in, or why not."""
    if subscriber is None:
        return "refused:unknown"
    if subscriber.lock or subscriber.network_access_mode is NetworkAccessMode.NEITHER:
        return "refused:suspended"
    if at is Place.ABROAD and subscriber.odb_roaming is not OdbRoaming.NONE:
        return "refused:roaming"  # TS 23.015 §2.3: the HLR refuses Update Location
    return ACCEPTED


def _nothing() -> dict[str, object]:
    return {
        "voice_out": {"national": False, "international": False, "premium": False, "fleet": False},
        "voice_in": False,
        "sms_out": False,
        "sms_in": False,
        "data": {"allowed": False, "cap_kbit_s": None},
        "rats": [],
    }


def _set_for(subscriber: Subscriber | None) -> dict[str, object]:
    """Tell what is part of the subscription wherever the phone is, let in or not; nothing of an unknown one."""
    if subscriber is None:
        return {"caller_id": None, "diverted_to": None}
    return {
        "caller_id": "hidden" if subscriber.clir_permanent else "shown",
        "diverted_to": subscriber.cf_conditional,
    }


def _services(subscriber: Subscriber, *, abroad: bool) -> dict[str, object]:
    circuit = subscriber.network_access_mode in _CIRCUIT  # calls and short messages need it: no IMS is simulated here
    reachable = circuit and subscriber.msisdn is not None
    not_barred = circuit and _may_call(subscriber.odb_outgoing, abroad=abroad)
    calls_out = not_barred and not subscriber.ss_baoc_speech
    # TS 22.085: without outgoing access, a member of a closed user group calls the other members only
    anyone = calls_out and not subscriber.cug_no_outgoing_access
    data = _may_use_data(subscriber, abroad=abroad)
    return {
        "voice_out": {
            "national": anyone,
            "international": anyone and _may_call_international(subscriber, abroad=abroad),
            "premium": anyone and not subscriber.odb_premium,
            "fleet": calls_out,
        },
        "voice_in": reachable and _may_be_called(subscriber, abroad=abroad),
        # TS 22.041 §5.1: outgoing ODB covers mobile originated short messages; TS 22.088 bars service by service, and
        # a closed user group is not about them (TS 22.004)
        "sms_out": not_barred and not subscriber.ss_baoc_sms,
        # "incoming when roaming" acts here on calls, not on mobile terminated short messages: a common HLR setting
        "sms_in": reachable and subscriber.odb_incoming is not OdbIncoming.BAIC,
        "data": {"allowed": data, "cap_kbit_s": subscriber.ambr_dl_kbit_s if data else None},
        "rats": [name for radio, name in _RATS.items() if radio not in subscriber.access_restriction],
    }


def _may_call(bar: OdbOutgoing, *, abroad: bool) -> bool:
    return not (bar is OdbOutgoing.BAOC or (bar is OdbOutgoing.BOC_ROAM and abroad))


def _may_call_international(subscriber: Subscriber, *, abroad: bool) -> bool:
    if abroad:
        # BOIC-exHC lets calls to the home country through; operator specific types act only in the HPLMN
        # (TS 22.041 §5.4), so neither stops a call home from here
        return subscriber.odb_outgoing is not OdbOutgoing.BOIC
    barred = subscriber.odb_outgoing in (OdbOutgoing.BOIC, OdbOutgoing.BOIC_EXHC)
    return not barred and _OUTGOING_INTERNATIONAL not in subscriber.odb_hplmn


def _may_be_called(subscriber: Subscriber, *, abroad: bool) -> bool:
    bar = subscriber.odb_incoming
    return not (subscriber.ss_baic_speech or bar is OdbIncoming.BAIC or (bar is OdbIncoming.BIC_ROAM and abroad))


def _may_use_data(subscriber: Subscriber, *, abroad: bool) -> bool:
    barred = subscriber.odb_packet is OdbPacket.ALL or (subscriber.odb_packet is OdbPacket.ROAM and abroad)
    return subscriber.network_access_mode in _PACKET and "internet" in subscriber.apns and not barred
