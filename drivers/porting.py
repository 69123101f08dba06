"""What is said to a number portability clearing house, and what it tells: one file for each number that moves.

The *donor* lets a number go, the *recipient* takes it in; a file goes through the states of ``PortState`` and never
back. Dates are ISO 8601: a day, or a moment with its offset.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from drivers.subscription import Msisdn


class PortState(StrEnum):
    """How far a file has come; refused, cancelled and done are ends."""

    REQUESTED = "requested"  # the donor has not answered yet
    ACCEPTED = "accepted"
    REFUSED = "refused"  # by the donor; the file's reason is its code
    CANCELLED = "cancelled"  # by the recipient
    RELEASED = "released"  # the donor has let go
    DONE = "done"  # the recipient has it in service


@dataclass(frozen=True, slots=True)
class PortFile:
    """One file as the clearing house keeps it; ``seq`` grows with every change of any file.

    ``on`` is the port's day or moment, ``released_at`` and ``confirmed_at`` are moments once they have been.
    """

    seq: int
    reference: str
    msisdn: Msisdn
    rio: str
    donor: str
    recipient: str
    on: str
    state: PortState
    reason: str
    released_at: str | None
    confirmed_at: str | None


@dataclass(frozen=True, slots=True)
class RequestPort:
    """There shall be a file by which we, the recipient, take this number in on that day."""

    reference: str
    msisdn: Msisdn
    rio: str
    recipient: str
    on: str


@dataclass(frozen=True, slots=True)
class MovePort:
    """The port shall be on that day instead."""

    reference: str
    on: str


@dataclass(frozen=True, slots=True)
class CancelPort:
    """We, the recipient, shall not get the number after all."""

    reference: str


@dataclass(frozen=True, slots=True)
class ConfirmPort:
    """We, the recipient, have the number in service."""

    reference: str


@dataclass(frozen=True, slots=True)
class ReleasePort:
    """We, the donor, have taken the number out of service."""

    reference: str


@dataclass(frozen=True, slots=True)
class AnswerPort:
    """We, the donor, say yes or no to a port-out; ``reason`` is the code of a no, else empty."""

    reference: str
    accepted: bool
    reason: str


@dataclass(frozen=True, slots=True)
class ReadPort:
    """Tell one file."""

    reference: str


@dataclass(frozen=True, slots=True)
class ListPorts:
    """Tell the files that concern us and have changed after ``since``, oldest change first, as many as fit.

    Whoever wants all asks again after the last ``seq`` told, until none is.
    """

    since: int


PortCommand = RequestPort | MovePort | CancelPort | ConfirmPort | ReleasePort | AnswerPort | ReadPort | ListPorts


@dataclass(frozen=True, slots=True)
class PortHeld:
    """The answer to ``ReadPort``."""

    file: PortFile


@dataclass(frozen=True, slots=True)
class PortsListed:
    """The answer to ``ListPorts``."""

    files: tuple[PortFile, ...]
