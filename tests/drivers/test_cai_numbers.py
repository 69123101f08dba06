"""How CAI puts facets into numbers, and reads those no facet has."""

from dataclasses import replace

import pytest

from drivers import commands as c
from drivers.dialects import cai
from drivers.dialects.cai import words
from drivers.subscription import (
    ALL_RATS,
    ApnAccess,
    CallerId,
    Diversion,
    Facet,
    HomeBar,
    Imsi,
    IncomingBar,
    Msisdn,
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
    Subscription,
    changes,
)

IMSI, NUMBER = Imsi("208990000000001"), Msisdn("+33612345678")
FRESH = Subscription(IMSI, NUMBER)
TOLD = (
    "MSISDN,33612345678:IMSI,208990000000001:NAM,0:OBO,0:OBI,0:OBR,0:OBOPRI,0:OBOPRE,0:OSB1,0:OSB2,0:OSB3,0:OSB4,0:"
    "OBGPRS,0:TEMPBLOCK,0:ARD,0:AMBR,0"
)


def _held(told: str) -> Subscription:
    client = cai.client({})
    client.encode(1, c.ReadSubscriber(IMSI))
    ((_, reply),) = client.feed(f"RESP:0:{told};".encode())
    assert isinstance(reply, c.Held)
    return reply.subscription


@pytest.mark.parametrize(
    ("rats", "mask"),
    [
        (ALL_RATS, 0),
        (ALL_RATS - {Rat.UTRAN}, 1 << 0),
        (ALL_RATS - {Rat.GERAN}, 1 << 1),
        (ALL_RATS - {Rat.EUTRAN}, 1 << 4),
        (ALL_RATS - {Rat.NR}, 1 << 8 | 1 << 10),
        (frozenset(), 1 << 0 | 1 << 1 | 1 << 4 | 1 << 8 | 1 << 10),
    ],
)
def test_access_restriction_bits_are_those_of_ts_29_272(rats: frozenset[Rat], mask: int) -> None:
    assert words.numbers(RatAccess(rats)) == {"ARD": mask}
    assert words.exactly({"ARD": mask}) == RatAccess(rats)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("NAM", [NetworkAccess.BOTH, NetworkAccess.CS_ONLY, NetworkAccess.PS_ONLY]),
        ("OBO", [*OutgoingBar]),
        ("OBI", [IncomingBar.NONE, IncomingBar.ALL, IncomingBar.WHEN_ROAMING]),
        ("OBR", [RoamingBar.NONE, RoamingBar.OUTSIDE_HPLMN, RoamingBar.OUTSIDE_HOME_COUNTRY]),
        ("OBGPRS", [PacketBar.NONE, PacketBar.ALL, PacketBar.WHEN_ROAMING]),
        ("TEMPBLOCK", [ServiceLock(locked=False), ServiceLock(locked=True)]),
        ("AMBR", [SpeedCap(None), SpeedCap(1), SpeedCap(2)]),
        ("CLIR", [CallerId(hidden=False), CallerId(hidden=True)]),
    ],
)
def test_each_value_has_its_number(name: str, values: list[Facet]) -> None:
    assert [words.numbers(value) for value in values] == [{name: number} for number in range(len(values))]
    read = [words.exactly({name: number}) for number in range(len(values))]
    assert [(type(facet), facet) for facet in read] == [(type(facet), facet) for facet in values]


def test_home_bars_and_premium_bars_have_a_switch_each() -> None:
    assert words.numbers(HomeBar(frozenset({2, 4}))) == {"OSB1": 0, "OSB2": 1, "OSB3": 0, "OSB4": 1}
    assert words.exactly({"OBOPRI": 1, "OBOPRE": 1}) == PremiumBar(barred=True)
    for told in ({"OBOPRI": 1, "OBOPRE": 0}, {"OBO": 5}, {"ARD": 256}, {"OBO": 1, "OBI": 1}, {"OSB1": 1}, {}):
        with pytest.raises(ValueError, match=r"\w"):
            words.exactly(told)


