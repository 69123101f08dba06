"""The element's end of a VTY conversation: texts to the letter of OsmoHLR 1.5.0, keys replaced by zeros."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from drivers import commands as c
from drivers.commands import Command, Credentials, Reply, Why
from drivers.dialect import Asked
from drivers.dialects._osmo.turns import Turn, Turns
from drivers.dialects._osmo.writing import read_number
from drivers.dialects.osmo_vty import report, texts
from drivers.dialects.osmo_vty.client import ENABLE
from drivers.dialects.osmo_vty.options import Manner
from drivers.dialects.osmo_vty.syntax import ASKS_WHO, GREETING, NEWLINE
from drivers.dialects.osmo_vty.words import read_line
from drivers.errors import Garbled
from drivers.subscription import Imsi, Subscription

MAX_LINE_BYTES = 2048

_END = re.compile(rb"[\r\n]")  # either ends a line, so that CR LF ends two: the real one prompts twice as well
_LOOK = re.compile(r"subscriber msisdn ([0-9]{1,15}) show")
_SOMEBODY = Imsi("000000000000000")  # stands for whoever has a number; this end does not know


@dataclass(frozen=True, slots=True)
class _Heard:
    """One line as it came, and the prompt that follows its answer."""

    line: str = field(repr=False)
    prompt: str
    turn: Turn
    command: Command | None = None
    keys: Credentials | None = field(default=None, repr=False)
    complaint: str = ""
    before: _Heard | None = None  # the look who has a number, or network access before the look what became of it

    def answer(self, lines: list[str]) -> None:
        """Say it after the echo, before the prompt."""
        self.turn.data = NEWLINE.join([self.line, *lines, self.prompt]).encode("ascii", "replace")


class VtyServer:
    """Greets, asks for the password where it has one, numbers lines that are commands, echoes all but the password.

    Network access is carried out when the next line has come: that is our client's look, whose answer hangs on it.
    """

    def __init__(self, manner: Manner) -> None:
        self._manner = manner
        self._buffer = bytearray()
        self._turns = Turns()
        self._open: dict[int, _Heard] = {}
        self._look: _Heard | None = None  # heard last, and answered with the line that follows
        self._mode: _Heard | None = None  # the same, but waiting for its look
        self._number = 0
        self._enabled = False
        self._closed = manner.login  # until a password was taken
        self._turns.keep(self._greeting())

    def feed(self, data: bytes) -> list[Asked]:
        """Take bytes, return the commands they complete; one that makes no sense carries the element's complaint."""
        self._buffer += data
        asked: list[Asked] = []
        while (end := _END.search(self._buffer)) is not None:
            line = bytes(self._buffer[: end.start()])
            del self._buffer[: end.end()]
            self._hear(line, asked)
        if len(self._buffer) > MAX_LINE_BYTES and not asked:
            raise Garbled(f"no end of line within {MAX_LINE_BYTES} bytes")
        return asked

    def answer(self, number: int, reply: Reply) -> bytes:
        """Write the reply to one command: its echo, what there is to say, the prompt."""
        heard = self._open.pop(number)
        if isinstance(heard.command, c.Login):
            self._let_in(heard, reply)
        else:
            self._say(heard, reply)
        return self._turns.take()

    def to_send(self) -> bytes:
        """Greet; answer what was said without asking anything of the register."""
        self._look_alone()
        return self._turns.take()

    def _greeting(self) -> bytes:
        ask = [NEWLINE + "User Access Verification", "", ""] if self._manner.login else [""]
        prompt = ASKS_WHO if self._manner.login else self._prompt()
        return NEWLINE.join([*texts.BANNER, *ask]).encode("ascii") + GREETING + prompt.encode("ascii")

    def _prompt(self) -> str:
        return f"{self._manner.prompt}{'#' if self._enabled else '>'} "

    def _hear(self, data: bytes, asked: list[Asked]) -> None:
        line = data.decode("ascii", "replace")
        if self._mode is not None:
            mode, self._mode = self._mode, None
            if isinstance(mode.command, c.Provide) and line == f"subscriber imsi {mode.command.imsi} show":
                self._ask(_Heard(line, self._prompt(), self._turns.keep(), mode.command, before=mode), asked)
                return
            self._ask(mode, asked)
        if self._closed and line and " " not in line:  # a password has no space, a command has
            self._ask(_Heard("", self._prompt(), self._turns.keep(), c.Login("", line)), asked)
        elif line == ENABLE and not self._enabled:
            self._enabled = True
            heard = _Heard(line, self._prompt(), self._turns.keep(), c.Login("", ""))
            if self._manner.login:  # who writes has logged in before
                heard.answer([])
            else:
                self._ask(heard, asked)
        elif not line or line[0] in "!#":  # nothing, or a remark
            self._look_alone()
            _Heard(line, self._prompt(), self._turns.keep()).answer([])
        elif _LOOK.fullmatch(line):
            self._look_alone()
            self._look = _Heard(line, self._prompt(), self._turns.keep())
        else:
            self._command(line, asked)

    def _command(self, line: str, asked: list[Asked]) -> None:
        look, self._look = self._look, None
        command, keys, complaint = read_line(line)
        if look is not None and look.line != f"subscriber msisdn {texts.number(command)} show":
            _answer_look(look, taken=False)
            look = None
        heard = _Heard(line, self._prompt(), self._turns.keep(), command, keys, complaint, look)
        if isinstance(command, c.Provide):
            self._mode = heard
        else:
            self._ask(heard, asked)

    def _ask(self, heard: _Heard, asked: list[Asked]) -> None:
        self._number += 1
        self._open[self._number] = heard
        asked.append(Asked(self._number, heard.command, heard.keys, heard.complaint))

    def _say(self, heard: _Heard, reply: Reply) -> None:
        said = texts.written(heard.command, reply, heard.complaint, in_2g=_in_2g(heard.keys))
        if heard.before is not None and isinstance(heard.command, c.Provide):
            heard.before.answer(said)
            said = texts.written_look(heard.command, reply)
        elif heard.before is not None:
            _answer_look(heard.before, taken=isinstance(reply, c.Refused) and reply.why is Why.CONFLICT)
        heard.answer(said)

    def _let_in(self, heard: _Heard, reply: Reply) -> None:
        if isinstance(reply, c.Refused):
            said = [] if reply.why is Why.FORBIDDEN else texts.written(None, reply, "", in_2g=False)
            self._closed = self._manner.login
            self._enabled = False
            again = ASKS_WHO if self._manner.login else self._prompt()
            heard.turn.data = NEWLINE.join([heard.line, *said, again]).encode("ascii", "replace")
        else:
            self._closed = False
            heard.answer([])

    def _look_alone(self) -> None:
        if self._look is not None:
            _answer_look(self._look, taken=False)
            self._look = None


def _answer_look(look: _Heard, *, taken: bool) -> None:
    msisdn = look.line.split(" ")[2]
    owner = report.write(Subscription(_SOMEBODY, read_number(msisdn)), keys=False)
    look.answer(owner if taken else [f"% No subscriber for msisdn = '{msisdn}'"])


def _in_2g(keys: Credentials | None) -> bool:
    return keys is not None and keys.opc is None
