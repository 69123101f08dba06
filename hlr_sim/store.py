"""One HLR's memory: dictionaries to read from, one SQLite file behind them that survives ``kill -9``.

Every change is committed before the method returns. ``synchronous=OFF`` leaves flushing to the operating system: a
killed process loses nothing, a power cut may, and power cuts are not simulated.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from drivers.commands import Credentials
from hlr_sim.sealing import Sealer
from hlr_sim.subscribers import Subscriber, from_json

_FIRST = """
CREATE TABLE IF NOT EXISTS subscriber (
    imsi TEXT PRIMARY KEY, msisdn TEXT NOT NULL UNIQUE, data TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS auc (imsi TEXT PRIMARY KEY, sealed BLOB NOT NULL) STRICT, WITHOUT ROWID;
"""
# SQLite counts no two NULLs as equal: any number of subscribers may be without a number
_WITHOUT_NUMBER = """
ALTER TABLE subscriber RENAME TO numbered;
CREATE TABLE subscriber (imsi TEXT PRIMARY KEY, msisdn TEXT UNIQUE, data TEXT NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO subscriber SELECT imsi, msisdn, data FROM numbered;
DROP TABLE numbered;
"""


def open_database(path: Path, *editions: str) -> sqlite3.Connection:
    """Open one element's file and bring it to the last edition of its schema; each statement is its own commit."""
    database = sqlite3.connect(path, isolation_level=None)
    try:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=OFF")
        (reached,) = database.execute("PRAGMA user_version").fetchone()
        for number, edition in enumerate(editions[reached:], start=reached + 1):
            # one transaction each: whoever is killed half way finds the file as it was
            database.executescript(f"BEGIN IMMEDIATE; {edition}; PRAGMA user_version = {number}; COMMIT;")
    except BaseException:
        database.close()
        raise
    return database


class HlrStore:
    """Subscribers by IMSI and by number, and for which IMSIs keys are held. The file is written before memory is."""

    def __init__(self, path: Path, sealer: Sealer) -> None:
        self._sealer = sealer
        self._database = open_database(path, _FIRST, _WITHOUT_NUMBER)
        rows = self._database.execute("SELECT data FROM subscriber")
        self._subscribers = {s.imsi: s for s in (from_json(json.loads(data)) for (data,) in rows)}
        self._imsi_of = {s.msisdn: s.imsi for s in self._subscribers.values() if s.msisdn is not None}
        self._with_keys = {imsi for (imsi,) in self._database.execute("SELECT imsi FROM auc")}

    def __len__(self) -> int:
        return len(self._subscribers)

    def find(self, imsi: str) -> Subscriber | None:
        """Return the subscriber of an IMSI."""
        return self._subscribers.get(imsi)

    def owner(self, msisdn: str | None) -> str | None:
        """Tell which IMSI has a number; nobody has none."""
        return None if msisdn is None else self._imsi_of.get(msisdn)

    def imsis(self, prefix: str) -> list[str]:
        """List the IMSIs that begin with some digits, sorted."""
        return sorted(imsi for imsi in self._subscribers if imsi.startswith(prefix))

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
        if subscriber.msisdn is not None:
            self._imsi_of[subscriber.msisdn] = subscriber.imsi

    def remove(self, subscriber: Subscriber) -> None:
        """Delete the subscriber; keys stay (TS 33.102 puts them in the AuC, not the HLR)."""
        self._database.execute("DELETE FROM subscriber WHERE imsi = ?", (subscriber.imsi,))
        self._forget(subscriber)

    def remove_with_keys(self, subscriber: Subscriber) -> None:
        """Delete the subscriber and its keys, in one commit."""
        with self._at_once():
            self._database.execute("DELETE FROM subscriber WHERE imsi = ?", (subscriber.imsi,))
            self._database.execute("DELETE FROM auc WHERE imsi = ?", (subscriber.imsi,))
        self._forget(subscriber)
        self._with_keys.discard(subscriber.imsi)

    def has_keys(self, imsi: str) -> bool:
        """Tell whether the authentication centre knows the IMSI."""
        return imsi in self._with_keys

    def put_keys(self, imsi: str, keys: Credentials) -> None:
        """Seal and store a SIM's keys, in place of any there were."""
        self._database.execute("INSERT OR REPLACE INTO auc VALUES (?, ?)", (imsi, self._sealer.seal(imsi, keys)))
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
        if subscriber.msisdn is not None:
            del self._imsi_of[subscriber.msisdn]

    @contextmanager
    def _at_once(self) -> Iterator[None]:
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._database.execute("COMMIT")
        except BaseException:
            self._database.rollback()
            raise
