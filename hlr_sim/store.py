"""One HLR's memory: dictionaries to read from, one SQLite file behind them that survives ``kill -9``.

Every change is committed before the method returns. ``synchronous=OFF`` leaves flushing to the operating system: a
killed process loses nothing, a power cut may, and power cuts are not simulated.
"""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from drivers.commands import Credentials
from hlr_sim.sealing import Sealer
from hlr_sim.subscribers import Subscriber, from_json

_SCHEMA = """
CREATE TABLE IF NOT EXISTS subscriber (
    imsi TEXT PRIMARY KEY, msisdn TEXT NOT NULL UNIQUE, data TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS auc (imsi TEXT PRIMARY KEY, sealed BLOB NOT NULL) STRICT, WITHOUT ROWID;
"""


def open_database(path: Path, schema: str) -> sqlite3.Connection:
    """Open one element's file, each statement its own commit."""
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=OFF")
    database.executescript(schema)
    return database


class HlrStore:
    """Subscribers by IMSI and by number, and for which IMSIs keys are held. The file is written before memory is."""

    def __init__(self, path: Path, sealer: Sealer) -> None:
        self._sealer = sealer
        self._database = open_database(path, _SCHEMA)
        rows = self._database.execute("SELECT data FROM subscriber")
        self._subscribers = {s.imsi: s for s in (from_json(json.loads(data)) for (data,) in rows)}
        self._imsi_of = {s.msisdn: s.imsi for s in self._subscribers.values()}
        self._with_keys = {imsi for (imsi,) in self._database.execute("SELECT imsi FROM auc")}

    def __len__(self) -> int:
        return len(self._subscribers)

    def find(self, imsi: str) -> Subscriber | None:
        """Return the subscriber of an IMSI."""
        return self._subscribers.get(imsi)

    def owner(self, msisdn: str) -> str | None:
        """Tell which IMSI has a number."""
        return self._imsi_of.get(msisdn)

    def put(self, subscriber: Subscriber, *, instead_of: Subscriber | None = None) -> None:
        """Store a new subscriber, or one changed (its IMSI too, in the same commit)."""
        row = (subscriber.imsi, subscriber.msisdn, json.dumps(subscriber.as_json()))
        if instead_of is None:
            self._database.execute("INSERT INTO subscriber VALUES (?, ?, ?)", row)
        else:
            change = "UPDATE subscriber SET imsi = ?, msisdn = ?, data = ? WHERE imsi = ?"
            self._database.execute(change, (*row, instead_of.imsi))
            self._forget(instead_of)
        self._subscribers[subscriber.imsi] = subscriber
        self._imsi_of[subscriber.msisdn] = subscriber.imsi

    def remove(self, subscriber: Subscriber) -> None:
        """Delete the subscriber; keys stay (TS 33.102 puts them in the AuC, not the HLR)."""
        self._database.execute("DELETE FROM subscriber WHERE imsi = ?", (subscriber.imsi,))
        self._forget(subscriber)

    def has_keys(self, imsi: str) -> bool:
        """Tell whether the authentication centre knows the IMSI."""
        return imsi in self._with_keys

    def put_keys(self, imsi: str, keys: Credentials) -> None:
        """Seal and store a SIM's keys."""
        self._database.execute("INSERT INTO auc VALUES (?, ?)", (imsi, self._sealer.seal(imsi, keys)))
        self._with_keys.add(imsi)

    def keys(self, imsi: str) -> Credentials | None:
        """Unseal a SIM's keys, for whoever plays its authentication."""
        row = self._database.execute("SELECT sealed FROM auc WHERE imsi = ?", (imsi,)).fetchone()
        return None if row is None else self._sealer.open(imsi, row[0])

    def remove_keys(self, imsi: str) -> None:
        """Delete a SIM's keys."""
        self._database.execute("DELETE FROM auc WHERE imsi = ?", (imsi,))
        self._with_keys.discard(imsi)

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def _forget(self, subscriber: Subscriber) -> None:
        del self._subscribers[subscriber.imsi]
        del self._imsi_of[subscriber.msisdn]
