"""The answer to reset: what a card says of itself before anything is asked (ISO/IEC 7816-3 §8)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import xor
from types import MappingProxyType

from sim_readers.errors import Garbled

DIRECT_TS = 0x3B
INVERSE_TS = 0x3F
INVERSE_TS_UNREAD = 0x03  # how the TS of an inverse card looks to a line that reads it directly
DEFAULT_F = 372
DEFAULT_D = 1
DEFAULT_WI = 10
T0 = 0

# ISO/IEC 7816-3 table 7 and 8: the values left out are reserved.
CLOCK_RATES = MappingProxyType(
    {0: 372, 1: 372, 2: 558, 3: 744, 4: 1116, 5: 1488, 6: 1860, 9: 512, 10: 768, 11: 1024, 12: 1536, 13: 2048}
)
BAUD_DIVIDERS = MappingProxyType({1: 1, 2: 2, 3: 4, 4: 8, 5: 16, 6: 32, 7: 64, 8: 12, 9: 20})

_LOW = 0x0F
_TD = 8  # the bit of Y that announces TD
_IMPLICIT_SPEED = 0x10


@dataclass(frozen=True, slots=True)
class Group:
    """One group of interface bytes; ``None`` where the card sends none."""

    ta: int | None
    tb: int | None
    tc: int | None
    td: int | None


@dataclass(frozen=True, slots=True)
class Atr:
    """A whole answer to reset, its check byte found right."""

    raw: bytes
    groups: tuple[Group, ...]
    historical: bytes

    @property
    def inverse(self) -> bool:
        """Whether the card sends its bits upside down and back to front (TS = 3F)."""
        return self.raw[0] == INVERSE_TS

    @property
    def protocols(self) -> tuple[int, ...]:
        """The protocols offered, the first one first; T=15 is no protocol and is left out. Nothing said means T=0."""
        offered = [group.td & _LOW for group in self.groups if group.td is not None]
        return tuple(dict.fromkeys(each for each in offered if each != _LOW)) or (T0,)

    @property
    def ta1(self) -> int | None:
        """The speed byte as sent, as a PPS must repeat it."""
        return self.groups[0].ta

    @property
    def speed(self) -> tuple[int, int]:
        """The highest F and D offered; the default pair where TA1 is absent or reserved."""
        if self.ta1 is None:
            return DEFAULT_F, DEFAULT_D
        return speed_of(self.ta1) or (DEFAULT_F, DEFAULT_D)

    @property
    def extra_guard(self) -> int:
        """Extra guard time between two bytes sent to the card, in elementary time units (TC1; 255 asks for none)."""
        return (self.groups[0].tc or 0) % 255

    @property
    def specific(self) -> bool:
        """Whether the card is in specific mode: nothing is negotiated (TA2 present)."""
        return len(self.groups) > 1 and self.groups[1].ta is not None

    @property
    def speaks_ta1_at_once(self) -> bool:
        """Whether the card changes to the speed of TA1 by itself, right after the ATR (TA2, bit 5 clear)."""
        return self.specific and not (self.groups[1].ta or 0) & _IMPLICIT_SPEED

    @property
    def waiting_integer(self) -> int:
        """WI, from which the longest silence of T=0 follows (TC2, ISO/IEC 7816-3 §10.2)."""
        told = self.groups[1].tc if len(self.groups) > 1 else None
        return told or DEFAULT_WI

    def waiting_s(self, frequency_hz: int) -> float:
        """The longest silence the card may keep before it speaks again, in seconds."""
        return self.waiting_integer * 960 * self.speed[0] / frequency_hz


def speed_of(ta1: int) -> tuple[int, int] | None:
    """Read F and D from a speed byte; ``None`` when either is reserved."""
    rate, divider = CLOCK_RATES.get(ta1 >> 4), BAUD_DIVIDERS.get(ta1 & _LOW)
    return None if rate is None or divider is None else (rate, divider)


def needed(raw: bytes) -> int:
    """How many bytes must still come at least; 0 when the answer is complete, or when it cannot be one."""
    if not raw:
        return 2
    if raw[0] not in (DIRECT_TS, INVERSE_TS):
        return 0
    try:
        groups, at = _groups(raw)
    except IndexError as short:
        return int(str(short)) + 1 - len(raw)
    return max(0, at + (raw[1] & _LOW) + _has_check(groups) - len(raw))


def parse_atr(raw: bytes) -> Atr:
    """Read an answer to reset, in direct reading (an inverse one has been turned). Raises Garbled."""
    if not raw or raw[0] not in (DIRECT_TS, INVERSE_TS):
        raise Garbled("an answer to reset begins with 3B or 3F: check the card's contacts and the line's speed")
    if more := needed(raw):
        raise Garbled(f"the answer to reset ends {more} bytes or more too early: seat the card again")
    groups, at = _groups(raw)
    end = at + (raw[1] & _LOW)
    if len(raw) != end + _has_check(groups):
        raise Garbled("the answer to reset is longer than it says: check the line's speed")
    if _has_check(groups) and reduce(xor, raw[1:]):
        raise Garbled("the check byte of the answer to reset is wrong: clean the card's contacts, seat it again")
    return Atr(bytes(raw), groups, bytes(raw[at:end]))


def turn(data: bytes) -> bytes:
    """Change bytes between direct and inverse convention: every bit inverted, their order reversed. Its own inverse."""
    return data.translate(_TURNED)


def _groups(raw: bytes) -> tuple[tuple[Group, ...], int]:
    """The groups and where the historical bytes start. Raises IndexError with the index of the first byte missing."""
    groups: list[Group] = []
    at, announced = 2, _byte(raw, 1) >> 4
    while True:
        values: list[int | None] = []
        for bit in (1, 2, 4, _TD):
            values.append(_byte(raw, at) if announced & bit else None)
            at += bool(announced & bit)
        groups.append(Group(*values))
        td = groups[-1].td
        if td is None:
            return tuple(groups), at
        announced = td >> 4


def _byte(raw: bytes, index: int) -> int:
    if index >= len(raw):
        raise IndexError(index)
    return raw[index]


def _has_check(groups: tuple[Group, ...]) -> int:
    """TCK is there unless T=0 alone is indicated (§8.2.5)."""
    return int(any(group.td is not None and group.td & _LOW != T0 for group in groups))


def _turned(byte: int) -> int:
    return int(f"{byte ^ 0xFF:08b}"[::-1], 2)


_TURNED = bytes(_turned(byte) for byte in range(256))
