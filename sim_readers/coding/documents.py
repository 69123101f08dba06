"""Reading JSON that people wrote: each function takes what was found and says what was expected.

All raise WrongValue.
"""

from __future__ import annotations

from typing import cast

from sim_readers.errors import WrongValue


def text(document: object, expected: str) -> str:
    """A text."""
    if not isinstance(document, str):
        raise WrongValue(f"expected {expected}")
    return document


def hexadecimal(document: object, expected: str) -> str:
    """A text of whole bytes in hexadecimal digits, returned in capitals."""
    try:
        return bytes.fromhex(text(document, expected)).hex().upper()
    except ValueError:
        raise WrongValue(f"expected {expected}, in hexadecimal digits") from None


def number(document: object, expected: str, most: int = 0xFF) -> int:
    """A whole number from 0 to ``most``."""
    if not isinstance(document, int) or isinstance(document, bool) or not 0 <= document <= most:
        raise WrongValue(f"expected {expected}, a number from 0 to {most}")
    return document


def flag(document: object, expected: str) -> bool:
    """True or false."""
    if not isinstance(document, bool):
        raise WrongValue(f"expected {expected}, true or false")
    return document


def items(document: object, expected: str) -> list[object]:
    """A list."""
    if not isinstance(document, list):
        raise WrongValue(f"expected {expected}, as a list")
    return cast("list[object]", document)


def fields(document: object, expected: str, required: set[str], optional: set[str] | None = None) -> dict[str, object]:
    """An object with these members and no other."""
    if not isinstance(document, dict):
        raise WrongValue(f"expected {expected}, as an object with {', '.join(sorted(required))}")
    found = cast("dict[str, object]", document)
    missing, strange = required - set(found), set(found) - required - (optional or set())
    if missing:
        raise WrongValue(f"expected {expected}: {', '.join(sorted(missing))} is missing")
    if strange:
        raise WrongValue(f"expected {expected}: there is no {', '.join(sorted(map(str, strange)))}")
    return found
