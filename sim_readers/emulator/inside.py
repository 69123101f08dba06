"""All that is inside a virtual card, for the commands that work on it."""

from __future__ import annotations

from dataclasses import dataclass

from sim_readers.emulator.access import Rule, allows
from sim_readers.emulator.authentication import Authenticator
from sim_readers.emulator.filesystem import Tree
from sim_readers.emulator.image import CardImage
from sim_readers.emulator.memory import Memory
from sim_readers.emulator.pins import Keyring
from sim_readers.emulator.refusals import No, Refusal
from sim_readers.emulator.selection import Selection


@dataclass(frozen=True, slots=True)
class Inside:
    """The parts of one card, shared by its generations."""

    image: CardImage
    memory: Memory
    tree: Tree
    keys: Keyring
    selection: Selection
    authenticator: Authenticator

    def demand(self, rule: Rule) -> None:
        """Raise Refusal unless a rule is met."""
        if not allows(rule, self.keys.holds):
            raise Refusal(No.ACCESS)


@dataclass(frozen=True, slots=True)
class Call:
    """One command after the T=0 rules were checked: ``wanted`` bytes back (1 to 256), or ``data``."""

    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes
    wanted: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command gives back: at once, or ``later``, to be fetched with GET RESPONSE."""

    data: bytes = b""
    later: bool = False


DONE = Answer()
