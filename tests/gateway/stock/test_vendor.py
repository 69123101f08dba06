"""Vendors' output files: every layout seen in the field, every mistake named by line and column, no secret repeated."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.stock.vendor import SECRETS, VendorFile, parse
from tests.gateway.cards import card, vendor_file

FIELD = """*HEADER DESCRIPTION
***************************************
Customer        : EXAMPLE
ProfileType     : EX_USIM_STD
Order Date      : 2026010501
Batch No        : 2026010501
Quantity        : 2
***************************************
*INPUT VARIABLES DESCRIPTION
***************************************
Var_In_List:
 ICCID: 8933010000123456784
IMSI: 208930000000001
***************************************
*OUTPUT VARIABLES
***************************************
{columns}
{rows}
"""
SHORT = "ICCID/IMSI/PIN1/PUK1/ADM1/KI"
ROW = "8933010000000000010F 208930000000001 1234 12345678 87654321 465B5CE8B199B49FAA5F0A2EE238A6BC"
ARABIC = "\u0662\u0660\u0668930000000002"
ROW_2 = "8933010000000000028 208930000000002 4321 12345679 87654322 465B5CE8B199B49FAA5F0A2EE238A6BD"


def field(rows: str = f"{ROW}\n{ROW_2}", columns: str = f"var_Out: {SHORT}") -> str:
    return FIELD.format(columns=columns, rows=rows)


def told(found: VendorFile) -> set[tuple[int, str]]:
    return {(problem.line, problem.column) for problem in found.problems}


def test_a_file_as_vendors_write_it() -> None:
    found = parse(field())
    assert (found.problems, found.quantity, found.rows, len(found.sims)) == ([], 2, 2, 2)
    assert (found.customer, found.batch, found.profile) == ("EXAMPLE", "2026010501", "EX_USIM_STD")
    first = found.sims[0]
    assert (first.iccid, first.imsi) == ("8933010000000000010", "208930000000001")
    assert first.secrets == {
        "pin1": "1234", "puk1": "12345678", "adm1": "87654321", "ki": "465B5CE8B199B49FAA5F0A2EE238A6BC"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("columns", "rows"),
    [
        (f"var_out:{SHORT}", f"{ROW}\n{ROW_2}"),
        (f"VAR_OUT : {SHORT.lower()}", f"{ROW}\r\n\r\n  {ROW_2}  \r\n"),
        (f"var_Out: {SHORT.replace('/', ' / ')}", f"{ROW.replace(' ', chr(9))}\n{ROW_2}"),
        (f"var_Out: {SHORT}", f"{ROW.replace('F ', 'f ')}\n{ROW_2.lower()}"),
        (
            "var_out:ICCID/IMSI/PIN1/PUK1/PIN2/PUK2/ADM1/KI/Access_Control/Code Retailer/Code ADM/ADM2/ADM3/ADM4",
            "\n".join(
                " ".join((*r.split()[:4], "5678", "87654321", *r.split()[4:], "0001", "77", "88", "11", "22", "33"))
                for r in (ROW, ROW_2)
            ),
        ),
    ],
    ids=["lower case", "blanks", "tabs", "small letters", "many columns"],
)  # fmt: skip
def test_layouts_differ_and_cards_do_not(columns: str, rows: str) -> None:
    found = parse(field(rows, columns))
    assert found.problems == []
    assert [(s.iccid, s.imsi, s.secrets["ki"]) for s in found.sims] == [
        (s.iccid, s.imsi, s.secrets["ki"]) for s in parse(field()).sims
    ]
    assert set(found.sims[0].secrets) <= set(SECRETS)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", (0, "var_Out")),
        ("hello\nworld\n", (0, "var_Out")),
        ("var_Out:\n", (1, "ICCID")),
        ("var_Out: ICCID/IMSI/PIN1\n", (1, "KI")),
        (field(f"{ROW}"), (0, "Quantity")),
        (field().replace(": 2\n", ": two\n"), (7, "Quantity")),
        (field(f"{ROW}\n{ROW_2} EXTRA"), (19, "var_Out")),
        (field(f"{ROW}\n{ROW_2.rpartition(' ')[0]}"), (19, "var_Out")),
        (field(f"{ROW}\n{ROW_2.replace('0000028', '0000029')}"), (19, "ICCID")),
        (field(f"{ROW}\n{ROW_2.replace('8933010000000000028', '893301')}"), (19, "ICCID")),
        (field(f"{ROW}\n{ROW_2.replace('208930000000002', '20893x000000002')}"), (19, "IMSI")),
        (field(f"{ROW}\n{ROW_2.replace('A6BD', 'A6BX')}"), (19, "KI")),
        (field(f"{ROW}\n{ROW_2.replace('4321 ', '43x1 ')}"), (19, "PIN1")),
        (field(f"{ROW}\n{ROW_2.replace('12345679', '123456790')}"), (19, "PUK1")),
        (field(f"{ROW}\n{ROW_2.replace('87654322', '876543')}"), (19, "ADM1")),
        (field(f"{ROW}\n{ROW}"), (19, "ICCID")),
        (field(f"{ROW}\n{ROW_2.replace('208930000000002', '208930000000001')}"), (19, "IMSI")),
        (field(f"{ROW}\n{ROW_2.replace('208930000000002', ARABIC)}"), (19, "IMSI")),
    ],
)
def test_a_mistake_is_named_by_line_and_column(text: str, problem: tuple[int, str]) -> None:
    found = parse(text)
    assert problem in told(found)
    assert len(found.sims) == sum(line in text.splitlines() for line in (ROW, ROW_2))


def test_one_bad_row_does_not_spoil_the_others() -> None:
    rows = [card(n).row() for n in range(1, 30)]
    rows[7] = "rubbish"
    found = parse(field("\n".join(rows), "var_Out: ICCID/IMSI/PIN1/PUK1/PIN2/PUK2/ADM1/KI/OPC"))
    assert (len(found.sims), found.rows) == (28, 29)


@pytest.mark.parametrize("spoil", ["ki", "opc", "pin1", "puk1", "pin2", "puk2", "adm1", "imsi", "iccid"])
def test_no_problem_and_no_repr_repeats_a_secret(spoil: str) -> None:
    good, bad = card(1), card(2)
    wrong = replace(bad, **{spoil: getattr(bad, spoil) + "Z"})
    found = parse(vendor_file([good, wrong]))
    assert found.problems
    text = repr(found) + repr(found.problems) + repr(found.sims) + str(found.sims)
    secrets = [*good.secrets, *bad.secrets, *wrong.secrets]
    assert not [secret for secret in secrets if secret in text]


@pytest.mark.parametrize("shift", [1, 2, 3])
def test_columns_out_of_place_do_not_spill_secrets_into_problems(shift: int) -> None:
    """A row whose values slipped under the wrong names: what is told of it must not be what is secret."""
    one = card(1)
    values = one.row().split()
    found = parse(
        field(" ".join(values[shift:] + values[:shift]), "var_Out: ICCID/IMSI/PIN1/PUK1/PIN2/PUK2/ADM1/KI/OPC")
    )
    assert not found.sims
    assert not [secret for secret in one.secrets if secret in repr(found)]


@given(st.text() | st.text("var_Out:ICCID/IMSI/KI 0123456789ABCDEF\n*", max_size=400))
def test_any_text_is_read_without_a_fault(text: str) -> None:
    found = parse(text)
    assert found.problems or found.quantity in (None, found.rows)
    assert len(found.sims) <= found.rows


@given(st.lists(st.integers(1, 9999), unique=True, max_size=20))
def test_every_card_written_is_read_back(numbers: list[int]) -> None:
    cards = [card(n) for n in numbers]
    found = parse(vendor_file(cards))
    assert found.problems == []
    assert [(s.iccid, s.imsi, s.secrets["ki"], s.secrets["adm1"]) for s in found.sims] == [
        (c.iccid, c.imsi, c.ki, c.adm1) for c in cards
    ]
