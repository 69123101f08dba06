"""One message the centre took, from its submission to its end, and the table that keeps them."""

from __future__ import annotations

from dataclasses import dataclass

from drivers.dialects.smpp.delivery import MessageState
from hlr_sim.smsc.ledger import Ledger
from hlr_sim.smsc.reading import Submission

#: editions of the database, oldest first (see ``open_database``)
FIRST = """
CREATE TABLE IF NOT EXISTS sms (
    id INTEGER PRIMARY KEY AUTOINCREMENT, recipient TEXT NOT NULL, sender TEXT NOT NULL,
    text TEXT NOT NULL, at TEXT NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS sms_recipient ON sms (recipient, id);
"""
SECOND = """
ALTER TABLE sms ADD COLUMN number INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sms ADD COLUMN parts INTEGER NOT NULL DEFAULT 1;
ALTER TABLE sms ADD COLUMN data_coding INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sms ADD COLUMN message_ids TEXT NOT NULL DEFAULT '[]';
ALTER TABLE sms ADD COLUMN submitted_at TEXT NOT NULL DEFAULT '';
ALTER TABLE sms ADD COLUMN bind TEXT NOT NULL DEFAULT '';
UPDATE sms SET number = id, submitted_at = at, message_ids = printf('["%08x"]', id);
CREATE TABLE message (
    id INTEGER PRIMARY KEY, message_id TEXT NOT NULL, door TEXT NOT NULL, bind TEXT NOT NULL,
    system_id TEXT NOT NULL, sender TEXT NOT NULL, sender_ton INTEGER NOT NULL, sender_npi INTEGER NOT NULL,
    recipient TEXT NOT NULL, text TEXT NOT NULL, data_coding INTEGER NOT NULL, reference INTEGER,
    number INTEGER NOT NULL, total INTEGER NOT NULL, registered INTEGER NOT NULL, user_reference INTEGER,
    due_s REAL, expires_s REAL, wants_alert INTEGER NOT NULL, submitted_at TEXT NOT NULL,
    state TEXT NOT NULL, done_s REAL, entry INTEGER) STRICT;
CREATE INDEX message_told ON message (message_id);
CREATE INDEX message_waiting ON message (id) WHERE state = 'ENROUTE';
CREATE INDEX message_part ON message (recipient, sender, reference, total)
    WHERE reference IS NOT NULL AND entry IS NULL;
CREATE TABLE outgoing (
    id INTEGER PRIMARY KEY, system_id TEXT NOT NULL, kind TEXT NOT NULL, due_s REAL NOT NULL,
    pdu BLOB NOT NULL) STRICT;
CREATE TABLE phone (msisdn TEXT PRIMARY KEY, reachable INTEGER NOT NULL, known INTEGER NOT NULL) STRICT, WITHOUT ROWID;
"""
_COLUMNS = (
    "id, message_id, door, bind, system_id, sender, sender_ton, sender_npi, recipient, text, data_coding, reference, "
    "number, total, registered, user_reference, due_s, expires_s, wants_alert, submitted_at, state, done_s, entry"
)
_INSERT = f"INSERT INTO message ({_COLUMNS}) VALUES ({', '.join('?' * 23)})"  # noqa: S608 - our own words
_SELECT = f"SELECT {_COLUMNS} FROM message "  # noqa: S608 - the same


State = MessageState


def number_of(state: State) -> int:
    """Return a state's value on the wire (SMPP 3.4 §5.2.28)."""
    return list(State).index(state) + 1


@dataclass(slots=True)
class Message:
    """A message and how far it has come; ``id`` is the centre's own number, ``message_id`` what the ESME was told."""

    id: int
    message_id: str
    door: str
    bind: str
    asked: Submission
    submitted_at: str
    state: State = State.ENROUTE
    done_s: float | None = None
    entry: int | None = None
    tried: bool = False  # a first attempt has failed; in memory only


class Messages:
    """All messages; numbers count up from wherever an earlier run stopped."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        last = "SELECT max((SELECT coalesce(max(id), 0) FROM message), (SELECT coalesce(max(number), 0) FROM sms))"
        self._last = int(ledger.read(last).fetchone()[0])

    def next_number(self) -> int:
        """Return a number nobody had."""
        self._last += 1
        return self._last

    def add(self, message: Message) -> None:
        """Store a new one."""
        m, a = message, message.asked
        sender = (a.system_id, a.sender, a.sender_ton, a.sender_npi)
        content = (a.to, a.text, a.data_coding, a.reference, a.number, a.total, a.registered, a.user_reference)
        times = (a.due_s, a.expires_s, int(a.wants_alert), m.submitted_at)
        end = (m.state.value, m.done_s, m.entry)
        self._ledger.write(_INSERT, m.id, m.message_id, m.door, m.bind, *sender, *content, *times, *end)

    def ended(self, message: Message) -> None:
        """Store how it ended."""
        change = "UPDATE message SET state = ?, done_s = ?, entry = ? WHERE id = ?"
        self._ledger.write(change, message.state.value, message.done_s, message.entry, message.id)

    def enroute(self) -> list[Message]:
        """Return those that wait, oldest first."""
        return [_message(row) for row in self._ledger.read(_SELECT + "WHERE state = 'ENROUTE' ORDER BY id")]

    def told(self, message_id: str, sender: str, system_id: str) -> Message | None:
        """Find the latest one an ESME was told an id for (SMPP 3.4 §4.8.1: the sender must be the same)."""
        where = "WHERE message_id = ? AND sender = ? AND system_id = ? ORDER BY id DESC LIMIT 1"
        row = self._ledger.read(_SELECT + where, message_id, sender, system_id).fetchone()
        return None if row is None else _message(row)

    def by_state(self) -> dict[str, int]:
        """Count them."""
        return dict(self._ledger.read("SELECT state, count(*) FROM message GROUP BY state").fetchall())


def _message(row: tuple[object, ...]) -> Message:
    names = [name.strip() for name in _COLUMNS.split(",")]
    held = dict(zip(names, row, strict=True))
    held["to"], held["wants_alert"] = held.pop("recipient"), bool(held["wants_alert"])
    own = {name: held.pop(name) for name in ("id", "message_id", "door", "bind", "submitted_at", "done_s", "entry")}
    state = State(str(held.pop("state")))
    return Message(asked=Submission(**held), state=state, **own)  # type: ignore[arg-type]  # the table's columns
