"""Parts read back, well-formed and not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.dialects.smpp.submission import Part
from drivers.dialects.smpp.text import Alphabet, PartText, join, read_part
from drivers.errors import NotSpoken

OCTETS = st.binary(max_size=40)
TAGS = st.sampled_from([0x020C, 0x020E, 0x020F, 0x0424, 0x1401])
PARTS = st.builds(
    Part, OCTETS, st.integers(0, 255), st.sampled_from([0, 0x40, 0x44, 0xFF]), st.dictionaries(TAGS, OCTETS)
)


@pytest.mark.parametrize(
    ("header", "place"),
    [
        (b"\x05\x00\x03\x07\x03\x02", (7, 2, 3)),
        (b"\x06\x08\x04\x12\x34\x03\x02", (0x1234, 2, 3)),
        (b"\x08\x24\x01\x03\x00\x03\x07\x03\x02", (7, 2, 3)),  # after another element
        (b"\x0a\x00\x03\x01\x02\x01\x00\x03\x07\x03\x02", (7, 2, 3)),  # twice: the last counts
        (b"\x05\x00\x03\x07\x03\x04", (None, 1, 1)),  # 4 of 3
        (b"\x05\x00\x03\x07\x00\x00", (None, 1, 1)),
        (b"\x05\x00\x09\x07\x03\x02", (None, 1, 1)),  # an element that ends outside its header
        (b"\x03\x00\x01\x07", (None, 1, 1)),
        (b"\x01\x00", (None, 1, 1)),
        (b"\x00", (None, 1, 1)),
    ],
)
def test_a_header_is_read_within_its_bounds(header: bytes, place: tuple[int | None, int, int]) -> None:
    read = read_part(Part(header + b"abc", 0, 0x40))
    assert (read.reference, read.number, read.total) == place
    assert read.text == "abc"


def test_a_header_that_does_not_fit_is_read_as_text() -> None:
    assert read_part(Part(b"zabc", 0, 0x40)).text == "zabc"
    assert read_part(Part(b"", 0, 0x40)).text == ""


def test_without_the_indicator_there_is_no_header() -> None:
    assert read_part(Part(b"\x05\x00\x03\x07\x03\x02abc", 0, 0)).text == "é@¥ì¥$abc"


def test_sar_parameters_place_a_part() -> None:
    sar = {0x020C: b"\x12\x34", 0x020E: b"\x03", 0x020F: b"\x02"}
    assert read_part(Part(b"abc", tlvs=sar)) == PartText("abc", 0x1234, 2, 3)
    assert read_part(Part(b"abc", tlvs=sar | {0x020F: b""})) == PartText("abc")
    assert read_part(Part(b"abc", tlvs=sar | {0x020F: b"\x09"})) == PartText("abc")


def test_the_payload_may_have_a_header_too() -> None:
    payload = {0x0424: b"\x05\x00\x03\x07\x03\x02\0\xe7"}
    assert read_part(Part(b"", 8, 0x40, payload)) == PartText("ç", 7, 2, 3)


@pytest.mark.parametrize(
    ("data_coding", "text"),
    [
        (0, "é"),
        (0xF0, "é"),
        (0xF1, "é"),
        (0x10, "é"),
        (0xC8, "é"),
        (0xD0, "é"),
        (1, "\x05"),
        (3, "\x05"),
        (4, "\x05"),
        (0xF5, "\x05"),
        (0x14, "\x05"),
        (0x80, "\x05"),
        (8, "�"),
        (0x18, "�"),
        (0xE0, "�"),
    ],
)
def test_data_coding_says_how_to_read(data_coding: int, text: str) -> None:
    assert read_part(Part(b"\x05", data_coding)).text == text


def test_other_alphabets_of_the_standard() -> None:
    assert read_part(Part(b"\xb4\xd0", 6)).text == "Да"
    assert read_part(Part(b"\xe9", 1)).text == "\ufffd"


def test_the_smsc_may_mean_another_alphabet_by_0() -> None:
    assert read_part(Part(b"\xe7@"), Alphabet.LATIN1).text == "ç@"
    assert read_part(Part(b"\xe7@"), Alphabet.ASCII).text == "\ufffd@"


@given(PARTS, st.sampled_from(Alphabet))
def test_whatever_comes_is_read(part: Part, alphabet: Alphabet) -> None:
    read = read_part(part, alphabet)
    assert 1 <= read.number <= read.total
    assert read.text.encode("utf-8") is not None  # nothing that a database would refuse


def test_parts_are_joined_in_any_order_and_once() -> None:
    first, second, third = (PartText(text, 7, number, 3) for number, text in enumerate("abc", 1))
    assert join([third, first, second, first]) == "abc"
    assert join([PartText("alone")]) == "alone"


def test_a_missing_part_is_named() -> None:
    with pytest.raises(NotSpoken, match=r"parts \[1, 3\] of 3 are missing: wait"):
        join([PartText("b", 7, 2, 3)])


@pytest.mark.parametrize("parts", [[], [PartText("a", 7, 1, 2), PartText("b", 8, 2, 2)]])
def test_parts_of_different_texts_are_not_joined(parts: list[PartText]) -> None:
    with pytest.raises(NotSpoken, match=f"parts of {len(parts)} texts"):
        join(parts)
