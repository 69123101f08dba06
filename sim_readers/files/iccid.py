"""EF.ICCID: the card's own number, printed on it too."""

from __future__ import annotations

from sim_readers.coding.bcd import decode, encode
from sim_readers.coding.blank import exactly, is_blank
from sim_readers.coding.texts import TextEf
from sim_readers.ef import Vector
from sim_readers.errors import WrongValue
from sim_readers.path import MF

_BYTES = 10
_FEWEST, _MOST = 18, 20


class Iccid(TextEf):
    """18 to 20 digits (ITU-T E.118: 89, country, issuer, account, Luhn), F after the last."""

    name = "EF.ICCID"
    clause = "TS 102 221 §13.2"
    paths = (MF / 0x2FE2,)
    vectors = (
        Vector("8933010000123456784", "983310000021436587F4"),
        Vector("89330100001234567899", "98331000002143658799"),
        Vector("893301000012345678", "983310000021436587FF"),
    )

    @classmethod
    def encode(cls, value: str, size: int) -> bytes:
        """Write ten bytes. Raises WrongValue."""
        return exactly(encode(_checked(value), _BYTES), size, cls.name)

    @classmethod
    def decode(cls, raw: bytes) -> str | None:
        """Read the digits. Raises WrongValue."""
        return None if is_blank(raw) else _checked(decode(exactly(raw, _BYTES, cls.name)))


def _checked(digits: str) -> str:
    if not _FEWEST <= len(digits) <= _MOST:
        raise WrongValue(f"an ICCID has {_FEWEST} to {_MOST} digits, not {len(digits)}")
    return digits


FILE = Iccid
