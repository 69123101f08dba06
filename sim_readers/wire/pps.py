"""Agreeing on a speed right after the answer to reset (ISO/IEC 7816-3 §9: PPS), for both ends."""

from __future__ import annotations

from functools import reduce
from operator import xor

from sim_readers.errors import Garbled
from sim_readers.wire.atr import DEFAULT_D, DEFAULT_F, T0, speed_of

PPSS = 0xFF
_HAS_PPS1 = 0x10
_HAS_PPS2 = 0x20
_HAS_PPS3 = 0x40
_PROTOCOL = 0x0F
_SHORTEST = 3


def baud(frequency_hz: int, f: int = DEFAULT_F, d: int = DEFAULT_D) -> int:
    """Bits per second on the line: clock * D / F, rounded (3.5712 MHz: 9600 at 372/1, 223200 at 512/32)."""
    return round(frequency_hz * d / f)


def request(ta1: int | None, protocol: int = T0) -> bytes:
    """Write a request: that protocol, at the speed of TA1, or at the default speed for ``None``."""
    if ta1 is None:
        return _checked(bytes((PPSS, protocol)))
    return _checked(bytes((PPSS, _HAS_PPS1 | protocol, ta1)))


def needed(raw: bytes) -> int:
    """How many bytes of a request or an answer must still come at least; 0 when it is whole."""
    if len(raw) < 2:  # noqa: PLR2004 - PPSS and PPS0 come always
        return _SHORTEST - len(raw)
    announced = sum(bool(raw[1] & bit) for bit in (_HAS_PPS1, _HAS_PPS2, _HAS_PPS3))
    return max(0, _SHORTEST + announced - len(raw))


def agreed(asked: bytes, answer: bytes) -> tuple[int, int]:
    """F and D from now on (§9.3: the answer repeats the request, or leaves PPS1 out). Raises Garbled."""
    if answer == asked and asked[1] & _HAS_PPS1:
        return speed_of(asked[2]) or (DEFAULT_F, DEFAULT_D)
    if answer in (asked, request(None, asked[1] & _PROTOCOL)):
        return DEFAULT_F, DEFAULT_D
    raise Garbled("the card answered the speed request with something else: reset it and stay at the default speed")


def reply(asked: bytes, offered_ta1: int | None) -> bytes | None:
    """The card's answer to a whole request; ``None`` for one it does not understand and leaves unanswered."""
    if needed(asked) or asked[0] != PPSS or reduce(xor, asked) or asked[1] & _PROTOCOL != T0:
        return None
    if asked[1] & _HAS_PPS1 and asked[2] == offered_ta1:
        return request(offered_ta1)
    return request(None)


def _checked(raw: bytes) -> bytes:
    return raw + bytes((reduce(xor, raw),))
