"""The gateway's end of a VTY conversation: answers come in the order of the lines, each echoing its own."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field
from typing import assert_never

from drivers import commands as c
from drivers.commands import Command, Credentials, Refused, Reply, Why
from drivers.dialect import Frame
from drivers.dialects._osmo import writing
from drivers.dialects._osmo.refusals import NO_KEYS, NOT_STORED, refused
from drivers.dialects._osmo.writing import MASK
from drivers.dialects.osmo_vty import report
from drivers.dialects.osmo_vty.options import Manner
from drivers.dialects.osmo_vty.syntax import ASKS_WHO, MAX_ANSWER_BYTES, MAX_LIST_BYTES, Chunk, Hearing
from drivers.dialects.osmo_vty.words import KEEP_ALIVE, MODES
from drivers.errors import Garbled, NotSpoken
from drivers.subscription import Facet, NetworkAccess, Subscription

ENABLE = "enable"

_PASSWORD = re.compile(r"[!-~]{1,64}")
_NOT_ASKED = Refused(Why.FORBIDDEN, "no_password", "the element asks for no password: take it out of the configuration")
_WRONG = Refused(Why.FORBIDDEN, "wrong_password", "the element asks for the password again")
_ASKED = Refused(Why.FORBIDDEN, "password", "the element asks for a password: none is configured")


@dataclass(frozen=True, slots=True)
class _Line:
    """One line on its way; without a number its answer is kept for that of the next, which is the command's."""

    text: str = field(repr=False)
    command: Command | None = None
    number: int | None = None


class VtyClient:
    """Encodes commands and pairs each answer with the oldest line still waiting, by its echo.

    A password is not echoed, and writing needs ``enable`` after it, which this end says itself (``to_send``). Two
    commands are two lines each, for the element does not say enough: before a number is set, who has it is asked; after
    network access is set, which the element confirms whether or not it could, the subscriber is looked at.
    """

    def __init__(self, manner: Manner, algorithm_2g: str) -> None:
        self._algorithm_2g = algorithm_2g
        self._hearing = Hearing(manner.prompt)
        self._waiting: deque[_Line] = deque()
        self._before: tuple[str, ...] = ()
        self._to_enable = False

    def encode(self, number: int, command: Command, keys: Credentials | None = None) -> Frame:
        """Write the command. Raises NotSpoken."""
        text, masked = self._written(command, keys)
        lines = [_Line(text, command, number)]
        if isinstance(command, c.AssignMsisdn | c.ChangeMsisdn):
            look = f"subscriber msisdn {writing.number(command.msisdn)} show"
            lines, masked = [_Line(look, command), *lines], f"{look}; {masked}"
        elif isinstance(command, c.Provide):
            look = _about(command.imsi, "show")
            lines, masked = [_Line(text, command), _Line(look, command, number)], f"{masked}; {look}"
        self._waiting += lines
        return Frame("".join(f"{line.text}\n" for line in lines).encode("ascii"), masked)

    def feed(self, data: bytes) -> list[tuple[int, Reply]]:
        """Take bytes, return the answers they complete. Raises Garbled when one is not that of its line."""
        self._hearing.add(data)
        replies: list[tuple[int, Reply]] = []
        while (chunk := self._take()) is not None:
            if chunk.first:  # a banner, and the first prompt
                continue
            if not self._waiting:
                raise Garbled("an answer came that nothing was asked for")
            line = self._waiting.popleft()
            if isinstance(line.command, c.Login) and line.number is not None:
                replies.append((line.number, self._logged_in(line.command, chunk)))
                continue
            before, self._before = self._before, chunk.body if line.number is None else ()
            if chunk.prompt == ASKS_WHO:
                raise Garbled("the element wants another password before it lets anybody write")
            if chunk.echo != line.text:
                raise Garbled("an answer echoes another line than the oldest one waiting")
            if line.number is not None and line.command is not None:
                replies.append((line.number, _reply(line.command, chunk.body, before)))
        return replies

    def to_send(self) -> bytes:
        """Say ``enable`` once a password was taken."""
        if not self._to_enable:
            return b""
        self._to_enable = False
        self._waiting.append(_Line(ENABLE))
        return f"{ENABLE}\n".encode("ascii")

    def _take(self) -> Chunk | None:
        oldest = self._waiting[0] if self._waiting else _Line(ENABLE)
        is_list = isinstance(oldest.command, c.ListSubscribers)
        password = oldest.text == ENABLE or isinstance(oldest.command, c.Login)
        return self._hearing.take(MAX_LIST_BYTES if is_list else MAX_ANSWER_BYTES, password=password)

    def _logged_in(self, login: c.Login, chunk: Chunk) -> Reply:
        """Read what follows a password, which is not echoed, or ``enable`` where there is none."""
        if login.password and chunk.echo == login.password:
            return _NOT_ASKED
        if chunk.prompt == ASKS_WHO and chunk.echo == "":
            return refused(said) if (said := _complaint(chunk.body)) else _WRONG if login.password else _ASKED
        if chunk.echo != ("" if login.password else ENABLE):
            raise Garbled("an answer came that is none to the login")
        if (said := _complaint(chunk.body)) and chunk.prompt != "#":  # to be let write again is no harm
            return refused(said)
        self._to_enable = bool(login.password)
        return c.Done("")

    def _written(self, command: Command, keys: Credentials | None) -> tuple[str, str]:
        """Return the line, and the line as it may be printed."""
        if isinstance(command, c.PutKeys):
            return self._put_keys(command.imsi, writing.key(keys, "update aud3g"))
        if isinstance(command, c.Login) and command.password:
            if not _PASSWORD.fullmatch(command.password):
                raise NotSpoken("a VTY password is at most 64 printable characters without space")
            return command.password, MASK
        line = _line(command)
        return line, line

    def _put_keys(self, imsi: str, keys: Credentials) -> tuple[str, str]:
        if keys.opc is None:
            start = _about(imsi, f"update aud2g {self._algorithm_2g} ki")
            return f"{start} {keys.ki}", f"{start} {MASK}"
        start = _about(imsi, "update aud3g milenage k")
        return f"{start} {keys.ki} opc {keys.opc}", f"{start} {MASK} opc {MASK}"


