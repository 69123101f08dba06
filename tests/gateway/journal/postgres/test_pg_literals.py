"""What is written as SQL is read back as it was, whatever it is; what cannot be stored is refused with its reason."""

from __future__ import annotations

import asyncio
import math

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.journal.postgres import literals

_TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
_ROWS = st.lists(
    st.tuples(
        st.none() | _TEXT,
        st.none() | st.integers(-(2**63), 2**63 - 1),
        st.none() | st.floats(),
        st.none() | st.binary(),
        st.none() | st.booleans(),
    ),
    min_size=1,
    max_size=40,
)


async def _read_back(url: str, rows: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    connection = await asyncpg.connect(url)
    await connection.execute(
        "CREATE TEMP TABLE t (n serial, a text, b bigint, c double precision, d bytea, e boolean);"
        "PREPARE p (text, bigint, double precision, bytea, boolean) AS"
        " INSERT INTO t (a, b, c, d, e) VALUES ($1, $2, $3, $4, $5)"
    )
    quotes = (literals.text, literals.bigint, literals.double, literals.octets, literals.boolean)
    written = ("EXECUTE p(" + ",".join(q(v) for q, v in zip(quotes, row, strict=True)) + ")" for row in rows)
    await connection.execute(";".join(written))
    found = await connection.fetch("SELECT a, b, c, d, e FROM t ORDER BY n")
    await connection.close()
    return [tuple(row) for row in found]


@given(_ROWS)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_anything_comes_back_as_it_was(database: str, rows: list[tuple[object, ...]]) -> None:
    found = asyncio.run(_read_back(database, rows))
    assert repr(found) == repr(rows)  # as text: NaN is no equal of itself, and -0.0 is one of 0.0


@given(_TEXT)
def test_a_text_ends_only_where_its_own_quote_does(text: str) -> None:
    written = literals.text(text)
    assert written[0] == written[-1] == "'"
    assert "'" not in written[1:-1].replace("''", "")
    assert literals.whatever(text) == written


@pytest.mark.parametrize(
    ("quote", "value", "error"),
    [
        (literals.text, "a\0b", ValueError),
        (literals.text, 5, TypeError),
        (literals.integer, 2**31, ValueError),
        (literals.bigint, -(2**63) - 1, ValueError),
        (literals.bigint, "5", TypeError),
        (literals.integer, 5.0, TypeError),
        (literals.double, "1", TypeError),
        (literals.octets, "FAKEpw01", TypeError),
        (literals.boolean, 1, TypeError),
        (literals.whatever, object(), TypeError),
    ],
)
def test_what_its_column_cannot_hold_is_refused_without_being_told(
    quote: literals.Quote, value: object, error: type[Exception]
) -> None:
    with pytest.raises(error) as refused:
        quote(value)
    assert str(value) not in str(refused.value)


def test_what_only_the_database_knows_the_type_of_is_written_by_its_own() -> None:
    told = [literals.whatever(value) for value in (None, True, 5, 1.5, b"\xff", math.inf)]
    assert told == ["NULL", "TRUE", "'5'", "'1.5'", "'\\xff'", "'Infinity'"]
