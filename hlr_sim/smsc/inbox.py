"""What phones show: whole messages in the order they became whole. A phone joins parts as it gets them."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import datetime

from hlr_sim.smsc.ledger import Ledger, Value
from hlr_sim.smsc.message import Message

_JOINED_WITHIN_S = 86_400.0  # older strays are another message's: an 8-bit reference comes round again

_COLUMNS = "number, recipient, sender, text, at, id, parts, data_coding, message_ids, submitted_at, bind"
_NEWEST = f"SELECT * FROM (SELECT {_COLUMNS} FROM sms {{where}} ORDER BY id DESC LIMIT ?) ORDER BY id"  # noqa: S608 - our own words
_NEXT = f"SELECT {_COLUMNS} FROM sms {{where}} ORDER BY id LIMIT ?"  # noqa: S608 - the same
_INSERT = f"INSERT INTO sms ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - the same
_PARTS = """SELECT number, text, id, message_id FROM message
    WHERE recipient = ? AND sender = ? AND reference = ? AND total = ? AND entry IS NULL AND state = 'DELIVRD'
    AND done_s > ? ORDER BY id"""


@dataclass(frozen=True, slots=True)
class Sms:
    """One message in somebody's inbox; ``id`` counts up in the order of delivery.

    ``message_id`` is this network's own and unique; ``message_ids`` are those the ESME was told, part by part.
    """

    message_id: str
    to: str
    sender: str
    text: str = field(repr=False)
    at: str
    id: int
    parts: int
    data_coding: int
    message_ids: list[str]
    submitted_at: str
    bind: str

    def as_json(self) -> dict[str, object]:
        """Write every field."""
        return asdict(self)


class Inbox:
    """Every phone's messages."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        (last,) = ledger.read("SELECT coalesce(max(id), 0) FROM sms").fetchone()
        self._last = int(last)

    def newest(self, to: str | None, limit: int) -> list[Sms]:
        """Return the newest messages, of one number or of all, oldest first."""
        return self._found(_NEWEST, [] if to is None else [("recipient = ?", to)], limit)

    def after(self, to: str | None, after: int, limit: int) -> list[Sms]:
        """Return the messages that follow message ``after``, oldest first."""
        also: list[tuple[str, Value]] = [] if to is None else [("recipient = ?", to)]
        return self._found(_NEXT, [*also, ("id > ?", after)], limit)

    def receive(self, message: Message, at: datetime) -> None:
        """A phone gets a message, or a part; sets ``message.entry`` once it is whole. The part itself is not stored."""
        asked = message.asked
        if asked.reference is None or asked.total == 1:
            self._enter(message, asked.text, [message.message_id], message.id, at)
            return
        since = at.timestamp() - _JOINED_WITHIN_S
        held = self._ledger.read(_PARTS, asked.to, asked.sender, asked.reference, asked.total, since).fetchall()
        parts = {number: (said, told, row) for number, said, row, told in held}
        parts[asked.number] = (asked.text, message.message_id, message.id)
        if len(parts) < asked.total:
            return
        whole = [parts[n] for n in sorted(parts)]
        self._enter(message, "".join(p[0] for p in whole), [p[1] for p in whole], whole[0][2], at)
        for _, _, row, _ in held:
            self._ledger.write("UPDATE message SET entry = ? WHERE id = ?", message.entry, row)

    def incomplete(self) -> int:
        """Count parts that wait for others."""
        rows = self._ledger.read("SELECT count(*) FROM message WHERE entry IS NULL AND state = 'DELIVRD'")
        return int(rows.fetchone()[0])

    def _enter(self, message: Message, text: str, told: list[str], number: int, at: datetime) -> None:
        self._last += 1
        asked = message.asked
        row = (number, asked.to, asked.sender, text, at.isoformat(), self._last, len(told), asked.data_coding)
        self._ledger.write(_INSERT, *row, json.dumps(told), message.submitted_at, message.bind)
        message.entry = self._last

    def _found(self, sql: str, conditions: list[tuple[str, Value]], limit: int) -> list[Sms]:
        where = "WHERE " + " AND ".join(c for c, _ in conditions) if conditions else ""
        rows = self._ledger.read(sql.format(where=where), *(v for _, v in conditions), limit)
        return [_sms(row) for row in rows]


def _sms(row: tuple[int, str, str, str, str, int, int, int, str, str, str]) -> Sms:
    number, to, sender, text, at, entry, parts, coding, told, submitted_at, bind = row
    ids = json.loads(told)
    return Sms(f"{number:08x}", to, sender, text, at, entry, parts, coding, ids, submitted_at, bind)
