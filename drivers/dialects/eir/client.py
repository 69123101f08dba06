"""The gateway's end of an EIR conversation: answers come in the order of the commands, each echoing its own."""

from __future__ import annotations

from collections import deque

from drivers import commands as c
from drivers.commands import Command, Credentials, Reply, Why
from drivers.dialect import Frame
from drivers.dialects.eir import words
from drivers.dialects.mml_h.client import ALREADY_SO, WHY
from drivers.dialects.mml_h.syntax import Report, parse_report, take_report
from drivers.errors import Garbled


class EirClient:
    """Encodes commands and pairs each answer with the oldest command still waiting."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[int, Command, str]] = deque()
        self._buffer = bytearray()

    def encode(self, number: int, command: Command, keys: Credentials | None = None) -> Frame:
        """Write the command. Raises NotSpoken."""
        del keys  # no command that is spoken here has any
        sentence = words.sentence(command)
        masked = sentence.text(masked=True)
        frame = Frame(f"{sentence.text()};\r\n".encode("ascii"), masked + ";")
        self._waiting.append((number, command, masked))
        return frame

    def feed(self, data: bytes) -> list[tuple[int, Reply]]:
        """Take bytes, return the answers they complete. Raises Garbled when an answer is not that of its command."""
        self._buffer += data
        replies: list[tuple[int, Reply]] = []
        while (text := take_report(self._buffer)) is not None:
            if (heard := parse_report(text)) is not None:
                number, command = self._awaited(heard)
                replies.append((number, _reply(command, heard)))
        return replies

    def to_send(self) -> bytes:
        """MML has nothing of its own to say."""
        return b""

    def _awaited(self, heard: Report) -> tuple[int, Command]:
        if not self._waiting:
            raise Garbled("an answer came that nothing was asked for")
        number, command, echo = self._waiting.popleft()
        if heard.echo != echo:
            raise Garbled("an answer echoes another command than the oldest one waiting")
        if heard.together != 1:
            raise Garbled("an answer comes in several reports, but tells of one handset")
        return number, command


def _reply(command: Command, answer: Report) -> Reply:
    code = str(answer.code)
    if answer.code == ALREADY_SO:
        return c.AlreadySo(code, answer.text)
    if answer.code:
        return c.Refused(WHY.get(answer.code, Why.OTHER), code, answer.text)
    match command:
        case c.ReadImei(imei):
            return words.read(answer.body, imei)
        case _:
            return c.Done(code, answer.text)
