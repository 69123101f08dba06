"""What is said in the transcripts of the clearing house."""

from dataclasses import replace

from drivers import commands as c
from drivers.commands import Why
from drivers.subscription import Msisdn
from tests.transcripts.reading import Exchanges, by_line

NUMBER, RIO, DAY, MOMENT = Msisdn("+33612345678"), "02P123456ABC", "2026-11-25", "2026-11-26T08:00:00+11:00"
DONE, SO = c.Done("DONE"), c.AlreadySo("ALREADY_SO")
WANTED = c.RequestPort("P-1", NUMBER, RIO, "LG", DAY)
LET_GO = c.PortFile(
    seq=8,
    reference="P-1",
    msisdn=NUMBER,
    rio=RIO,
    donor="02",
    recipient="LG",
    on=MOMENT,
    state=c.PortState.RELEASED,
    reason="",
    released_at="2026-11-25T21:00:00+00:00",
    confirmed_at=None,
)
IN_SERVICE = replace(LET_GO, seq=9, state=c.PortState.DONE, confirmed_at="2026-11-25T21:00:07+00:00")
REFUSED = replace(LET_GO, seq=3, on=DAY, state=c.PortState.REFUSED, reason="NUMBER_INACTIVE", released_at=None)


def _no(why: Why, code: str, text: str = "") -> c.Refused:
    return c.Refused(why, code, text)


PARTS = by_line(b"\n")
DIALOGUES: dict[str, Exchanges] = {
    "npc_login": [
        (c.Login("gate", "FAKEpw01"), DONE),
        (c.Login("gate", "FAKEpw02"), _no(Why.FORBIDDEN, "LOGIN_WRONG", "user or password is wrong")),
        (c.KeepAlive(), DONE),
        (c.ReadPort("P-1"), _no(Why.SESSION, "NOT_LOGGED_IN")),
    ],
    "npc_port_in": [
        (WANTED, DONE),
        (WANTED, SO),
        (c.MovePort("P-1", MOMENT), DONE),
        (c.ReadPort("P-1"), c.PortHeld(LET_GO)),
        (c.ConfirmPort("P-1"), DONE),
        (c.ListPorts(8), c.PortsListed((IN_SERVICE,))),
        (c.ListPorts(9), c.PortsListed(())),
    ],
    "npc_port_out": [
        (c.AnswerPort("TF-000003", accepted=True, reason=""), DONE),
        (c.ReleasePort("TF-000003"), DONE),
        (c.AnswerPort("TF-000004", accepted=False, reason="RIO_WRONG"), DONE),
    ],
    "npc_refusals": [
        (replace(WANTED, rio="02P"), _no(Why.INVALID, "RIO_WRONG", "a RIO has 12 characters")),
        (WANTED, _no(Why.FORBIDDEN, "INCAPACITY")),
        (replace(WANTED, recipient=""), _no(Why.INVALID, "INCOMPLETE", "the recipient is missing")),
        (WANTED, _no(Why.NOT_FOUND, "NUMBER_INACTIVE")),
        (replace(WANTED, reference="P-2"), _no(Why.EXISTS, "ALREADY_PORTING")),
        (replace(WANTED, msisdn=Msisdn("+33612345679")), _no(Why.CONFLICT, "REFERENCE_TAKEN")),
        (c.CancelPort("P-1"), _no(Why.FORBIDDEN, "TOO_LATE", "the donor has let go")),
        (c.ConfirmPort("P-9"), _no(Why.NOT_FOUND, "UNKNOWN_REFERENCE")),
        (c.ConfirmPort("P-1"), _no(Why.CONFLICT, "WRONG_STATE")),
        (c.ReleasePort("P-1"), _no(Why.FORBIDDEN, "NOT_ALLOWED", "the donor lets go")),
        (c.MovePort("P-1", ""), _no(Why.INVALID, "NOT_UNDERSTOOD")),
        (c.ReadPort("P-1"), _no(Why.BUSY, "BUSY")),
        (c.ReadPort("P-1"), _no(Why.OTHER, "INTERNAL")),
    ],
    "npc_other_houses": [
        (c.ReadPort("P-1"), c.PortHeld(REFUSED)),
        (c.CancelPort("P-1"), _no(Why.OTHER, "MORATORIUM", "nothing moves this week")),
    ],
}
