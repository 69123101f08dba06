"""GSM 7-bit, its extension and the national tables, against code points of TS 23.038."""

import pytest

from drivers.dialects.smpp import text
from drivers.dialects.smpp.text.alphabet import BASIC, DEFAULT, ESCAPE, EXTENSION, septets, text_of
from drivers.dialects.smpp.text.national import LANGUAGES, tables_for

DOTLESS_I = "\N{LATIN SMALL LETTER DOTLESS I}"


@pytest.mark.parametrize(
    ("char", "code"),
    [
        ("@", 0x00),
        ("é", 0x05),
        ("è", 0x04),
        ("ù", 0x06),
        ("à", 0x7F),
        ("Ç", 0x09),
        ("_", 0x11),
        ("§", 0x5F),
        ("É", 0x1F),
        ("¤", 0x24),
        ("¡", 0x40),
        ("¿", 0x60),
        ("A", 0x41),
        ("z", 0x7A),
        ("\n", 0x0A),
        ("\r", 0x0D),
    ],
)
def test_a_basic_character_is_one_septet(char: str, code: int) -> None:
    assert septets(char) == bytes([code])
    assert text_of(bytes([code])) == char


@pytest.mark.parametrize(
    ("char", "code"),
    [
        ("\f", 0x0A),
        ("^", 0x14),
        ("{", 0x28),
        ("}", 0x29),
        ("\\", 0x2F),
        ("[", 0x3C),
        ("~", 0x3D),
        ("]", 0x3E),
        ("|", 0x40),
        ("€", 0x65),
    ],
)
def test_an_extension_character_is_an_escape_and_a_septet(char: str, code: int) -> None:
    assert septets(char) == bytes([ESCAPE, code])
    assert text_of(bytes([ESCAPE, code])) == char


@pytest.mark.parametrize("char", ["`", "ç", "ê", "œ", "\u2019", "\xa0", "\x1b", "\t"])
def test_what_gsm_7_lacks_has_no_septets(char: str) -> None:
    assert septets(f"a{char}b") is None


def test_the_default_alphabet_is_whole() -> None:
    assert len(BASIC) == len(set(BASIC)) == 128
    assert len(DEFAULT.codes) == 127 + len(EXTENSION) == 137


def test_codes_without_a_character_are_shown_as_such() -> None:
    assert text_of(b"a\x1b\x1bb\x1b\x00c\x80\xffd") == "a\ufffdb\ufffdc\ufffd\ufffdd"
    assert text_of(b"a\x1b") == "a"


@pytest.mark.parametrize(
    ("language", "single", "char", "code"),
    [
        ("tr", True, "Ğ", 0x47),
        ("tr", True, DOTLESS_I, 0x69),
        ("tr", True, "ş", 0x73),
        ("tr", True, "€", 0x65),
        ("tr", False, "€", 0x04),
        ("tr", False, DOTLESS_I, 0x07),
        ("tr", False, "İ", 0x40),
        ("tr", False, "ç", 0x60),
        ("es", True, "ç", 0x09),
        ("es", True, "Á", 0x41),
        ("es", True, "ú", 0x75),
        ("pt", True, "ê", 0x05),
        ("pt", True, "ç", 0x09),
        ("pt", True, "Ê", 0x1F),
        ("pt", True, "ã", 0x7B),
        ("pt", True, "â", 0x7F),
        ("pt", False, "ç", 0x09),
        ("pt", False, "∞", 0x15),
        ("pt", False, "€", 0x18),
        ("pt", False, "º", 0x24),
        ("pt", False, "õ", 0x7C),
        ("pt", False, "`", 0x7D),
    ],
)
def test_national_tables_stand_where_the_annex_puts_them(language: str, single: bool, char: str, code: int) -> None:  # noqa: FBT001 - a column of the table above
    identifier = LANGUAGES[language].identifier
    tables = tables_for(None, identifier) if single else tables_for(identifier, None)
    written = bytes([ESCAPE, code]) if single else bytes([code])
    assert septets(char, tables) == written
    assert text_of(written, tables) == char


@pytest.mark.parametrize(("language", "identifier"), [("tr", 1), ("es", 2), ("pt", 3)])
def test_every_national_character_is_read_as_it_was_written(language: str, identifier: int) -> None:
    assert LANGUAGES[language].identifier == identifier
    for tables in (tables_for(identifier, None), tables_for(None, identifier), tables_for(identifier, identifier)):
        every = "".join(tables.codes)
        assert text_of(septets(every, tables) or b"", tables) == every


def test_an_unknown_language_leaves_the_default_tables() -> None:
    assert tables_for(99, 99).codes == DEFAULT.codes
    assert tables_for(LANGUAGES["es"].identifier, None).codes == DEFAULT.codes  # Annex A.3.2 is void


def test_one_segment_is_written_and_read_as_before() -> None:
    assert text.encode("é€") == (0, b"\x05\x1be")
    assert text.encode("ç") == (8, b"\0\xe7")
    assert text.decode(0, b"\x05\x1be") == "é€"
    assert text.decode(8, b"\0\xe7\xd8") == "ç\ufffd"
    assert text.decode(3, b"\xe7") == text.decode(0xF0, b"\xe7") == "ç"
