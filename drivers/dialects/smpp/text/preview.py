"""What a text costs before anybody sends it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from drivers.dialects.smpp.text.carriage import Carriage
from drivers.dialects.smpp.text.segments import lay_out
from drivers.dialects.smpp.text.transliterate import Policy, compose


@dataclass(frozen=True, slots=True)
class Preview:
    """How a text goes out. ``units`` are septets of GSM 7-bit and ASCII, octets of Latin-1, UTF-16 units of UCS-2."""

    encoding: str  # gsm7 latin1 ascii ucs2; gsm7-tr and the like with shift tables
    segments: int  # where the SMSC splits: what it will most likely make
    units: int
    left: int  # units still free in the last segment
    replaced: Mapping[str, str]
    forcing: tuple[str, ...]  # the characters but for which UCS-2 were not needed


def preview(text: str, how: Carriage, policy: Policy) -> Preview:
    """Look at a text that ``compose`` and ``split`` would send. Raises NotSpoken where ``split`` does."""
    composed = compose(text, how, policy)
    layout = lay_out(composed.text, how)
    units = [layout.coding.units(piece) for piece in layout.pieces]
    return Preview(
        encoding=layout.coding.name,
        segments=len(units),
        units=sum(units),
        left=layout.room - units[-1],
        replaced=composed.replaced,
        forcing=composed.forcing,
    )
