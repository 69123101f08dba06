"""Labels of SIM cards: what is printed on one, and where; no key, PIN or PUK has a place in it.

Measures are millimetres from the top left corner. ``label_pdf`` and ``label_zpl`` draw what is laid out here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_ICCID = re.compile(r"[0-9]{18,20}")
_PRINTABLE = re.compile(r"[ -~]*")
_GROUP = 4
MARGIN_MM = 2.0
QUIET_MODULES = 10  # ISO/IEC 15417 §4.2: free of ink on either side of a Code 128
_START_TO_STOP_MODULES = 35  # start, check digit and stop
_PAIR_MODULES = 11
FINEST_BAR_MM = 0.165  # 6.5 mil: two dots of a 300 dpi printer, and hand-held scanners still read it
MATRIX_MODULES = 16  # a Data Matrix of up to 24 digits (ISO/IEC 16022 table 7)
MATRIX_QUIET_MODULES = 1
_FINEST_DOT_MM = 0.25
_LARGEST_MATRIX_MM = 12.0
_LOWEST_BARS_MM = 5.0
_BARS_SHARE = 0.3
_LINE_MM = 3.4
_SMALLEST_LINE_MM = 2.0


class LabelDoesNotFit(ValueError):
    """The paper is too small for a label that scanners can read; the text says what is needed."""


@dataclass(frozen=True, slots=True)
class SimLabel:
    """What one label says. Texts are printable ASCII; empty ones are left out. Raises ValueError."""

    iccid: str
    imsi: str = ""
    msisdn: str = ""
    batch: str = ""

    def __post_init__(self) -> None:
        if not _ICCID.fullmatch(self.iccid):
            raise ValueError("an ICCID on a label has 18 to 20 digits")
        for name, text in (("IMSI", self.imsi), ("MSISDN", self.msisdn), ("batch", self.batch)):
            if not _PRINTABLE.fullmatch(text):
                raise ValueError(f"the {name} on a label must be letters, digits and signs of ASCII")

    def lines(self) -> tuple[str, ...]:
        """The text lines: the ICCID in groups of four, then what else is known."""
        named = (("IMSI", self.imsi), ("MSISDN", self.msisdn), ("Batch", self.batch))
        return (grouped(self.iccid), *(f"{name} {text}" for name, text in named if text))


@dataclass(frozen=True, slots=True)
class Paper:
    """Labels on a page; a roll has one label a page. ``left_mm`` and ``top_mm`` are where the first one begins."""

    width_mm: float
    height_mm: float
    columns: int
    rows: int
    label_width_mm: float
    label_height_mm: float
    left_mm: float = 0.0
    top_mm: float = 0.0
    gap_x_mm: float = 0.0
    gap_y_mm: float = 0.0

    @property
    def per_page(self) -> int:
        """How many labels a page has."""
        return self.columns * self.rows

    def corner_mm(self, place: int) -> tuple[float, float]:
        """Where the label of that place on the page, counted from 0 along the rows, has its top left corner."""
        row, column = divmod(place, self.columns)
        return (
            self.left_mm + column * (self.label_width_mm + self.gap_x_mm),
            self.top_mm + row * (self.label_height_mm + self.gap_y_mm),
        )


def roll(width_mm: float, height_mm: float) -> Paper:
    """Labels one after the other, as label printers have them."""
    return Paper(width_mm, height_mm, 1, 1, width_mm, height_mm)


A4_3X8 = Paper(210.0, 297.0, 3, 8, 63.5, 33.9, 7.2, 12.9, 2.5, 0.0)  # 24 labels of 63.5 mm by 33.9 mm


@dataclass(frozen=True, slots=True)
class Box:
    """Where something is on a label."""

    left_mm: float
    top_mm: float
    width_mm: float
    height_mm: float


@dataclass(frozen=True, slots=True)
class LabelLayout:
    """Where bars, matrix and text lines are. The bars' box is ink only, the matrix's has its free border."""

    bars: Box
    bar_mm: float
    matrix: Box
    lines: tuple[Box, ...]


def lay_out(label: SimLabel, paper: Paper) -> LabelLayout:
    """Find a place for everything: text and matrix above, bars below. Raises LabelDoesNotFit."""
    width, height = paper.label_width_mm, paper.label_height_mm
    modules = bar_modules(label.iccid)
    bar = (width - 2 * MARGIN_MM) / (modules + 2 * QUIET_MODULES)
    if bar < FINEST_BAR_MM:
        least = FINEST_BAR_MM * (modules + 2 * QUIET_MODULES) + 2 * MARGIN_MM
        raise LabelDoesNotFit(
            f"bars of this ICCID need a label {least:.0f} mm wide at least, this one has {width:g} mm"
        )
    bars_height = max(_LOWEST_BARS_MM, height * _BARS_SHARE)
    bars_top = height - MARGIN_MM - bars_height
    above = bars_top - 2 * MARGIN_MM
    matrix = min(above, _LARGEST_MATRIX_MM)
    lines = label.lines()
    line = min(_LINE_MM, above / len(lines))
    if matrix / (MATRIX_MODULES + 2 * MATRIX_QUIET_MODULES) < _FINEST_DOT_MM or line < _SMALLEST_LINE_MM:
        needed = max(_FINEST_DOT_MM * (MATRIX_MODULES + 2 * MATRIX_QUIET_MODULES), _SMALLEST_LINE_MM * len(lines))
        least = needed + 3 * MARGIN_MM + bars_height
        raise LabelDoesNotFit(f"this label needs {least:.0f} mm of height at least, it has {height:g} mm")
    text_width = width - 3 * MARGIN_MM - matrix
    return LabelLayout(
        bars=Box(MARGIN_MM + QUIET_MODULES * bar, bars_top, modules * bar, bars_height),
        bar_mm=bar,
        matrix=Box(width - MARGIN_MM - matrix, MARGIN_MM, matrix, matrix),
        lines=tuple(Box(MARGIN_MM, MARGIN_MM + n * line, text_width, line) for n in range(len(lines))),
    )


def grouped(iccid: str) -> str:
    """Write an ICCID as people read it aloud: ``8933 0100 0012 3456 784``."""
    return " ".join(iccid[at : at + _GROUP] for at in range(0, len(iccid), _GROUP))


def bar_modules(iccid: str) -> int:
    """How many modules a Code 128 of that many digits has: pairs in set C, a last odd digit after a change to B."""
    return _START_TO_STOP_MODULES + _PAIR_MODULES * (len(iccid) // 2 + 2 * (len(iccid) % 2))
