"""What is to be done with a PIN, as the command line says it; light, for commands import it to show their help."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from gateway.cli.card.codes import HandedOver


class Operation(StrEnum):
    """What is done with a PIN."""

    VERIFY = "verify"
    UNBLOCK = "unblock"
    CHANGE = "change"
    ENABLE = "enable"
    DISABLE = "disable"

    @property
    def sets_a_pin(self) -> bool:
        """Whether a new PIN is needed for it."""
        return self in (Operation.UNBLOCK, Operation.CHANGE)


@dataclass(frozen=True, slots=True)
class PinTask:
    """One operation on PIN ``number``.

    ``code`` is the PIN, or to unblock the PUK, that a person hands over; otherwise it is looked up in ``cards``, else
    in the gateway's vault, which is told ``why``. ``keep``: the new PIN is the one that is kept for the card.
    """

    operation: Operation
    number: int
    why: str
    approved_by: str | None = None
    cards: Path | None = None
    code: HandedOver = field(default_factory=lambda: HandedOver("typed-pin"))
    new: HandedOver = field(default_factory=lambda: HandedOver("new-pin"))
    keep: bool = False
    accept_tries: int | None = None
