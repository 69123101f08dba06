"""MML framing and grammar: ``VERB OBJECT:NAME=value,NAME="value";`` and answers that end with ``---    END``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from drivers.errors import Garbled, NotSpoken

MAX_COMMAND_BYTES = 8 * 1024  #: longest real command is under 1 KiB; a peer that sends more has lost its framing
MAX_ANSWER_BYTES = 256 * 1024  #: LST SUB with every section is about 4 KiB
HEAD = b"+++"
END = b"---    END"
SECRET_NAMES = ("PWD", "KIVALUE", "OPCVALUE")
MASK = "*****"

Params = dict[str, str]

_WORDS = re.compile(r"[A-Z]{3}( [A-Z0-9]+)?")
_SAFE_VALUE = re.compile(r"[A-Za-z0-9_.&+-]{0,128}")
_PARAMETER = re.compile(r'([A-Z][A-Z0-9_]*)=(?:"([^"]*)"|([^,;"]*))')
_REPORTS = re.compile(r"^There (?:is|are) together (\d{1,6}) reports?", re.MULTILINE)
_RETCODE = re.compile(r"^RETCODE = (\d+) *(.*)$", re.MULTILINE)
_ECHO = re.compile(r"^%%(.*)%%$", re.MULTILINE)
_ALARM = re.compile(r"\bALARM\b")


def flag(*, value: bool) -> str:
    """MML's words for yes and no."""
    return "TRUE" if value else "FALSE"


def truth(word: str) -> bool:
    """Read a yes or no. Raises ValueError."""
    if word not in ("TRUE", "FALSE"):
        raise ValueError("a switch must be TRUE or FALSE")
    return word == "TRUE"


@dataclass(frozen=True, slots=True)
class Sentence:
    """One command: its words and its parameters in order; quoted and bare values are told apart by ``quoted``."""

    words: str
    parameters: Mapping[str, str]
    quoted: frozenset[str] = frozenset()

    def text(self, *, masked: bool = False) -> str:
        """Write the sentence without its closing ``;``. Raises NotSpoken if a value could break out of its place."""
        return f"{self.words}:{','.join(self._written(n, masked=masked) for n in self.parameters)}".removesuffix(":")

    def _written(self, name: str, *, masked: bool) -> str:
        value = self.parameters[name]
        if not _SAFE_VALUE.fullmatch(value) or not value.isascii():
            raise NotSpoken(f"parameter {name} of {self.words} holds a character MML cannot carry, or too many")
        if masked and name in SECRET_NAMES:
            return f"{name}={MASK}"
        return f'{name}="{value}"' if name in self.quoted else f"{name}={value}"


def parse(text: str) -> Sentence:
    """Read one command without its ``;``. Raises ValueError with what is wrong, never the text (it may hold keys)."""
    words, _, rest = text.strip().partition(":")
    words = words.strip()
    if not _WORDS.fullmatch(words):
        raise ValueError("the command must begin with VERB OBJECT")
    parameters: dict[str, str] = {}
    quoted: set[str] = set()
    position = 0
    while position < len(rest):
        found = _PARAMETER.match(rest, position)
        if found is None or found.group(1) in parameters:
            raise ValueError(f"parameter {len(parameters) + 1} of {words} is not NAME=value, or repeats a name")
        name, in_quotes, bare = found.groups()
        parameters[name] = in_quotes if in_quotes is not None else bare.strip()
        if in_quotes is not None:
            quoted.add(name)
        position = found.end()
        if position < len(rest):
            if rest[position] != ",":
                raise ValueError(f"a comma must follow parameter {name} of {words}")
            position += 1
    return Sentence(words, parameters, frozenset(quoted))


def take_command(buffer: bytearray) -> str | None:
    """Cut the next complete command off the buffer; ``None`` when more bytes are needed. Raises Garbled."""
    end = buffer.find(b";")
    if end < 0:
        if len(buffer) > MAX_COMMAND_BYTES:
            raise Garbled(f"no ';' within {MAX_COMMAND_BYTES} bytes")
        return None
    try:
        text = buffer[:end].decode("ascii").strip()
    except UnicodeDecodeError:
        raise Garbled("a command is not ASCII") from None
    del buffer[: end + 1]
    return text


def take_report(buffer: bytearray) -> str | None:
    """Cut the next complete report off the buffer; ``None`` when more is needed. Raises Garbled."""
    del buffer[: len(buffer) - len(buffer.lstrip(b"\r\n"))]  # what ended the report before may arrive only now
    if not buffer.startswith(HEAD[: len(buffer)]):
        raise Garbled("a report does not begin with +++")
    end = buffer.find(END)
    if end < 0 or end > MAX_ANSWER_BYTES:
        if len(buffer) > MAX_ANSWER_BYTES:
            raise Garbled(f"no end of report within {MAX_ANSWER_BYTES} bytes")
        return None
    raw = bytes(buffer[:end])
    del buffer[: end + len(END)]
    try:
        return raw.decode("ascii").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise Garbled("a report is not ASCII") from None


@dataclass(frozen=True, slots=True)
class Report:
    """One report read: the echoed command (secrets masked), the number that counts, its text, and the body after.

    ``together``: of how many reports the whole answer consists, this one included.
    """

    echo: str
    code: int
    text: str
    body: str
    together: int = 1


def parse_report(text: str) -> Report | None:
    """Read a report without its end; ``None`` for an alarm, which the element sends whenever it likes.

    Raises Garbled when it has no return code or no echo: a client matches on numbers, not texts.
    """
    codes, echo, count = list(_RETCODE.finditer(text)), _ECHO.search(text), _REPORTS.search(text)
    if not codes and echo is None and _ALARM.search(text):
        return None
    if len(codes) != 1 or echo is None:
        raise Garbled("a report carries no single return code, or no echo of its command")
    (status,) = codes
    body = text[status.end() : len(text) if count is None else count.start()].strip("\n")
    together = 1 if count is None else int(count.group(1))
    return Report(echo.group(1), int(status.group(1)), status.group(2).strip(), body, together)
