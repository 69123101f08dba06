"""The closed vocabulary spoken to network elements, and what they may answer.

Commands state what should be, never a change, so repeating one is harmless (``SendSms`` is the one exception).
A refusal is a value; only a broken conversation raises (see ``drivers.errors``).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from drivers.equipment import BlockImei, EquipmentCommand, Imei, ImeiHeld, ReadImei, UnblockImei
from drivers.porting import (
    AnswerPort,
    CancelPort,
    ConfirmPort,
    ListPorts,
    MovePort,
    PortCommand,
    PortFile,
    PortHeld,
    PortsListed,
    PortState,
    ReadPort,
    ReleasePort,
    RequestPort,
)
from drivers.subscription import Facet, Iccid, Imsi, Msisdn, Subscription

#: written elsewhere, and told here too: this is where the vocabulary is looked up
__all__ = [
    "AnswerPort",
    "BlockImei",
    "CancelPort",
    "ConfirmPort",
    "Imei",
    "ImeiHeld",
    "ListPorts",
    "MovePort",
    "PortFile",
    "PortHeld",
    "PortState",
    "PortsListed",
    "ReadImei",
    "ReadPort",
    "ReleasePort",
    "RequestPort",
    "UnblockImei",
]


@dataclass(frozen=True, slots=True)
class Credentials:
    """What authenticates a SIM: 32 hex digits each. Never printed, never logged."""

    ki: str = field(repr=False)
    opc: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Login:
    """Open a conversation."""

    user: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class KeepAlive:
    """A harmless word that keeps an idle conversation open."""


@dataclass(frozen=True, slots=True)
class PutKeys:
    """The authentication centre shall know this SIM's keys; they are fetched by ICCID when the command is sent."""

    imsi: Imsi
    iccid: Iccid


@dataclass(frozen=True, slots=True)
class RemoveKeys:
    """The authentication centre shall not know this IMSI; the ICCID tells undo which keys to put back."""

    imsi: Imsi
    iccid: Iccid


@dataclass(frozen=True, slots=True)
class CreateSubscriber:
    """The subscriber shall exist, fresh: no bar, no APN; without number where the element gives that separately."""

    imsi: Imsi
    msisdn: Msisdn | None


@dataclass(frozen=True, slots=True)
class RemoveSubscriber:
    """The subscriber shall not exist; an element tells the serving node by itself (TS 23.012 §3.6)."""

    imsi: Imsi


@dataclass(frozen=True, slots=True)
class ChangeImsi:
    """The subscriber of ``old_imsi`` shall be known by ``new_imsi``, all else unchanged."""

    old_imsi: Imsi
    new_imsi: Imsi


@dataclass(frozen=True, slots=True)
class ChangeMsisdn:
    """The subscriber shall have this number."""

    imsi: Imsi
    msisdn: Msisdn


@dataclass(frozen=True, slots=True)
class AssignMsisdn:
    """The subscriber without number shall have this one; nobody serves it yet, so nobody need be told."""

    imsi: Imsi
    msisdn: Msisdn


@dataclass(frozen=True, slots=True)
class ReleaseMsisdn:
    """The subscriber shall have no number; which one it had tells undo."""

    imsi: Imsi
    msisdn: Msisdn


@dataclass(frozen=True, slots=True)
class Provide:
    """One facet of the subscription shall be as stated."""

    imsi: Imsi
    facet: Facet


@dataclass(frozen=True, slots=True)
class CancelLocation:
    """The serving node shall forget the subscriber, so that the next registration reads the new data."""

    imsi: Imsi


@dataclass(frozen=True, slots=True)
class ReadSubscriber:
    """Tell everything held for this IMSI."""

    imsi: Imsi


@dataclass(frozen=True, slots=True)
class ReadKeys:
    """Tell whether keys are held for this IMSI (never which)."""

    imsi: Imsi


@dataclass(frozen=True, slots=True)
class ListSubscribers:
    """Tell which IMSIs beginning with these digits are held (an empty prefix: all)."""

    prefix: str


@dataclass(frozen=True, slots=True)
class SendSms:
    """Submit one short message; not repeatable: an unanswered one may have been sent."""

    sender: str
    to: Msisdn
    text: str
    reference: int = 0


Command = (
    Login
    | KeepAlive
    | PutKeys
    | RemoveKeys
    | CreateSubscriber
    | RemoveSubscriber
    | ChangeImsi
    | ChangeMsisdn
    | AssignMsisdn
    | ReleaseMsisdn
    | Provide
    | CancelLocation
    | ReadSubscriber
    | ReadKeys
    | ListSubscribers
    | SendSms
    | EquipmentCommand
    | PortCommand
)


class Why(StrEnum):
    """Why an element refused, in neutral words."""

    NOT_FOUND = "not_found"
    EXISTS = "exists"
    CONFLICT = "conflict"
    FORBIDDEN = "forbidden"
    BUSY = "busy"
    SESSION = "session"
    INVALID = "invalid"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Done:
    """It was done; code and text are the element's own, ``by`` is the element that says so."""

    code: str = "0"
    text: str = ""
    by: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class AlreadySo:
    """Nothing had to change."""

    code: str = ""
    text: str = ""
    by: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Refused:
    """The element said no and changed nothing."""

    why: Why
    code: str
    text: str = ""
    by: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Held:
    """The answer to ``ReadSubscriber``; ``keys``: whether keys are held too, where the element tells it here."""

    subscription: Subscription
    keys: bool | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class KeysHeld:
    """The answer to ``ReadKeys``: keys are there."""


@dataclass(frozen=True, slots=True)
class Listed:
    """The answer to ``ListSubscribers``."""

    imsis: tuple[Imsi, ...]


@dataclass(frozen=True, slots=True)
class Submitted:
    """The answer to ``SendSms``: the SMSC took it under this id."""

    message_id: str


Reply = Done | AlreadySo | Refused | Held | KeysHeld | Listed | Submitted | ImeiHeld | PortHeld | PortsListed
