"""ESMEs that are not ours: node-smpp and Perl's Net::SMPP; each binds, submits, waits for receipts, unbinds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.peers.smpp.centres import PASSWORD, SYSTEM_ID
from tests.peers.smpp.scripted import run_script

_PATIENCE_MS = 50_000
_DELIVERED = 2  # SMPP 3.4 §5.2.28


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an ESME has seen: statuses counted, ids in the order of the messages, receipts as they came."""

    bind: int
    statuses: Mapping[str, int]
    ids: Sequence[str | None]
    receipts: Sequence[Mapping[str, Any]]

    @property
    def taken(self) -> list[str]:
        """The ids told in answers, sorted."""
        return sorted(str(told) for told in self.ids)

    @property
    def delivered(self) -> list[str]:
        """The ids told by receipts for what was delivered (message_state 2), sorted."""
        return sorted(str(receipt["id"]) for receipt in self.receipts if receipt["state"] == _DELIVERED)


@dataclass(frozen=True, slots=True)
class Job:
    """What an ESME is to do. Texts go to numbers that count up from ``first``."""

    port: int
    texts: Sequence[str]
    window: int = 10
    receipts: int | None = None  # to wait for; ``None``: as many as messages
    password: str = PASSWORD
    first: int = 33_600_000_000

    def told(self, messages: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Return what every script is told."""
        awaited = len(messages) if self.receipts is None else self.receipts
        told = {"port": self.port, "system_id": SYSTEM_ID, "password": self.password, "window": self.window}
        return told | {"messages": list(messages), "receipts": awaited, "patience_ms": _PATIENCE_MS}


def node_esme(job: Job) -> Outcome:
    """Run a node-smpp client."""
    messages = [_addressed(job.first + n) | {"short_message": {"message": text}} for n, text in enumerate(job.texts)]
    return node_esme_sends(job, messages)


def node_esme_sends(job: Job, messages: Sequence[Mapping[str, Any]]) -> Outcome:
    """Run a node-smpp client with these very submit_sm; short_message is ``{"message": text, "udh": hexadecimal}``."""
    return _outcome(run_script("esme.js", job.told(messages)))


def perl_esme(job: Job) -> Outcome:
    """Run a Net::SMPP client; texts are ASCII."""
    messages = [
        _addressed(job.first + n) | {"short_message": text.encode("ascii").hex()} for n, text in enumerate(job.texts)
    ]
    return _outcome(run_script("esme.pl", job.told(messages)))


def _addressed(to: int) -> dict[str, Any]:
    sender = {"source_addr_ton": 5, "source_addr_npi": 0, "source_addr": "MVNO"}
    return sender | {"dest_addr_ton": 1, "dest_addr_npi": 1, "destination_addr": str(to), "registered_delivery": 1}


def _outcome(told: Mapping[str, Any]) -> Outcome:
    return Outcome(told["bind"], told["statuses"], told["ids"], told["receipts"])
