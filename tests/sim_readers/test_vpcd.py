import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim_readers.wire.vpcd import Control, Frames, control, frame, understand

PAYLOADS = st.lists(st.binary(max_size=300), max_size=6)


@given(PAYLOADS, st.integers(min_value=1, max_value=9))
def test_payloads_come_out_whole_however_the_stream_is_cut(payloads: list[bytes], step: int) -> None:
    stream = b"".join(map(frame, payloads))
    frames = Frames()
    out = [payload for at in range(0, len(stream), step) for payload in frames.feed(stream[at : at + step])]
    assert out == payloads
    assert not frames.torn


@given(st.binary(min_size=1, max_size=300))
def test_a_message_cut_at_any_byte_is_torn_until_the_rest_comes(payload: bytes) -> None:
    message = frame(payload)
    for cut in range(1, len(message)):
        frames = Frames()
        assert list(frames.feed(message[:cut])) == []
        assert frames.torn
        assert list(frames.feed(message[cut:])) == [payload]
        assert not frames.torn


def test_a_length_is_two_bytes_big_endian() -> None:
    assert frame(bytes(258)) == b"\x01\x02" + bytes(258)
    assert frame(b"") == b"\x00\x00"


def test_no_message_is_longer_than_its_length_can_say() -> None:
    assert len(frame(bytes(65_535))) == 65_537
    with pytest.raises(ValueError, match="at most 65535"):
        frame(bytes(65_536))


@pytest.mark.parametrize(
    ("what", "raw"),
    [
        (Control.OFF, "000100"),
        (Control.ON, "000101"),
        (Control.RESET, "000102"),
        (Control.ATR, "000104"),
    ],
)
def test_control_is_one_byte(what: Control, raw: str) -> None:
    assert control(what) == bytes.fromhex(raw)
    (payload,) = Frames().feed(bytes.fromhex(raw))
    assert understand(payload) is what


@given(st.binary(max_size=40).filter(lambda raw: len(raw) != 1 or raw[0] not in (0, 1, 2, 4)))
def test_everything_else_is_a_command(raw: bytes) -> None:
    assert understand(raw) == raw
