"""Carrying a plan out on the card it was made from: write, read back, keys, IMSI last, and the proof."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sim_readers.card_data import CardData
from sim_readers.errors import Refused
from sim_readers.guard import Blocked, Guard, Held, Origin, Presented, Right, Verdict, Wrong
from sim_readers.job.journal import CardJournal, Step
from sim_readers.job.outcome import Outcome
from sim_readers.job.plan import Difference, Plan, make_plan, names, read_iccid
from sim_readers.job.unlocking import Unlocking
from sim_readers.job.wish import Job
from sim_readers.models.profile import CardModel
from sim_readers.models.recognition import Recognised
from sim_readers.proof import Disproven, Proof, Proven, Unprovable, prove
from sim_readers.secret import Secret
from sim_readers.session import CardSession

_RAND_BYTES = 16


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of a card. ``proof`` is ``None`` if it never came to that."""

    outcome: Outcome
    plan: Plan
    proof: Proof | None = None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bench:
    """What every card of a job is treated with.

    ``random(n)`` gives n random bytes. ``adm_origin``: where ADM1 comes from; a typed one is never good for a card that
    hides its counter.
    """

    job: Job
    guard: Guard
    journal: CardJournal
    random: Callable[[int], bytes]
    accept_tries: int | None = None
    adm_origin: Origin = Origin.VAULT


def personalise(unlocking: Unlocking, recognised: Recognised, data: CardData, bench: Bench) -> Applied:
    """Plan and apply in one go. Raises CardGone: insert the card again, it goes on where it was cut."""
    plan = make_plan(unlocking, recognised, bench.job, data, bench.accept_tries)
    if plan.blockers:
        return Applied(Outcome.REFUSED, plan, reasons=tuple(plan.blockers))
    return _Applying(unlocking, data, bench, plan).run()


def challenge(unlocking: Unlocking, data: CardData, model: CardModel, bench: Bench) -> Proof:
    """Have a card prove its keys, with PIN1 if it asks for it. Raises CardGone, Refused, LedgerBroken."""
    rand, in_gsm = bench.random(_RAND_BYTES), model.prove_gsm_context
    return unlocking.doing(lambda: prove(unlocking.session, data, rand, gsm_context=in_gsm))


def present_adm(session: CardSession, model: CardModel, iccid: str, key: Secret, bench: Bench) -> Verdict:
    """Present a card's ADM1 by the guard's rules. Raises CardGone, LedgerBroken."""
    return bench.guard.verify(session, iccid, Presented(model.adm1, key, bench.adm_origin, bench.accept_tries))


class _Applying:
    """One card under way."""

    def __init__(self, unlocking: Unlocking, data: CardData, bench: Bench, plan: Plan) -> None:
        self._unlocking = unlocking
        self._session = unlocking.session
        self._data = data
        self._bench = bench
        self._plan = plan
        self._write_keys = False

    def run(self) -> Applied:
        try:
            return self._write_and_prove()
        except Refused as refused:
            return self._failed(str(refused))

    def _write_and_prove(self) -> Applied:
        plan = self._plan
        if not self._keys_to_write() and not plan.writes:
            return self._prove(Outcome.AS_WISHED)
        if (refusal := self._unlock()) is not None:
            return refusal
        if not self._still_there():
            return self._failed("another card took its place unnoticed: nothing was written, insert each again")
        self._note(Step.BEGUN)
        identity = [d for d in plan.differences if d.name == "EF.IMSI"]
        self._write(d for d in plan.differences if d.name != "EF.IMSI")
        if self._write_keys:
            self._note(Step.KEYS)
            self._fill_key_files()
        self._write(identity)
        return self._prove(Outcome.WRITTEN)

    def _still_there(self) -> bool:
        """Ask the card that has just accepted the key for its number: not every reader notices a card that leaves."""
        return read_iccid(self._unlocking) == self._data.iccid

    def _keys_to_write(self) -> bool:
        """Key files cannot be read: where the card seems to have been here before, it is asked to prove them first."""
        if not self._plan.key_files:
            return False
        known = self._bench.journal.step(self._bench.job.name, self._data.iccid) is not None
        blank = any(d.name == "EF.IMSI" for d in self._plan.differences)
        self._write_keys = (blank and not known) or not isinstance(self._challenge(), Proven)
        return self._write_keys

    def _unlock(self) -> Applied | None:
        """Present ADM1; ``None`` if the card accepts it."""
        if self._data.adm1 is None:
            return Applied(Outcome.REFUSED, self._plan, reasons=("the ADM1 key of this card is not known",))
        verdict = present_adm(self._session, self._plan.model, self._data.iccid, self._data.adm1, self._bench)
        match verdict:
            case Right():
                return None
            case Wrong() | Blocked():
                self._note(Step.FAILED, str(verdict))
                return Applied(Outcome.KEY_REFUSED, self._plan, reasons=(str(verdict),))
            case Held():
                return Applied(Outcome.REFUSED, self._plan, reasons=(str(verdict),))

    def _write(self, differences: Iterable[Difference]) -> None:
        """Write and read back. Raises Refused, CardGone."""
        for difference in differences:
            self._unlocking.update(difference.path, difference.after, difference.record)
            if self._unlocking.read(difference.path, difference.record) != difference.after:
                raise Refused(f"{difference.name} does not hold what was written: this card is faulty", 0x9000)

    def _fill_key_files(self) -> None:
        for file in self._plan.model.key_files:
            content = file.compose(self._data)
            if content is not None and self._session.exists(file.path):
                self._session.update(file.path, content.reveal())

    def _challenge(self) -> Proof:
        return challenge(self._unlocking, self._data, self._plan.model, self._bench)

    def _prove(self, outcome: Outcome) -> Applied:
        proof = self._challenge()
        match proof:
            case Proven(sqn):
                self._note(Step.DONE, sqn=sqn)
                return Applied(outcome, self._plan, proof)
            case Disproven(why) | Unprovable(why):
                return self._failed(f"the keys are not proven: {why}", proof)

    def _failed(self, why: str, proof: Proof | None = None) -> Applied:
        self._note(Step.FAILED, why)
        return Applied(Outcome.FAILED, self._plan, proof, (why,))

    def _note(self, step: Step, why: str | None = None, sqn: int | None = None) -> None:
        told = {"wrote": names(self._plan.differences), "why": why, "sqn": sqn}
        known = {name: value for name, value in told.items() if value is not None}
        self._bench.journal.note(self._bench.job.name, self._data.iccid, step, known)
