"""``linegate card pysim``: the technician's own pySim writes; the plan, the keys and the verdict are ours.

pySim's script holds no key, so the keys of the card are proven and never written. It presents ADM1 and PIN1 by itself,
unasked; so the guard presents both first, and pySim is run only for a card that has just accepted the very same keys.
"""

from __future__ import annotations

import functools
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from rich.console import Group, RenderableType
from rich.panel import Panel

from gateway.cli.card.desk import Desk, at_desk
from gateway.cli.card.options import Given
from gateway.cli.card.outcomes import failure_of, note
from gateway.cli.card.places import one_name
from gateway.cli.card.showing import draw_plan, verdict
from gateway.cli.card.single import Task, Work, prepared, state_unreported
from gateway.cli.failure import NotExecutable, WrongUse
from gateway.cli.gateway_client import Json
from gateway.cli.printing import cell, console, show
from sim_readers.card_data import CardData
from sim_readers.errors import ReaderBusy, WrongValue
from sim_readers.guard import Right
from sim_readers.job.journal import Step
from sim_readers.job.outcome import Outcome
from sim_readers.job.plan import Plan, names
from sim_readers.job.runner import CardResult, NotOurs, Workshop
from sim_readers.pysim.bridge import BridgeRun, NoPySim, PySim
from sim_readers.pysim.script import ScriptWrite, write_script
from sim_readers.reader import Reader
from sim_readers.status import Generation

_PCSC: Final = "pcsc:"
_ADM1: Final = 0x0A  # pySim-shell presents it as that key, TS 102 221 table 9.3
_PATIENCE_S: Final = 5.0
_PAUSE_S: Final = 0.05
_APPLY: Final = "use `linegate card apply`"


@dataclass(frozen=True, slots=True)
class Shell:
    """The technician's clone of pySim, and the Python it runs on."""

    checkout: Path
    python: str


@dataclass(frozen=True, slots=True)
class _Bridged:
    """What was planned, what pySim said if it was run, and how the card ended."""

    planned: CardResult
    run: BridgeRun | None
    result: CardResult

    def to_json(self) -> Json:
        run = self.run and {
            "succeeded": self.run.succeeded,
            "failure": self.run.failure or None,
            "output": self.run.output,
        }
        planned = self.planned.plan and self.planned.plan.to_json()
        return {**self.result.to_json(), "planned": planned, "pysim": run}


def run_pysim(given: Given, task: Task, shell: Shell, *, as_json: bool) -> None:
    """Plan, unlock, have pySim write, read back and prove; print and report. Raises Failure."""
    with at_desk(given) as desk:
        pysim = PySim(shell.checkout, shell.python, _pattern(one_name(given.readers)))
        work = prepared(desk, task)
        with desk.station.alone(), desk.reader() as reader:
            with console(stderr=True).status(f"{reader.name}: leave the card where it is"):
                bridged = _Bridge(_checking(work), reader, pysim).run()
            note(desk.facts, bridged.result, work.references)
        _report(desk, bridged, as_json=as_json)


def _report(desk: Desk, bridged: _Bridged, *, as_json: bool) -> None:
    desk.facts.send()
    told = {**bridged.to_json(), "reported": desk.facts.to_json()}
    show(told, as_json=as_json, drawn=lambda: _draw(bridged))
    state_unreported(desk)
    if (failure := failure_of(bridged.result)) is not None:
        raise failure


