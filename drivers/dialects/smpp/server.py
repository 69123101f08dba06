"""The SMSC's end of an SMPP 3.4 conversation in neutral words: one request, one reply.

A message centre that keeps binds, windows and receipts speaks in PDUs itself; it shares ``status_of``.
"""

from __future__ import annotations

from drivers import commands as c
from drivers.commands import Command, Reply, Why
from drivers.dialect import Asked
from drivers.dialects.smpp import pdu as p
from drivers.dialects.smpp import text
from drivers.dialects.smpp.pdu import Pdu, UnknownPdu
from drivers.dialects.smpp.submission import Part
from drivers.errors import Garbled
from drivers.subscription import Msisdn

_STATUS = {
    Why.NOT_FOUND: p.INVALID_DESTINATION,
    Why.FORBIDDEN: p.BIND_FAILED,
    Why.BUSY: p.THROTTLED,
    Why.SESSION: p.INVALID_BIND,
    Why.INVALID: p.INVALID_COMMAND,
    Why.EXISTS: p.SUBMIT_FAILED,
    Why.CONFLICT: p.SUBMIT_FAILED,
    Why.OTHER: p.SUBMIT_FAILED,
}
_BINDS = ("bind_transceiver", "bind_transmitter", "bind_receiver")


def status_of(why: Why) -> int:
    """Return the command_status that refuses a request for a neutral reason (SMPP 3.4 §5.1.3)."""
    return _STATUS[why]


class SmppServer:
    """Hands binds, enquire_link and submit_sm on as requests; answers unbind, and what it does not know, by itself."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._own = bytearray()
        self._names: dict[int, str] = {}

    def feed(self, data: bytes) -> list[Asked]:
        """Take bytes, return the requests they complete. Raises Garbled."""
        self._buffer += data
        asked: list[Asked] = []
        while (raw := p.take(self._buffer)) is not None:
            try:
                pdu = p.decode(raw)
            except UnknownPdu as unknown:
                if not unknown.is_response:
                    self._own += p.encode(Pdu("generic_nack", unknown.sequence, p.INVALID_COMMAND))
                continue
            if pdu.sequence in self._names:
                raise Garbled(f"sequence number {pdu.sequence} is used twice (SMPP 3.4 §5.1.4)")
            if pdu.name == "unbind":
                self._own += p.encode(Pdu("unbind_resp", pdu.sequence))
            elif not pdu.name.endswith("_resp") and pdu.name != "generic_nack":
                self._names[pdu.sequence] = pdu.name
                command = _command(pdu)
                asked.append(Asked(pdu.sequence, command, complaint="" if command else f"no service for {pdu.name}"))
        return asked

    def answer(self, number: int, reply: Reply) -> bytes:
        """Write the response to one request."""
        name = self._names.pop(number)
        status = status_of(reply.why) if isinstance(reply, c.Refused) else p.OK
        if name not in (*_BINDS, "enquire_link", "submit_sm"):
            return p.encode(Pdu("generic_nack", number, status))
        if status != p.OK:
            return p.encode(Pdu(f"{name}_resp", number, status, tlvs={}))
        if isinstance(reply, c.Submitted):
            return p.encode(Pdu(f"{name}_resp", number, fields={"message_id": reply.message_id}))
        fields = {"system_id": "SMSC"} if name in _BINDS else {}
        return p.encode(Pdu(f"{name}_resp", number, fields=fields))

    def to_send(self) -> bytes:
        """Answers the protocol gives by itself."""
        own, self._own = bytes(self._own), bytearray()
        return own


def _command(pdu: Pdu) -> Command | None:
    if pdu.name in _BINDS:
        return c.Login(_string(pdu, "system_id"), _string(pdu, "password"))
    if pdu.name == "enquire_link":
        return c.KeepAlive()
    if pdu.name != "submit_sm":
        return None
    numbers = {name: pdu.fields.get(name) or 0 for name in ("data_coding", "esm_class")}
    message = text.read_part(Part(pdu.fields.get("short_message") or b"", tlvs=pdu.tlvs, **numbers)).text
    return c.SendSms(_string(pdu, "source_addr"), Msisdn("+" + _string(pdu, "destination_addr")), message)


def _string(pdu: Pdu, name: str) -> str:
    value = pdu.fields.get(name) or b""
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
