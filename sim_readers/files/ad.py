"""EF.AD: administrative data, above all how many digits of the IMSI are the MNC."""

from __future__ import annotations

from dataclasses import dataclass

from sim_readers.coding import documents
from sim_readers.coding.blank import is_blank
from sim_readers.ef import Ef, Vector
from sim_readers.errors import WrongValue
from sim_readers.path import GSM, USIM

_LENGTHS = (2, 3)
_HEAD = 3


@dataclass(frozen=True, slots=True)
class AdministrativeData:
    """``mode`` 0 is normal operation; ``info`` and ``rest`` in hex; ``mnc_length`` 2, 3, or ``None`` if not given.

    To change one field and keep the others: ``dataclasses.replace`` what was read.
    """

    mnc_length: int | None
    mode: int = 0
    info: str = "0000"
    rest: str = ""


class Ad(Ef[AdministrativeData]):
    """Byte 1 mode, 2 and 3 information, 4 the MNC's length; a GSM SIM's may end before that."""

    name = "EF.AD"
    clause = "TS 31.102 §4.2.18"
    paths = (USIM / 0x6FAD, GSM / 0x6FAD)
    vectors = (
        Vector(AdministrativeData(2), "00000002"),
        Vector(AdministrativeData(3, mode=0x80, info="0008", rest="FFFF"), "80000803FFFF"),
        Vector(AdministrativeData(None), "000000"),
    )

    @classmethod
    def encode(cls, value: AdministrativeData, size: int) -> bytes:
        """Write all of it; bytes of the file beyond ``rest`` become 00. Raises WrongValue."""
        if value.mnc_length is not None and value.mnc_length not in _LENGTHS:
            raise WrongValue(f"{cls.name}: an MNC has 2 or 3 digits, not {value.mnc_length}")
        mode = documents.number(value.mode, f"{cls.name}'s mode")
        info, rest = (_read_hex(field) for field in (value.info, value.rest))
        if len(info) != _HEAD - 1:
            raise WrongValue(f"{cls.name}: info has {_HEAD - 1} bytes, not {len(info)}")
        raw = bytes((mode, *info, value.mnc_length or 0)) + rest
        if size < _HEAD or (len(raw) > size and (value.mnc_length is not None or rest)):
            raise WrongValue(f"{cls.name}: the value needs {len(raw)} bytes, the file has {size}")
        return raw[:size].ljust(size, b"\x00")

    @classmethod
    def decode(cls, raw: bytes) -> AdministrativeData | None:
        """Read it; a length that is neither 2 nor 3 is reserved and read as not given. Raises WrongValue."""
        if is_blank(raw):
            return None
        if len(raw) < _HEAD:
            raise WrongValue(f"{cls.name}: expected {_HEAD} bytes at least, not {len(raw)}")
        length = raw[_HEAD] & 0x0F if len(raw) > _HEAD else None
        given = length if length in _LENGTHS else None
        return AdministrativeData(given, raw[0], raw[1:_HEAD].hex().upper(), raw[_HEAD + 1 :].hex().upper())

    @classmethod
    def to_json(cls, value: AdministrativeData) -> dict[str, object]:
        """Write as ``{"mnc_length": 2, "mode": 0, "info": "0000", "rest": ""}``."""
        return {"mnc_length": value.mnc_length, "mode": value.mode, "info": value.info, "rest": value.rest}

    @classmethod
    def from_json(cls, document: object) -> AdministrativeData:
        """Read the same; all but ``mnc_length`` may be left out. Raises WrongValue."""
        expected = f'{cls.name} as {{"mnc_length": 2}}'
        found = documents.fields(document, expected, {"mnc_length"}, {"mode", "info", "rest"})
        length = found["mnc_length"]
        return AdministrativeData(
            None if length is None else documents.number(length, expected),
            documents.number(found.get("mode", 0), expected),
            documents.hexadecimal(found.get("info", "0000"), expected),
            documents.hexadecimal(found.get("rest", ""), expected),
        )


def _read_hex(digits: str) -> bytes:
    return bytes.fromhex(documents.hexadecimal(digits, "EF.AD's info and rest"))


FILE = Ad
