"""What the guard's verdict on a PIN means: for the person at the reader, for the exit code, and for the gateway."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, assert_never

from gateway.cli.failure import Failure, KeyRefused
from gateway.cli.gateway_client import Json
from gateway.stock.findings import Found
from sim_readers.guard import Blocked, Held, Right, Verdict, Wrong
from sim_readers.keyref import PIN1, PUK1, KeyRef, Kind

_DONE: Final = {
    "verify": "is right",
    "unblock": "is unblocked, and the new one holds",
    "change": "is changed",
    "enable": "is enabled: phones will ask for it",
    "disable": "is disabled: phones will not ask for it",
}
_FACT_OF_BLOCKED: Final = {PIN1: Found.PIN_BLOCKED, PUK1: Found.DEAD}
_CHANGES: Final = ("change", "enable", "disable")


@dataclass(frozen=True, slots=True)
class Ended:
    """How it ended. ``verdict`` is right, wrong, blocked or held; ``tries`` are left of ``key``, where that is told."""

    iccid: str
    key: KeyRef
    verdict: str
    words: str
    tries: int | None = None
    fact: Found | None = None
    detail: str = ""

    def to_json(self) -> Json:
        """Write it for scripts."""
        return {
            "iccid": self.iccid,
            "key": self.key.name,
            "verdict": self.verdict,
            "tries": self.tries,
            "words": self.words,
            "fact": self.fact and self.fact.value,
        }

    def failure(self) -> Failure | None:
        """Say how the command ends."""
        match self.verdict:
            case "right":
                return None
            case "held":
                return Failure(self.words)
            case _:
                return KeyRefused(self.words)


def judged(iccid: str, operation: str, pin: KeyRef, verdict: Verdict) -> Ended:
    """Turn a verdict into words, a fact and an exit code."""
    match verdict:
        case Right(spent=False):
            return Ended(iccid, pin, "right", f"the card asks for no {pin.name} as it is; nothing was presented")
        case Right():
            fact = _fact_of_success(operation, pin)
            return Ended(
                iccid, pin, "right", f"{pin.name} {_DONE[operation]}", fact=fact, detail=f"{pin.name} {operation}"
            )
        case Wrong(key, 0):
            return _out_of_tries(iccid, key, "wrong", f"the card refused {key.name}, and that was its last try: ")
        case Wrong(key, tries):
            fact = Found.PUK_REFUSED if key.kind is Kind.PUK else None
            left = "it does not tell its tries" if tries is None else f"{tries} tries left"
            return Ended(iccid, key, "wrong", str(verdict), tries, fact, f"{key.name} refused, {left}")
        case Blocked(key):
            return _out_of_tries(iccid, key, "blocked", "")
        case Held(key):
            return Ended(iccid, key, "held", str(verdict))
        case _:
            assert_never(verdict)


def _fact_of_success(operation: str, pin: KeyRef) -> Found | None:
    if operation in _CHANGES:
        return Found.PIN_CHANGED
    if operation == "unblock":
        # the gateway knows one state of a card, and that is PIN1's
        return Found.PIN_UNBLOCKED if pin == PIN1 else Found.PIN_CHANGED
    return None


def _out_of_tries(iccid: str, key: KeyRef, verdict: str, before: str) -> Ended:
    """A key without tries; a card lives on without PIN2, but not without PIN1."""
    fact = _FACT_OF_BLOCKED.get(key, Found.PUK_REFUSED if key.kind is Kind.PUK else Found.FAILED)
    return Ended(iccid, key, verdict, f"{before}{Blocked(key)}", 0, fact, f"{key.name} has no tries left")