def _reply(command: Command, body: tuple[str, ...], before: tuple[str, ...]) -> Reply:
    """Read the answer to a command; ``before`` is that to the line before, where a command is two of them."""
    said = _complaint(body)
    match command:
        case c.Provide(imsi, facet):
            return _provided(imsi, facet, before, body)
        case c.ListSubscribers(prefix) if report.is_list(body):
            return c.Listed(report.read_list(body, prefix))
        case c.CreateSubscriber() if said.startswith("Created subscriber "):
            return c.Done("", said)
        case c.RemoveSubscriber() if said.startswith("Deleted subscriber "):
            return c.Done("", said)
        case c.AssignMsisdn() | c.ChangeMsisdn() | c.ReleaseMsisdn() if said.startswith("Updated subscriber "):
            return c.Done("", said)
        case c.AssignMsisdn(imsi) | c.ChangeMsisdn(imsi) if said:
            taken = not _complaint(before) and report.read(before)[0].imsi != imsi
            return refused(said, taken=taken)
        case _ if said:
            return refused(said)
        case c.ReadSubscriber(imsi):
            return c.Held(*_read(imsi, body))
        case c.ReadKeys(imsi):
            return c.KeysHeld() if _read(imsi, body)[1] else NO_KEYS
        case c.PutKeys() | c.KeepAlive() if not body:
            return c.Done("")
        case _:
            raise Garbled("an answer is none to the command it echoes")


def _provided(imsi: str, facet: Facet, confirmed: tuple[str, ...], body: tuple[str, ...]) -> Reply:
    if said := _complaint(confirmed) or _complaint(body):
        return refused(said)
    subscription, _ = _read(imsi, body)
    return c.Done("") if not confirmed and subscription.holds(facet) else NOT_STORED


def _read(imsi: str, body: tuple[str, ...]) -> tuple[Subscription, bool]:
    subscription, keys = report.read(body)
    if subscription.imsi != imsi:
        raise Garbled("show tells of another IMSI than the one asked for")
    return subscription, keys


def _complaint(body: tuple[str, ...]) -> str:
    """What the element says in its own words, without the mark before it; empty when it says nothing."""
    return next((line.removeprefix("% ") for line in body if line.startswith("% ")), "")


def _about(imsi: str, words: str) -> str:
    return f"subscriber imsi {writing.imsi(imsi)} {words}"


def _line(command: Command) -> str:
    """Write a command without secrets. Raises NotSpoken."""
    match command:
        case c.Login():
            return ENABLE
        case c.KeepAlive():
            return KEEP_ALIVE
        case c.CreateSubscriber(imsi, None):
            return _about(imsi, "create")
        case c.CreateSubscriber():
            raise NotSpoken("OsmoHLR creates a subscriber without number; assign it afterwards")
        case c.RemoveSubscriber(imsi):
            return _about(imsi, "delete")
        case c.AssignMsisdn(imsi, msisdn) | c.ChangeMsisdn(imsi, msisdn):
            return _about(imsi, f"update msisdn {writing.number(msisdn)}")
        case c.ReleaseMsisdn(imsi):
            return _about(imsi, "update msisdn none")
        case c.Provide(imsi, NetworkAccess() as mode):
            return _about(imsi, f"update network-access-mode {MODES[mode]}")
        case c.Provide(_, facet):
            raise NotSpoken(f"OsmoHLR has no place for {type(facet).__name__}")
        case c.ReadSubscriber(imsi):
            return _about(imsi, "show")
        case c.ReadKeys(imsi):
            return f"show subscriber imsi {writing.imsi(imsi)}"
        case c.ListSubscribers(prefix):
            return f"show subscribers imsi {writing.prefix(prefix)}" if prefix else "show subscribers all"
        case c.PutKeys() | c.RemoveKeys() | c.ChangeImsi() | c.CancelLocation() | c.SendSms():
            raise NotSpoken(f"the VTY has no word for {type(command).__name__}")
        case c.BlockImei() | c.UnblockImei() | c.ReadImei():
            raise NotSpoken("an HLR knows no handsets")
        case c.RequestPort() | c.MovePort() | c.CancelPort() | c.ConfirmPort():
            raise NotSpoken("an HLR ports no numbers")
        case c.ReleasePort() | c.AnswerPort() | c.ReadPort() | c.ListPorts():
            raise NotSpoken("an HLR ports no numbers")
        case _:
            assert_never(command)
