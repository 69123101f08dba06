"""The page of contract rows is as the journeys have it, and no row is forgotten."""

from __future__ import annotations

import pytest

from tests.journeys.contracts.manual import PAGE, Sheet, page, reason, sheets, shown_by
from tests.journeys.contracts.rows import ROWS, Row


@pytest.fixture(scope="module")
def read() -> list[Sheet]:
    return sheets()


@pytest.mark.parametrize(
    ("contract", "row"), [(contract, row) for contract, rows in ROWS.items() for row in rows], ids=str
)
def test_every_row_has_a_journey_or_a_reason(contract: str, row: Row, read: list[Sheet]) -> None:
    assert shown_by(contract, row, read) or reason(contract, row, read)


def test_every_journey_belongs_to_a_row(read: list[Sheet]) -> None:
    strays = [
        f"{sheet.file}::{name}: {said}"
        for sheet in read
        for name, said in sheet.tests.items()
        if not any(name in sheet.of(row) for row in ROWS[sheet.contract])
    ]
    assert strays == []


def test_every_reason_is_that_of_a_row(read: list[Sheet]) -> None:
    known = {(c, key) for c, rows in ROWS.items() for row in rows for key in (row.clause, " | ".join(row))}
    given = {(sheet.contract, key) for sheet in read for key in sheet.not_here}
    assert given <= known


def test_the_page_is_made_of_them() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `make manual`"
