"""The timers of one connection (SMPP 3.4 §7.2): binding, silence, enquiring, and the patience of an unbind."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from drivers.dialects.smpp import pdu as p
from drivers.dialects.smpp.pdu import Pdu
from hlr_sim.element import SimulatedElement
from hlr_sim.smsc.door import Door

if TYPE_CHECKING:
    from hlr_sim.smsc.conversation import SmscConversation

PATIENCE_S = 5.0  #: for unbind_resp, and for a peer that does not read
_TICK_S = 0.1


class Timers:
    """Looks after one connection until cancelled."""

    def __init__(self, talk: SmscConversation, element: SimulatedElement, door: Door) -> None:
        self._talk = talk
        self._door = door
        self._clock = element.clock
        self._idle_s = element.spec.idle_logout_s
        self._opened_s = self._heard_s = self._enquired_s = self._clock()
        self._asked = False
        self._unbinding_s: float | None = None

    def heard(self, name: str) -> None:
        """A PDU came in."""
        self._heard_s = self._clock()
        if name == "enquire_link_resp":
            self._asked = False

    def unbinding(self) -> None:
        """We said that we want to end."""
        self._unbinding_s = self._clock()

    async def watch(self) -> None:
        """Look from time to time: knobs may be turned meanwhile."""
        while True:
            await asyncio.sleep(_TICK_S)
            self._look()
            self._talk.deliveries.look_after()

    def _look(self) -> None:
        now, knobs, bound = self._clock(), self._door.knobs, self._talk.bound is not None
        if self._unbinding_s is not None:
            if now - self._unbinding_s > PATIENCE_S:
                self._talk.cut()
        elif not bound:
            if now - self._opened_s > knobs.bind_timeout_s:
                self._talk.cut()
        elif now - self._heard_s > self._idle_s:
            self._talk.unbind()
        elif knobs.enquire_link_s is not None:
            self._enquire(now, knobs.enquire_link_s)

    def _enquire(self, now: float, every_s: float) -> None:
        if self._asked:
            if now - self._enquired_s > self._door.knobs.deliver_timeout_s:
                self._talk.cut()
        elif now - self._enquired_s >= every_s:
            self._enquired_s, self._asked = now, True
            self._talk.send(p.encode(Pdu("enquire_link", self._talk.next_sequence())))
