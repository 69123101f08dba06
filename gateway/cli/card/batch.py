"""``linegate card batch``: card after card in all readers, each shown as it ends, told to the gateway meanwhile."""

from __future__ import annotations

import secrets
import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import assert_never

from gateway.cli.card.batch_screen import Screen, screen_for
from gateway.cli.card.courier import courier
from gateway.cli.card.desk import Desk, at_desk
from gateway.cli.card.options import Given, Origins
from gateway.cli.card.outcomes import note, note_turned_away
from gateway.cli.card.places import opened, reader_names
from gateway.cli.card.single import Task, job_origins, state_unreported
from gateway.cli.card.sources import FileCards, VaultCards, patient
from gateway.cli.failure import Failure, KeyRefused, NothingThere, WrongUse
from sim_readers.guard import Breaker, Guard
from sim_readers.job.apply import Bench
from sim_readers.job.batch import Batch
from sim_readers.job.events import BatchEvent, Ended, TurnedAway
from sim_readers.job.outcome import Outcome
from sim_readers.job.report import BatchReport
from sim_readers.job.runner import CardResult, Workshop
from sim_readers.job.turns import Ending
from sim_readers.job.wish import Job, read_job
from sim_readers.keyref import ADM1
from sim_readers.ledger import Ledger
from sim_readers.ledger import Outcome as Heard


@dataclass(frozen=True, slots=True)
class Manner:
    """How a batch is run.

    ``yes``: nobody is asked after the first card; ``count``: cards to finish; ``despite_refusals``: also with a file of
    which a card has refused its key and none has accepted one.
    """

    yes: bool = False
    count: int | None = None
    once: bool = False
    despite_refusals: bool = False


def batch(given: Given, job_file: Path, origins: Origins, manner: Manner, *, as_json: bool) -> None:
    """Run until told to stop, or until all cards wanted are done; print each. Raises Failure."""
    with at_desk(given) as desk:
        job = read_job(job_file)
        cards = desk.cards(job_origins(job, Task(job_file, origins)))
        if isinstance(cards, VaultCards):
            cards.reach()  # said once, before the first card, rather than of each
        elif not manner.despite_refusals:
            _refuse_a_wrong_file(desk.station.ledger(), cards)
        wanted = _wanted(desk, job, cards, manner)
        screen = screen_for(job.name, wanted, as_json=as_json)
        try:
            report = _nothing_left() if wanted == 0 else _run(desk, job, cards, _Run(manner, screen, wanted))
            screen.sum_up(report, desk.facts)
        finally:
            state_unreported(desk)
        _judge(report)


def _refuse_a_wrong_file(ledger: Ledger, cards: FileCards) -> None:
    """Stop before another card loses a try to a file that was the wrong one before. Raises KeyRefused."""
    outcomes = {
        card.iccid: attempt.outcome
        for card in cards.cards.values()
        if card.adm1 is not None
        for attempt in ledger.attempts(card.iccid, ADM1, card.adm1)
    }
    refused = [iccid for iccid, outcome in outcomes.items() if outcome is Heard.WRONG]
    if refused and Heard.RIGHT not in outcomes.values():
        raise KeyRefused(
            f"card {refused[0]} has refused the ADM1 {cards.name} has for it, and no card has accepted one from there: "
            "get the right file; if only that card is odd, say --despite-refusals"
        )


@dataclass(frozen=True, slots=True)
class _Run:
    manner: Manner
    screen: Screen
    wanted: int | None


def _run(desk: Desk, job: Job, cards: FileCards | VaultCards, run: _Run) -> BatchReport:
    references = cards.references if isinstance(cards, VaultCards) else {}
    guard = Guard(desk.station.ledger(), Breaker())
    bench = Bench(job, guard, desk.station.journal(), secrets.token_bytes)
    with ExitStack() as stack:
        stack.enter_context(desk.station.alone())
        readers = [stack.enter_context(opened(name)) for name in reader_names(desk.given.readers)]
        bell = stack.enter_context(courier(desk.facts))
        stop = stack.enter_context(_stopped_by_signal(run.screen))

        def observe(event: BatchEvent) -> None:
            if isinstance(event, Ended):
                note(desk.facts, event.result, references)
            elif isinstance(event, TurnedAway):
                note_turned_away(desk.facts, event)
            bell.set()
            run.screen.show(event)

        def confirm(canary: CardResult) -> bool:
            return run.manner.yes or run.screen.ask(canary)

        stack.enter_context(run.screen)
        return Batch(
            Workshop(desk.models, patient(cards), bench, desk.wrap),
            readers,
            observe=observe,
            confirm_canary=confirm,
            wanted=run.wanted,
            stop=stop,
            hot_swap=not run.manner.once,
        ).run()


def _nothing_left() -> BatchReport:
    return BatchReport(Ending.COMPLETE, "every card of the file is done already", (), (), (), 0.0)


def _wanted(desk: Desk, job: Job, cards: FileCards | VaultCards, manner: Manner) -> int | None:
    """How many cards are to be finished: as said, and never more than the file has left, unless all have their turn."""
    if manner.once or not isinstance(cards, FileCards):
        return manner.count
    left = len(cards.cards.keys() - desk.station.journal().done(job.name))
    return left if manner.count is None else min(left, manner.count)


@contextmanager
def _stopped_by_signal(screen: Screen) -> Iterator[threading.Event]:
    """Let a signal end the batch after the cards under way."""
    stop = threading.Event()

    def handle(_number: int, _frame: object) -> None:
        stop.set()
        if screen.asking:
            raise KeyboardInterrupt

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _judge(report: BatchReport) -> None:
    """Raise what the exit code says of a batch."""
    match report.ending:
        case Ending.KEY_REFUSED:
            raise KeyRefused(report.why)
        case Ending.NO_READER_LEFT:
            raise NothingThere(report.why)
        case Ending.LEDGER_BROKEN:
            raise WrongUse(report.why)
        case Ending.CANARY_FAILED | Ending.CANARY_DECLINED:
            raise Failure(f"{report.why}; no other card was begun")
        case Ending.CARDS_FAILED:
            raise Failure(report.why)
        case Ending.COMPLETE | Ending.STOPPED:
            pass
        case _:
            assert_never(report.ending)
    bad = [one for one in report.results if not one.well and one.outcome is not Outcome.NO_CARD]
    if bad or report.duplicates:
        count = len(bad) + report.duplicates
        raise Failure(f"{count} {'card is' if count == 1 else 'cards are'} not as wished: set aside, and insert again")
    if report.ending is Ending.COMPLETE and report.results and not report.done:
        raise NothingThere("there was no card in any reader")
