"""How a command ends when it does not end well: an exit code and a text that says what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

OK = 0
ENDED_BADLY = 1
WRONG_USE = 2
NOT_REACHED = 3
NOTHING_THERE = 4
KEY_REFUSED = 5
INTERRUPTED = 130

EXIT_CODES = (
    "Exit codes: 0 done; 1 refused, or ended otherwise than wished; 2 wrong usage or configuration; "
    "3 the gateway cannot be reached."
)

DOCTOR_EXIT_CODES = "Exit codes: 0 all is well; 1 a check failed: the advice stands beside it."


class Failure(Exception):
    """A command failed; ``document`` is what ``--json`` prints, if there is anything to print."""

    exit_code: ClassVar[int] = ENDED_BADLY

    def __init__(self, text: str, document: Mapping[str, Any] | None = None) -> None:
        super().__init__(text)
        self.document = document


class Refused(Failure):
    """The gateway said no, or the order ended otherwise than wished."""


class WrongUse(Failure):
    """The command line, a file or the configuration is not as it should be."""

    exit_code: ClassVar[int] = WRONG_USE


class NotReached(Failure):
    """Nobody answers at the gateway's address."""

    exit_code: ClassVar[int] = NOT_REACHED


class NotExecutable(Failure):
    """A plan for a card cannot be carried out; nothing was written."""

    exit_code: ClassVar[int] = NOT_REACHED


class NothingThere(Failure):
    """There is no reader, or no card in it."""

    exit_code: ClassVar[int] = NOTHING_THERE


class KeyRefused(Failure):
    """A card refused a key: nothing is sent to it, or to any card of its batch, until somebody has looked."""

    exit_code: ClassVar[int] = KEY_REFUSED
