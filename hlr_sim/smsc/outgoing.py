"""What waits to be told to ESMEs: kept on disk until the ESME says it has it, sent to whichever receiver has room."""

from __future__ import annotations

import heapq
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from hlr_sim.smsc.alarm import Alarm
from hlr_sim.smsc.ledger import Ledger

RECEIPT, FROM_PHONE, ALERT = "receipt", "from_phone", "alert"  #: kinds of items


@dataclass(frozen=True, slots=True, order=True)
class Item:
    """One PDU for an ESME, due at a time; whoever comes first goes first."""

    id: int
    system_id: str = field(compare=False)
    kind: str = field(compare=False)
    due_s: float = field(compare=False)
    pdu: bytes = field(compare=False, repr=False)


class Receiver(Protocol):
    """A bound connection that takes deliveries."""

    def has_room(self) -> bool:
        """Tell whether it takes one more now."""

    def deliver(self, item: Item) -> None:
        """Send one; it is acknowledged, refused or given back later."""


class Outgoing:
    """The queues of all ESMEs."""

    def __init__(self, ledger: Ledger, alarm: Alarm, now: Callable[[], float]) -> None:
        self._ledger = ledger
        self._alarm = alarm
        self._now = now
        self._ready: dict[str, list[Item]] = {}
        self._receivers: dict[str, deque[Receiver]] = {}
        self.counts: Counter[str] = Counter()
        self._last = 0
        for row in ledger.read("SELECT id, system_id, kind, due_s, pdu FROM outgoing ORDER BY id").fetchall():
            item = Item(*row)
            self._last = item.id
            self.release(item)

    def queue(self, system_id: str, kind: str, pdu: bytes, due_s: float) -> Item:
        """Store one; nothing is sent before it is released."""
        self._last += 1
        item = Item(self._last, system_id, kind, due_s, pdu)
        self._ledger.write("INSERT INTO outgoing VALUES (?, ?, ?, ?, ?)", item.id, system_id, kind, due_s, pdu)
        self.counts[f"{kind}:queued"] += 1
        return item

    def release(self, item: Item) -> None:
        """Let one go out as soon as it is due."""
        if item.due_s > self._now():
            self._alarm.at(item.due_s, lambda: self._is_due(item))
        else:
            self._is_due(item)

    def join(self, system_id: str, receiver: Receiver) -> None:
        """A receiver has bound."""
        self._receivers.setdefault(system_id, deque()).append(receiver)
        self.pump(system_id)

    def leave(self, system_id: str, receiver: Receiver) -> None:
        """A receiver is gone; what it had not acknowledged is given back apart."""
        receivers = self._receivers.get(system_id, deque())
        if receiver in receivers:
            receivers.remove(receiver)

    def give_back(self, item: Item) -> None:
        """It was sent, and nobody knows whether it arrived: it goes out again, before what came later."""
        heapq.heappush(self._ready.setdefault(item.system_id, []), item)

    def acknowledged(self, item: Item) -> None:
        """The ESME has it."""
        self._forget(item, "acknowledged")

    def dropped(self, item: Item) -> None:
        """The ESME does not want it, now or ever."""
        self._forget(item, "refused")

    def again(self, item: Item, after_s: float) -> None:
        """The ESME could not take it now."""
        self.counts[f"{item.kind}:put_off"] += 1
        self._alarm.at(self._now() + after_s, lambda: self._is_due(item))

    def pump(self, system_id: str) -> None:
        """Send what is due to whoever has room, one receiver after the other."""
        ready, receivers = self._ready.get(system_id), self._receivers.get(system_id)
        while ready and receivers and (receiver := self._roomy(receivers)) is not None:
            item = heapq.heappop(ready)
            self.counts[f"{item.kind}:sent"] += 1
            receiver.deliver(item)
            if item.kind == ALERT:  # has no answer (SMPP 3.4 §4.12)
                self.acknowledged(item)

    def waiting(self, kind: str) -> int:
        """Count what no ESME has acknowledged."""
        return int(self._ledger.read("SELECT count(*) FROM outgoing WHERE kind = ?", kind).fetchone()[0])

    def _is_due(self, item: Item) -> None:
        self.give_back(item)
        self.pump(item.system_id)

    def _forget(self, item: Item, how: str) -> None:
        self.counts[f"{item.kind}:{how}"] += 1
        self._ledger.write("DELETE FROM outgoing WHERE id = ?", item.id)

    def _roomy(self, receivers: deque[Receiver]) -> Receiver | None:
        for _ in range(len(receivers)):
            receivers.rotate(-1)
            if receivers[-1].has_room():
                return receivers[-1]
        return None
