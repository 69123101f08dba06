"""Short message service centres that are not ours: one of node-smpp, one of Perl's Net::SMPP."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import httpx

from tests.journeys.programs import LOOPBACK, free_port
from tests.peers.smpp.scripted import Event, Scripted

SYSTEM_ID, PASSWORD = "linegate", "fakeSms1"


@dataclass(frozen=True, slots=True)
class Manner:
    """How the node-smpp centre behaves; see smsc.js."""

    throttle_every: int = 0
    throttle_burst: int = 1
    vendor_every: int = 0
    unbind_every: int = 0
    drop_every: int = 0
    ids: str = "hex"  # "decimal", "uuid", "empty"
    receipt: str = "after"  # "before" the response, "late"
    receipt_ids: str = "same"  # "decimal": in the receipt only
    dates: str = "short"  # "long": with seconds
    tlvs: bool = True
    nul: bool = True
    echo: bool = False


PLAIN = Manner()
THR = Manner(throttle_every=10)
UUID = Manner(ids="uuid")
EARLY = Manner(receipt="before")
LONG_DATES = Manner(dates="long", tlvs=False)
TEXT_ONLY = Manner(tlvs=False)
NO_NUL = Manner(nul=False)
DECIMAL_RECEIPTS = Manner(receipt_ids="decimal", echo=True)
LATE_DECIMAL_RECEIPTS = Manner(receipt="late", receipt_ids="decimal")
REFERENCE_ONLY = Manner(ids="empty", tlvs=False, echo=True)
VENDOR = Manner(vendor_every=100)
BURSTS = Manner(throttle_every=140, throttle_burst=3)
UNBINDS = Manner(unbind_every=50)
DROPS = Manner(drop_every=50)


class ForeignSmsc:
    """One process at a port that it keeps over restarts; what it took is counted over all of them."""

    def __init__(self, script: str, rules: Event, directory: Path) -> None:
        self.port, self._control = free_port(), free_port()
        self._script, self._directory = script, directory
        self._rules = rules | {"port": self.port, "system_id": SYSTEM_ID, "password": PASSWORD}
        self._rules["control"] = self._control
        self._runs = [Scripted(script, self._rules, directory)]

    def told(self, kind: str) -> list[Event]:
        """What happened, by kind: submit throttled vendor receipt_taken heard bound refused enquire_link unbind …"""
        return [event for run in self._runs for event in run.told(kind)]

    @property
    def messages(self) -> list[Event]:
        """Every submit_sm it took: id sender to data_coding esm_class, and text and udh (node) or octets (Perl)."""
        return self.told("submit")

    def from_phone(self, sender: str, to: str, text: str, times: int = 1) -> None:
        """Have a phone's message delivered to whoever is bound, so many times (node-smpp's only)."""
        told = {"from": sender.removeprefix("+"), "to": to, "text": text, "times": times}
        httpx.post(f"http://{LOOPBACK}:{self._control}/", json=told, trust_env=False).raise_for_status()

    def kill(self) -> None:
        """End it at once; nobody gets an answer any more."""
        self._runs[-1].kill()

    def start_again(self) -> None:
        """Run it again at the same port; it remembers nothing."""
        self._runs.append(Scripted(self._script, self._rules, self._directory))

    def end(self) -> None:
        """End it."""
        self._runs[-1].end()


@contextlib.contextmanager
def node_smsc(directory: Path, manner: Manner = PLAIN) -> Iterator[ForeignSmsc]:
    """Run a node-smpp server."""
    centre = ForeignSmsc("smsc.js", asdict(manner), directory)
    try:
        yield centre
    finally:
        centre.end()


@contextlib.contextmanager
def perl_smsc(directory: Path) -> Iterator[ForeignSmsc]:
    """Run a Net::SMPP server, for one ESME at a time."""
    centre = ForeignSmsc("smsc.pl", {}, directory)
    try:
        yield centre
    finally:
        centre.end()
