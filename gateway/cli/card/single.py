"""``linegate card plan`` and ``apply``: one job, one card, the reader it is in."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from rich.console import Group, RenderableType

from gateway.cli.card.desk import Desk, at_desk
from gateway.cli.card.options import Given, Origins
from gateway.cli.card.outcomes import failure_of, note
from gateway.cli.card.showing import draw_plan, verdict
from gateway.cli.card.sources import VaultCards, printed, with_adm
from gateway.cli.card.typing_in import adm_from, ask_adm, scan
from gateway.cli.failure import WrongUse
from gateway.cli.printing import cell, console, show
from sim_readers.guard import Guard, Origin
from sim_readers.job.apply import Bench
from sim_readers.job.outcome import Outcome
from sim_readers.job.runner import CardResult, Source, Workshop
from sim_readers.job.wish import Job, read_job
from sim_readers.secret import Secret


@dataclass(frozen=True, slots=True)
class Typed:
    """How an ADM1 is typed, if it is."""

    prompt: bool = False
    descriptor: int | None = None

    def key(self) -> Secret | None:
        """Take it. Raises WrongUse."""
        if self.prompt and self.descriptor is not None:
            raise WrongUse("--typed-adm and --typed-adm-fd: say one of them")
        if self.descriptor is not None:
            return adm_from(self.descriptor)
        return ask_adm() if self.prompt else None


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be done to a card."""

    job: Path
    origins: Origins = field(default_factory=Origins)
    accept_tries: int | None = None
    typed: Typed = field(default_factory=Typed)
    scan: bool = False


@dataclass(frozen=True, slots=True)
class Work:
    """A workshop ready for its card. ``references`` name the ADM1 keys the gateway gave; they grow as it gives them."""

    workshop: Workshop
    references: Mapping[str, str]
    typed: bool


def plan(given: Given, task: Task, *, as_json: bool) -> None:
    """Read, compare and print. Raises Failure; NotExecutable when the plan is."""
    with at_desk(given) as desk:
        work = prepared(desk, task)
        with desk.reader() as reader:
            result = work.workshop.plan(reader)
        told, feasible = result.to_json(), result.outcome is Outcome.WRITTEN
        if feasible:
            told["outcome"] = "to_write"
        show(told, as_json=as_json, drawn=lambda: _draw_planned(result))
        if not feasible and (failure := failure_of(result)) is not None:
            raise failure


def apply(given: Given, task: Task, *, as_json: bool) -> None:
    """Personalise, print and report. Raises Failure when the card is not as wished."""
    with at_desk(given) as desk:
        work = prepared(desk, task)
        result = carry_out(desk, work)
        told = {**result.to_json(), "reported": desk.facts.to_json()}
        show(told, as_json=as_json, drawn=lambda: _draw_applied(result))
        state_unreported(desk)
        if (failure := failure_of(result)) is not None:
            raise failure


def prepared(desk: Desk, task: Task) -> Work:
    """Read the job, find the source, take what is typed. Raises ProfileError, WrongUse."""
    job = read_job(task.job)
    typed = task.typed.key()
    cards = desk.cards(job_origins(job, task), without_adm=typed is not None)
    source: Source = cards if typed is None else with_adm(cards, typed)
    if task.scan:
        source = printed(source, scan())
    origin = Origin.VAULT if typed is None else Origin.TYPED
    guard = Guard(desk.station.ledger())
    bench = Bench(job, guard, desk.station.journal(), secrets.token_bytes, task.accept_tries, origin)
    references = cards.references if isinstance(cards, VaultCards) else {}
    return Work(Workshop(desk.models, source, bench, desk.wrap), references, typed is not None)


def carry_out(desk: Desk, work: Work) -> CardResult:
    """Personalise the card in the one reader, write down what is to be told, and tell it."""
    with desk.station.alone(), desk.reader() as reader:
        with console(stderr=True).status(f"{reader.name}: leave the card where it is"):
            result = work.workshop.apply(reader)
        note(desk.facts, result, work.references, typed=work.typed)
    desk.facts.send()
    return result


def job_origins(job: Job, task: Task) -> Origins:
    """Where the cards' data are: as the command says, else as the job says."""
    if task.origins.cards or job.cards is None:
        return task.origins
    return replace(task.origins, cards=(task.job.parent / job.cards,))


def state_unreported(desk: Desk) -> None:
    """Say on stderr what the gateway has not been told; nothing if it has been told all."""
    if statement := desk.facts.statement():
        console(stderr=True).print(cell(statement))


def _draw_planned(result: CardResult) -> RenderableType:
    return verdict(result) if result.plan is None else draw_plan(result.plan)


def _draw_applied(result: CardResult) -> RenderableType:
    return verdict(result) if result.plan is None else Group(draw_plan(result.plan), verdict(result))
