"""The clearing house's codes, and what they mean in neutral words."""

from __future__ import annotations

from drivers.commands import Why

DONE = "DONE"
ALREADY_SO = "ALREADY_SO"

#: why a donor may say no, in the words of the trade; also the ``reason`` of a refused file
DONORS = {
    "RIO_WRONG": Why.INVALID,  # not well formed, or not that of the number
    "INCAPACITY": Why.FORBIDDEN,  # whoever asks may not ask for this line
    "INCOMPLETE": Why.INVALID,  # something is missing or misstated
    "NUMBER_INACTIVE": Why.NOT_FOUND,  # nobody has the number
    "ALREADY_PORTING": Why.EXISTS,  # another open file has the number
}
#: why the clearing house itself may
HOUSES = {
    "TOO_LATE": Why.FORBIDDEN,  # the day is past, or the number has been let go
    "UNKNOWN_REFERENCE": Why.NOT_FOUND,
    "WRONG_STATE": Why.CONFLICT,  # the file is not where this could follow
    "REFERENCE_TAKEN": Why.CONFLICT,  # the same reference, but other content
    "NOT_ALLOWED": Why.FORBIDDEN,  # it is the other party's to say
    "LOGIN_WRONG": Why.FORBIDDEN,
    "NOT_LOGGED_IN": Why.SESSION,
    "NOT_UNDERSTOOD": Why.INVALID,
    "BUSY": Why.BUSY,
    "INTERNAL": Why.OTHER,
}
WHY = DONORS | HOUSES
#: how a refusal without a code of its own is written
CODE = {
    Why.NOT_FOUND: "UNKNOWN_REFERENCE",
    Why.EXISTS: "ALREADY_PORTING",
    Why.CONFLICT: "WRONG_STATE",
    Why.FORBIDDEN: "NOT_ALLOWED",
    Why.BUSY: "BUSY",
    Why.SESSION: "NOT_LOGGED_IN",
    Why.INVALID: "NOT_UNDERSTOOD",
    Why.OTHER: "INTERNAL",
}
