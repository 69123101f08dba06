"""The element's end of an MML-H conversation: reads commands, prints reports."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from drivers import commands as c
from drivers.commands import Command, Credentials, Reply, Why
from drivers.dialect import Asked, asked, taken
from drivers.dialects.mml_h import report
from drivers.dialects.mml_h.client import ALREADY_SO, WHY
from drivers.dialects.mml_h.syntax import Sentence, parse, take_command
from drivers.dialects.mml_h.words import Vocabulary
from drivers.subscription import Iccid, Imsi, Msisdn

_CODE = {why: code for code, why in reversed(WHY.items())} | {Why.OTHER: 3999}
_TEXT = {
    Why.NOT_FOUND: "ERR3001:Subscriber not defined",
    Why.EXISTS: "ERR3010:Subscriber already defined",
    Why.CONFLICT: "ERR3014:Number used by another subscriber",
    Why.FORBIDDEN: "ERR1006:No rights to execute this command",
    Why.BUSY: "ERR1033:Threshold exceeded",
    Why.SESSION: "ERR5004:Session invalid or timed out",
    Why.INVALID: "ERR1001:Command not understood",
    Why.OTHER: "ERR3999:Internal error",
}
_SUCCESS = "SUCCESS0001:Operation is successful"
_NO_ICCID = Iccid("")  # an HLR knows no ICCID


class MmlServer:
    """Numbers requests in order of arrival; every answer carries the echo of its command, secrets masked."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._buffer = bytearray()
        self._echoes: dict[int, str] = {}
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
        match reply:
            case c.Refused(why, code, text):
                status = f"{code if code.isascii() and code.isdigit() else _CODE[why]} {text or _TEXT[why]}"
            case c.AlreadySo():
                status = f"{ALREADY_SO} ERR3810:Already so"
            case _:
                status = f"0 {_SUCCESS}"
        lines = report.write(reply.subscription, self._vocabulary) if isinstance(reply, c.Held) else []
        size, echo = self._vocabulary.report_lines, self._echoes.pop(number)
        bodies = [lines[start : start + size] for start in range(0, len(lines), size)] or [[]]
        text = "\n".join(self._report(echo, status, body, len(bodies)) for body in bodies)
        return text.replace("\n", "\r\n").encode("ascii")

    def _report(self, echo: str, status: str, body: Sequence[str], together: int) -> str:
        """Print one report of ``together``; ``SMU`` numbers them all through."""
        self._reports += 1
        told = "".join(f"{line}\n" for line in body) + ("\n" if body else "")
        return (
            f"+++    HLR9820        2026-01-01 00:00:00\nSMU    #{self._reports:06d}\n%%{echo}%%\n"
            f"RETCODE = {status}\n\n{told}There is together {together} report{'s' if together > 1 else ''}\n\n"
            "---    END\n"
        )

    def to_send(self) -> bytes:
        """MML has nothing of its own to say."""
        return b""

    def _read(self, number: int, text: str) -> tuple[Command, Credentials | None]:
        self._echoes[number] = "?"
        sentence = parse(text)
        self._echoes[number] = sentence.text(masked=True)
        return self._command(sentence)

    def _command(self, sentence: Sentence) -> tuple[Command, Credentials | None]:
        words, given = sentence.words, sentence.parameters
        if words == "LGI":
            return c.Login(given["OPNAME"], given["PWD"]), None
        if words == "SHK HAND":
            return c.KeepAlive(), None
        imsi = Imsi(given["IMSI"])
        match words:
            case "ADD KI":
                return c.PutKeys(imsi, _NO_ICCID), Credentials(given["KIVALUE"], given.get("OPCVALUE"))
            case "RMV KI":
                return c.RemoveKeys(imsi, _NO_ICCID), None
            case "LST KI":
                return c.ReadKeys(imsi), None
            case "ADD SUB" | "ADD TPLSUB":
                return c.CreateSubscriber(imsi, Msisdn("+" + given["ISDN"])), None
            case "RMV SUB":
                return c.RemoveSubscriber(imsi), None
            case "MOD IMSI":
                return c.ChangeImsi(imsi, Imsi(given["NEWIMSI"])), None
            case "MOD ISDN":
                return c.ChangeMsisdn(imsi, Msisdn("+" + given["NEWISDN"])), None
            case "SND CANCELC":
                return c.CancelLocation(imsi), None
            case "LST SUB":
                return c.ReadSubscriber(imsi), None
            case _:
                return c.Provide(imsi, self._vocabulary.facet(words, given)), None
