"""The words connections to an SMSC are spoken of with: their roles, their states, and who watches them."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from drivers.commands import Reply
from drivers.errors import Unreachable
from drivers.esme.config import Binding


class Role(StrEnum):
    """Which way messages go on a connection."""

    TRANSMITTER = "transmitter"
    RECEIVER = "receiver"
    TRANSCEIVER = "transceiver"


ROLES = {
    Binding.TRANSCEIVER: (Role.TRANSCEIVER,),
    Binding.TRANSMITTER_AND_RECEIVER: (Role.TRANSMITTER, Role.RECEIVER),
    Binding.TRANSMITTER: (Role.TRANSMITTER,),
}


class State(StrEnum):
    """SMPP 3.4 §2.2; UNBOUND is already a connection that is about to be: no new message goes out on it."""

    OPEN = "open"
    BOUND_TX = "bound_tx"
    BOUND_RX = "bound_rx"
    BOUND_TRX = "bound_trx"
    UNBOUND = "unbound"
    CLOSED = "closed"


BOUND = {Role.TRANSMITTER: State.BOUND_TX, Role.RECEIVER: State.BOUND_RX, Role.TRANSCEIVER: State.BOUND_TRX}

NOT_BOUND = "0x04"  # ESME_RINVBNDSTS: whatever we believe, the SMSC does not
NOT_WANTED = frozenset({"0x0D", "0x0E", "0x0F"})  # bind failed, wrong password, unknown system_id (SMPP 3.4 §5.1.3)


class BindRefused(Unreachable):
    """The SMSC does not want us; ``code`` is its command_status, as in ``0x0E``."""

    def __init__(self, name: str, code: str) -> None:
        advice = "; check system_id, password and system_type" if code in NOT_WANTED else ""
        super().__init__(f"{name}: the bind was refused with {code}{advice}")
        self.code = code


class Watch(Protocol):
    """Who is told what happens on a connection."""

    def answered(self, reply: Reply | None, sent_s: float, now_s: float) -> None:
        """A message sent then got this answer, or none in time."""

    def cut(self, count: int) -> None:
        """So many messages get no answer any more because the connection is over."""

    def room(self) -> None:
        """There may be room for more messages."""

    def changed(self) -> None:
        """The connection's state is another one."""
