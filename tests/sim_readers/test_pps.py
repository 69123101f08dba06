"""Agreeing on a speed."""

import pytest

from sim_readers.errors import Garbled
from sim_readers.wire import pps

ASKED = bytes.fromhex("FF109679")


@pytest.mark.parametrize(
    ("frequency_hz", "f", "d", "expected"),
    [
        (3_571_200, 372, 1, 9600),
        (3_579_545, 372, 1, 9622),
        (6_000_000, 372, 1, 16129),
        (3_571_200, 512, 32, 223_200),
        (3_571_200, 512, 16, 111_600),
    ],
)
def test_the_speed_is_clock_times_d_over_f(frequency_hz: int, f: int, d: int, expected: int) -> None:
    assert pps.baud(frequency_hz, f, d) == expected


def test_a_request_carries_its_check_byte() -> None:
    assert pps.request(0x96) == ASKED
    assert pps.request(None) == bytes.fromhex("FF00FF")


def test_a_repeated_request_is_agreement() -> None:
    assert pps.agreed(ASKED, ASKED) == (512, 32)


def test_an_answer_without_a_speed_means_the_default_one() -> None:
    assert pps.agreed(ASKED, bytes.fromhex("FF00FF")) == (372, 1)


@pytest.mark.parametrize("other", ["FF109578", "FF01FE", "FF109600", "6F00"])
def test_any_other_answer_is_garbled(other: str) -> None:
    with pytest.raises(Garbled):
        pps.agreed(ASKED, bytes.fromhex(other))


@pytest.mark.parametrize(
    ("raw", "expected"), [("", 3), ("FF", 2), ("FF10", 2), ("FF1096", 1), ("FF109679", 0), ("FF70", 4)]
)
def test_it_is_known_how_much_must_still_come(raw: str, expected: int) -> None:
    assert pps.needed(bytes.fromhex(raw)) == expected


def test_a_card_agrees_to_what_it_offers_and_stays_slow_for_anything_else() -> None:
    assert pps.reply(ASKED, 0x96) == ASKED
    assert pps.reply(ASKED, 0x95) == bytes.fromhex("FF00FF")
    assert pps.reply(bytes.fromhex("FF109600"), 0x96) is None
    assert pps.reply(pps.request(0x96, protocol=1), 0x96) is None
