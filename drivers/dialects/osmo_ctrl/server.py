"""The element's end of a CTRL conversation: texts to the letter of OsmoHLR 1.5.0, keys replaced by zeros."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from drivers import commands as c
from drivers.commands import Command, Credentials, Reply, Why
from drivers.dialect import Asked, taken
from drivers.dialects._osmo.turns import Turn, Turns
from drivers.dialects._osmo.writing import ALGORITHMS_2G, IMSI, NUMBER, read_keys, read_number
from drivers.dialects.osmo_ctrl import report
from drivers.dialects.osmo_ctrl.client import NOBODY
from drivers.dialects.osmo_ctrl.syntax import frame, take_text
from drivers.subscription import Iccid, Imsi, Msisdn, Subscription

_NO_ICCID = Iccid("")  # an HLR knows no ICCID
_NO_NUMBER = Msisdn("")  # which number goes is not said
_SOMEBODY = Imsi("000000000000000")  # stands for whoever has a number; this end does not know
_BY_IMSI = re.compile(r"subscriber\.by-imsi-([^. ]*)\.([a-z0-9-]+)")
_LOOK = re.compile(r"subscriber\.by-msisdn-([0-9]{1,15})\.info")
_NO_SUBSCRIBER = "No such subscriber."
_NOT_READ = "An unknown error has occurred during get_subscriber()."
_BUSY: dict[type, str] = {
    c.CreateSubscriber: "Cannot create subscriber.",
    c.RemoveSubscriber: "Cannot delete subscriber.",
    c.AssignMsisdn: "Update MSISDN failed",
    c.ReleaseMsisdn: "Update MSISDN failed",
    c.PutKeys: "Update aud3g failed.",
    c.ReadKeys: "Error retrieving authentication data.",
}
_INVALID: dict[type, str] = {
    c.CreateSubscriber: "Invalid IMSI value.",
    c.RemoveSubscriber: "Invalid IMSI value.",
    c.AssignMsisdn: "Value failed verification.",
    c.PutKeys: "Invalid KI.",
}
_OTHER = "An error has occurred."


@dataclass(frozen=True, slots=True)
class _Heard:
    """One request as it came: what its answer must repeat."""

    number: str
    verb: str = ""
    variable: str = ""
    command: Command | None = None
    keys: Credentials | None = field(default=None, repr=False)
    complaint: str = ""


@dataclass(frozen=True, slots=True)
class _Look:
    """A question who has a number: only the SET of that number, asked right after it, will tell this end."""

    heard: _Heard
    msisdn: str
    turn: Turn

    def answer(self, *, taken: bool) -> None:
        """Say that somebody has it, or nobody."""
        owner = report.write(Subscription(_SOMEBODY, read_number(self.msisdn)), keys=False)
        self.turn.data = frame(_got(self.heard, owner) if taken else _error(self.heard, _NO_SUBSCRIBER))


class CtrlServer:
    """Numbers requests in order of arrival and answers in that order."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._turns = Turns()
        self._open: dict[int, tuple[_Heard, Turn, _Look | None]] = {}
        self._look: _Look | None = None  # heard last, and answered with the SET that follows
        self._number = 0

    def feed(self, data: bytes) -> list[Asked]:
        """Take bytes, return the requests they complete; one that makes no sense carries the element's complaint."""
        self._buffer += data
        asked: list[Asked] = []
        for text in taken(lambda: take_text(self._buffer)):
            heard = _heard(text)
            if found := _LOOK.fullmatch(heard.variable):
                self._look_alone()
                self._look = _Look(heard, found[1], self._turns.keep())
            else:
                asked.append(self._asked(heard))
        return asked

    def answer(self, number: int, reply: Reply) -> bytes:
        """Write the reply to one request."""
        heard, turn, look = self._open.pop(number)
        if look is not None:
            look.answer(taken=isinstance(reply, c.Refused) and reply.why is Why.CONFLICT)
        turn.data = frame(_written(heard, reply, number))
        return self._turns.take()

    def to_send(self) -> bytes:
        """Answer a look that no SET has followed."""
        self._look_alone()
        return self._turns.take()

    def _asked(self, heard: _Heard) -> Asked:
        look = self._look
        if look is not None and isinstance(heard.command, c.AssignMsisdn) and heard.command.msisdn == f"+{look.msisdn}":
            self._look = None
        else:
            self._look_alone()
            look = None
        self._number += 1
        self._open[self._number] = heard, self._turns.keep(), look
        return Asked(self._number, heard.command, heard.keys, heard.complaint)

    def _look_alone(self) -> None:
        if self._look is not None:
            self._look.answer(taken=False)
            self._look = None


