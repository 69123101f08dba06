"""One card in one reader, from power-up to power-off: whose is it, what should it be, make it so, say how it ended."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sim_readers.card_data import CardData
from sim_readers.errors import CardGone, NoCard, Refused
from sim_readers.guard import Blocked, Held, Right, Verdict, Wrong
from sim_readers.job.apply import Bench, challenge, personalise, present_adm
from sim_readers.job.outcome import Outcome
from sim_readers.job.plan import Plan, make_plan, read_iccid
from sim_readers.job.unlocking import Unlocking, blocked
from sim_readers.models.profile import CardModel
from sim_readers.models.recognition import Recognised, UnknownCard, recognise
from sim_readers.proof import Proof, Proven
from sim_readers.reader import Connection, Reader
from sim_readers.session import CardSession, Layout
from sim_readers.status import Generation


class NotOurs(Exception):
    """Nothing is known of the card with this ICCID; the text says where it was looked for."""


Source = Callable[[str], CardData]
"""Finds a card's own data by the ICCID read from it. Raises NotOurs."""


@dataclass(frozen=True, slots=True)
class CardResult:
    """What became of a card; ``duration_s`` counts from power-up to power-off.

    ``pin1`` is the guard's verdict on PIN1, if it was to be presented.
    """

    reader: str
    outcome: Outcome
    iccid: str | None = None
    plan: Plan | None = None
    proof: Proof | None = None
    reasons: tuple[str, ...] = ()
    apdus: int = 0
    duration_s: float = 0.0
    pin1: Verdict | None = None

    @property
    def pin_blocked(self) -> bool:
        """Whether PIN1 was found without tries, or lost its last one."""
        return blocked(self.pin1)

    @property
    def well(self) -> bool:
        """Whether the card is as wished and proven."""
        return self.outcome in (Outcome.WRITTEN, Outcome.AS_WISHED)

    def to_json(self) -> dict[str, Any]:
        """Write it for scripts."""
        return {
            "reader": self.reader,
            "outcome": self.outcome.value,
            "iccid": self.iccid,
            "proven": isinstance(self.proof, Proven),
            "sqn": self.proof.sqn if isinstance(self.proof, Proven) else None,
            "reasons": list(self.reasons),
            "pin_blocked": self.pin_blocked,
            "apdus": self.apdus,
            "duration_s": round(self.duration_s, 4),
            "plan": None if self.plan is None else self.plan.to_json(),
        }


@dataclass(slots=True)
class _Visit:
    """A card while it is being treated, and what is known of it so far."""

    reader: str
    session: CardSession
    outcome: Outcome = Outcome.FAILED
    iccid: str | None = None
    plan: Plan | None = None
    proof: Proof | None = None
    reasons: tuple[str, ...] = ()
    unlocking: Unlocking | None = None

    def ends(self, outcome: Outcome, *reasons: str) -> None:
        """Set how it ended."""
        self.outcome, self.reasons = outcome, reasons

    def result(self, duration_s: float) -> CardResult:
        """Say what became of it."""
        return CardResult(
            self.reader,
            self.outcome,
            self.iccid,
            self.plan,
            self.proof,
            self.reasons,
            self.session.apdus,
            duration_s,
            pin1=None if self.unlocking is None else self.unlocking.pin1,
        )