class _Bridge:
    """One card, from its plan to its proof."""

    def __init__(self, workshop: Workshop, reader: Reader, pysim: PySim) -> None:
        self._workshop = workshop
        self._reader = reader
        self._pysim = pysim

    def run(self) -> _Bridged:
        """Raises Failure when there is no pySim, or it cannot do this; NoReader, LedgerBroken."""
        planned = self._workshop.plan(self._reader)
        if planned.iccid is None or planned.plan is None or not planned.well:
            return _Bridged(planned, None, planned)
        workshop = replace(self._workshop, source=_only(self._workshop.source, planned.iccid))
        if planned.outcome is Outcome.AS_WISHED:
            return _Bridged(planned, None, workshop.apply(self._reader))
        script = _script(planned, planned.plan)
        unlocked = workshop.unlock(self._reader)
        if not unlocked.well:
            return _Bridged(planned, None, replace(unlocked, plan=planned.plan))
        self._note(planned.plan, Step.BEGUN)
        ran = self._write(script, workshop.source(planned.iccid))
        return _Bridged(planned, ran, self._judged(workshop, planned.plan, ran))

    def _write(self, script: str, card: CardData) -> BridgeRun:
        try:
            return self._pysim.run(script, [card])
        except NoPySim as missing:
            raise WrongUse(str(missing)) from missing

    def _judged(self, workshop: Workshop, planned: Plan, ran: BridgeRun) -> CardResult:
        """Say how the card ended, by what it holds now."""
        found = self._when_free(workshop.plan)
        if found.outcome is Outcome.AS_WISHED:
            proven = workshop.apply(self._reader)
            return replace(proven, outcome=Outcome.WRITTEN) if proven.well else proven
        why = found.reasons
        if found.plan is not None and not why:
            why = (f"pySim left it not as wished: {names(found.plan.differences)}",)
        reasons = (*why, ran.failure) if ran.failure else why
        self._note(planned, Step.FAILED, "; ".join(reasons))
        outcome = Outcome.TORN if found.outcome is Outcome.TORN else Outcome.FAILED
        return replace(found, outcome=outcome, iccid=planned.iccid, reasons=reasons)

    def _when_free(self, look: Callable[[Reader], CardResult]) -> CardResult:
        """Look at the card; a program that has just ended may hold it for a moment. Raises ReaderBusy."""
        until = time.monotonic() + _PATIENCE_S
        while True:
            try:
                return look(self._reader)
            except ReaderBusy:
                if time.monotonic() > until:
                    raise
            time.sleep(_PAUSE_S)

    def _note(self, plan: Plan, step: Step, why: str | None = None) -> None:
        told = {"wrote": names(plan.differences), "by": "pySim", **({} if why is None else {"why": why})}
        self._workshop.bench.journal.note(self._workshop.bench.job.name, plan.iccid, step, told)


def _pattern(name: str) -> str:
    """Write a reader as a regular expression for pySim. Raises WrongUse for one that is not at PC/SC."""
    if not name.startswith(_PCSC):
        raise WrongUse(f"pySim is run with readers at PC/SC only, and {name} is none: {_APPLY}")
    address = name.removeprefix(_PCSC)
    is_pattern = len(address) > 1 and address.startswith("/") and address.endswith("/")
    return address[1:-1] if is_pattern else f"^{re.escape(address)}$"


def _checking(work: Work) -> Workshop:
    """Never write keys, and ask for a card's data once only."""
    workshop = work.workshop
    job = workshop.bench.job.model_copy(update={"keys": "check"})
    return replace(workshop, source=functools.cache(workshop.source), bench=replace(workshop.bench, job=job))


def _only(source: Callable[[str], CardData], iccid: str) -> Callable[[str], CardData]:
    def find(found: str) -> CardData:
        if found != iccid:
            raise NotOurs(f"card {found} took the place of card {iccid}: insert each again")
        return source(found)

    return find


def _script(planned: CardResult, plan: Plan) -> str:
    """Write what differs. Raises NotExecutable for what pySim would do otherwise than we, or what may be a key."""
    model = plan.model
    if model.generation is Generation.GSM or model.adm.reference != _ADM1:
        raise NotExecutable(f"pySim would present ADM1 to another key than this card's ({model.title}): {_APPLY}")
    writes = [ScriptWrite(one.path, one.record, one.after) for one in plan.differences]
    try:
        return write_script(writes, verify_pin=planned.pin1 == Right())
    except WrongValue as wrong:
        raise NotExecutable(f"{wrong}: {_APPLY}") from wrong


def _draw(bridged: _Bridged) -> RenderableType:
    drawn: list[RenderableType] = [] if bridged.planned.plan is None else [draw_plan(bridged.planned.plan)]
    if bridged.run is not None:
        said = cell(f"{bridged.run.output.expandtabs().strip()}\n{bridged.run.failure}".strip())
        drawn.append(Panel(said, title="pySim", expand=False))
    return Group(*drawn, verdict(bridged.result))
