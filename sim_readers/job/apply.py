"""Carrying a plan out on the card it was made from: write, read back, keys, IMSI last, and the proof."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from sim_readers.card_data import CardData
from sim_readers.errors import Refused
from sim_readers.guard import Blocked, Guard, Held, Presented, Right, Wrong
from sim_readers.job.journal import CardJournal, Step
from sim_readers.job.plan import Difference, Plan, make_plan, names, read_iccid
from sim_readers.job.unlocking import Unlocking
from sim_readers.job.wish import Job
from sim_readers.models.profile import CardModel
from sim_readers.models.recognition import Recognised
from sim_readers.proof import Disproven, Proof, Proven, Unprovable, prove

_RAND_BYTES = 16


class End(StrEnum):
    """How a card ended."""

    WRITTEN = "written"  # as wished now, and it was not before
    AS_WISHED = "as_wished"  # nothing had to be written
    REFUSED = "refused"  # nothing was begun: see the reasons
    FAILED = "failed"  # begun and not finished: insert it again
    KEY_REFUSED = "key_refused"  # the card refused a key: nothing was written


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of a card. ``proof`` is ``None`` if it never came to that."""

    end: End
    plan: Plan
    proof: Proof | None = None
    reasons: tuple[str, ...] = ()

    @property
    def well(self) -> bool:
        """Whether the card is as wished and its keys are proven."""
        return self.end in (End.WRITTEN, End.AS_WISHED)


@dataclass(frozen=True, slots=True)
class Bench:
    """What every card of a job is treated with. ``random(n)`` gives n random bytes."""

    job: Job
    guard: Guard
    journal: CardJournal
    random: Callable[[int], bytes]
    accept_tries: int | None = None


def personalise(unlocking: Unlocking, recognised: Recognised, data: CardData, bench: Bench) -> Applied:
    """Plan and apply in one go. Raises CardGone: insert the card again, it goes on where it was cut."""
    plan = make_plan(unlocking, recognised, bench.job, data, bench.accept_tries)
    if plan.blockers:
        return Applied(End.REFUSED, plan, reasons=tuple(plan.blockers))
    return _Applying(unlocking, data, bench, plan).run()


def challenge(unlocking: Unlocking, data: CardData, model: CardModel, bench: Bench) -> Proof:
    """Have a card prove its keys, with PIN1 if it asks for it. Raises CardGone, Refused, LedgerBroken."""
    rand, in_gsm = bench.random(_RAND_BYTES), model.prove_gsm_context
    return unlocking.doing(lambda: prove(unlocking.session, data, rand, gsm_context=in_gsm))


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
            return self._prove(End.AS_WISHED)
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
        return self._prove(End.WRITTEN)

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
            return Applied(End.REFUSED, self._plan, reasons=("the ADM1 key of this card is not known",))
        presented = Presented(self._plan.model.adm1, self._data.adm1, accept_tries=self._bench.accept_tries)
        verdict = self._bench.guard.verify(self._session, self._data.iccid, presented)
        match verdict:
            case Right():
                return None
            case Wrong() | Blocked():
                self._note(Step.FAILED, str(verdict))
                return Applied(End.KEY_REFUSED, self._plan, reasons=(str(verdict),))
            case Held():
                return Applied(End.REFUSED, self._plan, reasons=(str(verdict),))

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

    def _prove(self, end: End) -> Applied:
        proof = self._challenge()
        match proof:
            case Proven(sqn):
                self._note(Step.DONE, sqn=sqn)
                return Applied(end, self._plan, proof)
            case Disproven(why) | Unprovable(why):
                return self._failed(f"the keys are not proven: {why}", proof)

    def _failed(self, why: str, proof: Proof | None = None) -> Applied:
        self._note(Step.FAILED, why)
        return Applied(End.FAILED, self._plan, proof, (why,))

    def _note(self, step: Step, why: str | None = None, sqn: int | None = None) -> None:
        told = {"wrote": names(self._plan.differences), "why": why, "sqn": sqn}
        known = {name: value for name, value in told.items() if value is not None}
        self._bench.journal.note(self._bench.job.name, self._data.iccid, step, known)
