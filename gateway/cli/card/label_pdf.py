"""Labels as PDF, for sheets and rolls; heavy to import, so commands import it when they print."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from ppf.datamatrix import DataMatrix  # type: ignore[import-untyped]  # ships no types
from reportlab.graphics.barcode.code128 import Code128
from reportlab.pdfgen.canvas import Canvas

from gateway.cli.card.labels import MATRIX_QUIET_MODULES, Box, LabelLayout, Paper, SimLabel, lay_out

_MM = 72 / 25.4  # points
_FONT = "Helvetica"
_FONT_SHARE = 0.85


def write_pdf(labels: Sequence[SimLabel], paper: Paper, skip: int = 0) -> bytes:
    """Write labels, ``skip`` places of the first page left free. Raises LabelDoesNotFit.

    The same labels are always the same bytes. Raises ValueError when there is no label or nowhere to begin.
    """
    if not labels:
        raise ValueError("there is no label to print")
    if not 0 <= skip < paper.per_page:
        raise ValueError(f"a page has {paper.per_page} labels: skip 0 to {paper.per_page - 1} of them")
    written = io.BytesIO()
    canvas = _canvas(written, paper)
    for number, label in enumerate(labels, skip):
        place = number % paper.per_page
        if number > skip and place == 0:
            canvas.showPage()
        canvas.saveState()
        left, top = paper.corner_mm(place)
        canvas.translate(left * _MM, (paper.height_mm - top) * _MM)
        _draw(canvas, label, lay_out(label, paper))
        canvas.restoreState()
    canvas.save()
    return written.getvalue()


def _canvas(written: io.BytesIO, paper: Paper) -> Any:  # noqa: ANN401 - reportlab has no types
    canvas = Canvas(written, pagesize=(paper.width_mm * _MM, paper.height_mm * _MM), invariant=1)
    canvas.setTitle("SIM labels")
    return canvas


def _draw(canvas: Any, label: SimLabel, layout: LabelLayout) -> None:  # noqa: ANN401 - reportlab has no types
    """Draw with the origin at the label's top left corner; a PDF counts upwards."""
    for box, line in zip(layout.lines, label.lines(), strict=True):
        size = box.height_mm * _FONT_SHARE * _MM
        size *= min(1.0, box.width_mm * _MM / canvas.stringWidth(line, _FONT, size))
        canvas.setFont(_FONT, size)
        canvas.drawString(box.left_mm * _MM, -(box.top_mm + box.height_mm * _FONT_SHARE) * _MM, line)
    _draw_matrix(canvas, label.iccid, layout.matrix)
    _draw_bars(canvas, label.iccid, layout)


def _draw_bars(canvas: Any, iccid: str, layout: LabelLayout) -> None:  # noqa: ANN401 - reportlab has no types
    box = layout.bars
    bars = Code128(iccid, barWidth=layout.bar_mm * _MM, barHeight=box.height_mm * _MM, quiet=False)
    bars.drawOn(canvas, box.left_mm * _MM, -(box.top_mm + box.height_mm) * _MM)


def _draw_matrix(canvas: Any, iccid: str, box: Box) -> None:  # noqa: ANN401 - reportlab has no types
    """Draw it ourselves: the Data Matrix of reportlab is always 44 modules wide, an ICCID needs 16."""
    rows: list[list[int]] = DataMatrix(iccid, codecs=["ascii"]).matrix
    dot = box.width_mm / (len(rows) + 2 * MATRIX_QUIET_MODULES)
    path = canvas.beginPath()
    for y, row in enumerate(rows, MATRIX_QUIET_MODULES):
        for x in (x for x, ink in enumerate(row, MATRIX_QUIET_MODULES) if ink):
            path.rect((box.left_mm + x * dot) * _MM, -(box.top_mm + (y + 1) * dot) * _MM, dot * _MM, dot * _MM)
    canvas.drawPath(path, stroke=0, fill=1)
