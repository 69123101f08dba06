"""What a card holds against what it should: the differences to write, and whatever forbids to begin."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sim_readers.access import writable
from sim_readers.card_data import CardData
from sim_readers.coding.session_keys import SessionKeysEf
from sim_readers.ef import file_at, known_files
from sim_readers.errors import Refused, WrongValue
from sim_readers.job.unlocking import Unlocking
from sim_readers.job.wish import Job, Target, forgetting, imsi_targets, targets
from sim_readers.keyref import PIN1, Counter, ask
from sim_readers.models.profile import CardModel
from sim_readers.models.recognition import Recognised
from sim_readers.path import MF, FilePath
from sim_readers.status import OK

_ICCID = MF / 0x2FE2


@dataclass(frozen=True, slots=True)
class Difference:
    """One file, or one record, whose bytes are not as wished."""

    name: str
    path: FilePath
    record: int | None
    before: bytes = field(repr=False)
    after: bytes = field(repr=False)

    def to_json(self) -> dict[str, Any]:
        """Write it byte-exact and decoded; of session keys, that there are some."""
        return {
            "file": self.name,
            "path": str(self.path),
            "record": self.record,
            "before": self._shown(self.before),
            "after": self._shown(self.after),
            "before_decoded": decoded(self.path, self.before),
            "after_decoded": decoded(self.path, self.after),
        }

    def _shown(self, raw: bytes) -> str:
        file = file_at(self.path)
        hidden = file is None or issubclass(file, SessionKeysEf)
        return "**" * len(raw) if hidden else raw.hex().upper()


@dataclass(slots=True)
class Plan:
    """What one card needs. ``blockers``: it cannot be carried out, and why; what is to do about it is in the words."""

    iccid: str
    recognised: Recognised
    adm: Counter
    imsi_before: str | None = None
    differences: list[Difference] = field(default_factory=list)
    same: list[str] = field(default_factory=list)
    key_files: tuple[FilePath, ...] = ()
    blockers: list[str] = field(default_factory=list)

    @property
    def model(self) -> CardModel:
        """The card's model."""
        return self.recognised.model

    @property
    def writes(self) -> bool:
        """Whether anything but keys is to be written."""
        return bool(self.differences)

    def to_json(self) -> dict[str, Any]:
        """Write it for scripts."""
        return {
            "iccid": self.iccid,
            "model": self.model.name,
            "evidence": self.recognised.evidence,
            "doubts": list(self.recognised.doubts),
            "imsi_before": self.imsi_before,
            "differences": [difference.to_json() for difference in self.differences],
            "same": self.same,
            "key_files": [str(path) for path in self.key_files],
            "adm_tries": self.adm.tries,
            "executable": not self.blockers,
            "blockers": self.blockers,
        }


def decoded(path: FilePath, raw: bytes) -> Any:  # noqa: ANN401 - any JSON
    """Read a file's bytes as people see them; ``None`` where nothing was ever written or they are no such value."""
    file = file_at(path)
    if file is None:
        return None
    try:
        value = file.decode(raw)
    except WrongValue:
        return None
    return None if value is None else file.to_json(value)


def read_iccid(unlocking: Unlocking) -> str | None:
    """Read the number of this card. Raises Refused (also if it is no number), CardGone."""
    try:
        value = known_files()["EF.ICCID"].decode(unlocking.read(_ICCID))
    except WrongValue as rubbish:
        raise Refused(f"what the card has for its number is none: {rubbish}", OK) from rubbish
    return None if value is None else str(value)


def make_plan(
    unlocking: Unlocking, recognised: Recognised, job: Job, data: CardData, accept_tries: int | None = None
) -> Plan:
    """Read the card and compare. Presents PIN1 where a file asks for it. Raises CardGone, LedgerBroken."""
    model = recognised.model
    plan = Plan(data.iccid, recognised, ask(unlocking.session, model.adm1))
    identity = _compare(plan, unlocking, imsi_targets(data, model))
    plan.imsi_before = next((_text(d) for d in identity if _text(d) is not None), None)
    plan.differences += _compare(plan, unlocking, targets(job, data, model))
    if plan.imsi_before is not None:
        plan.differences += _compare(plan, unlocking, forgetting(model))
    plan.differences += identity
    if job.keys == "write":
        plan.key_files = tuple(file.path for file in model.key_files)
        plan.blockers += (
            f"{file.path}: Ki or OPc of this card is not known: import its vendor file"
            for file in model.key_files
            if file.compose(data) is None
        )
    _check_adm(plan, data, accept_tries)
    _check_access(plan, unlocking)
    return plan


def _compare(plan: Plan, unlocking: Unlocking, wished: Iterable[Target]) -> list[Difference]:
    found: list[Difference] = []
    for target in wished:
        try:
            before = unlocking.read(target.path, target.record)
            after = target.compose(before, len(before))
        except (Refused, WrongValue) as why:
            if target.needed:
                _block(plan, str(why) if unlocking.shut else f"{target.name}: {why}")
            continue
        if before == after:
            plan.same.append(target.name)
        else:
            found.append(Difference(target.name, target.path, target.record, before, after))
    return found


def _block(plan: Plan, why: str) -> None:
    """Name an obstacle once, however many files it stands before."""
    if why not in plan.blockers:
        plan.blockers.append(why)


def _check_adm(plan: Plan, data: CardData, accept_tries: int | None) -> None:
    if not (plan.writes or plan.key_files):
        return
    key, tries = plan.model.adm1, plan.adm.tries
    if data.adm1 is None:
        plan.blockers.append("the ADM1 key of this card is not known: import its vendor file")
    if tries == 0:
        plan.blockers.append("ADM1 is blocked: this card can never be personalised again")
    elif tries is not None and tries < key.most_tries and accept_tries != tries:
        plan.blockers.append(
            f"ADM1 has only {tries} of {key.most_tries} tries left: say --accept-tries {tries} if you want to go on"
        )


def _check_access(plan: Plan, unlocking: Unlocking) -> None:
    """What the card says of who may write; where it says nothing, it will be asked by writing."""
    held = (PIN1.uicc, plan.model.adm1.uicc)
    for path in dict.fromkeys([*(difference.path for difference in plan.differences), *plan.key_files]):
        try:
            condition = writable(unlocking.session, path)
        except Refused:
            continue  # a key file this card has not
        if condition is not None and not condition.met_by(*held):
            plan.blockers.append(f"{path}: the card lets it be written {condition}, and ours is {held[-1]:02X}")


def _text(difference: Difference) -> str | None:
    value = decoded(difference.path, difference.before)
    return None if value is None else str(value)


def names(differences: Sequence[Difference]) -> str:
    """List what is to be written, in few words."""
    return ", ".join(dict.fromkeys(difference.name for difference in differences)) or "nothing"
