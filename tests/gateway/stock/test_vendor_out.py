"""What is written for a vendor is read back as it was meant, or is not written."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.subscription import Iccid, Imsi
from gateway.stock.vendor import VendorSim, parse
from gateway.stock.vendor_cards import card_data, vendor_sim
from gateway.stock.vendor_out import BatchHeader, CannotWrite, write_input, write_output
from tests.gateway.cards import card, vendor_file

HEADER = BatchHeader("EXAMPLE", "EX_USIM_STD", "2026010501", "2026010502")
FIRST = Iccid("8933010000000000010"), Imsi("208930000000001")
FIELD = """*HEADER DESCRIPTION
***************************************
Customer        : EXAMPLE
ProfileType     : EX_USIM_STD
Order Date      : 2026010501
Batch No        : 2026010502
Quantity        : 2
***************************************
*INPUT VARIABLES
***************************************
var_In:
 ICCID: 8933010000000000010
IMSI: 208930000000001
***************************************
*OUTPUT VARIABLES
***************************************
var_Out: ICCID/IMSI/PIN1/PUK1/ADM1/KI
8933010000000000010 208930000000001 1234 12345678 12345678 00000000000000000000000000000001
8933010000000000028 208930000000002 4321 12345679 DEADBEEF00000001 00000000000000000000000000000002
"""


def sims(numbers: list[int]) -> list[VendorSim]:
    return parse(vendor_file([card(n) for n in numbers])).sims


def bare(found: list[VendorSim]) -> list[VendorSim]:
    return [replace(sim, line=0) for sim in found]


def test_a_file_written_again_is_the_same_file() -> None:
    assert write_output(HEADER, parse(FIELD).sims) == FIELD


@given(st.lists(st.integers(1, 9999), unique=True, min_size=1, max_size=20))
def test_every_card_written_is_read_back(numbers: list[int]) -> None:
    found = parse(write_output(HEADER, sims(numbers)))
    assert (found.problems, found.quantity, found.rows) == ([], len(numbers), len(numbers))
    assert (found.customer, found.profile, found.order_date, found.batch) == (
        "EXAMPLE", "EX_USIM_STD", "2026010501", "2026010502"
    )  # fmt: skip
    assert bare(found.sims) == bare(sims(numbers))


def test_a_card_keeps_its_secrets_on_the_way_to_the_card_side_and_back() -> None:
    for sim in [*sims([1, 2, 3]), *parse(FIELD).sims]:
        assert vendor_sim(card_data(sim.iccid, sim.imsi, sim.secrets)) == replace(sim, line=0)


def test_an_order_names_the_first_card_and_how_many() -> None:
    order = write_input(HEADER, 2, *FIRST, columns=("pin1", "puk1", "adm1", "ki"))
    assert order == "".join(line for line in FIELD.splitlines(keepends=True)[:17])
    assert parse(order).sims == []


@pytest.mark.parametrize(
    ("quantity", "iccid", "imsi", "words"),
    [
        (0, *FIRST, "one card at least"),
        (1, "8933010000000000011", FIRST[1], "check digit"),
        (1, "893301000000000001F", FIRST[1], "check digit"),
        (1, FIRST[0], "20893x000000001", "must be digits"),
        (2, "8933019999999999994", FIRST[1], "run over"),
        (2, FIRST[0], "208939999999999", "run over"),
    ],
)
def test_an_order_that_makes_no_sense_is_not_written(quantity: int, iccid: str, imsi: str, words: str) -> None:
    with pytest.raises(CannotWrite, match=words):
        write_input(HEADER, quantity, Iccid(iccid), Imsi(imsi))


def test_an_order_asks_for_known_columns_only() -> None:
    with pytest.raises(CannotWrite, match="'pin3' is no column"):
        write_input(HEADER, 1, *FIRST, columns=("pin3",))


def _spoilt(name: str, value: str | None) -> list[VendorSim]:
    one, two = sims([1, 2])
    secrets = {**two.secrets, name: value} if value is not None else {k: v for k, v in two.secrets.items() if k != name}
    return [one, replace(two, secrets={k: v for k, v in secrets.items() if v is not None})]


@pytest.mark.parametrize(
    ("cards", "words"),
    [
        ([], "no card"),
        (sims([1]) * 2, "there twice"),
        (_spoilt("ki", None), "differs from the first in what it has: KI"),
        (_spoilt("adm1", "12 345678"), "ADM1 of card"),
        (_spoilt("adm1", ""), "ADM1 of card"),
        ([replace(sims([1])[0], secrets={"pin1": "1234"})], "has no Ki"),
    ],
)
def test_cards_that_would_not_be_read_back_are_not_written(cards: list[VendorSim], words: str) -> None:
    with pytest.raises(CannotWrite, match=words) as refused:
        write_output(HEADER, cards)
    assert not [value for sim in cards for value in sim.secrets.values() if value and value in str(refused.value)]


@pytest.mark.parametrize("value", ["two\nlines", " blank", "bell\a"])
def test_a_header_is_one_line(value: str) -> None:
    with pytest.raises(CannotWrite, match="Customer must be one line"):
        write_output(replace(HEADER, customer=value), sims([1]))
