"""The register's end of an EIR conversation: reads commands, prints reports."""

from __future__ import annotations

from functools import partial

from drivers import commands as c
from drivers.commands import Command, Credentials, Reply, Why
from drivers.dialect import Asked, asked, taken
from drivers.dialects.eir import words
from drivers.dialects.mml_h.client import ALREADY_SO, WHY
from drivers.dialects.mml_h.syntax import Sentence, parse, take_command

_CODE = {why: code for code, why in reversed(WHY.items())} | {Why.OTHER: 3999}
_TEXT = {
    Why.NOT_FOUND: "ERR3001:Equipment not defined",
    Why.EXISTS: "ERR3010:Equipment already defined",
    Why.CONFLICT: "ERR3014:Conflict with another entry",
    Why.FORBIDDEN: "ERR1006:No rights to execute this command",
    Why.BUSY: "ERR1033:Threshold exceeded",
    Why.SESSION: "ERR5004:Session invalid or timed out",
    Why.INVALID: "ERR1001:Command not understood",
    Why.OTHER: "ERR3999:Internal error",
}
_SUCCESS = "SUCCESS0001:Operation is successful"
_NOT_READ = Sentence("???", {})


class EirServer:
    """Numbers requests in order of arrival; every answer carries the echo of its command, secrets masked."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._heard: dict[int, Sentence] = {}
        self._number = 0
        self._reports = 0

    def feed(self, data: bytes) -> list[Asked]:
        """Take bytes, return the commands they complete; one that makes no sense carries its complaint."""
        self._buffer += data
        heard: list[Asked] = []
        for text in taken(lambda: take_command(self._buffer)):
            self._number += 1
            heard.append(asked(self._number, partial(self._read, self._number, text)))
        return heard

    def answer(self, number: int, reply: Reply) -> bytes:
        """Print the report for one request."""
        sentence = self._heard.pop(number)
        told = f"{words.write(sentence.parameters['IMEI'], reply)}\n" if isinstance(reply, c.ImeiHeld) else ""
        self._reports += 1
        text = (
            f"+++    EIR            2026-01-01 00:00:00\nSMU    #{self._reports:06d}\n"
            f"%%{sentence.text(masked=True)}%%\nRETCODE = {_status(reply)}\n\n"
            f"{told}There is together 1 report\n\n---    END\n"
        )
        return text.replace("\n", "\r\n").encode("ascii")

    def to_send(self) -> bytes:
        """MML has nothing of its own to say."""
        return b""

    def _read(self, number: int, text: str) -> tuple[Command, Credentials | None]:
        self._heard[number] = _NOT_READ
        sentence = parse(text)
        sentence.text()  # what could not be echoed is not understood
        self._heard[number] = sentence
        return words.command(sentence), None


def _status(reply: Reply) -> str:
    match reply:
        case c.Refused(why, code, text):
            return f"{code if code.isascii() and code.isdigit() else _CODE[why]} {text or _TEXT[why]}"
        case c.AlreadySo():
            return f"{ALREADY_SO} ERR3810:Already so"
        case _:
            return f"0 {_SUCCESS}"
