"""The register behind all its conversations: a set of handsets, kept in SQLite like an HLR's subscribers."""

from __future__ import annotations

import re
from pathlib import Path

from drivers import commands as c
from drivers.commands import AlreadySo, Command, Credentials, Done, Refused, Reply, Why
from drivers.dialect import Capabilities
from hlr_sim.behaviour import PLAIN
from hlr_sim.store import open_database

_FIRST = "CREATE TABLE IF NOT EXISTS black (handset TEXT PRIMARY KEY, reason TEXT NOT NULL) STRICT, WITHOUT ROWID;"
IMEI = re.compile(r"[0-9]{14,16}")
_HANDSET = 14  # TS 23.003 §6.2: TAC and serial number; the check digit is never sent, a software version changes


class Eir:
    """One register with its database."""

    def __init__(self, path: Path) -> None:
        self._database = open_database(path, _FIRST)
        self._black: dict[str, str] = dict(self._database.execute("SELECT handset, reason FROM black").fetchall())

    def is_blocked(self, imei: str) -> bool:
        """Tell whether the handset is blocked, however its IMEI ends."""
        return imei[:_HANDSET] in self._black

    def answer(self, command: Command, keys: Credentials | None = None, door: Capabilities = PLAIN) -> Reply:
        """See Behaviour."""
        del keys, door
        if not IMEI.fullmatch(getattr(command, "imei", "0" * 15)):
            return Refused(Why.INVALID, "", "an IMEI is 14 to 16 digits")
        match command:
            case c.KeepAlive() | c.Login():
                return Done()
            case c.BlockImei(imei, reason):
                return self._block(imei[:_HANDSET], reason)
            case c.UnblockImei(imei):
                return self._unblock(imei[:_HANDSET])
            case c.ReadImei(imei):
                return c.ImeiHeld(self.is_blocked(imei))
            case _:
                return Refused(Why.INVALID, "", "an EIR has no such command")

    def close(self) -> None:
        """Let go of the store."""
        self._database.close()

    def _block(self, handset: str, reason: str) -> Reply:
        if self._black.get(handset) == reason:
            return AlreadySo()
        self._database.execute("INSERT OR REPLACE INTO black VALUES (?, ?)", (handset, reason))
        self._black[handset] = reason
        return Done()

    def _unblock(self, handset: str) -> Reply:
        if handset not in self._black:
            return AlreadySo()
        self._database.execute("DELETE FROM black WHERE handset = ?", (handset,))
        del self._black[handset]
        return Done()
