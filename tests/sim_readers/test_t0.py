"""T=0 without a line: the host's side, the card's side, and both against each other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim_readers.errors import Garbled
from sim_readers.wire.t0 import CardSide, Echo, HostSide

READ = bytes.fromhex("00B0000004")
VERIFY = bytes.fromhex("0020000A08") + b"12345678"
ANSWER = bytes.fromhex("CAFEBABE9000")


def _talk(tpdu: bytes, card: CardSide) -> bytes:
    """Let both ends talk until the host has its answer."""
    host = HostSide(tpdu)
    to_card = host.start
    while host.response is None:
        said = b"".join(card.feed(to_card))
        assert said, "both ends wait"
        to_card = host.feed(said)
    return host.response


def test_a_command_without_data_is_its_header_and_the_answer_follows_the_instruction_byte() -> None:
    host = HostSide(READ)
    assert host.start == READ
    assert host.feed(b"\xb0" + ANSWER) == b""
    assert host.response == ANSWER


def test_a_status_word_may_come_at_once() -> None:
    host = HostSide(READ)
    host.feed(b"\x6c\x09")
    assert host.response == b"\x6c\x09"


def test_data_is_sent_when_the_card_asks_for_it_and_not_before() -> None:
    host = HostSide(VERIFY)
    assert host.start == VERIFY[:5]
    assert host.feed(b"\x20") == b"12345678"
    assert host.feed(b"\x90\x00") == b""
    assert host.response == b"\x90\x00"


def test_a_card_may_ask_byte_by_byte_and_then_for_the_rest() -> None:
    host = HostSide(VERIFY)
    assert host.feed(b"\xdf") == b"1"
    assert host.feed(b"\xdf") == b"2"
    assert host.feed(b"\x20") == b"345678"


def test_a_card_may_answer_byte_by_byte_and_then_with_the_rest() -> None:
    host = HostSide(READ)
    host.feed(bytes.fromhex("4FCA 4FFE B0BABE 9000"))
    assert host.response == ANSWER


def test_null_bytes_only_mean_patience() -> None:
    host = HostSide(READ)
    host.feed(bytes.fromhex("6060 B0CAFEBABE 60 9000"))
    assert host.response == ANSWER


def test_a_null_byte_inside_data_is_data() -> None:
    host = HostSide(READ)
    host.feed(bytes.fromhex("B060606060 9000"))
    assert host.response == bytes.fromhex("606060609000")


def test_an_answer_of_256_bytes_is_asked_for_with_zero() -> None:
    host = HostSide(bytes.fromhex("00B0000000"))
    host.feed(b"\xb0" + bytes(256) + b"\x90\x00")
    assert host.response == bytes(256) + b"\x90\x00"


@given(st.lists(st.integers(1, 8), min_size=1, max_size=8))
def test_it_does_not_matter_how_the_answer_is_cut(sizes: list[int]) -> None:
    said = bytes.fromhex("60 B0CAFEBABE 60 9000")
    host, at = HostSide(READ), 0
    while at < len(said):
        size = sizes[at % len(sizes)]
        host.feed(said[at : at + size])
        at += size
    assert host.response == ANSWER


def test_reading_what_is_needed_never_reads_too_much() -> None:
    said = bytes.fromhex("60 B0CAFEBABE 60 9000")
    host, at = HostSide(READ), 0
    while host.needed:
        assert at + host.needed <= len(said)
        chunk, at = said[at : at + host.needed], at + host.needed
        host.feed(chunk)
    assert at == len(said)


@pytest.mark.parametrize("said", ["00", "4E", "3B", "B0CAFEBABEB0"])
def test_what_is_no_procedure_byte_is_garbled(said: str) -> None:
    with pytest.raises(Garbled):
        HostSide(READ).feed(bytes.fromhex(said))


def test_a_card_that_talks_on_is_garbled() -> None:
    with pytest.raises(Garbled, match="out of step"):
        HostSide(READ).feed(bytes.fromhex("900090"))


@pytest.mark.parametrize("wrong", ["00B000", "00D6000003CAFE", "00D6000001CAFE"])
def test_what_is_no_tpdu_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="TPDU"):
        HostSide(bytes.fromhex(wrong))


def test_what_was_sent_is_taken_out_of_what_arrives_however_it_is_cut() -> None:
    echo = Echo()
    echo.sent(READ)
    assert [echo.strip(part) for part in (READ[:2], READ[2:] + b"\xb0", b"\xca")] == [b"", b"\xb0", b"\xca"]
    assert echo.pending == 0


def test_a_changed_echo_is_garbled_and_says_what_to_look_at() -> None:
    echo = Echo()
    echo.sent(b"\x00\xb0")
    with pytest.raises(Garbled, match=r"frequency_hz.*echo=no"):
        echo.strip(b"\x00\xb1")


@pytest.mark.parametrize("one_by_one", [False, True])
@pytest.mark.parametrize("null_bytes", [0, 3])
@pytest.mark.parametrize(("tpdu", "answer"), [(READ, ANSWER), (VERIFY, b"\x90\x00"), (bytes(5), b"\x6d\x00")])
def test_both_ends_understand_each_other(tpdu: bytes, answer: bytes, null_bytes: int, *, one_by_one: bool) -> None:
    seen = list[bytes]()

    def carry_out(command: bytes) -> bytes:
        seen.append(command)
        return answer

    assert _talk(tpdu, CardSide(carry_out, null_bytes=null_bytes, one_by_one=one_by_one)) == answer
    assert seen == [tpdu]


def test_a_card_takes_a_query_without_data_as_it_is() -> None:
    assert _talk(bytes.fromhex("0020000A00"), CardSide(lambda _: b"\x63\xca")) == b"\x63\xca"


def test_an_answer_of_another_length_than_asked_cannot_be_sent() -> None:
    assert _talk(READ, CardSide(lambda _: b"\xca\x90\x00")) == b"\x6f\x00"


def test_a_reset_makes_the_card_forget_half_a_command() -> None:
    card = CardSide(lambda _: ANSWER)
    assert b"".join(card.feed(READ[:3])) == b""
    card.forget()
    assert _talk(READ, card) == ANSWER
