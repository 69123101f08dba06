"""BER-TLV, both ways, and what is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim_readers.errors import Garbled
from sim_readers.tlv import Tlv, parse, value_of, write

TAGS = st.one_of(
    st.integers(1, 0xFE).filter(lambda tag: tag & 0x1F != 0x1F),
    st.integers(0, 0x7F).map(lambda low: 0x9F00 | low),
    st.integers(0x81, 0xFF).map(lambda middle: 0xBF0002 | middle << 8),
)
OBJECTS = st.lists(st.builds(Tlv, TAGS, st.binary(max_size=300)), max_size=5)


@given(OBJECTS, st.sampled_from([b"", b"\xff", b"\xff" * 9, b"\0\0"]))
def test_what_was_written_is_read_whatever_pads_it(objects: list[Tlv], padding: bytes) -> None:
    raw = b"".join(item.to_bytes() for item in objects)
    assert parse(raw + padding) == tuple(objects)


@pytest.mark.parametrize(
    ("size", "head"),
    [(0, "8000"), (127, "807F"), (128, "808180"), (255, "8081FF"), (256, "80820100"), (65535, "8082FFFF")],
)
def test_lengths_are_as_short_as_they_can_be(size: int, head: str) -> None:
    raw = write(0x80, bytes(size))
    assert raw.hex().upper().startswith(head)
    assert len(raw) == len(head) // 2 + size
    assert parse(raw) == (Tlv(0x80, bytes(size)),)


def test_longer_lengths_than_needed_are_read() -> None:
    assert parse(bytes.fromhex("80 82 0001 AA")) == (Tlv(0x80, b"\xaa"),)


def test_the_first_of_a_tag_is_found() -> None:
    objects = parse(bytes.fromhex("830101 83010A 9F700100"))
    assert value_of(objects, 0x83) == b"\x01"
    assert value_of(objects, 0x9F70) == b"\x00"
    assert value_of(objects, 0x84) is None


@pytest.mark.parametrize(
    "rubbish",
    [
        "80",
        "8005AABB",
        "9F",
        "9F80",
        "BF8181",
        "8080AABB",
        "84FFFFFFFF",
        "8081",
        "808201",
        "FF0100",
        "000180",
        "80840000000100",
    ],
)
def test_rubbish_is_garbled(rubbish: str) -> None:
    with pytest.raises(Garbled):
        parse(bytes.fromhex(rubbish))


@given(st.binary(max_size=40))
def test_any_bytes_are_objects_or_garbled(raw: bytes) -> None:
    try:
        objects = parse(raw)
    except Garbled:
        return
    assert sum(len(item.value) for item in objects) <= len(raw)


def test_values_are_not_shown() -> None:
    assert repr(Tlv(0x80, b"1234")) == "Tlv(tag=128)"
