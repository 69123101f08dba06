"""EF.GID1: the group a card belongs to, by which phones are locked to it or given its settings."""

from __future__ import annotations

from sim_readers.coding import documents
from sim_readers.coding.blank import padded
from sim_readers.coding.texts import TextEf
from sim_readers.ef import Vector
from sim_readers.errors import WrongValue
from sim_readers.path import GSM, USIM


class Gid1(TextEf):
    """Bytes in hexadecimal digits, FF after them."""

    name = "EF.GID1"
    clause = "TS 31.102 §4.2.10"
    paths = (USIM / 0x6F3E, GSM / 0x6F3E)
    vectors = (Vector("0A", "0AFFFFFF"), Vector("1234", "1234"))

    @classmethod
    def encode(cls, value: str, size: int) -> bytes:
        """Write the bytes, then FF; a value that ends with FF could not be read back. Raises WrongValue."""
        raw = bytes.fromhex(documents.hexadecimal(value, cls.name))
        if raw.endswith(b"\xff") or not raw:
            raise WrongValue(f"{cls.name}: expected bytes that do not end with FF, which is no group")
        return padded(raw, size, cls.name)

    @classmethod
    def decode(cls, raw: bytes) -> str | None:
        """Read the bytes before the FF at the end."""
        return raw.rstrip(b"\xff").hex().upper() or None

    @classmethod
    def from_json(cls, document: object) -> str:
        """Read hexadecimal digits. Raises WrongValue."""
        return documents.hexadecimal(document, f"{cls.name} as a text")


FILE = Gid1
