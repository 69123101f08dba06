"""The gateway's end of a CTRL conversation: answers are matched by their transaction id, whatever their order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from drivers import commands as c
from drivers.commands import Command, Credentials, Reply, Why
from drivers.dialect import Frame
from drivers.dialects._osmo import writing
from drivers.dialects._osmo.refusals import NO_KEYS, refused, without_keys
from drivers.dialects._osmo.writing import MASK
from drivers.dialects.osmo_ctrl import report
from drivers.dialects.osmo_ctrl.syntax import Answer, Request, frame, parse_answer, take_text
from drivers.errors import Garbled, NotSpoken

NOBODY = "001010000000000"  #: TS 23.003 §2.2: a test network's IMSI, asked after to keep a conversation open
_LOOK = 1_000_000_000  # ids from here on ask who has a number, for the SET whose id is that much less


@dataclass(slots=True)
class _Waiting:
    """A command being answered; ``owner`` has its number, if that was looked at and is anybody's."""

    number: int
    command: Command
    request: Request
    owner: str = ""


class CtrlClient:
    """Encodes commands; before a number is set, the same frame asks who has it, for an error does not tell."""

    def __init__(self, algorithm_2g: str) -> None:
        self._algorithm_2g = algorithm_2g
        self._waiting: dict[str, _Waiting] = {}
        self._looks: dict[str, tuple[Request, _Waiting]] = {}
        self._buffer = bytearray()

    def encode(self, number: int, command: Command, keys: Credentials | None = None) -> Frame:
        """Write the command. Raises NotSpoken."""
        waiting = _Waiting(number, command, self._request(command, keys))
        said = [(str(number), waiting.request)]
        if isinstance(command, c.AssignMsisdn):
            look = Request("GET", f"subscriber.by-msisdn-{writing.number(command.msisdn)}.info")
            said.insert(0, (str(_LOOK + number), look))
            self._looks[str(_LOOK + number)] = look, waiting
        self._waiting[str(number)] = waiting
        data = b"".join(frame(request.text(id_)) for id_, request in said)
        return Frame(data, "; ".join(request.masked(id_) for id_, request in said))

    def feed(self, data: bytes) -> list[tuple[int, Reply]]:
        """Take bytes, return the answers they complete. Raises Garbled when one answers nothing that was asked."""
        self._buffer += data
        replies: list[tuple[int, Reply]] = []
        while (text := take_text(self._buffer)) is not None:
            if (answer := parse_answer(text)) is None:
                continue
            if answer.number in self._looks:
                self._looked(answer)
            elif (waiting := self._waiting.pop(answer.number, None)) is not None:
                replies.append((waiting.number, _reply(waiting, answer)))
            else:
                raise Garbled("an answer came to an id nothing was asked under")
        return replies

    def to_send(self) -> bytes:
        """CTRL has nothing of its own to say."""
        return b""

    def _looked(self, answer: Answer) -> None:
        request, waiting = self._looks.pop(answer.number)
        if answer.kind != "ERROR":
            _check(request, answer)
            waiting.owner = report.owner(answer.value)

    def _request(self, command: Command, keys: Credentials | None) -> Request:
        match command:
            case c.KeepAlive():
                return Request("GET", f"subscriber.by-imsi-{NOBODY}.info")
            case c.PutKeys(imsi):
                return self._put_keys(imsi, writing.key(keys, "aud3g"))
            case c.ReadKeys(imsi):
                return _about("GET", imsi, "info-aud")
            case c.CreateSubscriber(imsi, None):
                return Request("SET", "subscriber.create", writing.imsi(imsi))
            case c.CreateSubscriber():
                raise NotSpoken("OsmoHLR creates a subscriber without number; assign it afterwards")
            case c.RemoveSubscriber(imsi):
                return Request("SET", "subscriber.delete", writing.imsi(imsi))
            case c.AssignMsisdn(imsi, msisdn):
                return _about("SET", imsi, "msisdn", writing.number(msisdn))
            case c.ReleaseMsisdn(imsi):
                return _about("SET", imsi, "msisdn", "none")
            case c.ReadSubscriber(imsi):
                return _about("GET", imsi, "info-all")
            case c.Provide() | c.ChangeMsisdn() | c.CancelLocation():
                raise NotSpoken("no serving node hears of what is said over CTRL; use the VTY")
            case c.Login() | c.RemoveKeys() | c.ChangeImsi() | c.ListSubscribers() | c.SendSms():
                raise NotSpoken(f"CTRL has no word for {type(command).__name__}")
            case c.BlockImei() | c.UnblockImei() | c.ReadImei():
                raise NotSpoken("an HLR knows no handsets")
            case c.RequestPort() | c.MovePort() | c.CancelPort() | c.ConfirmPort():
                raise NotSpoken("an HLR ports no numbers")
            case c.ReleasePort() | c.AnswerPort() | c.ReadPort() | c.ListPorts():
                raise NotSpoken("an HLR ports no numbers")
            case _:
                assert_never(command)

    def _put_keys(self, imsi: str, keys: Credentials) -> Request:
        if keys.opc is None:
            return _about("SET", imsi, "aud2g", f"{self._algorithm_2g},{keys.ki}", f"{self._algorithm_2g},{MASK}")
        return _about("SET", imsi, "aud3g", f"milenage,{keys.ki},opc,{keys.opc}", f"milenage,{MASK},opc,{MASK}")


def _about(verb: str, imsi: str, name: str, value: str = "", shown: str = "") -> Request:
    return Request(verb, f"subscriber.by-imsi-{writing.imsi(imsi)}.{name}", value, shown)


def _check(request: Request, answer: Answer) -> None:
    if (answer.kind, answer.variable) != (f"{request.verb}_REPLY", request.variable):
        raise Garbled("an answer tells of another variable than the one asked for under its id")


def _reply(waiting: _Waiting, answer: Answer) -> Reply:
    command = waiting.command
    if answer.kind == "ERROR":
        taken = isinstance(command, c.AssignMsisdn) and waiting.owner not in ("", command.imsi)
        no = refused(answer.value, taken=taken)
        if isinstance(command, c.KeepAlive) and no.why is Why.NOT_FOUND:
            return c.Done("", no.text)  # nobody is there, and somebody said so
        return no
    _check(waiting.request, answer)
    match command:
        case c.ReadSubscriber(imsi):
            subscription, keys = report.read(answer.value)
            if subscription.imsi != imsi:
                raise Garbled("info-all tells of another IMSI than the one asked for")
            return c.Held(subscription, keys)
        case c.ReadKeys():
            return c.KeysHeld() if report.has_keys(answer.value) else NO_KEYS
        case c.KeepAlive():
            return c.Done("")
        case _:
            return c.Done("", without_keys(answer.value))
