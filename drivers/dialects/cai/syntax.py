r"""CAI framing and grammar: ``VERB:OBJECT:NAME,value:NAME,value;`` asked, ``RESP:code:NAME,value;`` answered.

A value of letters and digits stands bare; any other is quoted, with ``\"`` and ``\\`` inside.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from drivers.errors import Garbled, NotSpoken

MAX_REQUEST_BYTES = 8 * 1024  #: the longest real request is under 1 KiB; a peer that sends more has lost its framing
MAX_ANSWER_BYTES = 64 * 1024  #: GET with every parameter is about 1 KiB
PROMPT = b"Enter command: "
SECRET_NAMES = ("KI", "OPC")
MASK = "*****"

_SAFE_VALUE = re.compile(r"[ -~]{0,128}")
_BARE = re.compile(r"[A-Za-z0-9]{1,128}")
_WORD = re.compile(r'(?:"((?:[^"\\]|\\["\\])*)"|([^":,;\\ ]*))([:,]|\Z)')
_ESCAPED = re.compile(r"\\(.)")
_CODE = re.compile(r"[0-9]{1,9}")
_TURNING_POINT = re.compile(rb'[\\";\r\n]')

Group = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sentence:
    """One request or answer: groups between colons, each of words between commas."""

    groups: tuple[Group, ...] = field(repr=False)

    def text(self, *, masked: bool = False) -> str:
        """Write it without its closing ``;``, for a log without secrets. Raises NotSpoken for an impossible value."""
        return ":".join(
            ",".join(MASK if masked and self._secret(place, n) else _written(word) for n, word in enumerate(group))
            for place, group in enumerate(self.groups)
        )

    def _secret(self, place: int, n: int) -> bool:
        """Tell whether the ``n``-th word of a group is a key, or the password that ``LOGIN`` has in third place."""
        if self.groups[0] == ("LOGIN",):
            return place > 1
        return n > 0 and self.groups[place][0] in SECRET_NAMES


def _written(word: str) -> str:
    if _BARE.fullmatch(word):
        return word
    if not _SAFE_VALUE.fullmatch(word):
        raise NotSpoken("a value holds a character CAI cannot carry, or too many")
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def parse(text: str) -> Sentence:
    """Read one sentence without its ``;``. Raises ValueError with what is wrong, never the text (it may hold keys)."""
    if not text.isprintable():
        raise ValueError("a control character stands in the sentence, or a quote is not closed")
    groups: list[list[str]] = [[]]
    position, sign = 0, ":"
    while sign:
        found = _WORD.match(text, position)
        if found is None:
            raise ValueError(f"word {len(groups[-1]) + 1} of group {len(groups)} is neither bare nor quoted")
        quoted, bare, sign = found.groups()
        groups[-1].append(bare if quoted is None else _ESCAPED.sub(r"\1", quoted))
        if sign == ":":
            groups.append([])
        position = found.end()
    return Sentence(tuple(tuple(group) for group in groups))


def take(buffer: bytearray, limit: int) -> str | None:
    """Cut the next sentence off the buffer; ``None`` when more bytes are needed. Raises Garbled beyond ``limit``.

    A line that ends inside quotes ends the sentence too, so that a forgotten quote does not swallow what follows.
    """
    end = _end(buffer)
    if end is None or end > limit:
        if len(buffer) > limit:
            raise Garbled(f"no ';' within {limit} bytes")
        return None
    try:
        text = buffer[:end].decode("ascii").strip(" \r\n")
    except UnicodeDecodeError:
        raise Garbled("a sentence is not ASCII") from None
    del buffer[: end + 1]
    return text


def _end(buffer: bytearray) -> int | None:
    """Find the ``;`` that closes the sentence, or the end of a line that falls within quotes."""
    quoted, position = False, 0
    while found := _TURNING_POINT.search(buffer, position):
        sign, position = found.group(), found.end()
        if sign == b'"':
            quoted = not quoted
        elif sign == b"\\":
            position += 1 if quoted else 0
        elif quoted == (sign != b";"):
            return found.start()
    return None


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer read: its code, and what it tells."""

    code: int
    groups: tuple[Group, ...]


def parse_answer(text: str) -> Answer:
    """Read one answer without its ``;``. Raises Garbled when it is none."""
    try:
        match parse(text).groups:
            case (("RESP",), (code,), *told) if _CODE.fullmatch(code):
                return Answer(int(code), tuple(told))
    except ValueError as problem:
        raise Garbled(f"an answer cannot be read: {problem}") from problem
    raise Garbled("an answer does not begin with RESP and a code")
