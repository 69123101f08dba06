"""Where measurements are made: a directory, and the simulated network and the database once somebody needs them."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from benchmarks.database import Databases, postgres
from benchmarks.stage import Stage, network


@dataclass
class Workplace:
    """One run of measurements; ``quick``: only to see that they work, their figures mean nothing."""

    directory: Path
    held: ExitStack
    orders: int = 2000
    rounds: int = 5
    quick: bool = field(default=False)

    @cached_property
    def stage(self) -> Stage:
        """The simulated network, in its own process."""
        directory = self.directory / "stage"
        directory.mkdir()
        return self.held.enter_context(network(directory))

    @cached_property
    def databases(self) -> Databases:
        """A PostgreSQL server."""
        return self.held.enter_context(postgres())
