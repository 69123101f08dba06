"""Values written as SQL, for statements that are sent as text: total, and nothing is ever taken for SQL.

``standard_conforming_strings`` is on in every session of ours: in ``'...'`` only the quote itself is doubled.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

Quote = Callable[[object], str]

_INTEGER: Final = 2**31  #: integer
_BIGINT: Final = 2**63  #: bigint


def text(value: object) -> str:
    """Write text (or NULL). Raises ValueError for what no text column holds, TypeError for what is no text."""
    if value is None:
        return "NULL"
    if not isinstance(value, str):
        raise _wrong("text", value)
    if "\0" in value:
        raise ValueError("a text with the character NUL (U+0000) cannot be stored: leave it out")
    return "'" + value.replace("'", "''") + "'"


def integer(value: object) -> str:
    """Write a whole number of 32 bits."""
    return _whole(value, _INTEGER)


def bigint(value: object) -> str:
    """Write a whole number of 64 bits."""
    return _whole(value, _BIGINT)


def double(value: object) -> str:
    """Write a floating-point number, exactly."""
    if value is None:
        return "NULL"
    if not isinstance(value, int | float):
        raise _wrong("a number", value)
    number = float(value)
    if math.isnan(number):
        return "'NaN'"
    return f"'{number!r}'" if math.isfinite(number) else "'Infinity'" if number > 0 else "'-Infinity'"


def boolean(value: object) -> str:
    """Write a truth value."""
    if value is None:
        return "NULL"
    if not isinstance(value, bool):
        raise _wrong("True or False", value)
    return "TRUE" if value else "FALSE"


def octets(value: object) -> str:
    """Write a byte string."""
    if value is None:
        return "NULL"
    if not isinstance(value, bytes | bytearray | memoryview):
        raise _wrong("bytes", value)
    return f"'\\x{bytes(value).hex()}'"


def whatever(value: object) -> str:
    """Write a value whose type only the database knows, from the place it is used in."""
    match value:
        case bool():
            return boolean(value)
        case int():
            return bigint(value)
        case float():
            return double(value)
        case bytes():
            return octets(value)
        case _:
            return text(value)


def _whole(value: object, beyond: int) -> str:
    if value is None:
        return "NULL"
    if not isinstance(value, int):
        raise _wrong("a whole number", value)
    if not -beyond <= value < beyond:
        raise ValueError(f"a number of {value.bit_length()} bits does not fit its column")
    return f"'{int(value)}'"


def _wrong(wanted: str, value: object) -> TypeError:
    """Name the type only: the value may be a subscriber's."""
    return TypeError(f"the column holds {wanted}, but was given {type(value).__name__}")
