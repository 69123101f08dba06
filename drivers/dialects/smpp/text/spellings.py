"""How a French reader would write what an alphabet lacks, where taking the accent off is not enough or is wrong."""

from __future__ import annotations

from collections.abc import Mapping

_SPACES = "\t\v\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{FIGURE SPACE}\N{THIN SPACE}\N{HAIR SPACE}"
_BREAKS = "\N{LINE SEPARATOR}\N{PARAGRAPH SEPARATOR}\x85"
_UNSEEN = (
    "\N{SOFT HYPHEN}\N{ZERO WIDTH SPACE}\N{WORD JOINER}\N{ZERO WIDTH NO-BREAK SPACE}"
    "\N{LEFT-TO-RIGHT MARK}\N{RIGHT-TO-LEFT MARK}"
)
_QUOTES = (
    "«»\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}\N{DOUBLE LOW-9 QUOTATION MARK}"
    "\N{DOUBLE HIGH-REVERSED-9 QUOTATION MARK}\N{DOUBLE PRIME}"
)
_APOSTROPHES = (
    "\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}\N{SINGLE LOW-9 QUOTATION MARK}"
    "\N{SINGLE HIGH-REVERSED-9 QUOTATION MARK}\N{MODIFIER LETTER APOSTROPHE}\N{PRIME}\N{ACUTE ACCENT}`"
    "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}"
)
_DASHES = (
    "\N{HYPHEN}\N{NON-BREAKING HYPHEN}\N{FIGURE DASH}\N{EN DASH}\N{EM DASH}\N{HORIZONTAL BAR}\N{MINUS SIGN}"
    "\N{BULLET}\N{MIDDLE DOT}"
)

#: character, then what stands for it; an alphabet may lack parts of that too, and they are looked up again
SPELLINGS: Mapping[str, str] = {
    **dict.fromkeys(_SPACES, " "),
    **dict.fromkeys(_BREAKS, "\n"),
    **dict.fromkeys(_UNSEEN, ""),
    **dict.fromkeys(_QUOTES, '"'),
    **dict.fromkeys(_APOSTROPHES, "'"),
    **dict.fromkeys(_DASHES, "-"),
    "\N{HORIZONTAL ELLIPSIS}": "...",
    "œ": "oe",
    "Œ": "OE",
    "æ": "ae",
    "Æ": "AE",
    "ß": "ss",
    "\N{LATIN CAPITAL LETTER SHARP S}": "SS",
    "ø": "o",
    "Ø": "O",
    "ł": "l",
    "Ł": "L",
    "đ": "d",
    "Đ": "D",
    "ð": "d",
    "Ð": "D",
    "þ": "th",
    "Þ": "Th",
    "ŧ": "t",
    "Ŧ": "T",
    "ħ": "h",
    "Ħ": "H",
    "ŋ": "ng",
    "Ŋ": "Ng",
    "\N{LATIN SMALL LETTER DOTLESS I}": "i",
    "\N{LATIN SMALL LETTER KRA}": "k",
    "\N{LATIN SMALL LETTER N PRECEDED BY APOSTROPHE}": "'n",
    "€": "EUR",
    "£": "GBP",
    "¥": "JPY",
    "¢": "c",
    "¿": "?",
    "¡": "!",
    "°": "o",
    "µ": "u",
    "\N{MULTIPLICATION SIGN}": "x",
    "÷": ":",
    "±": "+/-",
    "≤": "<=",
    "≥": ">=",
    "\N{FRACTION SLASH}": "/",
    "¼": " 1/4",  # with a space: 2¼ is not 21/4
    "½": " 1/2",
    "¾": " 3/4",
    "©": "(c)",
    "®": "(r)",
    "¦": "|",
}
