"""How patiently an element is asked again, by what came of the last time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from drivers.commands import Why
from drivers.errors import Busy, DriverError, InDoubt


@dataclass(frozen=True, slots=True)
class Pauses:
    """The first pause and the longest; each is twice the one before. There is no last try."""

    min_s: float = 0.1
    max_s: float = 5.0


@dataclass(frozen=True, slots=True)
class RetryRules:
    """One rule for each class of outcome; ``refused`` tells which refusals are asked again, and how often."""

    busy: Pauses = field(default_factory=Pauses)
    unreachable: Pauses = field(default_factory=Pauses)
    in_doubt: Pauses = field(default_factory=Pauses)
    refused: Mapping[Why, int] = field(default_factory=dict)

    def pauses(self, trouble: DriverError) -> Pauses:
        """Choose the rule for what went wrong."""
        if isinstance(trouble, Busy):
            return self.busy
        return self.in_doubt if isinstance(trouble, InDoubt) else self.unreachable
