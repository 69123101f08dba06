"""Whether a card personalised before is the one it says, with the keys that are kept of it; nothing is written."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from gateway.cli.card.desk import Desk
from gateway.cli.card.outcomes import PIN_BLOCKED
from gateway.cli.gateway_client import Json
from gateway.stock.findings import Found
from sim_readers.ef import known_files
from sim_readers.errors import Refused
from sim_readers.guard import Guard
from sim_readers.job.plan import read_iccid
from sim_readers.job.runner import NotOurs, Source
from sim_readers.job.unlocking import Unlocking, blocked
from sim_readers.models.recognition import recognise
from sim_readers.path import GSM, USIM
from sim_readers.proof import Disproven, Proof, Proven, Unprovable, prove
from sim_readers.session import CardSession
from sim_readers.status import Generation

_RAND_BYTES = 16
_EF_IMSI = 0x6F07


@dataclass(frozen=True, slots=True)
class Checked:
    """A card, and whether it may go to a subscriber; ``why`` not is empty if it may."""

    iccid: str
    proof: Proof
    why: str = ""

    def to_json(self) -> Json:
        """Write it for scripts."""
        sqn = self.proof.sqn if isinstance(self.proof, Proven) else None
        return {"iccid": self.iccid, "proven": not self.why, "sqn": sqn, "why": self.why or None}


def check(desk: Desk, source: Source, accept_tries: int | None = None) -> Checked:
    """Read its numbers, make it prove its keys, note it. Raises CardError, NotOurs, UnknownCard, LedgerBroken."""
    with desk.session() as session:
        guard = Guard(desk.station.ledger())
        model = recognise(session, desk.models.values()).model
        iccid = read_iccid(Unlocking(session, guard))
        if iccid is None:
            raise NotOurs("this card has no ICCID: personalise it first, with a JOB")
        data = source(iccid)
        unlocking = Unlocking(session, guard, data, accept_tries)
        try:
            imsi = _imsi(session, unlocking)
        except Refused:
            if blocked(unlocking.pin1):
                desk.facts.note(iccid, Found.PIN_BLOCKED, PIN_BLOCKED)
            raise
        proof = prove(session, data, secrets.token_bytes(_RAND_BYTES), gsm_context=model.prove_gsm_context)
    checked = Checked(iccid, proof, _why(proof) if imsi == data.imsi else _other_imsi(imsi))
    what = Found.FAILED if checked.why else Found.CHECKED
    desk.facts.note(iccid, what, checked.why, checked.to_json()["sqn"])
    return checked


def _imsi(session: CardSession, unlocking: Unlocking) -> str | None:
    """Read it, and present PIN1, which the proof needs. Raises Refused, CardGone, LedgerBroken."""
    home = GSM if session.generation is Generation.GSM else USIM
    imsi = known_files()["EF.IMSI"].decode(unlocking.read(home / _EF_IMSI))
    unlocking.present_pin()
    return None if imsi is None else str(imsi)


def _why(proof: Proof) -> str:
    match proof:
        case Proven():
            return ""
        case Disproven(why) | Unprovable(why):
            return f"its keys are not proven: {why}"


def _other_imsi(imsi: str | None) -> str:
    found = "has no IMSI yet" if imsi is None else f"has the IMSI {imsi}, which is not the one kept of it"
    return f"the card {found}: personalise it first, with a JOB"
