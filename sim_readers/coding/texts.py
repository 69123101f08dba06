"""Files whose value is one text: JSON has it as it is. ISIM's are UTF-8 in the data object 80 (TS 31.103 §4.2)."""

from __future__ import annotations

from sim_readers import tlv
from sim_readers.coding import documents
from sim_readers.coding.blank import is_blank, padded
from sim_readers.ef import Ef
from sim_readers.errors import Garbled, WrongValue

_TAG = 0x80


class TextEf(Ef[str]):
    """A file with one text in it."""

    @classmethod
    def to_json(cls, value: str) -> str:
        """Write it as it is."""
        return value

    @classmethod
    def from_json(cls, document: object) -> str:
        """Read it as it is. Raises WrongValue when it is no text."""
        return documents.text(document, f"{cls.name} as a text")


class TlvTextEf(TextEf):
    """A file with UTF-8 in one data object 80, and FF after it."""

    @classmethod
    def encode(cls, value: str, size: int) -> bytes:
        """Write the object. Raises WrongValue when it does not fit."""
        return encode_object(utf8(value, cls.name), size, cls.name)

    @classmethod
    def decode(cls, raw: bytes) -> str | None:
        """Read the object's text; ``None`` for a file, or an object, with nothing in it. Raises WrongValue."""
        value = decode_object(raw, cls.name)
        return read_utf8(value, cls.name) if value else None


def encode_object(value: bytes, size: int, name: str) -> bytes:
    """Write the data object 80 into ``size`` bytes. Raises WrongValue."""
    return padded(tlv.write(_TAG, value), size, name)


def decode_object(raw: bytes, name: str) -> bytes | None:
    """Read the value of the data object 80, if anything was written. Raises WrongValue."""
    if is_blank(raw):
        return None
    try:
        value = tlv.value_of(tlv.parse(raw), _TAG)
    except Garbled as rubbish:
        raise WrongValue(f"{name}: {rubbish}") from rubbish
    if value is None:
        raise WrongValue(f"{name}: expected the data object 80")
    return value


def utf8(text: str, name: str) -> bytes:
    """Write a text that must not be empty. Raises WrongValue."""
    try:
        raw = text.encode()
    except UnicodeEncodeError:
        raw = b""
    if not raw:
        raise WrongValue(f"{name}: expected a text")
    return raw


def read_utf8(raw: bytes, name: str) -> str:
    """Read a text. Raises WrongValue."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise WrongValue(f"{name}: its text is no UTF-8") from None
