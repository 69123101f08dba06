"""The probe, row by row: each bar stops what 3GPP says it stops, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hlr_sim.network_side import Place, probe
from hlr_sim.subscribers import (
    NetworkAccessMode,
    OdbIncoming,
    OdbOutgoing,
    OdbPacket,
    OdbRoaming,
    Radio,
    Subscriber,
)

IMSI = "208010000000001"
OPEN = Subscriber(IMSI, "+33612345678", apns=frozenset({"internet"}))
Changes = dict[str, object]


def open_to_all(at: Place) -> dict[str, object]:
    return {
        "imsi": IMSI,
        "at": at.value,
        "attach": "accepted",
        "voice_out": {"national": True, "international": True, "premium": True, "fleet": True},
        "voice_in": True,
        "sms_out": True,
        "sms_in": True,
        "data": {"allowed": True, "cap_kbit_s": None},
        "rats": ["2g", "3g", "4g", "5g"],
        "caller_id": "shown",
        "diverted_to": None,
        "emergency": True,
    }


NO_VOICE_OUT = {"national": False, "international": False, "premium": False, "fleet": False}
FLEET_ONLY = NO_VOICE_OUT | {"fleet": True}
NO_DATA = {"allowed": False, "cap_kbit_s": None}
NOT_INTERNATIONAL = {"national": True, "international": False, "premium": True, "fleet": True}
NO_PREMIUM = {"national": True, "international": True, "premium": False, "fleet": True}
NO_CALLS_OUT = {"voice_out": NO_VOICE_OUT, "sms_out": False}
UNREACHABLE: Changes = {"voice_in": False, "sms_in": False}
NO_CIRCUIT = NO_CALLS_OUT | UNREACHABLE
ONLY_CIRCUIT, ONLY_PACKET = NetworkAccessMode.ONLY_CIRCUIT, NetworkAccessMode.ONLY_PACKET
CAPPED: Changes = {"data": {"allowed": True, "cap_kbit_s": 512}}

RULES: list[tuple[Changes, Changes, Changes]] = [  # what is set, what differs at home, what differs abroad
    ({}, {}, {}),
    ({"odb_outgoing": OdbOutgoing.BAOC}, NO_CALLS_OUT, NO_CALLS_OUT),
    ({"odb_outgoing": OdbOutgoing.BOIC}, {"voice_out": NOT_INTERNATIONAL}, {"voice_out": NOT_INTERNATIONAL}),
    ({"odb_outgoing": OdbOutgoing.BOIC_EXHC}, {"voice_out": NOT_INTERNATIONAL}, {}),
    ({"odb_outgoing": OdbOutgoing.BOC_ROAM}, {}, NO_CALLS_OUT),
    ({"odb_hplmn": frozenset({1})}, {"voice_out": NOT_INTERNATIONAL}, {}),
    ({"odb_hplmn": frozenset({2, 3, 4})}, {}, {}),
    ({"odb_premium": True}, {"voice_out": NO_PREMIUM}, {"voice_out": NO_PREMIUM}),
    ({"odb_incoming": OdbIncoming.BAIC}, UNREACHABLE, UNREACHABLE),
    ({"odb_incoming": OdbIncoming.BIC_ROAM}, {}, {"voice_in": False}),
    ({"odb_packet": OdbPacket.ALL}, {"data": NO_DATA}, {"data": NO_DATA}),
    ({"odb_packet": OdbPacket.ROAM}, {}, {"data": NO_DATA}),
    ({"network_access_mode": ONLY_CIRCUIT}, {"data": NO_DATA}, {"data": NO_DATA}),
    ({"network_access_mode": ONLY_PACKET}, NO_CIRCUIT, NO_CIRCUIT),
    ({"network_access_mode": ONLY_PACKET, "odb_packet": OdbPacket.ROAM}, NO_CIRCUIT, NO_CIRCUIT | {"data": NO_DATA}),
    ({"msisdn": None}, UNREACHABLE, UNREACHABLE),
    ({"apns": frozenset({"visualvoicemail"})}, {"data": NO_DATA}, {"data": NO_DATA}),
    ({"ambr_dl_kbit_s": 512}, CAPPED, CAPPED),
    ({"ambr_dl_kbit_s": 512, "odb_packet": OdbPacket.ROAM}, CAPPED, {"data": NO_DATA}),
    ({"ss_baoc_speech": True}, {"voice_out": NO_VOICE_OUT}, {"voice_out": NO_VOICE_OUT}),
    ({"ss_baic_speech": True}, {"voice_in": False}, {"voice_in": False}),
    ({"ss_baoc_sms": True}, {"sms_out": False}, {"sms_out": False}),
    ({"cug_no_outgoing_access": True}, {"voice_out": FLEET_ONLY}, {"voice_out": FLEET_ONLY}),
    ({"cug_no_outgoing_access": True, "odb_outgoing": OdbOutgoing.BAOC}, NO_CALLS_OUT, NO_CALLS_OUT),
    ({"cug_no_outgoing_access": True, "odb_outgoing": OdbOutgoing.BOC_ROAM}, {"voice_out": FLEET_ONLY}, NO_CALLS_OUT),
    (
        {"cug_no_outgoing_access": True, "ss_baoc_speech": True},
        {"voice_out": NO_VOICE_OUT},
        {"voice_out": NO_VOICE_OUT},
    ),
    ({"ss_baoc_speech": True, "ss_baoc_sms": True}, NO_CALLS_OUT, NO_CALLS_OUT),
    ({"clir_permanent": True}, {"caller_id": "hidden"}, {"caller_id": "hidden"}),
    ({"cf_conditional": "577"}, {"diverted_to": "577"}, {"diverted_to": "577"}),
    ({"access_restriction": frozenset({Radio.NR})}, {"rats": ["2g", "3g", "4g"]}, {"rats": ["2g", "3g", "4g"]}),
    ({"access_restriction": frozenset({Radio.GERAN, Radio.EUTRAN})}, {"rats": ["3g", "5g"]}, {"rats": ["3g", "5g"]}),
]


@pytest.mark.parametrize(("held", "at_home", "abroad"), RULES, ids=lambda v: ",".join(v) if isinstance(v, dict) else "")
def test_each_bar_stops_its_own_and_nothing_else(held: Changes, at_home: Changes, abroad: Changes) -> None:
    subscriber = replace(OPEN, **held)  # type: ignore[arg-type]  # any field may be given
    assert probe(subscriber, IMSI, Place.HOME) == open_to_all(Place.HOME) | at_home
    assert probe(subscriber, IMSI, Place.ABROAD) == open_to_all(Place.ABROAD) | abroad


def refused(at: Place, why: str) -> dict[str, object]:
    nothing = {"voice_out": NO_VOICE_OUT, "voice_in": False, "sms_out": False, "sms_in": False, "data": NO_DATA}
    told: dict[str, object] = {"caller_id": "shown", "diverted_to": None, "rats": [], "emergency": True}
    return {"imsi": IMSI, "at": at.value, "attach": f"refused:{why}"} | told | nothing


@pytest.mark.parametrize("at", Place)
def test_an_unknown_phone_gets_emergency_calls_only(at: Place) -> None:
    assert probe(None, IMSI, at) == refused(at, "unknown") | {"caller_id": None}


@pytest.mark.parametrize("at", Place)
def test_a_locked_subscriber_gets_emergency_calls_only(at: Place) -> None:
    assert probe(replace(OPEN, lock=True), IMSI, at) == refused(at, "suspended")


@pytest.mark.parametrize("at", Place)
def test_a_subscriber_of_no_domain_gets_emergency_calls_only(at: Place) -> None:
    nowhere = replace(OPEN, network_access_mode=NetworkAccessMode.NEITHER, odb_roaming=OdbRoaming.HPLMN_ONLY)
    assert probe(nowhere, IMSI, at) == refused(at, "suspended")


@pytest.mark.parametrize("bar", [OdbRoaming.HPLMN_ONLY, OdbRoaming.HPLMN_COUNTRY_ONLY])
def test_a_roaming_bar_refuses_registration_abroad_only(bar: OdbRoaming) -> None:
    subscriber = replace(OPEN, odb_roaming=bar)
    assert probe(subscriber, IMSI, Place.ABROAD) == refused(Place.ABROAD, "roaming")
    assert probe(subscriber, IMSI, Place.HOME) == open_to_all(Place.HOME)


def test_a_lock_is_told_before_a_roaming_bar() -> None:
    subscriber = replace(OPEN, lock=True, odb_roaming=OdbRoaming.HPLMN_ONLY)
    assert probe(subscriber, IMSI, Place.ABROAD) == refused(Place.ABROAD, "suspended")


@pytest.mark.parametrize("at", Place)
def test_what_is_set_for_a_subscriber_is_told_of_a_locked_one_too(at: Place) -> None:
    locked = replace(OPEN, lock=True, clir_permanent=True, cf_conditional="577")
    told = {"caller_id": "hidden", "diverted_to": "577"}
    assert probe(locked, IMSI, at) == refused(at, "suspended") | told


def test_barred_outgoing_as_technicophone_wants_it() -> None:
    """api.md, row "barred outgoing": reachable at home by voice and SMS, abroad by SMS alone."""
    barred = replace(OPEN, odb_outgoing=OdbOutgoing.BAOC, odb_incoming=OdbIncoming.BIC_ROAM, odb_packet=OdbPacket.ALL)
    home, abroad = probe(barred, IMSI, Place.HOME), probe(barred, IMSI, Place.ABROAD)
    assert (home["voice_in"], home["sms_in"], home["sms_out"], home["data"]) == (True, True, False, NO_DATA)
    assert (abroad["voice_in"], abroad["sms_in"], abroad["sms_out"], abroad["data"]) == (False, True, False, NO_DATA)
    assert home["voice_out"] == abroad["voice_out"] == NO_VOICE_OUT
