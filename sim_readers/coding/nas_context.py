"""Files in which a phone keeps its security context of a 4G or 5G network: keys of the last subscription, set back."""

from __future__ import annotations

from typing import ClassVar

from sim_readers.coding.blank import is_blank, padded
from sim_readers.coding.session_keys import NO_KEYS, SessionKeys, SessionKeysEf
from sim_readers.ef import Structure
from sim_readers.errors import Garbled, WrongValue
from sim_readers.secret import Secret
from sim_readers.tlv import parse, value_of, write

_CONTEXT, _IDENTIFIER = 0xA0, 0x80  # TS 31.102 §4.2.92, §4.4.11.4
_HEAD_BYTES = 3
_FF = b"\xff"


class NasContextEf(SessionKeysEf):
    """One template in a record: the key set identifier, then key, counts and algorithms, here as they stand.

    Fresh records are all FF.
    """

    structure = Structure.LINEAR_FIXED
    smallest: ClassVar[int]  # record, in bytes

    @classmethod
    def encode(cls, value: SessionKeys, size: int) -> bytes:
        """Write a context. Raises WrongValue."""
        inner = write(_IDENTIFIER, bytes((value.identifier & 0xFF,))) + value.keys.reveal()
        return padded(write(_CONTEXT, inner), size, cls.name)

    @classmethod
    def decode(cls, raw: bytes) -> SessionKeys | None:
        """Read a context; ``None`` where there is none. Raises WrongValue."""
        if is_blank(raw):
            return None
        try:
            inner = value_of(parse(raw), _CONTEXT) or b""
        except Garbled:
            inner = b""
        if len(inner) < _HEAD_BYTES or inner[:2] != bytes((_IDENTIFIER, 1)):
            raise WrongValue(f"{cls.name}: expected the template A0, which begins with the key set identifier")
        return SessionKeys(inner[2], Secret(inner[_HEAD_BYTES:]))

    @classmethod
    def none(cls) -> SessionKeys:
        """A context without a key: identifier 7, a key of FF, counts and algorithms of zeros."""
        counts = write(0x82, bytes(4)) + write(0x83, bytes(4))
        return SessionKeys(NO_KEYS, Secret(write(0x81, _FF * 32) + counts + write(0x84, bytes(1))))

    @classmethod
    def blank(cls, size: int) -> bytes:
        """No context (TS 31.102 annex E). Raises WrongValue."""
        if size < cls.smallest:
            raise WrongValue(f"{cls.name}: a record has {cls.smallest} bytes at least, not {size}")
        return _FF * size
