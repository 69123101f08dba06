"""The answer to reset."""

import pytest

from sim_readers.errors import Garbled
from sim_readers.wire.atr import Atr, Group, needed, parse_atr, turn
from tests.sim_readers.small_card import FAST, HASTY, INVERSE, PLAIN, SPECIFIC, T1_ONLY

ALL = (FAST, HASTY, PLAIN, INVERSE, SPECIFIC, T1_ONLY, bytes.fromhex("3B00"), bytes.fromhex("3B021450"))


def test_every_group_is_read_and_the_historical_bytes_are_what_is_left() -> None:
    atr = parse_atr(FAST)
    assert atr.groups == (
        Group(0x96, None, None, 0x80),
        Group(None, None, None, 0x1F),
        Group(0xC7, None, None, None),
    )
    assert atr.historical == bytes.fromhex("8031A073BE21136743200718000001")


def test_a_fast_card_offers_its_speed_and_t0() -> None:
    atr = parse_atr(FAST)
    assert (atr.ta1, atr.speed, atr.protocols, atr.inverse) == (0x96, (512, 32), (0,), False)


def test_a_card_that_says_nothing_has_the_defaults() -> None:
    atr = parse_atr(bytes.fromhex("3B00"))
    assert (atr.speed, atr.protocols, atr.waiting_integer, atr.extra_guard) == ((372, 1), (0,), 10, 0)
    assert atr.waiting_s(3_571_200) == 1.0


def test_a_reserved_speed_is_no_speed() -> None:
    assert parse_atr(bytes.fromhex("3B1077")).speed == (372, 1)


def test_an_inverse_card_is_recognised() -> None:
    atr = parse_atr(INVERSE)
    assert (atr.inverse, atr.extra_guard, atr.historical) == (True, 8, bytes.fromhex("33046C9000"))


def test_a_card_in_specific_mode_negotiates_nothing_and_changes_speed_by_itself() -> None:
    atr = parse_atr(SPECIFIC)
    assert atr.specific
    assert atr.speaks_ta1_at_once
    assert not parse_atr(bytes.fromhex("3B90961010")).speaks_ta1_at_once


def test_the_longest_silence_follows_from_wi_and_speed() -> None:
    assert parse_atr(HASTY).waiting_s(3_571_200) == pytest.approx(960 * 512 / 3_571_200)


def test_other_protocols_than_t0_are_named_in_their_order() -> None:
    assert parse_atr(T1_ONLY).protocols == (1,)


@pytest.mark.parametrize("whole", ALL, ids=bytes.hex)
def test_cut_anywhere_it_is_garbled_and_says_it_needs_more(whole: bytes) -> None:
    assert needed(whole) == 0
    for cut in range(len(whole)):
        assert 0 < needed(whole[:cut]) <= len(whole) - cut or cut == 0
        with pytest.raises(Garbled):
            parse_atr(whole[:cut])


@pytest.mark.parametrize("whole", ALL, ids=bytes.hex)
def test_reading_what_is_needed_again_and_again_ends_exactly_at_the_last_byte(whole: bytes) -> None:
    got = whole[:1]
    while more := needed(got):
        got = whole[: len(got) + more]
    assert got == whole


def test_a_changed_byte_is_noticed_unless_it_announces_that_there_is_no_check() -> None:
    unnoticed = [atr for at in range(1, len(FAST)) for change in range(1, 256) if (atr := _changed(at, change))]
    assert len(unnoticed) == 4
    assert {(group.td or 0) & 0x0F for atr in unnoticed for group in atr.groups} == {0}


def _changed(at: int, change: int) -> Atr | None:
    broken = bytearray(FAST)
    broken[at] ^= change
    try:
        return parse_atr(bytes(broken))
    except Garbled:
        return None


def test_what_does_not_begin_as_an_atr_needs_nothing_more_and_is_garbled() -> None:
    assert needed(b"\x00\x00") == 0
    with pytest.raises(Garbled, match="begins with 3B or 3F"):
        parse_atr(b"\x00\x00")


def test_bytes_too_many_are_garbled() -> None:
    with pytest.raises(Garbled, match="longer"):
        parse_atr(PLAIN + b"\x00")


def test_turning_makes_the_first_byte_of_an_inverse_card_readable_and_is_its_own_inverse() -> None:
    everything = bytes(range(256))
    assert turn(b"\x03") == b"\x3f"
    assert turn(turn(everything)) == everything
