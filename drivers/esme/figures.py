"""What an SMSC did lately, in numbers."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from drivers.commands import Refused, Reply
from drivers.dialects.smpp.delivery import Heard, Receipt

_RECENT = 500
NO_ANSWER = "none"


@dataclass(frozen=True, slots=True)
class CentreFigures:
    """One SMSC now, and since it was started.

    ``by_status`` counts answers by command_status (``0x00`` took it) and ``none`` for those that did not come;
    ``per_s`` is the rate allowed now, ``None`` for no limit; latencies are of the last 500 answers.
    """

    bound: int
    connections: int
    window_in_use: int
    window: int
    per_s: float | None
    submitted: int
    by_status: Mapping[str, int]
    receipts: int
    latency_p50_s: float | None
    latency_p99_s: float | None


class Tally:
    """Counts as it goes; adding them up is left to whoever looks."""

    def __init__(self) -> None:
        self.by_status: Counter[str] = Counter()
        self.receipts = 0
        self._latencies_s: deque[float] = deque(maxlen=_RECENT)

    def answered(self, reply: Reply | None, took_s: float) -> None:
        """Count one answer, or one that did not come."""
        if reply is None:
            self.by_status[NO_ANSWER] += 1
            return
        self._latencies_s.append(took_s)
        self.by_status[reply.code if isinstance(reply, Refused) else "0x00"] += 1

    def heard(self, heard: Sequence[Heard]) -> None:
        """Count receipts."""
        self.receipts += sum(isinstance(one.delivery, Receipt) for one in heard)

    @property
    def answers(self) -> int:
        """How many messages were answered or given up."""
        return self.by_status.total()

    def latency_s(self, share: float) -> float | None:
        """Within how long such a share of the recent answers came."""
        ordered = sorted(self._latencies_s)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else None
