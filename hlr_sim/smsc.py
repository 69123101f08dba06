"""A short message service centre: what it takes it has stored, and what it has stored it has delivered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from drivers import commands as c
from drivers.commands import Command, Credentials, Done, Refused, Reply, Submitted, Why
from drivers.dialect import Capabilities
from hlr_sim.behaviour import PLAIN
from hlr_sim.store import open_database
from hlr_sim.validity import MSISDN

_SCHEMA = """
CREATE TABLE IF NOT EXISTS sms (
    id INTEGER PRIMARY KEY AUTOINCREMENT, recipient TEXT NOT NULL, sender TEXT NOT NULL,
    text TEXT NOT NULL, at TEXT NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS sms_recipient ON sms (recipient, id);
"""
_NEWEST = "SELECT id, recipient, sender, text, at FROM sms {where} ORDER BY id DESC LIMIT ?"


@dataclass(frozen=True, slots=True)
class Sms:
    """One short message in somebody's inbox."""

    message_id: str
    to: str
    sender: str
    text: str
    at: str

    def as_json(self) -> dict[str, str]:
        """Write every field."""
        return asdict(self)


class Smsc:
    """Delivers at once to every number; holding back for a line that is off or barred is not simulated yet."""

    def __init__(self, path: Path, now: Callable[[], datetime]) -> None:
        self._database = open_database(path, _SCHEMA)
        self._now = now

    def answer(self, command: Command, keys: Credentials | None = None, door: Capabilities = PLAIN) -> Reply:
        """See Behaviour."""
        del keys, door
        match command:
            case c.SendSms(sender, to, text):
                return self._take(sender, to, text) if MSISDN.fullmatch(to) else Refused(Why.NOT_FOUND, "")
            case c.KeepAlive() | c.Login():
                return Done()
            case _:
                return Refused(Why.INVALID, "", "an SMSC has no such command")

    def inbox(self, to: str | None, limit: int) -> list[Sms]:
        """Return the newest messages, of one number or of all, oldest first."""
        where, values = ("", ()) if to is None else ("WHERE recipient = ?", (to,))
        rows = self._database.execute(_NEWEST.format(where=where), (*values, limit)).fetchall()
        return [Sms(_message_id(number), *rest) for number, *rest in reversed(rows)]

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def _take(self, sender: str, to: str, text: str) -> Reply:
        row = (to, sender, text, self._now().isoformat())
        stored = self._database.execute("INSERT INTO sms (recipient, sender, text, at) VALUES (?, ?, ?, ?)", row)
        return Submitted(_message_id(stored.lastrowid or 0))


def _message_id(number: int) -> str:
    return f"{number:08x}"  # SMPP 3.4 §5.2.23: opaque to the client; hexadecimal is what most SMSCs print
