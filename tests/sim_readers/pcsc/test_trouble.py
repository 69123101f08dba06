import pytest

from sim_readers.errors import CardError, CardGone, NoCard, NoReader, ReaderBusy
from sim_readers.pcsc.trouble import amid, before, words


@pytest.mark.parametrize(
    ("code", "kind", "advice"),
    [
        (0x80100009, NoReader, "plug it in"),
        (0x8010000B, ReaderBusy, "another program"),
        (0x8010000C, NoCard, "insert one"),
        (0x8010000F, NoCard, "contacts"),
        (0x80100013, NoReader, "polkit"),
        (0x80100016, NoCard, "insert it again"),
        (0x80100017, NoReader, "plug it in again"),
        (0x8010001D, NoReader, "pcscd"),
        (0x8010001E, NoReader, "start it again"),
        (0x80100027, NoReader, "polkit"),
        (0x8010002E, NoReader, "libccid"),
        (0x80100066, NoCard, "mute"),
        (0x80100067, NoCard, "insert it again"),
        (0x80100069, NoCard, "insert it again"),
        (0x8010006A, NoReader, "org.debian.pcsc-lite.access_card"),
        (0x80100001, NoReader, "seldom"),
    ],
)
def test_a_card_that_cannot_be_had_is_told_with_advice(code: int, kind: type[CardError], advice: str) -> None:
    told = before(code, "Some Reader 00 00")
    assert type(told) is kind
    assert str(told).startswith("Some Reader 00 00: ")
    assert advice in str(told)
    assert f"0x{code:08X}" in str(told)


@pytest.mark.parametrize("code", [0x80100016, 0x80100068, 0x80100069, 0x8010001D, 0x80100017, 0x80100001])
def test_whatever_breaks_in_the_middle_leaves_a_card_nobody_knows(code: int) -> None:
    told = amid(code, "Some Reader 00 00")
    assert type(told) is CardGone
    assert f"0x{code:08X}" in str(told)


def test_a_reset_by_somebody_else_says_what_is_forgotten() -> None:
    assert "what was verified is forgotten" in words(0x80100068)
