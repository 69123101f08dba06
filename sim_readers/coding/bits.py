"""Files that are a row of switches, each with a number: services of a USIM, access control classes."""

from __future__ import annotations

from sim_readers.coding import documents
from sim_readers.ef import Ef


class SwitchesEf(Ef[tuple[int, ...]]):
    """The value holds the numbers that are on, rising; JSON has them as a list."""

    @classmethod
    def to_json(cls, value: tuple[int, ...]) -> list[int]:
        """Write the numbers that are on."""
        return list(value)

    @classmethod
    def from_json(cls, document: object) -> tuple[int, ...]:
        """Read the numbers that are on, in any order. Raises WrongValue."""
        expected = f"{cls.name} as a list of the numbers that are on"
        return tuple(sorted({documents.number(item, expected) for item in documents.items(document, expected)}))


def switched_on(numbers: tuple[int, ...], first: int) -> int:
    """The switches as one whole number, whose lowest bit is switch ``first``."""
    return sum(1 << (number - first) for number in set(numbers))


def numbers_on(switches: int, first: int) -> tuple[int, ...]:
    """The numbers of the switches that are on."""
    return tuple(bit + first for bit in range(switches.bit_length()) if switches >> bit & 1)
