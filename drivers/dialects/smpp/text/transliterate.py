"""Characters an alphabet lacks, written with those it has: one ``ç`` must not cost a text half of its room."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from enum import StrEnum
from unicodedata import category, normalize

from drivers.dialects.smpp.text.alphabet import DEFAULT
from drivers.dialects.smpp.text.carriage import Carriage
from drivers.dialects.smpp.text.coding import Coding, codings_of
from drivers.dialects.smpp.text.segments import lay_out_at_any_length
from drivers.dialects.smpp.text.spellings import SPELLINGS

_NEGATION = "\N{COMBINING LONG SOLIDUS OVERLAY}"  # takes its character's meaning back: never left out
_GSM7 = frozenset(DEFAULT.codes)


class Policy(StrEnum):
    """What becomes of characters that the SMSC's alphabet lacks."""

    TRANSLITERATE = "transliterate"
    KEEP = "keep"  # the whole text goes as UCS-2


@dataclass(frozen=True, slots=True)
class Transliterated:
    """A text, and what was replaced in it by what."""

    text: str = field(repr=False)
    replaced: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Composed:
    """A text as it shall be sent; ``forcing``: the characters for which it has to be UCS-2, each once."""

    text: str = field(repr=False)
    replaced: Mapping[str, str] = field(default_factory=dict)
    forcing: tuple[str, ...] = ()


def compose(text: str, how: Carriage, policy: Policy) -> Composed:
    """Return the text to split. Nothing is replaced where that would not avoid UCS-2, or would take more segments."""
    codings = codings_of(how)
    if any(coding.write(text) is not None for coding in codings):
        return Composed(text)
    if policy is Policy.KEEP:
        return Composed(text, forcing=_fewest(text, codings))
    tried = [transliterate(text, coding.known) for coding in codings]
    writable = [each for each, coding in zip(tried, codings, strict=True) if coding.known.issuperset(each.text)]
    if not writable:
        return Composed(text, forcing=_fewest(tried[0].text, codings))
    best = min(writable, key=lambda each: len(each.replaced))
    segments = _segments(best.text, how)
    if segments > 1 and segments > _segments(text, how):  # an ellipsis becomes three full stops
        return Composed(text, forcing=_fewest(text, codings))
    return Composed(best.text, best.replaced)


def transliterate(text: str, known: AbstractSet[str] = _GSM7) -> Transliterated:
    """Replace what is not ``known`` by what is; what has no spelling (Cyrillic, emoji) is left as it stands."""
    text = normalize("NFC", text)  # a letter and its accent are looked up as one
    replaced: dict[str, str] = {}
    for char in dict.fromkeys(text):
        if char not in known and (spelling := _spelling(char, known)) is not None:
            replaced[char] = spelling
    return Transliterated(text.translate({ord(char): spelling for char, spelling in replaced.items()}), replaced)


def _spelling(char: str, known: AbstractSet[str]) -> str | None:
    """Return known characters for one that is not; ``None`` if there are none."""
    parts = SPELLINGS.get(char)
    if parts is None:
        parts = normalize("NFKD", char)
        if _NEGATION in parts:
            return None
        parts = "".join(part for part in parts if not _accent(part))
        if parts == char:
            return None
    spelled = [part if part in known else _spelling(part, known) for part in parts]
    return None if None in spelled else "".join(part for part in spelled if part)


def _accent(char: str) -> bool:
    return "\u0300" <= char <= "\u036f" and category(char) == "Mn"


def _segments(text: str, how: Carriage) -> int:
    return len(lay_out_at_any_length(text, how).pieces)


def _fewest(text: str, codings: tuple[Coding, ...]) -> tuple[str, ...]:
    return min((coding.lacks(text) for coding in codings), key=len)
