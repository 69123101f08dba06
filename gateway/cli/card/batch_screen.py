"""What is seen of a batch: on a terminal a board of all readers and a big verdict a card; else one line a card."""

from __future__ import annotations

import json
import sys
import threading
import time
from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self, assert_never

import typer
from rich.console import RenderableType
from rich.live import Live
from rich.table import Table

from gateway.cli.card.facts import Facts
from gateway.cli.card.showing import line, verdict
from gateway.cli.gateway_client import Json
from gateway.cli.printing import cell, console, facts, rows, show, table
from sim_readers.job.events import Again, Asked, BatchEvent, Begun, Ended, ReaderLost, TurnedAway, Waiting
from sim_readers.job.outcome import Outcome
from sim_readers.job.report import BatchReport
from sim_readers.job.runner import CardResult

_HOUR_S = 3600
_QUESTION = "Is this first card right (try it in a phone)? The others begin when you say yes"


class Screen(ABC):
    """Shows a batch. ``show`` is called from readers' threads, one at a time; ``asking`` while somebody is asked."""

    def __init__(self) -> None:
        self.asking = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.asking = False

    @abstractmethod
    def show(self, event: BatchEvent) -> None:
        """Show what has happened."""

    @abstractmethod
    def sum_up(self, report: BatchReport, told: Facts) -> None:
        """Show the whole at its end."""

    def say(self, text: str) -> None:
        """Say something to whoever is there."""
        console(stderr=True).print(cell(text))

    def ask(self, canary: CardResult) -> bool:
        """Ask whether the batch may go on after its first card; no answer is a no."""
        self.say(f"{line(canary)}\n{_QUESTION} (y/n): ")
        self.asking = True
        try:
            return sys.stdin.readline().strip().casefold() in ("y", "yes")
        except KeyboardInterrupt:
            return False
        finally:
            self.asking = False


class JsonLines(Screen):
    """One JSON line a card on stdout, then one of the whole."""

    def show(self, event: BatchEvent) -> None:
        """Print what a script wants to know."""
        match event:
            case Ended(_, result, done):
                self._print({"event": "card", **result.to_json(), "done": done})
            case TurnedAway(reader, iccid, turned, why):
                told = {"reader": reader, "iccid": iccid, "how": turned.value, "why": why}
                self._print({"event": "turned_away", **told})
            case ReaderLost(reader, why):
                self._print({"event": "reader_lost", "reader": reader, "why": why})
            case Waiting() | Begun() | Again() | Asked():
                pass
            case _:
                assert_never(event)

    def sum_up(self, report: BatchReport, told: Facts) -> None:
        """Print the figures."""
        figures = {name: value for name, value in report.to_json().items() if name != "results"}
        self._print({"event": "summary", **figures, "reported": told.to_json()})

    def _print(self, document: Json) -> None:
        typer.echo(json.dumps(document, ensure_ascii=False))
        sys.stdout.flush()


class Lines(Screen):
    """One line a card, for logs."""

    def show(self, event: BatchEvent) -> None:
        """Print a line where there is something to tell."""
        if text := _told(event):
            self._out(text)

    def sum_up(self, report: BatchReport, told: Facts) -> None:  # noqa: ARG002 - it was said on stderr
        """Draw the figures."""
        show({}, as_json=False, drawn=lambda: _summary(report))

    def _out(self, text: str) -> None:
        console().print(cell(text), soft_wrap=True)


class Board(Lines):
    """A board of readers on a terminal, and above it a big verdict with a bell for each card."""

    def __init__(self, job: str, wanted: int | None) -> None:
        super().__init__()
        self._job = job
        self._wanted = wanted
        self._console = console(stderr=True)
        self._states: dict[str, str] = {}
        self._done = self._failed = 0
        self._begun = time.monotonic()
        self._lock = threading.Lock()
        self._live = Live(self._drawn(), console=self._console, transient=True)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._live.stop()

    def show(self, event: BatchEvent) -> None:
        """Put it on the board."""
        with self._lock:
            self._states[event.reader] = _told(event) or _state(event)
            if isinstance(event, Ended):
                self._done = event.done
                self._failed += not event.result.well
                self._live.console.print(verdict(event.result))
                self._console.bell()
            self._live.update(self._drawn())

    def ask(self, canary: CardResult) -> bool:
        """Ask, with the board out of the way."""
        self._live.stop()
        try:
            return super().ask(canary)
        finally:
            self._live.start()

    def _drawn(self) -> Table:
        elapsed_s = time.monotonic() - self._begun
        pace = f"{self._done / elapsed_s * _HOUR_S:.0f} an hour" if self._done else "no pace yet"
        left = "" if self._wanted is None else f", {self._wanted - self._done} left"
        made = table(f"{self._job}: {self._done} done, {self._failed} not, {pace}{left}", "reader", "")
        return rows(made, sorted(self._states.items()))


def screen_for(job: str, wanted: int | None, *, as_json: bool) -> Screen:
    """Choose how a batch is shown."""
    if as_json:
        return JsonLines()
    return Board(job, wanted) if console(stderr=True).is_terminal else Lines()


def _told(event: BatchEvent) -> str:
    """What is worth a line; empty for what is not."""
    match event:
        case Ended(_, result, _):
            return line(result)
        case TurnedAway(reader, iccid, turned, why):
            return f"{reader}: {iccid}: {turned.value.upper()}: {why}"
        case ReaderLost(reader, why):
            return f"{reader}: LOST: {why}"
        case Asked(reader, text) | Again(reader, text):
            return f"{reader}: {text}"
        case Waiting() | Begun():
            return ""
        case _:
            assert_never(event)


def _state(event: BatchEvent) -> str:
    return "insert a card" if isinstance(event, Waiting) else "leave the card where it is"


def _summary(report: BatchReport) -> RenderableType:
    told = report.to_json()
    shown = {
        **{name: told[name] for name in ("ending", "why", "done", "already", "duplicates")},
        "not as wished": sum(not one.well and one.outcome is not Outcome.NO_CARD for one in report.results),
        "cards per hour": told["cards_per_hour"],
        "median per card": None if report.median_s is None else f"{report.median_s:.2f} s",
        "APDUs per card": told["median_apdus"],
        "readers lost": told["lost_readers"],
    }
    return facts(shown, *shown)
