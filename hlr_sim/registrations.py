"""Which phones are registered, and what their serving nodes were told of them.

A serving node keeps a copy of the subscriber's data (TS 23.008 §2) and serves the phone by it until it is told anew:
what the HLR changed without telling anybody is not so for that phone before its next registration. In memory only:
after a restart phones register anew.
"""

from __future__ import annotations

from dataclasses import dataclass

from hlr_sim.network_side import ACCEPTED, Place, attach_answer
from hlr_sim.subscribers import Subscriber


@dataclass(frozen=True, slots=True)
class Registration:
    """One phone served somewhere; ``copy`` is the subscriber's data as the serving node has them."""

    at: Place
    copy: Subscriber


class Registrations:
    """Every serving node's copies, by the IMSI of the phone."""

    def __init__(self) -> None:
        self._of: dict[str, Registration] = {}

    def of(self, imsi: str) -> Registration | None:
        """Return where and how a phone is served."""
        return self._of.get(imsi)

    def enter(self, subscriber: Subscriber, at: Place) -> None:
        """A phone was let in: the serving node's address is held from now on (TS 23.012 §3.6.1)."""
        self._of[subscriber.imsi] = Registration(at, subscriber)

    def end(self, imsi: str) -> None:
        """The serving node forgets the phone."""
        self._of.pop(imsi, None)

    def tell(self, imsi: str, subscriber: Subscriber | None) -> None:
        """The serving node is told what holds now; a phone that would not be let in any more is served no longer."""
        held = self._of.get(imsi)
        if held is None:
            return
        if subscriber is None or attach_answer(subscriber, held.at) != ACCEPTED:
            self.end(imsi)
        else:
            self.enter(subscriber, held.at)
