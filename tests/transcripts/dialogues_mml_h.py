"""What is said in the MML-H transcripts."""

import re
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
from tests.transcripts.reading import Exchanges, by_line

A, B, NUMBER, NO_ICCID = Imsi("208990000000001"), Imsi("208990000000002"), Msisdn("+33612345678"), Iccid("")
FRESH = Subscription(A, NUMBER)
FULL = Subscription(
    A,
    NUMBER,
    locked=True,
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
ABROAD = replace(
    FRESH, outgoing=OutgoingBar.INTERNATIONAL, apns=frozenset({"internet", "tethering"}), cap_kbit_s=10_000
)
SERVED = replace(
    FRESH,
    service_bars=frozenset({ServiceBar.SHORT_MESSAGE_OUT, ServiceBar.OUTSIDE_GROUP}),
    caller_id_hidden=True,
    diverted_to="577",
)
HALF = (
    FRESH.found(ServiceLock(locked=True), "IC=TRUE,OC=FALSE,GPRSLOCK=FALSE,EPSLOCK=FALSE,NGSLOCK=FALSE")
    .found(RoamingBar.OUTSIDE_HPLMN, "ODBROAM=BROHPLMNCGPRS")
    .found(PremiumBar(barred=True), "ODBINFO=TRUE,ODBENTE=FALSE")
)
FACETS: tuple[Facet, ...] = (
    ServiceLock(locked=True),
    ServiceLock(locked=False),
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
DONE = c.Done("0", "SUCCESS0001:Operation is successful")
BARRED = c.Provide(A, OutgoingBar.ALL)
READ = c.ReadSubscriber(A)

PARTS = by_line()
#: the element's own clock and counter, which no test can know
OWN = re.compile(rb"(?m)(?<=^\+\+\+    HLR9820        ).*?\r$|(?<=^SMU    #)\d{6}\r$")
DIALOGUES: dict[str, Exchanges] = {
    "mml_h_login": [
        (c.Login("gate", "FAKEpw01"), DONE),
        (c.Login("gate", "FAKEpw02"), c.Refused(Why.FORBIDDEN, "1013", "ERR1013:Wrong user name or password")),
        (c.KeepAlive(), DONE),
    ],
    "mml_h_new_line": [(c.PutKeys(A, NO_ICCID), DONE), (c.CreateSubscriber(A, NUMBER), DONE)],
    "mml_h_modify": [(c.Provide(A, facet), DONE) for facet in FACETS],
    "mml_h_services": [*((c.Provide(A, facet), DONE) for facet in SERVICES), (READ, c.Held(SERVED))],
    "mml_h_swap_sim": [
        (c.ChangeImsi(A, B), DONE),
        (c.ChangeMsisdn(B, Msisdn("+33612345679")), DONE),
        (c.CancelLocation(B), DONE),
        (c.RemoveKeys(A, NO_ICCID), DONE),
    ],
    "mml_h_read": [
        (READ, c.Held(FRESH)),
        (READ, c.Held(FULL)),
        (READ, c.Refused(Why.NOT_FOUND, "3001", "ERR3001:Subscriber not defined")),
        (c.ReadKeys(A), c.KeysHeld()),
        (c.ReadKeys(A), c.Refused(Why.NOT_FOUND, "3007", "ERR3007:Record not defined")),
    ],
    "mml_h_remove": [(c.RemoveSubscriber(A), DONE)],
    "mml_h_refusals": [
        (c.CreateSubscriber(A, NUMBER), c.Refused(Why.EXISTS, "3010", "ERR3010:Subscriber already defined")),
        (c.CreateSubscriber(A, NUMBER), c.Refused(Why.CONFLICT, "3014", "ERR3014:Number used by another subscriber")),
        (BARRED, c.Refused(Why.BUSY, "1033", "ERR1033:Threshold exceeded")),
        (BARRED, c.Refused(Why.SESSION, "5004", "ERR5004:Session invalid or timed out")),
        (BARRED, c.Refused(Why.FORBIDDEN, "1006", "ERR1006:No rights to execute this command")),
        (BARRED, c.AlreadySo("3810", "ERR3810:Already so")),
        (c.RemoveSubscriber(A), c.Refused(Why.OTHER, "4711", "ERR4711:Nobody has told us what this means")),
    ],
    "mml_h_other_releases": [
        (c.RemoveKeys(A, NO_ICCID), c.Done("0", "SUCCESS0001: Operation is successful")),
        (c.RemoveKeys(A, NO_ICCID), c.Done("0", "Operation is successful")),
        (c.RemoveKeys(A, NO_ICCID), c.Done("0", "")),
        (READ, c.Held(FULL)),
    ],
    "mml_h_access": [
        (c.Provide(A, NetworkAccess.CS_ONLY), DONE),
        (c.Provide(A, NetworkAccess.PS_ONLY), DONE),
        (c.Provide(A, NetworkAccess.BOTH), DONE),
        (READ, c.Held(replace(FRESH, access=NetworkAccess.CS_ONLY))),
    ],
    "mml_h_template": [
        (c.CreateSubscriber(A, NUMBER), DONE),
        (c.CreateSubscriber(A, NUMBER), c.Refused(Why.EXISTS, "3010", "ERR3010:Subscriber already defined")),
    ],
    "mml_h_reports": [(READ, c.Held(ABROAD)), (c.KeepAlive(), DONE)],
    "mml_h_alarm": [(BARRED, DONE), (READ, c.Held(ABROAD)), (c.KeepAlive(), DONE)],
    "mml_h_half_set": [
        (READ, c.Held(HALF)),
        (c.Provide(A, ServiceLock(locked=False)), DONE),
        (c.Provide(A, RoamingBar.NONE), DONE),
        (c.Provide(A, PremiumBar(barred=False)), DONE),
        (READ, c.Held(FRESH)),
    ],
    "mml_h_two_reports": [(READ, c.Held(FULL)), (c.KeepAlive(), DONE)],
}
OPTIONS = {"mml_h_template": {"subscriber_template": 4}, "mml_h_reports": {"report_lines": 12}}
