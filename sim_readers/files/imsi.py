"""EF.IMSI: the subscriber's number in the network."""

from __future__ import annotations

from sim_readers.coding.bcd import decode, encode
from sim_readers.coding.blank import exactly, is_blank
from sim_readers.coding.texts import TextEf
from sim_readers.ef import Vector
from sim_readers.errors import WrongValue
from sim_readers.path import GSM, USIM

_BYTES = 9
_FEWEST, _MOST = 6, 15
_ODD, _EVEN = "9", "1"  # TS 24.008 §10.5.1.4: type of identity 001 and, above it, whether the digits are odd in number


class Imsi(TextEf):
    """6 to 15 digits; byte 1 counts those that follow, whose first half tells odd from even."""

    name = "EF.IMSI"
    clause = "TS 31.102 §4.2.2"
    paths = (USIM / 0x6F07, GSM / 0x6F07)
    vectors = (
        Vector("208930000000001", "082980390000000010"),
        Vector("20893000000001", "0821803900000000F1"),
        Vector("310410123456789", "083901141032547698"),
        Vector("208931", "04218039F1FFFFFFFF"),
    )

    @classmethod
    def encode(cls, value: str, size: int) -> bytes:
        """Write nine bytes. Raises WrongValue."""
        if not _FEWEST <= len(value) <= _MOST:
            raise WrongValue(f"an IMSI has {_FEWEST} to {_MOST} digits, not {len(value)}")
        used = len(value) // 2 + 1
        raw = bytes((used,)) + encode((_ODD if len(value) % 2 else _EVEN) + value, _BYTES - 1)
        return exactly(raw, size, cls.name)

    @classmethod
    def decode(cls, raw: bytes) -> str | None:
        """Read the digits. Raises WrongValue."""
        if is_blank(raw):
            return None
        used = exactly(raw, _BYTES, cls.name)[0]
        parity, digits = _split(decode(raw[1 : 1 + used]))
        if parity != (_ODD if len(digits) % 2 else _EVEN) or used != len(digits) // 2 + 1 or len(digits) < _FEWEST:
            raise WrongValue(f"{raw.hex().upper()} is no IMSI")
        return digits


def _split(digits: str) -> tuple[str, str]:
    return digits[:1], digits[1:]


FILE = Imsi
