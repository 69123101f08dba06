"""The ESME's end of an SMPP 3.4 conversation: answers are paired by sequence number, in any order."""

from __future__ import annotations

from typing import Any, assert_never

from drivers import commands as c
from drivers.commands import Command, Credentials, Reply
from drivers.dialect import Frame
from drivers.dialects.smpp import pdu as p
from drivers.dialects.smpp import status as statuses
from drivers.dialects.smpp import text
from drivers.dialects.smpp.delivery import Heard
from drivers.dialects.smpp.hearing import heard as read_heard
from drivers.dialects.smpp.pdu import Malformed, Pdu, UnknownPdu
from drivers.dialects.smpp.submission import Submission
from drivers.dialects.smpp.submitting import addressed, submit_sm
from drivers.errors import Garbled, NotSpoken

BINDS = {name: f"bind_{name}" for name in ("transceiver", "transmitter", "receiver")}
_ANSWERS = {*(f"{bind}_resp" for bind in BINDS.values()), "submit_sm_resp", "enquire_link_resp", "generic_nack"}
_SECRET = ("password", "short_message")


class SmppClient:
    """Answers the SMSC's enquire_link and unbind by itself, and what is no use or no sense (see ``pdu``).

    What an SMSC tells is had from ``heard`` and stays unanswered until it is acknowledged.
    """

    def __init__(self, system_type: str = "", binding: str = "transceiver", address_range: str = "") -> None:
        """Take how to bind. Raises NotSpoken for a ``binding`` other than those of ``BINDS``."""
        if binding not in BINDS:
            raise NotSpoken(f"binding is one of {', '.join(BINDS)}")
        self._bind = BINDS[binding]
        self._bind_fields = {"system_type": system_type, "address_range": address_range}
        self._buffer = bytearray()
        self._own: list[bytes] = []  # answers of ours that wait to be sent
        self._heard: list[Heard] = []
        self.whole = 0  # PDUs that have come, of whatever kind
        self._unbinding: int | None = None
        self._unbound = False
        self._broken = ""

    @property
    def unbound(self) -> bool:
        """Whether the SMSC has said unbind, or answered ours: nothing may be submitted any more (SMPP 3.4 §4.2)."""
        return self._unbound

    def encode(self, number: int, command: Command, keys: Credentials | None = None) -> Frame:
        """Write the command. Raises NotSpoken."""
        del keys
        name, fields = self._fields(command)
        told = {n: v for n, v in fields.items() if n not in _SECRET}
        return Frame(p.encode(Pdu(name, _sequence(number), fields=fields)), f"{name} {told}")

    def submit(self, number: int, submission: Submission) -> bytes:
        """Write one submit_sm. Raises NotSpoken for anything too long, or not in the characters of its field."""
        return p.encode(submit_sm(_sequence(number), submission))

    def unbind(self, number: int) -> bytes:
        """Write the word that ends the conversation; ``unbound`` tells when it has been heard."""
        self._unbinding = _sequence(number)
        return p.encode(Pdu("unbind", self._unbinding))

    def acknowledge(self, heard: Heard, status: int = p.OK) -> bytes:
        """Write the answer to what was heard; nothing where none is due. The SMSC sends again what is refused."""
        if not heard.needs_answer:
            return b""
        return p.encode(Pdu(f"{heard.name}_resp", heard.sequence, status, {"message_id": ""}))

    def feed(self, data: bytes) -> list[tuple[int, Reply]]:
        """Take bytes, return the answers they complete.

        Raises Garbled where the conversation breaks; but answers that came ahead of the rubbish are returned first,
        and the next call raises, even for no bytes. ``to_send`` then holds what the SMSC should be told.
        """
        replies: list[tuple[int, Reply]] = []
        self._buffer += data
        while not self._broken and (raw := self._take()) is not None:
            self.whole += 1
            if (reply := self._read(raw)) is not None:
                replies.append(reply)
        if self._broken and not replies:
            raise Garbled(self._broken)
        return replies

    def heard(self) -> list[Heard]:
        """Return what the SMSC has told since this was last asked, in its order."""
        heard, self._heard = self._heard, []
        return heard

    def to_send(self) -> bytes:
        """Answers to the SMSC's own requests."""
        own, self._own = b"".join(self._own), []
        return own

    def _take(self) -> bytes | None:
        try:
            return p.take(self._buffer)
        except Garbled as problem:
            self._broken = str(problem)
            self._say(Pdu("generic_nack", 0, p.INVALID_COMMAND_LENGTH))
            return None

    def _read(self, raw: bytes) -> tuple[int, Reply] | None:
        try:
            return self._met(p.decode(raw))
        except UnknownPdu as unknown:
            if not unknown.is_response and unknown.command_id != p.OUTBIND:
                self._say(Pdu("generic_nack", unknown.sequence, p.INVALID_COMMAND))
        except Malformed as malformed:
            self._own.append(malformed.answer())
        except Garbled as problem:
            self._broken = str(problem)
        return None

    def _met(self, pdu: Pdu) -> tuple[int, Reply] | None:
        """Return the answer that the PDU is, or keep or answer what it asks."""
        match pdu.name:
            case "generic_nack" if not 0 < pdu.sequence <= p.MAX_SEQUENCE:
                return None  # it says of no request which one (SMPP 3.4 §4.3)
            case "generic_nack" | "unbind_resp" if pdu.sequence == self._unbinding:
                self._unbound = True
                return pdu.sequence, _reply(pdu)
            case "deliver_sm" | "data_sm" | "alert_notification":
                self._heard.append(read_heard(pdu))
            case "enquire_link":
                self._say(Pdu("enquire_link_resp", pdu.sequence))
            case "unbind":
                self._unbound = True
                self._say(Pdu("unbind_resp", pdu.sequence))
            case name if name in _ANSWERS:
                return pdu.sequence, _reply(pdu)
            case name if not name.endswith("_resp"):
                self._say(Pdu("generic_nack", pdu.sequence, p.INVALID_COMMAND))
        return None

    def _say(self, pdu: Pdu) -> None:
        self._own.append(p.encode(pdu))

    def _fields(self, command: Command) -> tuple[str, dict[str, Any]]:
        match command:
            case c.Login(user, password):
                return self._bind, {"system_id": user, "password": password, **self._bind_fields}
            case c.KeepAlive():
                return "enquire_link", {}
            case c.SendSms(sender, to, message):
                data_coding, octets = text.encode(message)
                return "submit_sm", addressed(sender, to) | {"data_coding": data_coding, "short_message": octets}
            case (
                c.PutKeys()
                | c.RemoveKeys()
                | c.CreateSubscriber()
                | c.RemoveSubscriber()
                | c.ChangeImsi()
                | c.ChangeMsisdn()
                | c.AssignMsisdn()
                | c.ReleaseMsisdn()
                | c.ListSubscribers()
                | c.Provide()
                | c.CancelLocation()
                | c.ReadSubscriber()
                | c.ReadKeys()
            ):
                raise NotSpoken("an SMSC holds no subscribers")
            case c.BlockImei() | c.UnblockImei() | c.ReadImei():
                raise NotSpoken("an SMSC knows no handsets")
            case c.RequestPort() | c.MovePort() | c.CancelPort() | c.ConfirmPort():
                raise NotSpoken("an SMSC ports no numbers")
            case c.ReleasePort() | c.AnswerPort() | c.ReadPort() | c.ListPorts():
                raise NotSpoken("an SMSC ports no numbers")
            case _:
                assert_never(command)


def _sequence(number: int) -> int:
    return (number - 1) % p.MAX_SEQUENCE + 1


def _reply(pdu: Pdu) -> Reply:
    if pdu.status != p.OK or pdu.name == "generic_nack":
        name = statuses.name_of(pdu.status)
        return c.Refused(statuses.why_of(pdu.status), statuses.code_of(pdu.status), f"{pdu.name}: {name}")
    if pdu.name == "submit_sm_resp":
        return c.Submitted((pdu.fields.get("message_id") or b"").decode("latin-1"))
    return c.Done("0x00", pdu.name)
