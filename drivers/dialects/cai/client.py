"""The gateway's end of a CAI conversation: an answer names neither its request nor a number, so order is all there is.

Hence one request at a time, and anything heard while none is waiting ends the conversation: it might be taken for the
answer to the next one. After a silence requests can overlap all the same; they are answered in their order.
"""

from __future__ import annotations

import re
from collections import deque
from typing import assert_never

from drivers import commands as c
from drivers.commands import Command, Credentials, Reply
from drivers.dialect import Frame
from drivers.dialects.cai import codes, forwarding, report
from drivers.dialects.cai.syntax import MAX_ANSWER_BYTES, PROMPT, Answer, Group, Sentence, parse_answer, take
from drivers.dialects.cai.words import Vocabulary, numbers
from drivers.errors import Garbled, NotSpoken
from drivers.subscription import ApnAccess, Diversion, Facet, RatAccess, ServiceLock, SpeedCap

_IMSI = re.compile(r"[0-9]{5,15}")
_MSISDN = re.compile(r"\+[0-9]{3,15}")
_KEY = re.compile(r"[0-9A-Fa-f]{32}")
_BLANK = b" \r\n"
_ANSWER = b"RESP:"


class CaiClient:
    """Encodes commands and gives each answer to the oldest one waiting."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._waiting: deque[tuple[int, Command]] = deque()
        self._buffer = bytearray()

    def encode(self, number: int, command: Command, keys: Credentials | None = None) -> Frame:
        """Write the command. Raises NotSpoken."""
        sentence = Sentence(self._groups(command, keys))
        frame = Frame(f"{sentence.text()};\r\n".encode("ascii"), f"{sentence.text(masked=True)};")
        self._waiting.append((number, command))
        return frame

    def feed(self, data: bytes) -> list[tuple[int, Reply]]:
        """Take bytes, return the answers they complete. Raises Garbled for anything that cannot be the awaited one."""
        self._buffer += data
        replies: list[tuple[int, Reply]] = []
        while self._answer_begins() and (text := take(self._buffer, MAX_ANSWER_BYTES)) is not None:
            number, command = self._waiting.popleft()
            replies.append((number, self._reply(command, parse_answer(text))))
        return replies

    def to_send(self) -> bytes:
        """CAI has nothing of its own to say."""
        return b""

    def _answer_begins(self) -> bool:
        """Pass over blanks and prompts; tell whether something else stands at the beginning."""
        while True:
            left = self._buffer.lstrip(_BLANK)
            del self._buffer[: len(self._buffer) - len(left)]
            if not self._buffer.startswith(PROMPT.rstrip()):
                break
            del self._buffer[: len(PROMPT.rstrip())]
        if PROMPT.startswith(self._buffer):
            return False
        if not self._waiting:
            raise Garbled("something came that nothing was asked for")
        if not self._buffer.startswith(_ANSWER[: len(self._buffer)]):
            raise Garbled("what came is neither an answer nor a prompt")
        return True

    def _reply(self, command: Command, answer: Answer) -> Reply:
        code = str(answer.code)
        asks = isinstance(command, c.ReadSubscriber | c.ReadKeys)
        if answer.code == codes.ALREADY_SO and not asks:
            return c.AlreadySo(code)
        if answer.code != codes.DONE:
            why, text = codes.meaning(answer.code)
            return c.Refused(why, code, text)
        match command:
            case c.ReadSubscriber(imsi):
                _check(answer, imsi)
                return c.Held(report.read(answer.groups, self._vocabulary))
            case c.ReadKeys(imsi):
                _check(answer, imsi)
                return c.KeysHeld()
            case _ if answer.groups:
                raise Garbled("an answer tells something, but nothing was asked to be told")
            case _:
                return c.Done(code)

    def _groups(self, command: Command, keys: Credentials | None) -> tuple[Group, ...]:
        match command:
            case c.Login(user, password):
                return (("LOGIN",), (user,), (password,))
            case c.KeepAlive():
                return (("SET",), ("KEEPALIVE",))
            case c.PutKeys(imsi):
                return (*_about("CREATE", "AUCSUB", imsi), *_keys(keys))
            case c.RemoveKeys(imsi):
                return _about("DELETE", "AUCSUB", imsi)
            case c.ReadKeys(imsi):
                return _about("GET", "AUCSUB", imsi)
            case c.CreateSubscriber(imsi, msisdn):
                profile = ("PROFILE", str(self._vocabulary.profile))
                return (("CREATE",), ("HLRSUB",), ("MSISDN", _number(msisdn)), ("IMSI", _identity(imsi)), profile)
            case c.RemoveSubscriber(imsi):
                return _about("DELETE", "HLRSUB", imsi)
            case c.ChangeImsi(old_imsi, new_imsi):
                return (*_about("SET", "HLRSUB", old_imsi), ("NIMSI", _identity(new_imsi)))
            case c.ChangeMsisdn(imsi, msisdn):
                return (*_about("SET", "HLRSUB", imsi), ("NMSISDN", _number(msisdn)))
            case c.Provide(imsi, facet):
                return self._provide(imsi, facet)
            case c.ReadSubscriber(imsi):
                return _about("GET", "HLRSUB", imsi)
            case c.CancelLocation():
                raise NotSpoken("CAI has no word to cancel a location; the HLR does so by itself")
            case c.AssignMsisdn() | c.ReleaseMsisdn():
                raise NotSpoken("this HLR has no subscriber without a number")
            case c.ListSubscribers():
                raise NotSpoken("this HLR does not list its subscribers")
            case c.SendSms():
                raise NotSpoken("an HLR sends no short messages")
            case c.BlockImei() | c.UnblockImei() | c.ReadImei():
                raise NotSpoken("an HLR knows no handsets")
            case c.RequestPort() | c.MovePort() | c.CancelPort() | c.ConfirmPort():
                raise NotSpoken("an HLR ports no numbers")
            case c.ReleasePort() | c.AnswerPort() | c.ReadPort() | c.ListPorts():
                raise NotSpoken("an HLR ports no numbers")
            case _:
                assert_never(command)

    def _provide(self, imsi: str, facet: Facet) -> tuple[Group, ...]:
        match facet:
            case ServiceLock(locked):
                return _about("CREATE" if locked else "DELETE", "TEMPBLOCK", imsi)
            case ApnAccess(apn, provided):
                verb, apn_id = "DEF" if provided else "DEL", str(self._vocabulary.apn_id(apn))
                return (*_about("SET", "HLRSUB", imsi), ("GPRS", verb, "PDPCONTEXT", "APNID", apn_id))
            case Diversion():
                forwarded = ((name, *values) for name, values in forwarding.values(facet).items())
                return (*_about("SET", "HLRSUB", imsi), *forwarded)
            case _:
                owner = "HSSSUB" if isinstance(facet, RatAccess | SpeedCap) else "HLRSUB"
                told = ((name, str(number)) for name, number in numbers(facet).items())
                return (*_about("SET", owner, imsi), *told)


def _check(answer: Answer, imsi: str) -> None:
    if [value for name, *value in answer.groups if name.upper() == "IMSI"] != [[imsi]]:
        raise Garbled("GET tells of another IMSI than the one asked for, or of none")


def _about(verb: str, what: str, imsi: str) -> tuple[Group, ...]:
    return ((verb,), (what,), ("IMSI", _identity(imsi)))


def _identity(imsi: str) -> str:
    if not _IMSI.fullmatch(imsi):
        raise NotSpoken("an IMSI is 5 to 15 digits")
    return imsi


def _number(msisdn: str | None) -> str:
    if msisdn is None or not _MSISDN.fullmatch(msisdn):
        raise NotSpoken("HLRSUB needs a number: + and 3 to 15 digits")
    return msisdn.removeprefix("+")


def _keys(keys: Credentials | None) -> tuple[Group, ...]:
    if keys is None:
        raise NotSpoken("CREATE:AUCSUB needs the SIM's keys; the vault gave none")
    told = {"KI": keys.ki} | ({} if keys.opc is None else {"OPC": keys.opc})
    if not all(_KEY.fullmatch(key) for key in told.values()):
        raise NotSpoken("a key must be 32 hex digits")
    return tuple(told.items())
