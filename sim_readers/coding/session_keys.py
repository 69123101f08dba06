"""Files in which a phone keeps the keys of its last authentication: secret, soon stale, and only ever set back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sim_readers.coding import documents
from sim_readers.coding.blank import Resettable, exactly, is_blank
from sim_readers.errors import WrongValue
from sim_readers.secret import Secret

NO_KEYS = 0x07  # TS 24.008 §10.5.1.2: no key is available


@dataclass(frozen=True, slots=True)
class SessionKeys:
    """``identifier`` is the key set's (KSI, CKSN), 7 for none; ``keys`` are CK and IK, or Kc."""

    identifier: int
    keys: Secret


class SessionKeysEf(Resettable[SessionKeys]):
    """Keys and the number they are known by. JSON has the number alone, and only reads 7: keys are set back."""

    key_bytes: ClassVar[int]
    identifier_last: ClassVar[bool] = False

    @classmethod
    def encode(cls, value: SessionKeys, size: int) -> bytes:
        """Write keys. Raises WrongValue."""
        identifier = bytes((documents.number(value.identifier, f"{cls.name}'s key set identifier"),))
        keys = value.keys.reveal()
        return exactly(keys + identifier if cls.identifier_last else identifier + keys, size, cls.name)

    @classmethod
    def decode(cls, raw: bytes) -> SessionKeys | None:
        """Read keys; those of a fresh card have the number 7. Raises WrongValue."""
        if is_blank(raw):
            return None
        exactly(raw, cls.key_bytes + 1, cls.name)
        if cls.identifier_last:
            return SessionKeys(raw[-1], Secret(raw[:-1]))
        return SessionKeys(raw[0], Secret(raw[1:]))

    @classmethod
    def to_json(cls, value: SessionKeys) -> dict[str, int]:
        """Write ``{"identifier": 7}``; never the keys."""
        return {"identifier": value.identifier}

    @classmethod
    def from_json(cls, document: object) -> SessionKeys:
        """Read ``{"identifier": 7}``, which is: no keys. Raises WrongValue."""
        expected = f'{cls.name} as {{"identifier": {NO_KEYS}}}: session keys are only ever set back'
        found = documents.fields(document, expected, {"identifier"})
        if documents.number(found["identifier"], expected) != NO_KEYS:
            raise WrongValue(f"expected {expected}")
        return cls.none()

    @classmethod
    def none(cls) -> SessionKeys:
        """What a fresh card has."""
        return SessionKeys(NO_KEYS, Secret(b"\xff" * cls.key_bytes))

    @classmethod
    def blank(cls, size: int) -> bytes:
        """No keys (TS 31.102 annex E). Raises WrongValue."""
        return cls.encode(cls.none(), size)
