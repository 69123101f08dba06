"""What an SMSC tells by itself: receipts, messages from phones, phones that are there again (SMPP 3.4 §4.6, §4.12)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from drivers.subscription import Msisdn


class MessageState(StrEnum):
    """What has become of a message (SMPP 3.4 §5.2.28); the values are the words of the receipt's text (App. B)."""

    ENROUTE = "ENROUTE"
    DELIVERED = "DELIVRD"
    EXPIRED = "EXPIRED"
    DELETED = "DELETED"
    UNDELIVERABLE = "UNDELIV"
    ACCEPTED = "ACCEPTD"
    UNKNOWN = "UNKNOWN"
    REJECTED = "REJECTD"


@dataclass(frozen=True, slots=True)
class Receipt:
    """A delivery receipt. ``message_id`` as it came, never changed; empty where only ``reference`` tells the message.

    ``error`` is the network's own word for what went wrong; ``done_at`` the SMSC's own time, unread.
    """

    message_id: str
    state: MessageState
    about: Msisdn | None = None  # whom the message was for: the receipt's source address
    reference: int | None = None  # user_message_reference, where the SMSC echoes it
    error: str = ""
    done_at: str = ""


@dataclass(frozen=True, slots=True)
class FromPhone:
    """A message from a phone, or one part of it: ``total`` parts share ``reference`` and count from 1."""

    sender: Msisdn
    to: str
    text: str = field(repr=False)
    reference: int | None = None
    number: int = 1
    total: int = 1


@dataclass(frozen=True, slots=True)
class Available:
    """A phone that could not be reached is there again (alert_notification, SMPP 3.4 §4.12)."""

    msisdn: Msisdn


Delivery = Receipt | FromPhone | Available


@dataclass(frozen=True, slots=True)
class Heard:
    """One PDU of the SMSC's own. ``needs_answer``: it is kept there until we say that we have it (``acknowledge``)."""

    name: str  # deliver_sm data_sm alert_notification
    sequence: int
    delivery: Delivery | None  # ``None``: well-formed, but nothing we know what to do with
    needs_answer: bool = True
