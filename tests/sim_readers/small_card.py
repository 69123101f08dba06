"""The plain card with another ATR, and ATRs worth having."""

from tests.sim_readers.plain_card import PlainCard

FAST = bytes.fromhex("3B9F96801FC78031A073BE21136743200718000001A5")  # TA1 = 96: 512/32
HASTY = bytes.fromhex("3B90964001")  # TA1 = 96, and WI = 1: a silence of at most 138 ms
PLAIN = bytes.fromhex("3B804001")  # no TA1, WI = 1
INVERSE = bytes.fromhex("3F65250833046C9000")
SPECIFIC = bytes.fromhex("3B90961000")  # TA2: speaks 512/32 right after the ATR
T1_FIRST = bytes.fromhex("3B80810001")
T1_ONLY = bytes.fromhex("3B800181")


class SmallCard(PlainCard):
    """A plain card that answers to a reset as told."""

    def __init__(self, atr: bytes, pull_at: int | None = None) -> None:
        super().__init__(pull_at=pull_at)
        self.atr = atr

    def power_on(self) -> bytes:
        super().power_on()
        return self.atr
