"""Where a text may be cut: never inside what a reader sees as one character (Unicode TR 29, on the safe side)."""

from __future__ import annotations

from unicodedata import category

_ZERO_WIDTH_JOINER = "\u200d"
#: what joins the character before it though no category says so: from, to
_JOINING = (
    ("\u0e33", "\u0e33"),  # Thai sara am
    ("\u0eb3", "\u0eb3"),  # Lao sara am
    ("\u1160", "\u11ff"),  # Hangul vowels and finals
    ("\u200c", "\u200d"),  # zero width non-joiner, zero width joiner
    ("\ud7b0", "\ud7fb"),  # Hangul vowels and finals, extended
    ("\uff9e", "\uff9f"),  # halfwidth voiced sound marks
    ("\U0001f3fb", "\U0001f3ff"),  # skin tones
    ("\U000e0020", "\U000e007f"),  # tags, which end some flags
)


def cut_before(text: str, start: int, end: int) -> int:
    """Return the last place in ``start < place <= end`` where the text may be cut; ``end`` itself if there is none.

    ``start`` is such a place already, ``end`` lies inside the text.
    """
    return next((place for place in range(end, start, -1) if not _joined(text, start, place)), end)


def _joined(text: str, start: int, place: int) -> bool:
    before, after = text[place - 1], text[place]
    if before == "\r":
        return after == "\n"
    if before == _ZERO_WIDTH_JOINER or _joins(after):
        return True
    return _regional(before) and _regional(after) and _letters_before(text, start, place) % 2 == 1


def _joins(char: str) -> bool:
    return category(char).startswith("M") or any(first <= char <= last for first, last in _JOINING)


def _regional(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def _letters_before(text: str, start: int, place: int) -> int:
    """Count the flag letters that end at ``place``: two make a flag."""
    first = place
    while first > start and _regional(text[first - 1]):
        first -= 1
    return place - first
