"""What an element heard lately, for tests: command names, subscribers and outcomes; never keys, never texts."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime

from drivers.commands import Command, Refused, Reply

_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One command heard."""

    seq: int
    at: datetime
    command: str
    imsi: str | None
    outcome: str
    fault: str | None

    def as_json(self) -> dict[str, object]:
        """Write every field; the time in RFC 3339."""
        return asdict(self) | {"at": self.at.isoformat()}


class CommandLog:
    """The last commands of one element, numbered from 1 without gaps since it started."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._entries: deque[Entry] = deque(maxlen=_KEPT)
        self.last = 0

    def note(self, command: Command | None, reply: Reply | None, fault: str | None = None) -> None:
        """Write one line; ``reply`` is what was carried out, ``None`` when nothing was."""
        self.last += 1
        imsi = getattr(command, "imsi", None) or getattr(command, "old_imsi", None)
        name = "?" if command is None else type(command).__name__
        self._entries.append(Entry(self.last, self._now(), name, imsi, outcome(reply), fault))

    def since(self, seq: int) -> list[Entry]:
        """Return what came after entry ``seq`` and is still kept."""
        return [entry for entry in self._entries if entry.seq > seq]


def outcome(reply: Reply | None) -> str:
    """Name the class of a reply: ``done``, ``held``, ``refused:not_found`` …, or ``nothing``."""
    match reply:
        case None:
            return "nothing"
        case Refused(why):
            return f"refused:{why}"
        case _:
            return type(reply).__name__.lower()
