"""What is said in the CAI transcripts."""

from dataclasses import replace

from drivers import commands as c
from drivers.commands import Why
from drivers.subscription import (
    ApnAccess,
    CallerId,
    Diversion,
    Facet,
    HomeBar,
    Iccid,
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
)
from tests.transcripts.reading import Exchanges, Part, lines, parts

PROMPT = "Enter command:"

A, B, NUMBER, NO_ICCID = Imsi("208990000000001"), Imsi("208990000000002"), Msisdn("+33612345678"), Iccid("")
FRESH = Subscription(A, NUMBER)
FULL = Subscription(
    A,
    NUMBER,
    locked=True,
    access=NetworkAccess.CS_ONLY,
    outgoing=OutgoingBar.INTERNATIONAL,
    incoming=IncomingBar.WHEN_ROAMING,
    roaming=RoamingBar.OUTSIDE_HOME_COUNTRY,
    packet=PacketBar.WHEN_ROAMING,
    home_bars=frozenset({1}),
    premium_barred=True,
    rats=frozenset({Rat.GERAN, Rat.UTRAN}),
    apns=frozenset({"internet", "tethering"}),
    cap_kbit_s=10_000,
)
SERVED = replace(
    FRESH,
    service_bars=frozenset({ServiceBar.SHORT_MESSAGE_OUT, ServiceBar.OUTSIDE_GROUP}),
    caller_id_hidden=True,
    diverted_to="577",
)
#: forwarded on busy by another hand, and nowhere else
FORWARDED = Subscription(A, NUMBER, apns=frozenset({"internet", "apnid-99"})).found(
    Diversion("33600000001"), "CFB,1,1,33600000001:CFNRY,0:CFNRC,0"
)
HALF = (
    FRESH.found(OutgoingBar.ALL, "OBO,7")
    .found(PremiumBar(barred=True), "OBOPRI,1:OBOPRE,0")
    .found(RatAccess(frozenset({Rat.GERAN, Rat.UTRAN, Rat.EUTRAN})), "ARD,256")
)
FACETS: tuple[Facet, ...] = (
    ServiceLock(locked=True),
    ServiceLock(locked=False),
    NetworkAccess.BOTH,
    NetworkAccess.CS_ONLY,
    NetworkAccess.PS_ONLY,
    *OutgoingBar,
    *IncomingBar,
    *RoamingBar,
    *PacketBar,
    HomeBar(frozenset({1, 3})),
    PremiumBar(barred=True),
    RatAccess(frozenset({Rat.GERAN, Rat.UTRAN})),
    ApnAccess("internet", provided=True),
    ApnAccess("internet", provided=False),
    SpeedCap(512),
    SpeedCap(None),
)
SERVICES: tuple[Facet, ...] = (
    *(ServiceBars(frozenset({bar})) for bar in ServiceBar),
    ServiceBars(frozenset()),
    CallerId(hidden=True),
    CallerId(hidden=False),
    Diversion("577"),
    Diversion(None),
)
DONE = c.Done("0")
BARRED = c.Provide(A, OutgoingBar.ALL)
READ, CREATE = c.ReadSubscriber(A), c.CreateSubscriber(A, NUMBER)

DIALOGUES: dict[str, Exchanges] = {
    "cai_login": [
        (c.Login("gate", "FAKEpw01"), DONE),
        (c.Login("gate", "FAKEpw02"), c.Refused(Why.FORBIDDEN, "1002", "not allowed")),
        (c.KeepAlive(), DONE),
    ],
    "cai_quoting": [
        (c.Login("gate.1", 'FAKE;pw "01" \\'), DONE),
        (c.Login("", "a,b:c"), c.Refused(Why.FORBIDDEN, "1002", "not allowed")),
    ],
    "cai_new_line": [(c.PutKeys(A, NO_ICCID), DONE), (CREATE, DONE)],
    "cai_profile": [(CREATE, DONE), (c.Provide(A, ApnAccess("mms", provided=True)), DONE)],
    "cai_modify": [(c.Provide(A, facet), DONE) for facet in FACETS],
    "cai_services": [*((c.Provide(A, facet), DONE) for facet in SERVICES), (READ, c.Held(SERVED))],
    "cai_services_half_set": [
        (READ, c.Held(FRESH.found(Diversion("577"), "CFB,1,1,577:CFNRY,1,1,577:CFNRC,0"))),
        (c.Provide(A, Diversion(None)), DONE),
        (READ, c.Held(FRESH)),
    ],
    "cai_swap_sim": [
        (c.ChangeImsi(A, B), DONE),
        (c.ChangeMsisdn(B, Msisdn("+33612345679")), DONE),
        (c.RemoveKeys(A, NO_ICCID), DONE),
    ],
    "cai_read": [
        (READ, c.Held(FRESH)),
        (READ, c.Held(FULL)),
        (READ, c.Refused(Why.NOT_FOUND, "13", "IMSI unknown")),
        (c.ReadKeys(A), c.KeysHeld()),
        (c.ReadKeys(A), c.Refused(Why.NOT_FOUND, "13", "IMSI unknown")),
    ],
    "cai_remove": [(c.RemoveSubscriber(A), DONE), (c.RemoveKeys(A, NO_ICCID), DONE)],
    "cai_half_set": [
        (READ, c.Held(HALF)),
        (c.Provide(A, OutgoingBar.NONE), DONE),
        (c.Provide(A, PremiumBar(barred=False)), DONE),
        (c.Provide(A, RatAccess(FRESH.rats)), DONE),
        (READ, c.Held(FRESH)),
    ],
    "cai_refusals": [
        (BARRED, c.Refused(Why.NOT_FOUND, "13", "IMSI unknown")),
        (BARRED, c.Refused(Why.NOT_FOUND, "14", "MSISDN unknown")),
        (BARRED, c.Refused(Why.NOT_FOUND, "13001", "service not defined")),
        (c.Provide(A, SpeedCap(512)), c.Refused(Why.NOT_FOUND, "93001", "HSSSUB not defined")),
        (CREATE, c.Refused(Why.EXISTS, "301", "already defined")),
        (CREATE, c.Refused(Why.CONFLICT, "303", "number used by another subscriber")),
        (BARRED, c.AlreadySo("302")),
        (BARRED, c.Refused(Why.SESSION, "1001", "not logged in")),
        (BARRED, c.Refused(Why.FORBIDDEN, "1002", "not allowed")),
        (BARRED, c.Refused(Why.INVALID, "1003", "request not understood")),
        (BARRED, c.Refused(Why.BUSY, "1004", "too many requests")),
        (BARRED, c.Refused(Why.OTHER, "1999", "internal error")),
        (c.RemoveSubscriber(A), c.Refused(Why.OTHER, "4711", "")),
    ],
    "cai_other_releases": [
        (READ, c.Held(FORWARDED)),
        (READ, c.Held(FRESH)),
    ],
}
OPTIONS = {"cai_profile": {"profile": 7, "apn_ids": {"mms": 25}}}


def PARTS(text: str) -> list[Part]:  # noqa: N802 - one name for every dialect's reader, most are constants
    """Read a dialogue: every line ends alike but the prompt, which waits for what is typed behind it."""
    return parts(
        (turn, f"{words} ".encode() if words == PROMPT else f"{words}\r\n".encode()) for turn, words in lines(text)
    )
