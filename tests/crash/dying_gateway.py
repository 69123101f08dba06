"""The real gateway, warm and ready to be born many times, each life to end by SIGKILL at one commit, or by a clock.

``python -m tests.crash.dying_gateway --config DIR --data DIR --port N``: each line on stdin is one life, as
``after 1 0`` (killed once its first commit is durable; the clock is right), ``before 2 3600`` (killed just before its
second commit; the clock is an hour fast) or ``never 0 -3600``. Commits are counted from SIGUSR1 on.
It says ``ready URL``, ``armed`` and, when the life is over, ``ended``.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import uvloop

from gateway import app
from gateway.api import create_api
from gateway.api.serve import serve
from gateway.cli.starting import start_logging
from gateway.databases import DatabaseSettings, open_journal
from gateway.journal.journal import Journal, Row, Statement, Unit
from gateway.journal.tenure import Tenure
from gateway.settings import read_settings

_HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Fate:
    """When a life ends, and how far its clock is out."""

    moment: str
    commit: int
    clock_s: float

    @classmethod
    def read(cls, line: str) -> Fate:
        """Read one line of stdin."""
        moment, commit, clock_s = line.split()
        return cls(moment, int(commit), float(clock_s))

    def now(self) -> datetime:
        """Tell the time as this life has it."""
        return datetime.now(UTC) + timedelta(seconds=self.clock_s)


class Mortal:
    """A journal whose commits are counted from SIGUSR1 on; at the appointed one the process is gone."""

    def __init__(self, journal: Journal, fate: Fate) -> None:
        self._journal = journal
        self._fate = fate
        self._armed = False
        self._begun = self._done = 0
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, self._arm)

    @property
    def tenure(self) -> Tenure:
        """See Journal."""
        return self._journal.tenure

    async def commit(self, unit: Unit) -> None:
        """See Journal."""
        self._begun += self._armed
        self._strike("before", self._begun)
        await self._journal.commit(unit)
        self._done += self._armed
        self._strike("after", self._done)

    async def rows(self, statement: Statement, /, **values: object) -> Sequence[Row]:
        """See Journal."""
        return await self._journal.rows(statement, **values)

    async def announce(self, url: str) -> None:
        """See Journal."""
        await self._journal.announce(url)

    async def close(self) -> None:
        """See Journal."""
        await self._journal.close()

    def _arm(self) -> None:
        self._armed = True
        _say("armed")

    def _strike(self, moment: str, commit: int) -> None:
        if self._armed and (moment, commit) == (self._fate.moment, self._fate.commit):
            os.kill(os.getpid(), signal.SIGKILL)


def doom(fate: Fate) -> None:
    """Let whatever journal this process opens end it."""

    async def opened(data: Path, settings: DatabaseSettings, news: Callable[[], None]) -> Journal:
        return Mortal(await open_journal(data, settings, news), fate)

    vars(app)["open_journal"] = opened


async def _live(told: argparse.Namespace, fate: Fate) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, lambda: None)
    settings = read_settings(told.config, told.data)
    async with app.open_gateway(settings, fate.now) as gateway:
        await serve(create_api(gateway), _HOST, told.port, ready=lambda port: _say(f"ready http://{_HOST}:{port}"))


def _lives() -> Iterator[Fate]:
    """Return once for each life, in a process of its own; the parent waits for its end and reads on."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            yield Fate.read(line)
            return
        os.waitpid(child, 0)
        _say("ended")


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def main() -> None:
    """Live as often as is asked."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    told = parser.parse_args()
    start_logging(verbose=False)
    _say("warm")
    for fate in _lives():
        doom(fate)
        uvloop.run(_live(told, fate))


if __name__ == "__main__":
    main()
