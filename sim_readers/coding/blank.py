"""Files that were never written, files that are set back to that, and the FF both are made of."""

from __future__ import annotations

from abc import abstractmethod
from typing import TypeVar

from sim_readers.ef import Ef
from sim_readers.errors import WrongValue

V = TypeVar("V")
_FF = b"\xff"


def is_blank(raw: bytes) -> bool:
    """Whether nothing was ever written here: all bytes are FF, or there are none."""
    return not raw.strip(_FF)


def padded(raw: bytes, size: int, name: str) -> bytes:
    """Fill up with FF to exactly ``size`` bytes. Raises WrongValue when that many do not fit."""
    if len(raw) > size:
        raise WrongValue(f"{name}: the value needs {len(raw)} bytes, the file has {size}")
    return raw.ljust(size, _FF)


def exactly(raw: bytes, size: int, name: str) -> bytes:
    """Return bytes that must be ``size`` long. Raises WrongValue when they are not."""
    if len(raw) != size:
        raise WrongValue(f"{name}: expected {size} bytes, not {len(raw)}")
    return raw


class Resettable(Ef[V]):
    """A file the phone writes for itself; it goes stale when the IMSI changes, and is set back then."""

    @classmethod
    @abstractmethod
    def blank(cls, size: int) -> bytes:
        """What a fresh card has here (TS 31.102 annex E), ``size`` bytes of it. Raises WrongValue."""