@dataclass(slots=True)
class Workshop:
    """What a station has: models, what was learned of their layouts, where cards' data is found."""

    models: Mapping[str, CardModel]
    source: Source
    bench: Bench
    wrap: Callable[[Connection, str], Connection] = lambda connection, _reader: connection
    layouts: dict[bytes, Layout] = field(default_factory=dict)
    timer: Callable[[], float] = time.monotonic

    def apply(self, reader: Reader) -> CardResult:
        """Personalise the card in a reader. Raises NoReader, LedgerBroken; everything else is a result."""
        return self._run(reader, self._personalise)

    def plan(self, reader: Reader) -> CardResult:
        """Only read and compare: ``WRITTEN`` then means that it would be, ``REFUSED`` that it could not be."""
        return self._run(reader, self._compare)

    def unlock(self, reader: Reader) -> CardResult:
        """Only present ADM1, by the guard's rules: ``AS_WISHED`` then means that the card accepted it."""
        return self._run(reader, self._present_adm)

    def _run(self, reader: Reader, treat: Callable[[_Visit, Recognised, Unlocking, CardData], None]) -> CardResult:
        begun = self.timer()
        try:
            connection = self.wrap(reader.connect(), reader.name)
        except NoCard as none:
            return CardResult(reader.name, Outcome.NO_CARD, reasons=(str(none),))
        # without an ATR (a modem's card) nothing says that two cards are alike
        layout = self.layouts.setdefault(connection.atr, Layout()) if connection.atr else Layout()
        visit = _Visit(reader.name, CardSession(connection, Generation.UICC, layout))
        try:
            self._meet(visit, treat)
        except CardGone as gone:
            visit.ends(Outcome.TORN, f"{gone}; insert it again")
        except (UnknownCard, NotOurs, Refused) as unknown:
            visit.ends(Outcome.UNKNOWN, str(unknown))
        finally:
            connection.close()
        return visit.result(self.timer() - begun)

    def _meet(self, visit: _Visit, treat: Callable[[_Visit, Recognised, Unlocking, CardData], None]) -> None:
        """Find out which card this is and whose. Raises CardGone, UnknownCard, NotOurs, Refused."""
        visit.session.find_generation()
        visit.iccid = read_iccid(Unlocking(visit.session, self.bench.guard))
        recognised = recognise(visit.session, self.models.values())
        if visit.iccid is None:
            raise UnknownCard("this card has no ICCID yet, so nothing says which one it is")
        data = self.source(visit.iccid)
        if data.iccid != visit.iccid:
            raise NotOurs(f"this card is {visit.iccid}, and what was found for it is of {data.iccid}")
        visit.unlocking = Unlocking(visit.session, self.bench.guard, data, self.bench.accept_tries)
        treat(visit, recognised, visit.unlocking, data)

    def _personalise(self, visit: _Visit, recognised: Recognised, unlocking: Unlocking, data: CardData) -> None:
        applied = personalise(unlocking, recognised, data, self.bench)
        visit.plan, visit.proof = applied.plan, applied.proof
        visit.ends(applied.outcome, *applied.reasons)

    def _compare(self, visit: _Visit, recognised: Recognised, unlocking: Unlocking, data: CardData) -> None:
        plan = visit.plan = make_plan(unlocking, recognised, self.bench.job, data, self.bench.accept_tries)
        if plan.key_files and not (plan.writes or plan.blockers) and self._proves(visit, recognised, unlocking, data):
            plan.key_files = ()
        wanting = plan.writes or bool(plan.key_files)
        visit.ends(Outcome.REFUSED if plan.blockers else Outcome.WRITTEN if wanting else Outcome.AS_WISHED)
        visit.reasons = tuple(plan.blockers)

    def _proves(self, visit: _Visit, recognised: Recognised, unlocking: Unlocking, data: CardData) -> bool:
        """Ask a card for the proof of keys that cannot be read; nothing on it changes by that. Raises CardGone."""
        try:
            visit.proof = challenge(unlocking, data, recognised.model, self.bench)
        except Refused:
            return False  # what forbids the proof here will be said where the keys are written
        return isinstance(visit.proof, Proven)

    def _present_adm(self, visit: _Visit, recognised: Recognised, unlocking: Unlocking, data: CardData) -> None:
        if data.adm1 is None:
            visit.ends(Outcome.REFUSED, "the ADM1 key of this card is not known: import its vendor file")
            return
        match present_adm(unlocking.session, recognised.model, data.iccid, data.adm1, self.bench):
            case Right(spent=True):
                visit.ends(Outcome.AS_WISHED)
            case Right():
                visit.ends(
                    Outcome.REFUSED, "the card asks for no ADM1 as it is, so nothing shows whether ours is right"
                )
            case (Wrong() | Blocked()) as verdict:
                visit.ends(Outcome.KEY_REFUSED, str(verdict))
            case Held() as held:
                visit.ends(Outcome.REFUSED, str(held))
