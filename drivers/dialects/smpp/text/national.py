"""National language shift tables (TS 23.038 §6.2.1.2, Annex A), as changes to the default tables.

A locking shift table replaces the basic table for the whole segment, a single shift table the extension table; which
of them a segment uses stands in its user data header (TS 23.040 §9.2.3.24.15-16).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from drivers.dialects.smpp.text.alphabet import BASIC, EXTENSION, Tables, tables_of

SINGLE_SHIFT = 0x24  #: information element, one octet: the language's identifier
LOCKING_SHIFT = 0x25  #: the same
_DOTLESS_I = "\N{LATIN SMALL LETTER DOTLESS I}"


@dataclass(frozen=True, slots=True)
class Language:
    """Shift tables of one language, with its national language identifier; some have no locking shift table."""

    identifier: int  # TS 23.038 §6.2.1.2.4
    single: Mapping[int, str]
    locking: str | None


def _changed(changes: Mapping[int, str]) -> str:
    return "".join(changes.get(code, char) for code, char in enumerate(BASIC))


_TURKISH = Language(
    identifier=1,
    single=EXTENSION  # Annex A.2.1
    | {0x47: "Ğ", 0x49: "İ", 0x53: "Ş", 0x63: "ç", 0x67: "ğ", 0x69: _DOTLESS_I, 0x73: "ş"},
    locking=_changed(  # Annex A.3.1
        {0x04: "€", 0x07: _DOTLESS_I, 0x0B: "Ğ", 0x0C: "ğ", 0x1C: "Ş", 0x1D: "ş", 0x40: "İ", 0x60: "ç"}
    ),
)
_SPANISH = Language(
    identifier=2,
    single=EXTENSION  # Annex A.2.2
    | {0x09: "ç", 0x41: "Á", 0x49: "Í", 0x4F: "Ó", 0x55: "Ú", 0x61: "á", 0x69: "í", 0x6F: "ó", 0x75: "ú"},
    locking=None,
)
_PORTUGUESE = Language(
    identifier=3,
    single=EXTENSION  # Annex A.2.3
    | {0x05: "ê", 0x09: "ç", 0x0B: "Ô", 0x0C: "ô", 0x0E: "Á", 0x0F: "á"}
    | {0x12: "Φ", 0x13: "Γ", 0x15: "Ω", 0x16: "Π", 0x17: "Ψ", 0x18: "Σ", 0x19: "Θ", 0x1F: "Ê"}
    | {0x41: "À", 0x49: "Í", 0x4F: "Ó", 0x55: "Ú", 0x5B: "Ã", 0x5C: "Õ"}
    | {0x61: "Â", 0x69: "í", 0x6F: "ó", 0x75: "ú", 0x7B: "ã", 0x7C: "õ", 0x7F: "â"},
    locking=_changed(  # Annex A.3.3
        {0x04: "ê", 0x06: "ú", 0x07: "í", 0x08: "ó", 0x09: "ç", 0x0B: "Ô", 0x0C: "ô", 0x0E: "Á", 0x0F: "á"}
        | {0x12: "ª", 0x13: "Ç", 0x14: "À", 0x15: "∞", 0x16: "^", 0x17: "\\", 0x18: "€", 0x19: "Ó", 0x1A: "|"}
        | {0x1C: "Â", 0x1D: "â", 0x1E: "Ê", 0x24: "º", 0x40: "Í", 0x5B: "Ã", 0x5C: "Õ", 0x5D: "Ú"}
        | {0x60: "~", 0x7B: "ã", 0x7C: "õ", 0x7D: "`"}
    ),
)

#: by ISO 639-1 code
LANGUAGES: Mapping[str, Language] = {"tr": _TURKISH, "es": _SPANISH, "pt": _PORTUGUESE}
_BY_IDENTIFIER = {language.identifier: language for language in LANGUAGES.values()}


@cache
def tables_for(locking: int | None, single: int | None) -> Tables:
    """Return the tables for two national language identifiers; one we do not know leaves the default table in place."""
    locked, shifted = _BY_IDENTIFIER.get(locking or 0), _BY_IDENTIFIER.get(single or 0)
    basic = BASIC if locked is None or locked.locking is None else locked.locking
    return tables_of(basic, EXTENSION if shifted is None else shifted.single)
