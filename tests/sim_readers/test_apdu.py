"""Commands and responses: all four cases, both transports, both ways."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim_readers.apdu import Command, Ins, Response

BYTE = st.integers(0, 0xFF)
COMMANDS = st.builds(
    Command, BYTE, BYTE, BYTE, BYTE, st.binary(max_size=255), st.one_of(st.none(), st.integers(1, 256))
)


@pytest.mark.parametrize(
    ("command", "case", "apdu", "tpdu"),
    [
        (Command(0, Ins.VERIFY, 0, 1), 1, "00200001", "0020000100"),
        (Command(0, Ins.READ_BINARY, 0, 0, expects=9), 2, "00B0000009", "00B0000009"),
        (Command(0, Ins.READ_BINARY, 0, 0, expects=256), 2, "00B0000000", "00B0000000"),
        (Command(0, Ins.SELECT, 0, 4, b"\x3f\x00"), 3, "00A40004023F00", "00A40004023F00"),
        (Command(0, Ins.SELECT, 0, 4, b"\x3f\x00", 256), 4, "00A40004023F0000", "00A40004023F00"),
        (Command(0xA0, Ins.AUTHENTICATE, 0, 0, b"\x01", 12), 4, "A088000001010C", "A08800000101"),
    ],
)
def test_the_four_cases_are_written(command: Command, case: int, apdu: str, tpdu: str) -> None:
    assert command.case == case
    assert command.to_bytes().hex().upper() == apdu
    assert command.to_tpdu().hex().upper() == tpdu
    assert Command.parse(bytes.fromhex(apdu)) == command


@given(COMMANDS)
def test_a_written_command_is_read_as_it_was(command: Command) -> None:
    assert Command.parse(command.to_bytes()) == command


@given(COMMANDS)
def test_a_tpdu_keeps_everything_but_what_t0_cannot_carry(command: Command) -> None:
    tpdu = command.to_tpdu()
    assert len(tpdu) == (5 + len(command.data))
    assert Command.parse(tpdu).data == command.data
    assert tpdu[:4] == command.to_bytes()[:4]


@given(st.binary(max_size=300))
def test_any_bytes_are_a_command_or_refused(raw: bytes) -> None:
    try:
        command = Command.parse(raw)
    except ValueError:
        return
    assert command.to_bytes() == raw


def test_a_fifth_byte_alone_is_a_length_asked_for() -> None:
    assert Command.parse(bytes.fromhex("00B0000002")).expects == 2


@pytest.mark.parametrize("raw", ["", "00A400", "00A40004023F", "00A40004023F000000", "00A40004000000"])
def test_what_is_no_command_is_refused(raw: str) -> None:
    with pytest.raises(ValueError, match=r"bytes|Lc"):
        Command.parse(bytes.fromhex(raw))


@pytest.mark.parametrize("expects", [0, 257, -1])
def test_a_short_command_asks_for_1_to_256_bytes(expects: int) -> None:
    with pytest.raises(ValueError, match="1 to 256"):
        Command(0, 0, 0, 0, expects=expects)


def test_a_short_command_carries_at_most_255_bytes() -> None:
    with pytest.raises(ValueError, match="at most 255"):
        Command(0, 0, 0, 0, bytes(256))


@given(st.integers(0, 0xFFFF), st.binary(max_size=256))
def test_a_written_response_is_read_as_it_was(status: int, data: bytes) -> None:
    response = Response.parse(Response(status, data).to_bytes())
    assert response == Response(status, data)
    assert response.sw1 << 8 | response.sw2 == status


@pytest.mark.parametrize("raw", [b"", b"\x90"])
def test_a_response_has_a_status_word(raw: bytes) -> None:
    with pytest.raises(ValueError, match="status word"):
        Response.parse(raw)


def test_data_is_not_shown() -> None:
    assert "1234" not in repr(Command(0, Ins.VERIFY, 0, 1, b"1234")) + repr(Response(0x9000, b"1234"))
