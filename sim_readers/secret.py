"""A secret that can be used but not shown: Ki, OPc, PIN, PUK, ADM."""

from __future__ import annotations

import hmac
from typing import NoReturn, final


@final
class Secret:
    """Bytes that never reach a text. ``reveal`` is for the moment they are sent or written, and for nothing else."""

    __slots__ = ("__bytes",)

    def __init__(self, value: bytes) -> None:
        self.__bytes = bytes(value)

    @classmethod
    def from_hex(cls, digits: str) -> Secret:
        """Read hexadecimal digits. Raises ValueError without the digits in its text."""
        try:
            return cls(bytes.fromhex(digits))
        except ValueError:
            raise ValueError("a secret must be an even number of hexadecimal digits") from None

    @classmethod
    def from_digits(cls, digits: str) -> Secret:
        """Read a PIN or PUK as it is written. Raises ValueError without the digits in its text."""
        if not (digits.isascii() and digits.isdigit()):
            raise ValueError("a PIN or PUK is made of the digits 0 to 9")
        return cls(digits.encode("ascii"))

    def reveal(self) -> bytes:
        """Return the bytes."""
        return self.__bytes

    def __len__(self) -> int:
        return len(self.__bytes)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self.__bytes, other.__bytes)

    def __hash__(self) -> int:
        return hash(self.__bytes)

    def __repr__(self) -> str:
        return "Secret(…)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not pickled")
