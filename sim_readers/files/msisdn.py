"""EF.MSISDN: the subscriber's own telephone number, for the phone to show; the network does not look at it."""

from __future__ import annotations

from sim_readers.coding.bcd import decode_number, encode_number
from sim_readers.coding.blank import is_blank
from sim_readers.coding.texts import TextEf
from sim_readers.ef import Structure, Vector
from sim_readers.errors import WrongValue
from sim_readers.path import TELECOM, USIM

_TAIL = 14  # length, type and plan, ten bytes of digits, capability, extension
_NUMBER = 11


class Msisdn(TextEf):
    """X bytes of name, which are left blank, then the number: ``+33612345678``."""

    name = "EF.MSISDN"
    clause = "TS 31.102 §4.2.26"
    paths = (USIM / 0x6F40, TELECOM / 0x6F40)
    structure = Structure.LINEAR_FIXED
    vectors = (
        Vector("+33612345678", "FF" * 14 + "07913316325476F8FFFFFFFFFFFF"),
        Vector("0612345678", "06816021436587FFFFFFFFFFFFFF"),
    )

    @classmethod
    def encode(cls, value: str, size: int) -> bytes:
        """Write a record of at least 14 bytes. Raises WrongValue."""
        if size < _TAIL:
            raise WrongValue(f"{cls.name}: a record has {_TAIL} bytes at least, not {size}")
        number = encode_number(value, _NUMBER)
        used = len(number.rstrip(b"\xff"))
        return b"\xff" * (size - _TAIL) + bytes((used,)) + number + b"\xff\xff"

    @classmethod
    def decode(cls, raw: bytes) -> str | None:
        """Read the number; ``None`` for a record with none. Raises WrongValue."""
        if is_blank(raw[-_TAIL:]):
            return None
        if len(raw) < _TAIL or not 1 < raw[-_TAIL] <= _NUMBER:
            raise WrongValue(f"{cls.name}: {raw.hex().upper()} is no record with a number")
        start = len(raw) - _TAIL + 1
        return decode_number(raw[start : start + raw[-_TAIL]])


FILE = Msisdn
