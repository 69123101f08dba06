"""Labels hold what scanners and people read, in a size they can read, and never a key."""

from __future__ import annotations

import dataclasses
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.cli.card.label_pdf import write_pdf
from gateway.cli.card.label_zpl import Density, write_zpl
from gateway.cli.card.labels import A4_3X8, LabelDoesNotFit, Paper, SimLabel, grouped, lay_out, roll

LABEL = SimLabel("8933010000123456784", "208930000000001", "+33612345678", "2026010501")
iccids = st.from_regex(r"[0-9]{18,20}", fullmatch=True)


def pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type /Page\b", pdf))


def test_a_label_has_no_place_for_a_secret() -> None:
    assert {field.name for field in dataclasses.fields(SimLabel)} == {"iccid", "imsi", "msisdn", "batch"}


def test_its_lines_are_for_people() -> None:
    assert LABEL.lines() == (
        "8933 0100 0012 3456 784", "IMSI 208930000000001", "MSISDN +33612345678", "Batch 2026010501"
    )  # fmt: skip
    assert SimLabel("893301000012345678").lines() == (grouped("893301000012345678"),)


@pytest.mark.parametrize("wrong", [{"iccid": "89330100"}, {"iccid": "8933010000123456784F"}, {"batch": "caf\u00e9"}])
def test_what_cannot_be_printed_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="on a label"):
        dataclasses.replace(LABEL, **wrong)


def test_a_label_in_zpl() -> None:
    assert write_zpl([LABEL], 50, 25).splitlines() == [
        "^XA",
        "^PW400^LL200^LH0,0^CI28",
        "^FO16,16^A0N,20,20^FH^FD8933 0100 0012 3456 784^FS",
        "^FO16,39^A0N,20,20^FH^FDIMSI 208930000000001^FS",
        "^FO16,62^A0N,20,20^FH^FDMSISDN +33612345678^FS",
        "^FO16,85^A0N,20,20^FH^FDBatch 2026010501^FS",
        "^FO292,16^BXN,5,200^FD8933010000123456784^FS",
        "^FO44,124^BY2^BCN,60,N,N,N,A^FD8933010000123456784^FS",
        "^XZ",
    ]


def test_the_printer_s_own_signs_are_not_obeyed() -> None:
    zpl = write_zpl([dataclasses.replace(LABEL, batch="^XZ~JA_1")], 50, 25)
    assert "Batch _5EXZ_7EJA_5F1^FS" in zpl
    assert zpl.count("^XZ") == 1
    assert "~" not in zpl


def test_one_label_for_each_card() -> None:
    assert write_zpl([LABEL] * 3, 60, 30, Density.DPI_300).count("^XA") == 3
    assert pages(write_pdf([LABEL] * 3, roll(50, 25))) == 3


@pytest.mark.parametrize(("count", "skip", "expected"), [(24, 0, 1), (25, 0, 2), (23, 1, 1), (24, 1, 2), (1, 23, 1)])
def test_sheets_are_filled_from_where_labels_are_left(count: int, skip: int, expected: int) -> None:
    assert pages(write_pdf([LABEL] * count, A4_3X8, skip)) == expected


def test_the_same_labels_are_the_same_file() -> None:
    assert write_pdf([LABEL], A4_3X8) == write_pdf([LABEL], A4_3X8)
    assert write_pdf([LABEL], A4_3X8).startswith(b"%PDF-")


@pytest.mark.parametrize(("labels", "skip"), [(0, 0), (1, 24), (1, -1)])
def test_nothing_to_print_or_nowhere_to_print_it_is_refused(labels: int, skip: int) -> None:
    with pytest.raises(ValueError, match=r"no label|24 labels"):
        write_pdf([LABEL] * labels, A4_3X8, skip)


@pytest.mark.parametrize(
    ("paper", "words"),
    [(roll(30, 25), r"33 mm wide at least, this one has 30 mm"), (roll(50, 12), r"needs 19 mm of height")],
)
def test_paper_too_small_to_be_scanned_is_refused_with_what_is_needed(paper: Paper, words: str) -> None:
    with pytest.raises(LabelDoesNotFit, match=words):
        write_pdf([LABEL], paper)
    with pytest.raises(LabelDoesNotFit, match=words):
        write_zpl([LABEL], paper.label_width_mm, paper.label_height_mm)


def test_bars_are_never_finer_than_scanners_read() -> None:
    assert "^BY2^" in write_zpl([LABEL], 40, 25, Density.DPI_300)
    with pytest.raises(LabelDoesNotFit, match="use a label 48 mm wide"):
        write_zpl([LABEL], 40, 25, Density.DPI_203)
    assert "^BY2^" in write_zpl([LABEL], 48, 25, Density.DPI_203)


@given(iccids, st.floats(38, 110), st.floats(20, 80))
def test_everything_is_on_the_label_and_nothing_overlaps(iccid: str, width: float, height: float) -> None:
    layout = lay_out(dataclasses.replace(LABEL, iccid=iccid), roll(width, height))
    for box in (layout.bars, layout.matrix, *layout.lines):
        assert 0 <= box.left_mm < box.left_mm + box.width_mm <= width
        assert 0 <= box.top_mm < box.top_mm + box.height_mm <= height
    quiet = 10 * layout.bar_mm
    assert layout.bars.left_mm >= quiet - 0.001
    assert layout.bars.left_mm + layout.bars.width_mm + quiet <= width + 0.001
    assert max(box.top_mm + box.height_mm for box in (layout.matrix, *layout.lines)) <= layout.bars.top_mm
    assert max(box.left_mm + box.width_mm for box in layout.lines) <= layout.matrix.left_mm
