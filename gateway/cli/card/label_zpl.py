"""Labels in ZPL II, as label printers take them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from enum import IntEnum

from gateway.cli.card.labels import (
    FINEST_BAR_MM,
    MARGIN_MM,
    MATRIX_MODULES,
    QUIET_MODULES,
    Box,
    LabelDoesNotFit,
    SimLabel,
    bar_modules,
    lay_out,
    roll,
)

_ECC_200 = 200
_COARSEST_BAR = 10  # dots, the most ^BY takes
_SPECIAL = "^~_"
_FONT_SHARE = 0.85


class Density(IntEnum):
    """A print head's dots in a millimetre: 203, 300 and 600 in an inch."""

    DPI_203 = 8
    DPI_300 = 12
    DPI_600 = 24


def write_zpl(labels: Iterable[SimLabel], width_mm: float, height_mm: float, density: Density = Density.DPI_203) -> str:
    """Write labels for a roll of that size. Raises LabelDoesNotFit."""
    return "".join("\n".join((*_label(label, width_mm, height_mm, density), "")) for label in labels)


def _label(label: SimLabel, width_mm: float, height_mm: float, density: Density) -> Iterator[str]:
    layout = lay_out(label, roll(width_mm, height_mm))
    bar = min(int(layout.bar_mm * density), _COARSEST_BAR)
    dot = int(layout.matrix.width_mm * density) // (MATRIX_MODULES + 2)
    if bar < FINEST_BAR_MM * density or not dot:
        modules = bar_modules(label.iccid) + 2 * QUIET_MODULES
        least = math.ceil(FINEST_BAR_MM * density) * modules / density + 2 * MARGIN_MM
        raise LabelDoesNotFit(
            f"the printer's dots are too coarse: use a label {least:.0f} mm wide, or a finer print head"
        )
    yield "^XA"
    yield f"^PW{_dots(width_mm, density)}^LL{_dots(height_mm, density)}^LH0,0^CI28"
    for box, line in zip(layout.lines, label.lines(), strict=True):
        yield f"{_at(box, density)}{_font(box, line, density)}^FH^FD{_escaped(line)}^FS"
    yield f"{_at(layout.matrix, density)}^BXN,{dot},{_ECC_200}^FD{label.iccid}^FS"
    left = (_dots(width_mm, density) - bar * bar_modules(label.iccid)) // 2
    top, height = _dots(layout.bars.top_mm, density), _dots(layout.bars.height_mm, density)
    yield f"^FO{left},{top}^BY{bar}^BCN,{height},N,N,N,A^FD{label.iccid}^FS"
    yield "^XZ"


def _dots(millimetres: float, density: Density) -> int:
    return round(millimetres * density)


def _at(box: Box, density: Density) -> str:
    return f"^FO{_dots(box.left_mm, density)},{_dots(box.top_mm, density)}"


def _font(box: Box, line: str, density: Density) -> str:
    """The scalable font, its signs about half as wide as high, narrowed until the line fits."""
    height = round(box.height_mm * _FONT_SHARE * density)
    width = min(height, 2 * _dots(box.width_mm, density) // max(1, len(line)))
    return f"^A0N,{height},{width}"


def _escaped(line: str) -> str:
    """Write the printer's own signs as ^FH takes them: an underline and two hex digits."""
    return "".join(f"_{ord(sign):02X}" if sign in _SPECIAL else sign for sign in line)
