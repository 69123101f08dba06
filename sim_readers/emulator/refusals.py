"""Why a card says no, and the status word each generation has for it."""

from __future__ import annotations

from enum import Enum


class Generation(Enum):
    """Whose words a card speaks: a UICC's (TS 102 221) or a GSM SIM's (TS 51.011)."""

    UICC = 0
    GSM = 1


class No(Enum):
    """A reason, with its status word in class 00/80 (TS 102 221 §10.2.1) and in class A0 (TS 51.011 §9.4)."""

    EXACT_LENGTH = (0x6C00, 0x6700)  # the low byte tells the right length
    SEARCH_ENDED = (0x6282, 0x9404)
    WRONG_KEY = (0x63C0, 0x9804)  # the low nibble tells the tries left; a GSM SIM does not say
    MEMORY = (0x6581, 0x9240)
    LENGTH = (0x6700, 0x6700)
    CHANNEL = (0x6881, 0x6E00)
    SECURE_MESSAGING = (0x6882, 0x6E00)
    WRONG_STRUCTURE = (0x6981, 0x9408)
    ACCESS = (0x6982, 0x9804)
    BLOCKED = (0x6983, 0x9840)
    DISABLED = (0x6984, 0x9808)
    CONDITIONS = (0x6985, 0x6F00)
    NO_EF = (0x6986, 0x9400)
    DATA = (0x6A80, 0x6F00)
    NOT_FOUND = (0x6A82, 0x9404)
    NO_RECORD = (0x6A83, 0x9402)
    PARAMETERS = (0x6A86, 0x6B00)
    NO_KEY = (0x6A88, 0x9802)
    OFFSET = (0x6B00, 0x9402)
    INSTRUCTION = (0x6D00, 0x6D00)
    CLASS = (0x6E00, 0x6E00)
    WRONG_MAC = (0x9862, 0x9862)
    NO_CONTEXT = (0x9864, 0x9864)


class Refusal(Exception):
    """The card will not do it. ``number`` is what the word tells besides: tries left, or the right length."""

    def __init__(self, reason: No, number: int = 0) -> None:
        super().__init__(reason.name)
        self.reason = reason
        self.number = number

    def word(self, generation: Generation) -> int:
        """Return the status word a card of this generation answers with."""
        base = self.reason.value[generation.value]
        if self.reason is No.WRONG_KEY and generation is Generation.GSM:
            return base if self.number else No.BLOCKED.value[generation.value]
        return base | self.number & 0xFF
