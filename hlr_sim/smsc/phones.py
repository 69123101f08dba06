"""Phones: reachable unless switched off, known unless said otherwise; both survive a restart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass

from hlr_sim.smsc.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Phone:
    """One number as the centre sees it."""

    msisdn: str
    reachable: bool = True
    known: bool = True  # an unknown one is refused with 0x0B

    def as_json(self) -> dict[str, object]:
        """Write every field."""
        return asdict(self)


class Phones:
    """All numbers there are. ``barred`` asks the HLRs of the same simulation about one; nobody is, until it is set."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        rows = ledger.read("SELECT msisdn, reachable, known FROM phone").fetchall()
        self._touched = {m: Phone(m, bool(reachable), bool(known)) for m, reachable, known in rows}
        self.barred: Callable[[str], bool] = lambda _: False

    def find(self, msisdn: str) -> Phone:
        """Return a phone as it is."""
        return self._touched.get(msisdn) or Phone(msisdn)

    def put(self, phone: Phone) -> None:
        """Change one."""
        self._ledger.write(
            "INSERT OR REPLACE INTO phone VALUES (?, ?, ?)", phone.msisdn, int(phone.reachable), int(phone.known)
        )
        self._touched[phone.msisdn] = phone

    def takes(self, msisdn: str, *, honour_bars: bool) -> bool:
        """Tell whether a message reaches it now."""
        return self.find(msisdn).reachable and not (honour_bars and self.barred(msisdn))
