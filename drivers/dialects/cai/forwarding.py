"""CAI words for conditional forwarding: ``CFB``, ``CFNRY`` and ``CFNRC``, each ``0`` or ``1,1,<number>``.

The names and ``1,1,<number>`` (provided, active, to whom) are in public code; that ``0`` takes a forwarding away is
this project's choice. One that is provided and not active diverts nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from drivers.dialects.cai.syntax import Group
from drivers.errors import NotSpoken
from drivers.subscription import Diversion

#: on busy, on no reply, when not reachable (TS 22.082)
FORWARDING = ("CFB", "CFNRY", "CFNRC")
NONE: Group = ("0",)

_NUMBER = re.compile(r"[0-9]{1,15}")


def values(diversion: Diversion) -> dict[str, Group]:
    """Put a diversion into the values of each forwarding. Raises NotSpoken for a number that is none."""
    if diversion.to is None:
        return dict.fromkeys(FORWARDING, NONE)
    if not _NUMBER.fullmatch(diversion.to):
        raise NotSpoken("calls are diverted to 1 to 15 digits")
    return dict.fromkeys(FORWARDING, ("1", "1", diversion.to))


def nearest(told: Mapping[str, Group]) -> tuple[Diversion, bool]:
    """Read the diversion nearest to what is told, and whether it is exact: all three go to one number, or nowhere.

    Raises ValueError naming a forwarding that makes no sense.
    """
    numbers = [_number(name, told[name]) for name in FORWARDING]
    found = next((number for number in numbers if number is not None), None)
    return Diversion(found), len(set(numbers)) == 1


def exactly(told: Mapping[str, Group]) -> Diversion:
    """Read the diversion that is set in just these words. Raises KeyError or ValueError."""
    diversion, exact = nearest(told)
    if not exact or any(told[name] != wanted for name, wanted in values(diversion).items()):
        raise ValueError("CFB, CFNRY and CFNRC are 0, or 1,1 and one number for all of them")
    return diversion


def _number(name: str, given: Group) -> str | None:
    match given:
        case (_, "1", number, *_):
            if not _NUMBER.fullmatch(number):
                raise ValueError(name)
            return number
        case _:
            return None
