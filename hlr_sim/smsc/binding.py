"""Who may bind, and as what (SMPP 3.4 §4.1)."""

from __future__ import annotations

from dataclasses import dataclass

from drivers.commands import Login
from hlr_sim.element import SimulatedElement
from hlr_sim.smsc import status
from hlr_sim.smsc.door import Door


@dataclass(frozen=True, slots=True)
class Bound:
    """As what an ESME is bound."""

    kind: str
    system_id: str

    @property
    def sends(self) -> bool:
        """Whether it may submit."""
        return self.kind != "receiver"

    @property
    def receives(self) -> bool:
        """Whether it is sent deliveries."""
        return self.kind != "transmitter"


def judged(login: Login, bound: Bound | None, element: SimulatedElement, door: Door) -> int:
    """Return the status a bind is answered with."""
    if bound is not None:
        return status.ALREADY_BOUND
    if login.user != element.spec.user:
        return status.INVALID_SYSTEM_ID
    if not element.admits(login):
        return status.INVALID_PASSWORD
    return door.bind_refused(login.user) or status.OK
