"""The order in which a simulated OsmoHLR speaks: answers leave as their questions came, however they were found."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field


@dataclass(slots=True)
class Turn:
    """One answer's place; ``data`` is ``None`` until it is known."""

    data: bytes | None = field(default=None, repr=False)


class Turns:
    """Places kept in order."""

    def __init__(self) -> None:
        self._kept: deque[Turn] = deque()

    def keep(self, data: bytes | None = None) -> Turn:
        """Keep the next place, for an answer that is known or will be."""
        turn = Turn(data)
        self._kept.append(turn)
        return turn

    def take(self) -> bytes:
        """Take what can be said by now."""
        said = bytearray()
        while self._kept and (data := self._kept[0].data) is not None:
            said += data
            self._kept.popleft()
        return bytes(said)
