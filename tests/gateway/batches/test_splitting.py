"""Files cut anywhere give the same rows, and the offset of the last whole one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.batches.splitting import Piece, Place, RowTooLong, Splitter
from gateway.batches.states import Format

rows = st.lists(
    st.text(st.characters(exclude_characters="\r\n\x00", exclude_categories=["Cs"]), max_size=20), max_size=12
)


def whole(data: bytes, form: Format = Format.NDJSON, place: Place | None = None, most: int = 1000) -> Piece:
    splitter = Splitter(form, place or Place(), most)
    splitter.feed(data)
    splitter.finish()
    return splitter.take()


@given(rows, st.sampled_from(["\n", "\r\n"]), st.lists(st.integers(0, 300), max_size=5), st.sampled_from(Format))
def test_a_file_cut_anywhere_gives_the_same_rows(texts: list[str], end: str, cuts: list[int], form: Format) -> None:
    data = end.join(texts).encode()
    place = Place()
    found: list[tuple[int, str]] = []
    for cut in sorted(cuts):
        splitter = Splitter(form, place, 1000)
        splitter.feed(data[place.offset : cut])
        piece = splitter.take()
        assert piece.offset <= max(cut, place.offset)
        found.extend(piece.rows)
        place = Place(piece.offset, piece.lines, piece.header)
    rest = whole(data[place.offset :], form, place)
    once = whole(data, form)
    assert (*found, *rest.rows) == once.rows
    assert (rest.offset, rest.lines, rest.header) == (len(data), once.lines, once.header)


def test_rows_are_named_by_their_line_and_a_torn_one_is_left() -> None:
    splitter = Splitter(Format.CSV, Place(), 1000)
    splitter.feed(b"\xef\xbb\xbf\r\naction,msisdn\r\n\r\nsuspend,1\r\nsus")
    assert splitter.take() == Piece(((4, "suspend,1"),), 33, 4, "action,msisdn")


def test_what_is_no_text_is_a_row_without_any() -> None:
    assert whole(b"\xff\xfe\na\x00b\nok").rows == ((1, ""), (2, ""), (3, "ok"))


@pytest.mark.parametrize("data", [b"ok\n" + b"x" * 41, b"ok\n" + b"x" * 41 + b"\n"])
def test_a_line_too_long_is_named_and_the_rows_before_it_kept(data: bytes) -> None:
    splitter = Splitter(Format.NDJSON, Place(), 40)
    with pytest.raises(RowTooLong, match="line 2 of the file is longer than 40 bytes"):
        splitter.feed(data)
    assert splitter.take().rows == ((1, "ok"),)
