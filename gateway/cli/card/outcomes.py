"""What became of a card, in the words of the gateway and in exit codes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, assert_never

from gateway.cli.card.facts import Facts
from gateway.cli.failure import Failure, KeyRefused, NotExecutable, NothingThere
from gateway.stock.findings import Found
from sim_readers.job.events import Turned, TurnedAway
from sim_readers.job.outcome import Outcome
from sim_readers.job.runner import CardResult
from sim_readers.proof import Proven

#: the words of the big verdict, and their colour
VERDICTS: Final[Mapping[Outcome, tuple[str, str]]] = {
    Outcome.WRITTEN: ("DONE: WRITTEN AND PROVEN", "green"),
    Outcome.AS_WISHED: ("DONE: AS WISHED ALREADY, PROVEN", "green"),
    Outcome.REFUSED: ("NOT BEGUN", "red"),
    Outcome.KEY_REFUSED: ("KEY REFUSED: SET IT ASIDE", "red"),
    Outcome.FAILED: ("FAILED: SET IT ASIDE", "red"),
    Outcome.TORN: ("TORN: INSERT IT AGAIN", "yellow"),
    Outcome.UNKNOWN: ("NOT OURS, OR NOT KNOWN", "red"),
    Outcome.NO_CARD: ("NO CARD", "yellow"),
}
#: what is told of a card whose PIN1 was found blocked
PIN_BLOCKED: Final = "PIN1 has no tries left"


def note(facts: Facts, result: CardResult, references: Mapping[str, str], *, typed: bool = False) -> None:
    """Write down what there is to tell of a card. ``references`` name the gateway's ADM1 keys, by ICCID.

    A refused key that was typed tells nothing about the one that is kept.
    """
    what = _what(facts, result)
    if what is None or result.iccid is None:
        return
    if what is Found.ADM_REFUSED and typed:
        what = Found.FAILED
    sqn = result.proof.sqn if isinstance(result.proof, Proven) else None
    reference = references.get(result.iccid) if what is Found.ADM_REFUSED else None
    detail = PIN_BLOCKED if what is Found.PIN_BLOCKED else "; ".join(result.reasons)
    facts.note(result.iccid, what, detail, sqn, reference)


def note_turned_away(facts: Facts, turned: TurnedAway) -> None:
    """Write down of a card that was done before what power may have gone before: that it was done."""
    if turned.turned is Turned.ALREADY and not facts.knows(turned.iccid, Found.PERSONALISED):
        facts.note(turned.iccid, Found.PERSONALISED, turned.why)


def failure_of(result: CardResult) -> Failure | None:
    """Say how the command ends; ``None`` if all is as wished."""
    why = "; ".join(result.reasons) or result.outcome.value
    match result.outcome:
        case Outcome.WRITTEN | Outcome.AS_WISHED:
            return None
        case Outcome.REFUSED if result.plan is not None and result.plan.blockers:
            return NotExecutable(why)
        case Outcome.KEY_REFUSED:
            return KeyRefused(why)
        case Outcome.NO_CARD:
            return NothingThere(why)
        case Outcome.REFUSED | Outcome.FAILED | Outcome.TORN | Outcome.UNKNOWN:
            return Failure(why)
        case _:
            assert_never(result.outcome)


def _what(facts: Facts, result: CardResult) -> Found | None:
    match result.outcome:
        case Outcome.WRITTEN:
            return Found.PERSONALISED
        case Outcome.AS_WISHED:
            # power may have gone between the last write and the telling of it
            told = facts.knows(result.iccid or "", Found.PERSONALISED)
            return Found.CHECKED if told else Found.PERSONALISED
        case Outcome.KEY_REFUSED:
            return Found.ADM_REFUSED
        case Outcome.REFUSED | Outcome.FAILED | Outcome.TORN:
            return Found.PIN_BLOCKED if result.pin_blocked else Found.FAILED
        case Outcome.UNKNOWN | Outcome.NO_CARD:
            return None
        case _:
            assert_never(result.outcome)
