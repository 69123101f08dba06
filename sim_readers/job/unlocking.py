"""Reading a card that may ask for its PIN: it is presented when a file first asks for it, by the guard's rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from sim_readers.card_data import CardData
from sim_readers.errors import Refused
from sim_readers.guard import Blocked, Guard, Presented, Right, Verdict, Wrong
from sim_readers.keyref import PIN1
from sim_readers.path import FilePath
from sim_readers.session import CardSession
from sim_readers.status import LOCKED

T = TypeVar("T")


@dataclass(slots=True)
class Unlocking:
    """One card's session, its own data and the guard. ``accept_tries``: as in ``Presented``, here for PIN1.

    ``pin1`` is the guard's verdict on PIN1, once it was to be presented.
    """

    session: CardSession
    guard: Guard
    data: CardData | None = None
    accept_tries: int | None = None
    open: bool = field(default=False, init=False)
    pin1: Verdict | None = field(default=None, init=False)

    def read(self, path: FilePath, record: int | None = None) -> bytes:
        """Read a file or record, with PIN1 if it asks for it. Raises Refused, CardGone, LedgerBroken."""
        return self.doing(lambda: self.session.read(path, record))

    def update(self, path: FilePath, raw: bytes, record: int | None = None) -> None:
        """Write a file or record, with PIN1 if it asks for it. Raises Refused, CardGone, LedgerBroken."""
        self.doing(lambda: self.session.update(path, raw, record))

    def doing(self, what: Callable[[], T]) -> T:
        """Do something, and once more with PIN1 if the card asks for it. Raises Refused, CardGone, LedgerBroken."""
        try:
            return what()
        except Refused as refused:
            if refused.status not in LOCKED or self.open:
                raise
        self.present_pin()
        return what()

    @property
    def shut(self) -> bool:
        """Whether PIN1 was to be presented and did not open the card."""
        return self.pin1 is not None and not self.open

    def present_pin(self) -> None:
        """Present PIN1, once. Raises Refused with what the guard or the card says."""
        if self.shut:
            raise Refused(str(self.pin1), LOCKED[0])
        if self.data is None or self.data.pin1 is None:
            raise Refused("the card asks for PIN1 and it is not known: import its vendor file", LOCKED[0])
        presented = Presented(PIN1, self.data.pin1, accept_tries=self.accept_tries)
        verdict = self.pin1 = self.guard.verify(self.session, self.data.iccid, presented)
        if not isinstance(verdict, Right):
            raise Refused(str(verdict), LOCKED[0])
        self.open = True


def blocked(verdict: Verdict | None) -> bool:
    """Whether a key has no tries left by this verdict: it had none, or has just lost its last."""
    return isinstance(verdict, Blocked) or (isinstance(verdict, Wrong) and verdict.tries == 0)
