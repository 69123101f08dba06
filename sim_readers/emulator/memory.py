"""What a card keeps without power: the bytes of its files, its key counters, its SQNs; and how writes fail."""

from __future__ import annotations

from sim_readers.emulator.face import PulledOut
from sim_readers.emulator.faults import Faults
from sim_readers.emulator.refusals import No, Refusal


class Memory:
    """The bytes by name, and whether something changed since ``settled``. Names are paths, or ``keys`` inside."""

    __slots__ = ("_faults", "bodies", "changed", "writes")

    def __init__(self, faults: Faults) -> None:
        self.bodies: dict[str, bytearray] = {}
        self.changed = False
        self.writes = 0
        self._faults = faults

    def write(self, body: bytearray, offset: int, data: bytes) -> None:
        """Write, or fail as the faults say. Raises Refusal with nothing written, PulledOut with half of it."""
        self.writes += 1
        if self.writes == self._faults.write_fails_at:
            if not self._faults.torn:
                raise Refusal(No.MEMORY)
            data = data[: len(data) // 2]
            self._put(body, offset, data)
            raise PulledOut
        self._put(body, offset, data)

    def settled(self) -> bool:
        """Tell whether anything changed since the last call."""
        was, self.changed = self.changed, False
        return was

    def _put(self, body: bytearray, offset: int, data: bytes) -> None:
        body[offset : offset + len(data)] = data
        self.changed = True
