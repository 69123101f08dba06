"""What a VTY sends: telnet negotiation (RFC 854) before its first prompt, then echo, answer, prompt; and again."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from drivers.errors import Garbled

MAX_ANSWER_BYTES = 64 * 1024  #: a subscriber is about 600 bytes
MAX_LIST_BYTES = 64 * 1024 * 1024  #: 100 000 subscribers are 6.5 MB
NEWLINE = "\r\n"
GREETING = bytes.fromhex("fffb01 fffb03 fffe22 fffd1f")  #: WILL echo, WILL suppress go ahead, DONT linemode, DO NAWS
ASKS_WHO = "Password: "

_IAC = 0xFF
_OPTION_VERBS = (0xFB, 0xFC, 0xFD, 0xFE)  # WILL, WONT, DO, DONT: one octet of option follows
_WITHOUT_OPTION, _WITH_OPTION = 2, 3  # octets of a telnet command: IAC, its verb, an option (RFC 854)
_PLAIN_VERBS = tuple(range(0xF0, 0xFA))


@dataclass(frozen=True, slots=True)
class Chunk:
    """What stood before one prompt: the first line is the echo; ``prompt`` is ``>``, ``#`` or that for a password."""

    lines: tuple[str, ...] = field(repr=False)
    prompt: str
    first: bool = False

    @property
    def echo(self) -> str:
        """The line answered."""
        return self.lines[0]

    @property
    def body(self) -> tuple[str, ...]:
        """The answer to it."""
        return self.lines[1:]


class Hearing:
    """Cuts the element's bytes into chunks."""

    def __init__(self, prompt: str) -> None:
        name = re.escape(prompt.encode("ascii"))
        self._prompt = re.compile(rb"(?:\A|\r\n)" + name + rb"([>#]) ")
        self._or_password = re.compile(rb"(?:\A|\r\n)(?:" + name + rb"([>#])|Password:) ")
        self._longest = len(prompt) + len(ASKS_WHO)
        self._telnet = bytearray()
        self._text = bytearray()
        self._searched = 0
        self._opening = False

    def add(self, data: bytes) -> None:
        """Take received bytes. Raises Garbled."""
        self._telnet += data
        while (start := self._telnet.find(_IAC)) >= 0:
            self._text += self._telnet[:start]
            del self._telnet[:start]
            if len(self._telnet) < _WITHOUT_OPTION:
                return
            verb = self._telnet[1]
            if verb not in _OPTION_VERBS and verb not in _PLAIN_VERBS:
                raise Garbled("the element speaks more telnet than a VTY does")
            length = _WITH_OPTION if verb in _OPTION_VERBS else _WITHOUT_OPTION
            if len(self._telnet) < length:
                return
            del self._telnet[:length]
            self._opening = True
        self._text += self._telnet
        self._telnet.clear()

    def take(self, longest: int, *, password: bool) -> Chunk | None:
        """Return the next chunk; ``password``: one may be asked for. Raises Garbled when it is longer than allowed."""
        pattern = self._or_password if password or self._opening else self._prompt
        found = pattern.search(self._text, self._searched)
        if found is None:
            if len(self._text) > longest:
                raise Garbled(f"no prompt within {longest} bytes")
            self._searched = max(0, len(self._text) - self._longest)
            return None
        said, mark = bytes(self._text[: found.start()]), found[1]
        del self._text[: found.end()]
        self._searched = 0
        if not said.isascii():
            raise Garbled("an answer is not ASCII")
        first, self._opening = self._opening, False
        return Chunk(tuple(said.decode("ascii").split(NEWLINE)), mark.decode("ascii") if mark else ASKS_WHO, first)
