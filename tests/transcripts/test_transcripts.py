"""Literal dialogues, written from the protocols' own descriptions and not by our encoders: a second witness."""

import re
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

import drivers.dialects
from drivers import commands as c
from drivers.commands import Why
from drivers.subscription import (
    ApnAccess,
    Facet,
    HomeBar,
    Iccid,
    Imsi,
    IncomingBar,
    Msisdn,
    OutgoingBar,
    PacketBar,
    PremiumBar,
    Rat,
    RatAccess,
    RoamingBar,
    ServiceLock,
    SpeedCap,
    Subscription,
)

HERE = Path(__file__).parent
HEARD_ONLY = "# Heard only"
#: the element's own clock and counter, which no test can know
OWN = re.compile(rb"(?m)^(\+\+\+    HLR9820        ).*?\r$|^(SMU    #)\d{6}\r$")

A, B, NUMBER, NO_ICCID = Imsi("208990000000001"), Imsi("208990000000002"), Msisdn("+33612345678"), Iccid("")
KEYS = c.Credentials("0" * 31 + "1", "0" * 31 + "2")
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
DONE = c.Done("0", "SUCCESS0001:Operation is successful")
BARRED = c.Provide(A, OutgoingBar.ALL)
BIND = c.Login("gate", "FAKEpw01")
PING = c.SendSms("Linegate", NUMBER, "ping")
Exchanges = list[tuple[c.Command, c.Reply]]
DIALOGUES: dict[str, Exchanges] = {
    "mml_h_login": [
        (c.Login("gate", "FAKEpw01"), DONE),
        (c.Login("gate", "FAKEpw02"), c.Refused(Why.FORBIDDEN, "1013", "ERR1013:Wrong user name or password")),
        (c.KeepAlive(), DONE),
    ],
    "mml_h_new_line": [(c.PutKeys(A, NO_ICCID), DONE), (c.CreateSubscriber(A, NUMBER), DONE)],
    "mml_h_modify": [(c.Provide(A, facet), DONE) for facet in FACETS],
    "mml_h_swap_sim": [
        (c.ChangeImsi(A, B), DONE),
        (c.ChangeMsisdn(B, Msisdn("+33612345679")), DONE),
        (c.CancelLocation(B), DONE),
        (c.RemoveKeys(A, NO_ICCID), DONE),
    ],
    "mml_h_read": [
        (c.ReadSubscriber(A), c.Held(FRESH)),
        (c.ReadSubscriber(A), c.Held(FULL)),
        (c.ReadSubscriber(A), c.Refused(Why.NOT_FOUND, "3001", "ERR3001:Subscriber not defined")),
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
        (c.ReadSubscriber(A), c.Held(FULL)),
    ],
    "mml_h_two_reports": [(c.ReadSubscriber(A), c.Held(FULL)), (c.KeepAlive(), DONE)],
    "smpp_bind": [(BIND, c.Done("0x00", "bind_transceiver_resp"))],
    "smpp_bind_refused": [(BIND, c.Refused(Why.FORBIDDEN, "0x0D", "bind_transceiver_resp refused"))],
    "smpp_enquire_link": [(c.KeepAlive(), c.Done("0x00", "enquire_link_resp"))],
    "smpp_submit": [
        (c.SendSms("Linegate", NUMBER, "10€ used: é\n"), c.Submitted("ABC-1")),
        (c.SendSms("3666", NUMBER, "reç"), c.Submitted("7")),
    ],
    "smpp_throttled": [(PING, c.Refused(Why.BUSY, "0x58", "submit_sm_resp refused"))],
    "smpp_other_centres": [
        (BIND, c.Done("0x00", "bind_transceiver_resp")),
        (PING, c.Refused(Why.BUSY, "0x14", "submit_sm_resp refused")),
        (c.KeepAlive(), c.Refused(Why.INVALID, "0x03", "generic_nack refused")),
    ],
}


@dataclass(frozen=True)
class Part:
    """One thing sent and what came back for it."""

    sent: bytes
    received: bytes


def _parts(name: str) -> list[Part]:
    """Read a transcript: ``> `` sent, ``< `` received; MML line by line, SMPP in hex with comments."""
    lines = [line for line in (HERE / f"{name}.txt").read_text(encoding="utf-8").splitlines() if line[:1] in ("<", ">")]
    parts: list[Part] = []
    direction = "<"
    for line in lines:
        if line[0] == ">" and direction == "<":
            parts.append(Part(b"", b""))
        direction, last = line[0], parts[-1]
        data = bytes.fromhex(line[1:].partition("#")[0]) if name.startswith("smpp") else line[2:].encode() + b"\r\n"
        parts[-1] = (
            replace(last, sent=last.sent + data) if direction == ">" else replace(last, received=last.received + data)
        )
    return parts


def _dialect(name: str) -> str:
    return next(dialect for dialect in drivers.dialects.names() if name.startswith(dialect))


def _keys(command: c.Command) -> c.Credentials | None:
    return KEYS if isinstance(command, c.PutKeys) else None


def test_every_transcript_is_read_by_a_test() -> None:
    assert {path.stem for path in HERE.glob("*.txt")} == set(DIALOGUES)


@pytest.mark.parametrize("name", DIALOGUES)
def test_we_say_and_understand_it_to_the_letter(name: str) -> None:
    client = drivers.dialects.load(_dialect(name)).client({})
    for number, (part, (command, reply)) in enumerate(zip(_parts(name), DIALOGUES[name], strict=True), 1):
        assert client.encode(number, command, _keys(command)).data == part.sent
        assert client.feed(part.received) == [(number, reply)]


@pytest.mark.parametrize("name", [n for n in DIALOGUES if HEARD_ONLY not in (HERE / f"{n}.txt").read_text("utf-8")])
def test_the_simulated_element_understands_and_says_it_to_the_letter(name: str) -> None:
    server = drivers.dialects.load(_dialect(name)).server({})
    for part, (command, reply) in zip(_parts(name), DIALOGUES[name], strict=True):
        (asked,) = server.feed(part.sent)
        assert (asked.command, asked.keys) == (command, _keys(command))
        answer = server.answer(asked.number, reply)
        assert OWN.sub(rb"\1\2", answer) == OWN.sub(rb"\1\2", part.received)
