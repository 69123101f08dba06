"""What the codes of an answer mean, for both ends.

Proven in public code: 0, 13, 14, 13001, 93001. The others are this project's own choice, because no public source tells
the element's; where an operator's element answers another number, its ``readings`` say how it is to be read.
"""

from __future__ import annotations

import re

from drivers.commands import Why

DONE = 0
ALREADY_SO = 302  #: ours
_NUMBER = re.compile(r"[0-9]{1,9}")

REFUSALS: dict[int, tuple[Why, str]] = {
    13: (Why.NOT_FOUND, "IMSI unknown"),
    14: (Why.NOT_FOUND, "MSISDN unknown"),
    13001: (Why.NOT_FOUND, "service not defined"),
    93001: (Why.NOT_FOUND, "HSSSUB not defined"),
    301: (Why.EXISTS, "already defined"),
    303: (Why.CONFLICT, "number used by another subscriber"),
    1001: (Why.SESSION, "not logged in"),
    1002: (Why.FORBIDDEN, "not allowed"),
    1003: (Why.INVALID, "request not understood"),
    1004: (Why.BUSY, "too many requests"),
    1999: (Why.OTHER, "internal error"),
}
FIRST: dict[Why, int] = {why: code for code, (why, _) in reversed(REFUSALS.items())}


def meaning(code: int) -> tuple[Why, str]:
    """Say what a refusal means in neutral words, and in a few plain ones."""
    return REFUSALS.get(code, (Why.OTHER, ""))


def number(why: Why, code: str) -> int:
    """Number a refusal: as its author says, where that is a number and no success, else the first of its kind."""
    if _NUMBER.fullmatch(code) and int(code) not in (DONE, ALREADY_SO):
        return int(code)
    return FIRST[why]
