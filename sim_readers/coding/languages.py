"""Files that are lists of languages, two letters each (ISO 639; TS 102 221 §13.3, TS 31.102 §4.2.1)."""

from __future__ import annotations

import re

from sim_readers.coding import documents
from sim_readers.coding.blank import is_blank, padded
from sim_readers.ef import Ef
from sim_readers.errors import WrongValue

_LANGUAGE = re.compile(r"[a-z]{2}")


class LanguagesEf(Ef[tuple[str, ...]]):
    """Languages, the most wanted first; an empty list is a blank file."""

    @classmethod
    def encode(cls, value: tuple[str, ...], size: int) -> bytes:
        """Write two bytes each, then FF. Raises WrongValue."""
        return padded("".join(map(_language, value)).encode("ascii"), size, cls.name)

    @classmethod
    def decode(cls, raw: bytes) -> tuple[str, ...] | None:
        """Read what is there, leaving gaps out; ``None`` for a blank file. Raises WrongValue."""
        if is_blank(raw):
            return None
        pieces = [raw[at : at + 2] for at in range(0, len(raw), 2)]
        return tuple(_language(piece.decode("latin-1").lower()) for piece in pieces if not is_blank(piece))

    @classmethod
    def to_json(cls, value: tuple[str, ...]) -> list[str]:
        """Write as a list of ``fr``."""
        return list(value)

    @classmethod
    def from_json(cls, document: object) -> tuple[str, ...]:
        """Read a list of ``fr``. Raises WrongValue."""
        expected = f'{cls.name} as a list of languages, ["fr"]'
        return tuple(documents.text(item, expected) for item in documents.items(document, expected))


def _language(letters: str) -> str:
    if not _LANGUAGE.fullmatch(letters):
        raise WrongValue(f"{letters!r} is no language: write two small letters, as fr")
    return letters
