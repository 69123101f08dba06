"""EF.ACC: which access control classes the subscriber belongs to; barred by class when a cell is overloaded."""

from __future__ import annotations

from sim_readers.coding.bits import SwitchesEf, numbers_on, switched_on
from sim_readers.coding.blank import exactly, is_blank
from sim_readers.ef import Vector
from sim_readers.errors import WrongValue
from sim_readers.path import GSM, USIM

_BYTES = 2
_EMERGENCY = 10  # TS 22.011 §4.3: a class of calls, not of subscribers


class Acc(SwitchesEf):
    """Bit n is class n: 0 to 9 for everybody, as the IMSI's last digit; 11 to 15 for the few."""

    name = "EF.ACC"
    clause = "TS 31.102 §4.2.15"
    paths = (USIM / 0x6F78, GSM / 0x6F78)
    vectors = (Vector((1,), "0002"), Vector((7,), "0080"), Vector((0, 15), "8001"), Vector((), "0000"))

    @classmethod
    def encode(cls, value: tuple[int, ...], size: int) -> bytes:
        """Write two bytes. Raises WrongValue."""
        if not all(0 <= number < 8 * _BYTES and number != _EMERGENCY for number in value):
            raise WrongValue(f"{cls.name}: access classes are 0 to 9 and 11 to 15")
        return exactly(switched_on(value, 0).to_bytes(_BYTES, "big"), size, cls.name)

    @classmethod
    def decode(cls, raw: bytes) -> tuple[int, ...] | None:
        """Read the classes. Raises WrongValue."""
        if is_blank(raw):
            return None
        found = numbers_on(int.from_bytes(exactly(raw, _BYTES, cls.name), "big"), 0)
        if _EMERGENCY in found:
            raise WrongValue(f"{cls.name}: {raw.hex().upper()} has class {_EMERGENCY} on, which no subscriber has")
        return found


FILE = Acc
