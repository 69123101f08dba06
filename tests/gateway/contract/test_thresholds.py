"""Thresholds: nothing is crossed twice, nothing is missed, and whole numbers decide."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.contract.quantities import BadQuantity, Measure, quantity, say, unit_named, whole
from gateway.contract.thresholds import Agreed, Agreement, caps_of, crossed, percent_used
from tests.gateway.contract.strategies import RULES

amounts = st.integers(0, 10**20)
limits = st.integers(1, 10**18)
percents = st.sets(st.integers(1, 100), min_size=1, max_size=5)


@given(amounts, limits, percents)
def test_a_percentage_is_reached_exactly_where_it_is(used: int, limit: int, of: set[int]) -> None:
    assert crossed(0, used, limit, of) == tuple(p for p in sorted(of) if Fraction(used, limit) >= Fraction(p, 100))
    assert all(p <= percent_used(used, limit) for p in crossed(0, used, limit, of))


@given(st.lists(st.integers(0, 10**12), max_size=20), st.integers(1, 10**13), percents)
def test_however_use_is_cut_up_each_percentage_is_crossed_once(parts: list[int], limit: int, of: set[int]) -> None:
    used, seen = 0, list[int]()
    for part in parts:
        seen += crossed(used, used + part, limit, of)
        used += part
    assert seen == list(crossed(0, used, limit, of))


@given(st.integers(0, 10**9), st.integers(0, 6), st.sampled_from(["B", "kB", "GB", "MiB", "min", "count", "EUR"]))
def test_a_quantity_is_kept_exactly_or_not_at_all(digits: int, places: int, word: str) -> None:
    amount, unit = Decimal(digits).scaleb(-places), unit_named(word)
    exact = Fraction(digits, 10**places) * unit.factor
    if exact.denominator == 1 and exact <= 10**15:
        assert whole(amount, unit) == exact
    else:
        with pytest.raises(BadQuantity):
            whole(amount, unit)


@pytest.mark.parametrize(
    "amount", ["-1", "NaN", "Infinity", "1E+999999999", "1E-999999999", "1" * 50, "1000000000000001"]
)
def test_what_cannot_be_true_is_refused(amount: str) -> None:
    with pytest.raises(BadQuantity):
        whole(Decimal(amount), unit_named("B"))


@pytest.mark.parametrize("zero", ["0", "-0", "0E+999999999", "0.000"])
def test_nothing_is_a_quantity(zero: str) -> None:
    assert whole(Decimal(zero), unit_named("GB")) == 0


@pytest.mark.parametrize(
    ("text", "measure", "currency", "kept"),
    [
        ("50 GB", Measure.VOLUME, None, 50 * 10**9),
        ("1 GiB", Measure.VOLUME, None, 2**30),
        ("40 h", Measure.TIME, None, 144_000),
        ("1000", Measure.PIECES, None, 1000),
        ("50 EUR", Measure.AMOUNT, "EUR", 50 * 10**6),
        ("12.5 EUR", Measure.AMOUNT, "EUR", 12_500_000),
        ("4999 EUR_cent", Measure.AMOUNT, "EUR", 49_990_000),
    ],
)
def test_limits_are_read(text: str, measure: Measure, currency: str | None, kept: int) -> None:
    assert quantity(text, measure, currency) == kept


@pytest.mark.parametrize(
    "text", ["", "GB", "50GB", "50 gb", "-1 GB", "0 GB", "0.1 B", "50 EUR", "1e3 GB", "५० GB", "50 GB "]
)
def test_what_is_no_limit_is_refused(text: str) -> None:
    with pytest.raises(BadQuantity):
        quantity(text, Measure.VOLUME, None)


@pytest.mark.parametrize(
    ("kept", "measure", "french", "english"),
    [
        (40 * 10**9, Measure.VOLUME, "40 Go", "40 GB"),
        (1_590_000_000, Measure.VOLUME, "1,5 Go", "1.5 GB"),
        (999_999_999, Measure.VOLUME, "999,9 Mo", "999.9 MB"),
        (0, Measure.VOLUME, "0 o", "0 B"),
        (5 * 10**15, Measure.VOLUME, "5000 To", "5000 TB"),
        (144_000, Measure.TIME, "40 h", "40 h"),
        (5_459, Measure.TIME, "1 h 30", "1 h 30 min"),
        (59, Measure.TIME, "0 min", "0 min"),
        (150, Measure.PIECES, "150", "150"),
        (50_000_000, Measure.AMOUNT, "50 EUR", "50 EUR"),
        (12_349_999, Measure.AMOUNT, "12,34 EUR", "12.34 EUR"),
        (10_050_000, Measure.AMOUNT, "10,05 EUR", "10.05 EUR"),
    ],
)
def test_quantities_are_told_in_the_customers_words(kept: int, measure: Measure, french: str, english: str) -> None:
    currency = "EUR" if measure is Measure.AMOUNT else None
    assert (say(kept, measure, currency, "fr"), say(kept, measure, currency, "en")) == (french, english)


def test_what_holds_for_a_line_is_its_plans_and_what_was_agreed() -> None:
    plain = {cap.name: cap for cap in caps_of(RULES, "unlimited", Agreement())}
    assert (plain["fair_use"].limit, plain["fair_use"].waived, plain["roaming_data"].waived) == (
        50 * 10**9,
        False,
        True,
    )
    assert {cap.name for cap in caps_of(RULES, "metered", Agreement())} == {"roaming_data"}
    said = Agreement("en", {"fair_use": Agreed(10**9, waived=True, muted=True), "unheard_of": Agreed()})
    agreed = {cap.name: cap for cap in caps_of(RULES, "unlimited", said)}
    fair = agreed["fair_use"]
    assert (fair.limit, fair.waived, fair.muted, fair.series) == (10**9, True, True, "fair_use/1000000000")
    assert fair == replace(plain["fair_use"], limit=10**9, waived=True, muted=True)
    assert agreed["roaming_data"] == plain["roaming_data"]
