"""How the other operators' donors answer: by the RIO's control key, unless a number's answer is scripted."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import asdict, dataclass
from enum import StrEnum

from drivers.dialects.npc.codes import DONORS
from drivers.porting import PortFile
from hlr_sim.clearing import rio

SECOND = "CREATE TABLE IF NOT EXISTS donor (msisdn TEXT PRIMARY KEY, data TEXT NOT NULL) STRICT, WITHOUT ROWID;"
RIO_WRONG = "RIO_WRONG"
REASONS = frozenset({*DONORS, "TOO_LATE"})  #: with which a donor may say no


class Says(StrEnum):
    """A scripted answer."""

    ACCEPT = "accept"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Script:
    """What the donor of one number does; ``rio`` is the one it compares with, any other is wrong."""

    msisdn: str
    answer: Says | None = None
    reason: str = RIO_WRONG
    after_s: float = 0.0
    rio: str | None = None

    def as_json(self) -> dict[str, object]:
        """Write every field."""
        return asdict(self)


class Donors:
    """The scripts, by number, kept in the clearing house's database."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._scripts = {
            kept["msisdn"]: Script(**kept | {"answer": kept["answer"] and Says(kept["answer"])})
            for kept in (json.loads(data) for (data,) in database.execute("SELECT data FROM donor"))
        }

    def put(self, script: Script) -> None:
        """Keep a script, in place of the number's last."""
        row = (script.msisdn, json.dumps(script.as_json()))
        self._database.execute("INSERT OR REPLACE INTO donor VALUES (?, ?)", row)
        self._scripts[script.msisdn] = script

    def after_s(self, file: PortFile) -> float:
        """Tell how long the donor takes."""
        return self._script(file).after_s

    def refusal(self, file: PortFile) -> str:
        """Return the code the donor refuses with; empty when it accepts."""
        script = self._script(file)
        if script.rio is not None and file.rio != script.rio:
            return RIO_WRONG
        match script.answer:
            case Says.REFUSE:
                return script.reason
            case Says.ACCEPT:
                return ""
            case None:
                return "" if script.rio is not None or rio.fits(file.rio, file.msisdn) else RIO_WRONG

    def _script(self, file: PortFile) -> Script:
        return self._scripts.get(file.msisdn) or Script(file.msisdn)