def _heard(text: str) -> _Heard:
    verb, _, rest = text.partition(" ")
    number, _, rest = rest.partition(" ")
    if verb not in ("GET", "SET"):
        return _Heard("err", complaint="Request type unknown" if verb else "Request malformed")
    if not number.isdigit():
        return _Heard("err", complaint="Invalid message ID number" if number else "Missing ID")
    variable, _, value = rest.partition(" ")
    if not variable or (verb == "SET" and not value):
        return _Heard(number, complaint=f"{verb} incomplete")
    try:
        command, keys = _command(verb, variable, value)
    except ValueError as problem:
        return _Heard(number, verb, variable, complaint=str(problem))
    return _Heard(number, verb, variable, command, keys)


def _command(verb: str, variable: str, value: str) -> tuple[Command | None, Credentials | None]:
    if verb == "GET" and _LOOK.fullmatch(variable):
        return None, None
    if verb == "SET" and variable in ("subscriber.create", "subscriber.delete"):
        if not IMSI.fullmatch(value):
            raise ValueError("Invalid IMSI value.")
        create = variable == "subscriber.create"
        return c.CreateSubscriber(Imsi(value), None) if create else c.RemoveSubscriber(Imsi(value)), None
    found = _BY_IMSI.fullmatch(variable)
    if found is None:
        raise ValueError("Command not found")
    if not IMSI.fullmatch(found[1]):
        raise ValueError("Invalid value part of 'by-xxx-value' selector.")
    imsi = Imsi(found[1])
    match verb, found[2]:
        case "GET", "info" if imsi == NOBODY:
            return c.KeepAlive(), None
        case "GET", "info-all":
            return c.ReadSubscriber(imsi), None
        case "GET", "info-aud":
            return c.ReadKeys(imsi), None
        case "SET", "msisdn":
            return _number(imsi, value), None
        case "SET", "aud2g" | "aud3g":
            return c.PutKeys(imsi, _NO_ICCID), _keys(found[2], value.split(","))
        case _:
            raise ValueError("Command not found")


def _number(imsi: Imsi, value: str) -> Command:
    if value == "none":
        return c.ReleaseMsisdn(imsi, _NO_NUMBER)
    if not NUMBER.fullmatch(value):
        raise ValueError("Value failed verification.")
    return c.AssignMsisdn(imsi, read_number(value))


def _keys(name: str, words: list[str]) -> Credentials:
    try:
        match name, words:
            case "aud2g", [algorithm, ki] if algorithm in ALGORITHMS_2G:
                return read_keys(ki, None)
            case "aud3g", ["milenage", k, "opc", opc]:
                return read_keys(k, opc)
            case _:
                raise ValueError("Unknown auth algorithm.")
    except ValueError as problem:
        raise ValueError("Unknown auth algorithm." if "algorithm" in str(problem) else "Invalid KI.") from None


def _written(heard: _Heard, reply: Reply, number: int) -> str:
    command = heard.command
    match reply:
        case c.Refused(Why.NOT_FOUND) if isinstance(command, c.ReadKeys):
            return _got(heard, "")
        case c.Refused(why, _, text):
            return _error(heard, text or heard.complaint or _refusal(command, why))
        case c.Held(subscription, keys):
            return _got(heard, report.write(subscription, keys=bool(keys)))
        case c.KeysHeld():
            return _got(heard, report.write_keys())
        case _ if isinstance(command, c.KeepAlive):
            return _error(heard, _NO_SUBSCRIBER)
        case c.Done(_, text) if text:
            return _set(heard, text)
        case _:
            return _set(heard, str(number) if heard.variable.count(".") == 1 else "OK")


def _refusal(command: Command | None, why: Why) -> str:
    kind = type(command)
    match why:
        case Why.NOT_FOUND if kind is c.RemoveSubscriber:
            return "Subscriber doesn't exist."
        case Why.NOT_FOUND if kind is not c.KeepAlive:
            return _NO_SUBSCRIBER
        case Why.EXISTS:
            return "Subscriber already exists."
        case Why.CONFLICT if kind is c.AssignMsisdn:
            return _BUSY[kind]
        case Why.BUSY:
            return _BUSY.get(kind, _NOT_READ)
        case Why.INVALID:
            return _INVALID.get(kind, _OTHER)
        case Why.FORBIDDEN:
            return "Command not found"
        case _:
            return _OTHER


def _got(heard: _Heard, value: str) -> str:
    return f"GET_REPLY {heard.number} {heard.variable} {value}"


def _set(heard: _Heard, value: str) -> str:
    return f"SET_REPLY {heard.number} {heard.variable} {value}"


def _error(heard: _Heard, text: str) -> str:
    return f"ERROR {heard.number} {text}"
