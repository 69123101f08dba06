"""NPC framing: one JSON object (RFC 8259) in UTF-8 on each line, at most 64 KiB with its line feed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TypeVar

from drivers.errors import Garbled, NotSpoken

MAX_LINE_BYTES = 64 * 1024
MAX_NUMBER = 2**53 - 1  #: RFC 8259 §6: integers every reader holds exactly
_BEGIN, _END = b"{", b"\n"

T = TypeVar("T")


def line(told: Mapping[str, object]) -> bytes:
    """Write one object. Raises NotSpoken when UTF-8 cannot carry it or it is too long."""
    try:
        written = text(told).encode() + _END
    except UnicodeEncodeError:
        raise NotSpoken("a text holds half a character, which UTF-8 cannot carry") from None
    if len(written) > MAX_LINE_BYTES:
        raise NotSpoken(f"a line would be longer than {MAX_LINE_BYTES} bytes")
    return written


def text(told: Mapping[str, object]) -> str:
    """Write one object without its line feed."""
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def take(buffer: bytearray, read: Callable[[Mapping[str, object]], T]) -> T | None:
    """Cut the next complete line off the buffer and read it; ``None`` when more bytes are needed.

    Raises Garbled, and leaves the line where it is: it is met again.
    """
    if buffer and not buffer.startswith(_BEGIN):
        raise Garbled("a line does not begin as an object does")  # at once: its end may never come
    end = buffer.find(_END)
    if end >= MAX_LINE_BYTES or (end < 0 and len(buffer) >= MAX_LINE_BYTES):
        raise Garbled(f"a line is longer than {MAX_LINE_BYTES} bytes")
    if end < 0:
        return None
    found = read(_object(bytes(buffer[:end])))
    del buffer[: end + len(_END)]
    return found


def number(told: Mapping[str, object]) -> int:
    """Return the number of a request or an answer. Raises Garbled."""
    n = told.get("n")
    if not isinstance(n, int) or isinstance(n, bool) or not 1 <= n <= MAX_NUMBER:
        raise Garbled("a line carries no number")
    return n


def _object(raw: bytes) -> Mapping[str, object]:
    """Read what begins as an object does. Raises Garbled."""
    try:
        told: dict[str, object] = json.loads(raw.decode(), object_pairs_hook=_pairs, parse_constant=_constant)
    except (ValueError, RecursionError):  # ValueError is also what is no UTF-8, and a number of 5000 digits
        raise Garbled("a line is no JSON object with each name once") from None
    return told


def _pairs(pairs: list[tuple[str, object]]) -> dict[str, object]:
    told = dict(pairs)
    if len(told) != len(pairs):
        raise ValueError("a name comes twice")
    return told


def _constant(name: str) -> object:
    raise ValueError(f"{name} is no JSON")
