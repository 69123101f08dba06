"""What becomes of characters an alphabet lacks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.dialects.smpp.text import Alphabet, Carriage, Policy, compose, septets, transliterate

GSM7, LATIN1, ASCII = (Carriage(alphabet=alphabet) for alphabet in Alphabet)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Vous avez reçu un avertissement", "Vous avez recu un avertissement"),
        ("âêîôû ëïÿ", "aeiou eiy"),
        ("ÀÂÈÊËÎÏÔÙÛ", "AAEEEIIOUU"),
        ("œuvre ŒUVRE", "oeuvre OEUVRE"),
        ("«\xa0oui\xa0»", '" oui "'),
        ("l\u2019été, \u201cici\u201d", 'l\'été, "ici"'),
        ("80\u202f% \u2013 100\u202f% \u2014 fin\u2026", "80 % - 100 % - fin..."),
        ("n° 5, 2½ m²", "no 5, 2 1/2 m2"),
        ("Łódź, žluťoučký, ăîșț", "Lodz, zlutoucky, aist"),
        ("e\u0301te\u0301 c\u0327a", "été ca"),  # accents that came apart from their letters
        ("`a\tb", "'a b"),
        ("co\xadopérer\u200b", "coopérer"),
    ],
)
def test_french_stays_readable(before: str, after: str) -> None:
    assert transliterate(before).text == after
    assert septets(after) is not None


@pytest.mark.parametrize("text", ["é è à ù", "Ç É Ä Ö Ü Å æ Æ ß ø Ø ñ Ñ ò ì", "12 € [ok] {x} ^ ~ | \\ \f", "§ ¤ ¿ ¡"])
def test_what_gsm_7_has_is_left_alone(text: str) -> None:
    assert transliterate(text).text == text
    assert transliterate(text).replaced == {}


def test_it_tells_what_was_replaced_by_what() -> None:
    assert transliterate("ça, ça… l\u2019œil").replaced == {"ç": "c", "…": "...", "\u2019": "'", "œ": "oe"}


@pytest.mark.parametrize("char", ["😀", "Д", "й", "日", "≠", "ع"])
def test_what_has_no_spelling_is_left_as_it_stands(char: str) -> None:
    result = transliterate(f"ç{char}")
    assert result.text == f"c{char}"
    assert result.replaced == {"ç": "c"}


def test_where_ucs_2_is_needed_anyway_nothing_is_replaced() -> None:
    composed = compose("reçu 😀", GSM7, Policy.TRANSLITERATE)
    assert (composed.text, composed.replaced, composed.forcing) == ("reçu 😀", {}, ("😀",))


def test_where_more_segments_would_be_needed_nothing_is_replaced() -> None:
    assert compose("…" * 53, GSM7, Policy.TRANSLITERATE).text == "..." * 53
    composed = compose("…" * 54, GSM7, Policy.TRANSLITERATE)
    assert (composed.text, composed.replaced, composed.forcing) == ("…" * 54, {}, ("…",))


def test_kept_characters_are_told() -> None:
    composed = compose("reçu, forêt, reçu", GSM7, Policy.KEEP)
    assert (composed.text, composed.replaced, composed.forcing) == ("reçu, forêt, reçu", {}, ("ç", "ê"))


@pytest.mark.parametrize(
    ("how", "after"),
    [(LATIN1, "reçu § 5 EUR oe"), (ASCII, None), (GSM7, "recu § 5 € oe")],
    ids=["latin1", "ascii", "gsm7"],
)
def test_each_alphabet_is_written_to_with_what_it_has(how: Carriage, after: str | None) -> None:
    before = "reçu § 5 € œ"
    assert compose(before, how, Policy.TRANSLITERATE).text == (after or before)  # ASCII has no way to write §


def test_ascii_has_no_accents() -> None:
    assert compose("été à Øre, 5 €, «ß»", ASCII, Policy.TRANSLITERATE).text == 'ete a Ore, 5 EUR, "ss"'


def test_a_national_table_keeps_its_own_letters() -> None:
    portuguese = Carriage(national="pt")
    assert compose("ação", portuguese, Policy.TRANSLITERATE).replaced == {}
    assert compose("ação œ", portuguese, Policy.TRANSLITERATE).text == "ação oe"


@given(st.text(st.characters(max_codepoint=0x17F, categories=["L"])))
def test_every_latin_letter_fits_gsm_7(text: str) -> None:
    assert septets(transliterate(text).text) is not None


@given(st.text())
def test_a_second_time_changes_nothing(text: str) -> None:
    once = transliterate(text).text
    assert transliterate(once).text == once
