"""EF.UST: which services the USIM offers; a phone uses no file whose service is off."""

from __future__ import annotations

from sim_readers.coding.bits import SwitchesEf, numbers_on, switched_on
from sim_readers.coding.blank import is_blank
from sim_readers.ef import Vector
from sim_readers.errors import WrongValue
from sim_readers.path import USIM


class Ust(SwitchesEf):
    """Service 1 is the lowest bit of byte 1, service 9 the lowest of byte 2."""

    name = "EF.UST"
    clause = "TS 31.102 §4.2.8"
    paths = (USIM / 0x6F38,)
    vectors = (Vector((1, 2, 8, 9, 27), "83010004"), Vector((), "0000"), Vector((85,), "0000000000000000000010"))

    @classmethod
    def encode(cls, value: tuple[int, ...], size: int) -> bytes:
        """Write the services that are on, all others off. Raises WrongValue."""
        if not all(1 <= number <= 8 * size for number in value):
            raise WrongValue(f"{cls.name}: this card's table has room for the services 1 to {8 * size}")
        return switched_on(value, 1).to_bytes(size, "little")

    @classmethod
    def decode(cls, raw: bytes) -> tuple[int, ...] | None:
        """Read the services that are on."""
        return None if is_blank(raw) else numbers_on(int.from_bytes(raw, "little"), 1)


FILE = Ust