@pytest.mark.parametrize(
    ("found", "facet", "shown"),
    [
        ("OBOPRI,1:OBOPRE,0", PremiumBar(barred=True), "PremiumBar: OBOPRI,1:OBOPRE,0"),
        ("OBOPRI,0:OBOPRE,1", PremiumBar(barred=True), "PremiumBar: OBOPRI,0:OBOPRE,1"),
        ("OBO,9", OutgoingBar.ALL, "OutgoingBar: OBO,9"),
        ("OBI,3", IncomingBar.ALL, "IncomingBar: OBI,3"),
        ("OBR,3", RoamingBar.OUTSIDE_HPLMN, "RoamingBar: OBR,3"),
        ("OBGPRS,7", PacketBar.ALL, "PacketBar: OBGPRS,7"),
        ("OSB2,2", HomeBar(frozenset({2})), "HomeBar: OSB1,0:OSB2,2:OSB3,0:OSB4,0"),
        ("TEMPBLOCK,2", ServiceLock(locked=True), "ServiceLock: TEMPBLOCK,2"),
        ("ARD,256", RatAccess(ALL_RATS - {Rat.NR}), "RatAccess: ARD,256"),
        ("ARD,64", RatAccess(ALL_RATS), "RatAccess: ARD,64"),
        ("CLIR,2", CallerId(hidden=True), "CallerId: CLIR,2"),
        (
            "BAICTS10,2",
            ServiceBars(frozenset({ServiceBar.SPEECH_IN})),
            "ServiceBars: BAOCTS10,0:BAICTS10,2:BAOCTS20,0:CUGNOA,0",
        ),
        ("CFB,1,1,577", Diversion("577"), "Diversion: CFB,1,1,577:CFNRY,0:CFNRC,0"),
        ("CFNRC,1,1,578", Diversion("578"), "Diversion: CFB,0:CFNRY,0:CFNRC,1,1,578"),
    ],
)
def test_what_another_hand_has_set_reads_as_barred_and_as_no_wish_of_ours(found: str, facet: Facet, shown: str) -> None:
    told = TOLD
    for group in found.split(":"):
        name = group.partition(",")[0]
        told = told.replace(f":{name},0", f":{group}") if f":{name}," in told else f"{told}:{group}"
    held = _held(told)
    assert held.foreign == {shown}
    assert replace(held, foreign=frozenset()).holds(facet)
    assert _held(_told(held)) == held
    for wish in (FRESH, FRESH.having(facet)):
        assert held != wish
        assert [type(f) for f in changes(held, wish)] == [type(facet)]
        assert held.having(changes(held, wish)[0]) == wish


def _told(held: Subscription) -> str:
    server = cai.server({})
    server.feed(b"GET:HLRSUB:IMSI,208990000000001;")
    return server.answer(1, c.Held(held)).decode().removeprefix("RESP:0:").partition(";")[0]


@pytest.mark.parametrize(
    "found", ["CFU,0", "CFB,0:CFNRY,0", "CFB,1:CFNRC,1,0,577", "CLIR,0", "BAOCTS10,0", "BAOC,1,1,TS10:BAOC,1,0,TS20"]
)
def test_a_service_that_is_not_told_or_not_active_is_not_set(found: str) -> None:
    assert _held(f"{TOLD}:{found}") == FRESH


def test_services_are_told_where_one_is_set() -> None:
    bars = frozenset({ServiceBar.SPEECH_OUT, ServiceBar.OUTSIDE_GROUP})
    served = replace(FRESH, service_bars=bars, caller_id_hidden=True, diverted_to="577")
    assert _told(FRESH) == TOLD
    assert _told(served) == (
        f"{TOLD}:BAOCTS10,1:BAICTS10,0:BAOCTS20,0:CUGNOA,1:CLIR,1:CFB,1,1,577:CFNRY,1,1,577:CFNRC,1,1,577"
    )
    assert _told(FRESH.having(CallerId(hidden=True))) == f"{TOLD}:CLIR,1"
    assert _held(_told(served)) == served


def test_an_access_point_of_another_hand_is_neither_lost_nor_taken_for_ours() -> None:
    held = _held(f"{TOLD}:PDPCONTEXT,APNID,99:PDPCONTEXT,APNID,1")
    assert held.apns == {"apnid-99", "internet"}
    away = c.Provide(IMSI, ApnAccess("apnid-99", provided=False))
    (asked,) = cai.server({}).feed(cai.client({}).encode(1, away).data)
    assert asked.command == away


def test_it_says_what_it_cannot_hold_and_what_is_heard_at_once() -> None:
    fit = cai.fit(replace(FRESH, access=NetworkAccess.NONE), cai.CAPABILITIES)
    assert (fit.held, len(fit.missing)) == (FRESH, 1)
    can = cai.CAPABILITIES
    assert can.heard(c.Provide(IMSI, OutgoingBar.ALL))
    assert can.heard(c.RemoveSubscriber(IMSI))
    assert not any(
        can.heard(c.Provide(IMSI, f)) for f in (RoamingBar.NONE, ServiceLock(locked=True), RatAccess(ALL_RATS))
    )
    assert not can.speaks(c.CancelLocation(IMSI))
