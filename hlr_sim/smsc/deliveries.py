"""What one receiver connection was sent and has not acknowledged yet (SMPP 3.4 §4.6)."""

from __future__ import annotations

from collections.abc import Callable

from drivers.dialects.smpp.pdu import Pdu
from hlr_sim.smsc import outgoing, status
from hlr_sim.smsc.door import Door
from hlr_sim.smsc.line import Line
from hlr_sim.smsc.outgoing import Item, Outgoing
from hlr_sim.smsc.receipts import numbered

_NEVER_AGAIN = (status.PERMANENT_APP_ERROR, status.REJECTED_BY_APP)


class Deliveries:
    """A Receiver over one line; ``next_sequence`` numbers everything this end asks."""

    def __init__(
        self, line: Line, door: Door, queue: Outgoing, next_sequence: Callable[[], int], clock: Callable[[], float]
    ) -> None:
        self._line = line
        self._door = door
        self._queue = queue
        self._next_sequence = next_sequence
        self._clock = clock
        self._in_flight: dict[int, tuple[Item, float]] = {}
        self._system_id: str | None = None

    def begin(self, system_id: str) -> None:
        """Bound to receive: what waits for this ESME goes out."""
        self._system_id = system_id
        self._queue.join(system_id, self)

    def end(self) -> None:
        """Nothing more goes out here; what was not acknowledged goes out elsewhere, or later."""
        if self._system_id is None:
            return
        system_id, self._system_id = self._system_id, None
        self._queue.leave(system_id, self)
        for item, _ in self._in_flight.values():
            self._queue.give_back(item)
        self._in_flight.clear()
        self._queue.pump(system_id)

    def has_room(self) -> bool:
        """See Receiver."""
        return len(self._in_flight) < self._door.knobs.deliver_window

    def deliver(self, item: Item) -> None:
        """See Receiver."""
        sequence = self._next_sequence()
        if item.kind != outgoing.ALERT:
            self._in_flight[sequence] = item, self._clock()
        self._line.send(numbered(item.pdu, sequence))

    def answered(self, pdu: Pdu) -> None:
        """The ESME said what it makes of one; an answer to none is passed over."""
        item, _ = self._in_flight.pop(pdu.sequence, (None, 0.0))
        if item is None:
            return
        if pdu.name == "generic_nack":
            self._queue.again(item, self._door.knobs.retry_s)
        elif pdu.status == status.OK:
            self._queue.acknowledged(item)
        elif pdu.status in _NEVER_AGAIN:
            self._queue.dropped(item)
        else:
            self._queue.again(item, self._door.knobs.retry_s)
        self._queue.pump(item.system_id)

    def look_after(self) -> None:
        """Take back what was not acknowledged in time."""
        late = self._clock() - self._door.knobs.deliver_timeout_s
        overdue = [number for number, (_, since) in self._in_flight.items() if since <= late]
        for number in overdue:
            item, _ = self._in_flight.pop(number)
            self._queue.again(item, 0.0)
