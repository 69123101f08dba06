"""The ESME's end of an SMPP 3.4 conversation: answers are paired by sequence number, in any order."""

from __future__ import annotations

from typing import Any, assert_never

from drivers import commands as c
from drivers.commands import Command, Credentials, Reply, Why
from drivers.dialect import Frame
from drivers.dialects.smpp import pdu as p
from drivers.dialects.smpp import text
from drivers.dialects.smpp.pdu import Pdu, UnknownPdu
from drivers.errors import NotSpoken

#: command_status in neutral words (SMPP 3.4 §5.1.3); the rest is OTHER
WHY = {
    0x01: Why.INVALID,
    0x03: Why.INVALID,
    0x04: Why.SESSION,
    0x0A: Why.INVALID,
    p.INVALID_DESTINATION: Why.NOT_FOUND,
    p.BIND_FAILED: Why.FORBIDDEN,
    0x0E: Why.FORBIDDEN,
    0x0F: Why.FORBIDDEN,
    p.MESSAGE_QUEUE_FULL: Why.BUSY,
    p.THROTTLED: Why.BUSY,
    p.SYSTEM_ERROR: Why.BUSY,
}
_TON_INTERNATIONAL, _NPI_E164, _TON_ALPHANUMERIC, _TON_UNKNOWN = 1, 1, 5, 0
_OURS = {"bind_transceiver_resp", "submit_sm_resp", "enquire_link_resp", "generic_nack"}


class SmppClient:
    """Binds as transceiver; answers the SMSC's own enquire_link, unbind and deliver_sm by itself."""

    def __init__(self, system_type: str) -> None:
        self._system_type = system_type
        self._buffer = bytearray()
        self._own = bytearray()

    def encode(self, number: int, command: Command, keys: Credentials | None = None) -> Frame:
        """Write the command. Raises NotSpoken."""
        del keys
        sequence = (number - 1) % p.MAX_SEQUENCE + 1
        name, fields = self._fields(command)
        told = {n: v for n, v in fields.items() if n not in ("password", "short_message")}
        return Frame(p.encode(Pdu(name, sequence, fields=fields)), f"{name} {told}")

    def feed(self, data: bytes) -> list[tuple[int, Reply]]:
        """Take bytes, return the answers they complete. Raises Garbled."""
        self._buffer += data
        replies: list[tuple[int, Reply]] = []
        while (raw := p.take(self._buffer)) is not None:
            try:
                pdu = p.decode(raw)
            except UnknownPdu as unknown:
                self._own += p.encode(Pdu("generic_nack", unknown.sequence, p.INVALID_COMMAND))
                continue
            if pdu.name in _OURS:
                replies.append((pdu.sequence, _reply(pdu)))
            elif pdu.name in ("enquire_link", "unbind", "deliver_sm"):
                self._own += p.encode(Pdu(f"{pdu.name}_resp", pdu.sequence))
        return replies

    def to_send(self) -> bytes:
        """Answers to the SMSC's own requests."""
        own, self._own = bytes(self._own), bytearray()
        return own

    def _fields(self, command: Command) -> tuple[str, dict[str, Any]]:
        match command:
            case c.Login(user, password):
                return "bind_transceiver", {
                    "system_id": user,
                    "password": password,
                    "system_type": self._system_type,
                    "address_range": "",
                }
            case c.KeepAlive():
                return "enquire_link", {}
            case c.SendSms(sender, to, message):
                return "submit_sm", _submit(sender, to, message)
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
            case _:
                assert_never(command)


def _submit(sender: str, to: str, message: str) -> dict[str, Any]:
    data_coding, octets = text.encode(message)
    alphanumeric = not (sender.isascii() and sender.isdigit())
    return {
        "service_type": "",
        "source_addr_ton": _TON_ALPHANUMERIC if alphanumeric else _TON_UNKNOWN,
        "source_addr": sender,
        "dest_addr_ton": _TON_INTERNATIONAL,
        "dest_addr_npi": _NPI_E164,
        "destination_addr": to.removeprefix("+"),
        "schedule_delivery_time": "",
        "validity_period": "",
        "data_coding": data_coding,
        "sm_length": len(octets),
        "short_message": octets,
    }


def _reply(pdu: Pdu) -> Reply:
    if pdu.status != p.OK or pdu.name == "generic_nack":
        return c.Refused(WHY.get(pdu.status, Why.OTHER), f"0x{pdu.status:02X}", f"{pdu.name} refused")
    if pdu.name == "submit_sm_resp":
        return c.Submitted((pdu.fields.get("message_id") or b"").decode("latin-1"))
    return c.Done("0x00", pdu.name)
