"""Scripted misfortune: a plan that says, for each command heard, what shall go wrong. It does nothing itself.

A fault waits for its element and command, lets ``after`` of them pass, strikes ``count`` times and is spent. Faults
for the same command strike one after another in the order they were scripted.
"""

from __future__ import annotations

from collections import deque
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import get_args

from drivers.commands import Command, KeepAlive, Login, Why

ANY = "*"
COMMAND_NAMES = frozenset(kind.__name__ for kind in get_args(Command))
_ONLY_BY_NAME = (Login, KeepAlive)  # sessions send these by themselves: "*" striking them would be chance
_SPENT_KEPT = 200
_MAX_DELAY_S = 3600.0


class Kind(StrEnum):
    """What goes wrong."""

    LATE = "late"  # carried out at once, answered after delay_s
    SILENT = "silent"  # carried out, never answered
    LOST = "lost"  # neither carried out nor answered
    DROP_BEFORE = "drop_before"  # connection cut, not carried out
    DROP_AFTER = "drop_after"  # carried out, connection cut without an answer
    HALF_LINE = "half_line"  # carried out, connection cut in the middle of the answer
    GARBAGE = "garbage"  # carried out, random bytes in place of the answer
    DUPLICATE = "duplicate"  # carried out, answered twice
    BUSY = "busy"  # refused as busy, not carried out
    SESSION_TIMEOUT = "session_timeout"  # refused, logged out, not carried out
    REFUSE = "refuse"  # refused with ``why``, not carried out
    REFUSE_CONNECT = "refuse_connect"  # new connections closed at once; ``match`` has no meaning
    FREEZE = "freeze"  # the whole element stands still for delay_s, then does and answers everything


_NEEDS_DELAY = (Kind.LATE, Kind.FREEZE)


@dataclass(slots=True)
class Fault:
    """One misfortune and how far it has come. Raises ValueError when its parts do not fit together."""

    element: str
    kind: Kind
    match: str = ANY
    after: int = 0
    count: int | None = 1
    delay_s: float | None = None
    why: Why | None = None
    passed: int = field(default=0, init=False)
    struck: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        if self.match != ANY and self.match not in COMMAND_NAMES:
            raise ValueError(f"match must be {ANY!r} or one of {', '.join(sorted(COMMAND_NAMES))}")
        if self.after < 0 or (self.count is not None and self.count < 1):
            raise ValueError("after must be 0 or more, count 1 or more (or null: until cleared)")
        if (self.kind in _NEEDS_DELAY) != (self.delay_s is not None):
            raise ValueError(f"delay_s belongs to {' and '.join(_NEEDS_DELAY)}, and only there")
        if self.delay_s is not None and not 0 < self.delay_s <= _MAX_DELAY_S:
            raise ValueError(f"delay_s must be more than 0 and at most {_MAX_DELAY_S:g}")
        if self.kind is Kind.REFUSE and self.why is None:
            self.why = Why.OTHER
        if self.kind is not Kind.REFUSE and self.why is not None:
            raise ValueError("why belongs to refuse, and only there")

    @property
    def spent(self) -> bool:
        """Whether it has struck as often as it should."""
        return self.count is not None and self.struck >= self.count

    def as_json(self) -> dict[str, object]:
        """Write what was scripted and how far it has come."""
        return asdict(self) | {"spent": self.spent}

    def meets(self, command: Command) -> bool:
        """Tell whether it is about this command."""
        if self.kind is Kind.REFUSE_CONNECT:
            return False
        if self.match == ANY:
            return not isinstance(command, _ONLY_BY_NAME)
        return type(command).__name__ == self.match

    def strikes(self) -> bool:
        """Count one occasion; tell whether this is one to strike on."""
        if self.passed < self.after:
            self.passed += 1
            return False
        self.struck += 1
        return True


class FaultPlan:
    """All faults of all elements."""

    def __init__(self) -> None:
        self._waiting: dict[str, list[Fault]] = {}
        self._spent: deque[Fault] = deque(maxlen=_SPENT_KEPT)

    def add(self, fault: Fault) -> None:
        """Script one more."""
        self._waiting.setdefault(fault.element, []).append(fault)

    def clear(self) -> None:
        """Forget everything scripted."""
        self._waiting.clear()
        self._spent.clear()

    def listed(self) -> list[Fault]:
        """Return the faults still to come, then the latest spent ones."""
        return [fault for waiting in self._waiting.values() for fault in waiting] + list(self._spent)

    def strike(self, element: str, command: Command) -> Fault | None:
        """Say what shall befall this command; the first fault about it that is due strikes."""
        waiting = self._waiting.get(element)
        if not waiting:
            return None
        return next((self._struck(f) for f in waiting if f.meets(command) and f.strikes()), None)

    def refuses_connection(self, element: str) -> bool:
        """Say whether a new connection shall be closed at once."""
        connects = (f for f in self._waiting.get(element, []) if f.kind is Kind.REFUSE_CONNECT)
        return any(self._struck(f) is f for f in connects if f.strikes())

    def _struck(self, fault: Fault) -> Fault:
        if fault.spent:
            self._waiting[fault.element].remove(fault)
            self._spent.append(fault)
        return fault
