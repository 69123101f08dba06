"""How one SMSC takes texts: what carries a long one, what data_coding 0 means, which shift tables it lets through."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from drivers.dialects.smpp.text.national import LANGUAGES
from drivers.errors import NotSpoken


class LongText(StrEnum):
    """How a text longer than one segment is carried; an SMSC takes one of them, never two at once."""

    UDH8 = "udh8"  # TS 23.040 §9.2.3.24.1: 8-bit reference
    UDH16 = "udh16"  # TS 23.040 §9.2.3.24.8: 16-bit reference
    SAR = "sar"  # SMPP 3.4 §5.3.2.22-24
    PAYLOAD = "payload"  # SMPP 3.4 §5.3.2.32: the SMSC splits


class Alphabet(StrEnum):
    """What data_coding 0 means to this SMSC (SMPP 3.4 §5.2.19 leaves it open)."""

    GSM7 = "gsm7"  # unpacked, one septet an octet
    LATIN1 = "latin1"
    ASCII = "ascii"


@dataclass(frozen=True, slots=True)
class Carriage:
    """One SMSC's way with texts. ``national``: a language of ``LANGUAGES`` whose shift tables may be used, or none.

    Raises NotSpoken when the three do not go together.
    """

    long_text: LongText = LongText.UDH8
    alphabet: Alphabet = Alphabet.GSM7
    national: str | None = None

    def __post_init__(self) -> None:
        if self.national is None:
            return
        if self.national not in LANGUAGES:
            raise NotSpoken(f"no shift tables for {self.national!r}; there are some for {', '.join(LANGUAGES)}")
        if self.alphabet is not Alphabet.GSM7:
            raise NotSpoken(f"shift tables extend GSM 7-bit, not {self.alphabet}: leave national out, or say gsm7")
        if self.long_text not in (LongText.UDH8, LongText.UDH16):
            # an SMSC that writes the user data header itself has no place for ours
            raise NotSpoken(f"shift tables stand in the user data header: with {self.long_text}, leave national out")
