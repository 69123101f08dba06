"""Files in which a phone notes where it was last: LOCI, PSLOCI, EPSLOCI, 5GS. Stale ones are set back with the IMSI."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sim_readers.coding import documents
from sim_readers.coding.blank import Resettable, exactly, is_blank
from sim_readers.errors import WrongValue

_NOT_UPDATED = 0x01


@dataclass(frozen=True, slots=True)
class Location:
    """``identity`` (TMSI, P-TMSI with its signature, GUTI) and ``area`` in hex; ``status``: 0 is updated, 1 is not."""

    identity: str
    area: str
    status: int


class LocationEf(Resettable[Location]):
    """Identity, area and update status one after the other."""

    identity_bytes: ClassVar[int]
    area_bytes: ClassVar[int]
    no_area: ClassVar[bytes] = bytes.fromhex("FFFFFF0000")  # no network; FF after it

    @classmethod
    def encode(cls, value: Location, size: int) -> bytes:
        """Write a location. Raises WrongValue."""
        try:
            identity, area = bytes.fromhex(value.identity), bytes.fromhex(value.area)
        except ValueError:
            raise WrongValue(f"{cls.name}: identity and area are written in hexadecimal digits") from None
        if (len(identity), len(area)) != (cls.identity_bytes, cls.area_bytes):
            raise WrongValue(f"{cls.name}: identity has {cls.identity_bytes} bytes, area has {cls.area_bytes}")
        status = documents.number(value.status, f"{cls.name}'s status")
        return exactly(identity + area + bytes((status,)), size, cls.name)

    @classmethod
    def decode(cls, raw: bytes) -> Location | None:
        """Read a location. Raises WrongValue."""
        if is_blank(raw):
            return None
        identity, area = cls.identity_bytes, cls.area_bytes
        text = exactly(raw, identity + area + 1, cls.name).hex().upper()
        return Location(text[: 2 * identity], text[2 * identity : -2], raw[-1])

    @classmethod
    def to_json(cls, value: Location) -> dict[str, object]:
        """Write as ``{"identity": "FFFFFFFF", "area": "FFFFFF0000FF", "status": 1}``."""
        return {"identity": value.identity, "area": value.area, "status": value.status}

    @classmethod
    def from_json(cls, document: object) -> Location:
        """Read the same. Raises WrongValue."""
        expected = f"{cls.name} as identity, area and status"
        found = documents.fields(document, expected, {"identity", "area", "status"})
        return Location(
            documents.hexadecimal(found["identity"], expected),
            documents.hexadecimal(found["area"], expected),
            documents.number(found["status"], expected),
        )

    @classmethod
    def blank(cls, size: int) -> bytes:
        """No identity, no area, not updated (TS 31.102 annex E). Raises WrongValue."""
        identity, area = b"\xff" * cls.identity_bytes, cls.no_area.ljust(cls.area_bytes, b"\xff")
        return exactly(identity + area + bytes((_NOT_UPDATED,)), size, cls.name)
