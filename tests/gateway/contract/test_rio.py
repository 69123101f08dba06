"""RIO: the published example holds, every slip of the pen shows, and what is refused says what to do."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from drivers.subscription import Msisdn
from gateway.contract.rio import ALPHABET, check_rio, control_key, normalised, rio_for

PARIS = Msisdn("+33612345678")
# The example given in the "Algorithme inter-opérateurs de calcul du RIO", v1.1: 01 P EROY4P with 0612345678 has the
# key 4TR.
PUBLISHED = "01PEROY4P4TR"

# By hand, AAEAAAAAB with 0639000000. Of the values only E = 4, B = 1, 6 = 32, 3 = 29, 9 = 35 and 0 = 26 count:
#   E stands third of 19 (16 follow it), B ninth (10 follow), then 0 6 3 9 and six 0 (9, 8, 7, 6 and 5 to 0 follow).
#   a = 4 + 1 + 26 + 32 + 29 + 35 + 6*26                                     = 283                   = 24 = Y
#   b, with 2^16, 2^10, 2^9 … 2^5 = 9, 25, 31, 34, 17, 27, 32 (mod 37); six 0 count 26 * 63 = 1638:
#     4*9 + 1*25 + 26*31 + 32*34 + 29*17 + 35*27 + 1638 = 36+25+806+1088+493+945+1638 = 5031         = 36 = +
#   c, with 4^16, 4^10, 4^9 … 4^6 = 7, 33, 36, 9, 30, 26 (mod 37); six 0 count 26 * (4^6-1)/3 = 26 * 1365 = 35490:
#     4*7 + 1*33 + 26*36 + 32*9 + 29*30 + 35*26 + 35490 = 28+33+936+288+870+910+35490 = 38555        =  1 = B
BY_HAND = ("AAEAAAAABY+B", Msisdn("+262639000000"))

references = st.text(ALPHABET, min_size=6, max_size=6)
operators = st.text(ALPHABET[:-1], min_size=2, max_size=2)
msisdns = st.one_of(
    st.integers(0, 99_999_999).map(lambda n: Msisdn(f"+336{n:08d}")),
    st.integers(0, 999_999).map(lambda n: Msisdn(f"+262639{n:06d}")),
    st.integers(0, 99_999).map(lambda n: Msisdn(f"+6877{n:05d}")),
    st.integers(0, 9_999_999).map(lambda n: Msisdn(f"+3776{n:07d}")),
)


def test_the_published_example_holds() -> None:
    assert control_key("01", "P", "EROY4P", PARIS) == "4TR"
    assert rio_for("01", "P", "EROY4P", PARIS) == PUBLISHED
    assert check_rio(PUBLISHED, PARIS) is None


def test_a_key_reckoned_by_hand_holds_overseas() -> None:
    rio, msisdn = BY_HAND
    assert rio_for("AA", "E", "AAAAAB", msisdn) == rio
    assert check_rio(rio, msisdn) is None


@pytest.mark.parametrize(
    ("msisdn", "taken_as"),
    [
        ("+262639012345", "+33639012345"),  # 0639012345, in Mayotte as it would be in Paris
        ("+590690123456", "+33690123456"),
        ("+687751234", "+33000751234"),  # six digits, filled up to 0000751234
        ("+377612345678", "+33612345678"),  # Monaco writes 06 12 34 56 78
        ("+999123", "+33000999123"),  # a country code nobody has
    ],
)
def test_a_number_is_taken_as_dialled_at_home(msisdn: str, taken_as: str) -> None:
    assert control_key("01", "P", "EROY4P", Msisdn(msisdn)) == control_key("01", "P", "EROY4P", Msisdn(taken_as))


def test_all_fourteen_digits_of_a_machines_number_count() -> None:
    numbers = [Msisdn(f"+33700{n:010d}") for n in (0, 1, 10**9)]
    assert len({control_key("01", "E", "EROY4P", number) for number in numbers}) == 3


@given(operators, st.sampled_from("EP"), references, msisdns)
def test_what_is_made_is_found_right_in_any_case(operator: str, kind: str, reference: str, msisdn: Msisdn) -> None:
    rio = rio_for(operator, kind, reference, msisdn)
    assert len(rio) == 12
    assert check_rio(rio, msisdn) is None
    assert check_rio(rio.lower(), msisdn) is None
    assert normalised(rio.lower()) == rio


@given(operators, references, msisdns, st.integers(0, 11), st.sampled_from(ALPHABET))
def test_one_wrong_character_always_shows(operator: str, reference: str, msisdn: Msisdn, place: int, char: str) -> None:
    rio = rio_for(operator, "P", reference, msisdn)
    assume(rio[place] != char)
    assert check_rio(rio[:place] + char + rio[place + 1 :], msisdn) is not None


@given(references, st.integers(0, 4))
def test_two_neighbours_exchanged_always_show(reference: str, place: int) -> None:
    first, second = reference[place], reference[place + 1]
    assume(first != second)
    rio = rio_for("02", "P", reference, PARIS)
    exchanged = reference[:place] + second + first + reference[place + 2 :]
    assert check_rio("02P" + exchanged + rio[9:], PARIS) is not None


@pytest.mark.parametrize(
    ("rio", "said"),
    [
        ("01 P EROY4P 4TR", "no spaces"),
        ("01P\tEROY4P4T", "no spaces"),
        ("", "12 characters, not 0"),
        ("01PEROY4P4T", "12 characters, not 11"),
        ("01PEROY4P4TRX", "12 characters, not 13"),
        ("+1PEROY4P4TR", "first 2 characters"),
        ("01FEROY4P4TR", "E (entreprise) or P (particulier)"),
        ("01PER-Y4P4TR", "characters 4 to 9"),
        ("01PER\u0131Y4P4TR", "characters 4 to 9"),  # a dotless i is no capital I
        ("01PEROY4P4T\u0661", "last 3 characters"),  # nor is every digit a digit
        ("01PEROY4P4TS", "does not fit this number"),
    ],
)
def test_a_refusal_says_what_to_do(rio: str, said: str) -> None:
    refusal = check_rio(rio, PARIS)
    assert refusal is not None
    assert said in refusal
    assert ":" in refusal


def test_another_number_does_not_fit_and_the_right_key_is_not_told() -> None:
    other = Msisdn("+33612345679")
    refusal = check_rio(PUBLISHED, other)
    assert refusal is not None
    assert control_key("01", "P", "EROY4P", other) not in refusal


@pytest.mark.parametrize("parts", [("1", "P", "EROY4P"), ("01", "X", "EROY4P"), ("01", "P", "EROY4"), ("01", "", "A")])
def test_no_rio_is_made_of_wrong_parts(parts: tuple[str, str, str]) -> None:
    with pytest.raises(ValueError, match="copy it again"):
        rio_for(*parts, PARIS)
