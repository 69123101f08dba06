"""Looking at one IMSI until what is seen can be believed: twice the same, and no order under way."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from drivers.commands import Held
from gateway.audit.comparison import Drift, Kind, compare
from gateway.audit.expectation import Expectations, Expected, Unclear
from gateway.audit.reading import Reader, Unreadable
from gateway.network import Network
from gateway.orders.engine import Engine

_MOST_LOOKS = 6
_UNSTEADY = "it was seen differently each time: somebody is changing it, audit it again later"
_UNDER_WAY = "an order of this line waits or is in progress: audit it again when that has ended"

Answer = Expected | Unclear | None


@dataclass(frozen=True, slots=True)
class Subject:
    """Somebody to look at: its place, how to ask what is expected, and what was known of that without asking."""

    place: str
    again: Callable[[], Awaitable[Answer]]
    known: Callable[[], Answer] | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen; without ``drift`` it is as it should be."""

    expected: Expected | Unclear
    drift: Drift | None
    held: Held | None = None
    detail: str | None = None


class Examiner:
    """Holds elements against expectations."""

    def __init__(self, network: Network, engine: Engine, expectations: Expectations, *, keys: bool) -> None:
        self._network = network
        self._engine = engine
        self._keys = keys
        self.expectations = expectations

    async def examine(self, subject: Subject, reader: Reader) -> Seen | None:
        """Look as often as it takes; ``None``: it is nobody this audit is about."""
        expected, last = await subject.again() if subject.known is None else subject.known(), None
        for _ in range(_MOST_LOOKS):
            if expected is None:
                return None
            if isinstance(expected, Unclear):
                return Seen(expected, Drift(Kind.UNREADABLE), detail=expected.why)
            held = await reader.look(self._network.element(expected.element), expected.imsi, keys=self._keys)
            if isinstance(held, Unreadable):
                return Seen(expected, Drift(Kind.UNREADABLE), detail=held.why)
            drift = compare(expected.wanted, held)
            if drift is None:
                return Seen(expected, None)
            busy, fresh = await self._under_way(expected), await subject.again()
            if busy or (isinstance(fresh, Expected) and await self._under_way(fresh)):
                return Seen(expected, Drift(Kind.IN_FLIGHT, drift.differences), held, _UNDER_WAY)
            if (drift, fresh) == (last, expected):
                return Seen(expected, drift, held)
            expected, last = fresh, drift
        return None if not isinstance(expected, Expected) else Seen(expected, Drift(Kind.IN_FLIGHT), None, _UNSTEADY)

    async def _under_way(self, expected: Expected) -> bool:
        return any([await self._engine.pending(line_id) for line_id in expected.lines])
