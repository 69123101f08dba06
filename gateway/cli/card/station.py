"""A technician's station: the directory of its ledger, journal and traces, and of what it still has to tell."""

from __future__ import annotations

import fcntl
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from gateway.cli.asker import requested_by
from gateway.cli.card.outbox import Outbox
from gateway.cli.failure import WrongUse
from sim_readers.job.journal import CardJournal
from sim_readers.ledger import Ledger

PRIVATE: Final = 0o700


def now() -> datetime:
    """Read the clock of the machine, in UTC."""
    return datetime.now(UTC)


def station_directory(given: Path | None) -> Path:
    """Where a station is: as given, else below XDG_STATE_HOME."""
    if given is not None:
        return given
    state = os.environ.get("XDG_STATE_HOME")
    return (Path(state) if state else Path.home() / ".local" / "state") / "linegate" / "cards"


@dataclass(frozen=True, slots=True)
class Station:
    """A station's directory, its name, and who works at it."""

    directory: Path
    name: str
    operator: str
    clock: Callable[[], datetime] = now

    def ledger(self) -> Ledger:
        """The attempts ever made here with any key. Raises LedgerBroken."""
        return Ledger(self.directory, self.clock, self.operator)

    def journal(self) -> CardJournal:
        """What became of every card of every job here."""
        return CardJournal(self.directory, self.clock)

    def facts(self) -> Outbox:
        """What was found on cards, told to the gateway or still to be told."""
        return Outbox(self.directory / "facts.jsonl")

    def orders(self) -> Outbox:
        """Orders that could not be posted."""
        return Outbox(self.directory / "orders.jsonl")

    def trace_file(self) -> Path:
        """Today's trace."""
        directory = self.directory / "trace"
        directory.mkdir(exist_ok=True, mode=PRIVATE)
        return directory / f"{self.clock():%Y-%m-%d}.jsonl"

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Be the only one here who writes to cards. Raises WrongUse when somebody else does."""
        lock = os.open(self.directory / "station.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        except BlockingIOError:
            text = "another `linegate card` writes to cards at this station: wait for it, or name another --station"
            raise WrongUse(text) from None
        finally:
            os.close(lock)


def open_station(given: Path | None) -> Station:
    """Go to a station; its directory is made, for its owner alone. Raises OSError."""
    directory = station_directory(given)
    directory.mkdir(parents=True, exist_ok=True, mode=PRIVATE)
    return Station(directory, socket.gethostname() or "unnamed", requested_by()["who"])
