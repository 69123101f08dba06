"""What holds for every text and every way of carrying it."""

from itertools import accumulate, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.dialects.smpp.submission import Part
from drivers.dialects.smpp.text import (
    Alphabet,
    Carriage,
    LongText,
    Policy,
    compose,
    join,
    preview,
    read_part,
    septets,
    split,
)

UDH = (LongText.UDH8, LongText.UDH16)
CARRIAGES = [
    *(Carriage(long_text, alphabet) for long_text, alphabet in product(LongText, Alphabet)),
    *(Carriage(long_text, national=language) for long_text, language in product(UDH, ("tr", "es", "pt"))),
]
GSM = "aàé0 @€[]^|\\\f\r\n"
NATIONAL = "aéçãõâêúíóÁşğİ€^º∞Φ"
#: each is one character to its reader, and stays one beside any other of them
CLUSTERS = [
    *("a", "ç", "€", "é", "日", "😀", "👍🏽", "\r\n", "e\u0323\u0301", "❤\ufe0f", "1\ufe0f\u20e3"),
    *("\U0001f1eb\U0001f1f7", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\u1112\u1161\u11ab", "न\u093f"),
]


def _long(alphabet: str) -> st.SearchStrategy[str]:
    """Texts around one and two segments, which ``st.text`` alone hardly ever reaches."""
    return st.builds(
        lambda head, times, tail: head * times + tail,
        st.text(alphabet, min_size=1, max_size=30),
        st.integers(1, 15),
        st.text(alphabet, max_size=40),
    )


TEXTS = st.one_of(st.text(), _long(GSM), _long(NATIONAL), _long(GSM + NATIONAL + "😀\u200d\u0301"), _long("aœ…½"))
CLUSTERED = st.builds(
    lambda first, times, last: first * times + last,
    st.lists(st.sampled_from(CLUSTERS), min_size=1, max_size=20),
    st.integers(1, 10),
    st.lists(st.sampled_from(CLUSTERS), max_size=40),
)
every_carriage = pytest.mark.parametrize(
    "how", CARRIAGES, ids=lambda how: f"{how.long_text}-{how.alphabet}-{how.national}"
)


def _body(part: Part) -> tuple[int, bytes]:
    """Octets of the header, and what follows it."""
    header = 1 + part.octets[0] if part.esm_class & 0x40 else 0
    return header, part.octets[header:]


def _octets_on_the_air(part: Part, alphabet: Alphabet, *, alone: bool) -> int:
    header, body = _body(part)
    if part.tlvs and not alone:
        header = 6  # the SMSC writes it
    if part.data_coding == 8 or alphabet is Alphabet.LATIN1:
        return header + len(body)
    units = len(septets(body.decode("ascii")) or b"") if alphabet is Alphabet.ASCII else len(body)
    return header + (units * 7 + 7) // 8


@every_carriage
@given(text=TEXTS, reference=st.integers(0, 0xFFFF))
def test_what_is_split_is_read_as_it_was(how: Carriage, text: str, reference: int) -> None:
    parts = [read_part(part, how.alphabet) for part in split(text, how, reference)]
    assert join(parts) == text
    if len(parts) > 1:
        assert {part.reference for part in parts} == {reference & 0xFF if how.long_text is LongText.UDH8 else reference}


@every_carriage
@given(text=TEXTS)
def test_no_segment_is_longer_than_the_air_allows(how: Carriage, text: str) -> None:
    parts = split(text, how, 1)
    for part in parts:
        assert len(part.octets) <= 254  # SMPP 3.4 §4.4.1
        assert _octets_on_the_air(part, how.alphabet, alone=len(parts) == 1) <= 140


@every_carriage
@given(text=TEXTS)
def test_no_segment_ends_with_half_a_character(how: Carriage, text: str) -> None:
    for part in split(text, how, 1):
        octets = _body(part)[1]
        if part.data_coding == 8:
            assert octets.decode("utf-16-be").encode("utf-16-be") == octets
        elif how.alphabet is Alphabet.GSM7:
            assert not octets.endswith(b"\x1b")


@every_carriage
@given(clusters=CLUSTERED)
def test_no_cut_goes_through_what_is_read_as_one(how: Carriage, clusters: list[str]) -> None:
    parts = split("".join(clusters), how, 1)
    cuts = accumulate(len(read_part(part, how.alphabet).text) for part in parts)
    assert set(cuts) <= set(accumulate(map(len, clusters)))


@every_carriage
@given(text=TEXTS, policy=st.sampled_from(Policy))
def test_a_preview_tells_what_split_does(how: Carriage, text: str, policy: Policy) -> None:
    seen, composed = preview(text, how, policy), compose(text, how, policy)
    parts = split(composed.text, how, 1)
    assert seen.replaced == composed.replaced
    assert (seen.encoding == "ucs2") == bool(seen.forcing) == (parts[0].data_coding == 8)
    assert seen.left >= 0
    assert seen.segments == len(parts) or how.long_text is LongText.PAYLOAD


@every_carriage
@given(text=TEXTS)
def test_transliterating_never_takes_more_segments(how: Carriage, text: str) -> None:
    kept, replaced = (preview(text, how, policy) for policy in (Policy.KEEP, Policy.TRANSLITERATE))
    assert replaced.segments <= kept.segments
    assert replaced.encoding != "ucs2" or replaced.replaced == {}
