"""The smallest card that shows what doors and readers do: MF, EF.ICCID, one ADM key, one file that needs it."""

import threading

from sim_readers.emulator.face import PulledOut

ATR = bytes.fromhex("3B9F96801FC78031A073BE21136743200718000001A5")
ICCID = bytes.fromhex("983310325476980000F0")
ADM = b"12345678"

SELECT_MF = bytes.fromhex("00A40004023F00")
READ_ICCID = bytes.fromhex("00B000000A")
QUERY_ADM = bytes.fromhex("0020000A00")
VERIFY_ADM = bytes.fromhex("0020000A08") + ADM
UPDATE = bytes.fromhex("00D6000002CAFE")
OK, NOT_ALLOWED, WRONG_LENGTH, NO_SUCH_INS = (bytes.fromhex(word) for word in ("9000", "6982", "6700", "6D00"))


class PlainCard:
    """Answers READ BINARY with its ICCID at once.

    ``pull_at`` names an instruction at which it leaves its reader; ``says`` is what it says to everything; while
    ``hold`` is cleared it says nothing; ``off`` is set when its power goes.
    """

    def __init__(self, iccid: bytes = ICCID, pull_at: int | None = None, says: bytes | None = None) -> None:
        self.iccid = iccid
        self.pull_at = pull_at
        self.says = says
        self.atr = ATR
        self.off = threading.Event()
        self.off.set()
        self.resets = 0
        self.seen: list[bytes] = []
        self.hold = threading.Event()
        self.hold.set()
        self._verified = False
        self._tries = 3

    @property
    def powered(self) -> bool:
        return not self.off.is_set()

    def power_on(self) -> bytes:
        self.off.clear()
        self._verified = False
        self.resets += 1
        return self.atr

    def power_off(self) -> None:
        self._verified = False
        self.off.set()

    def transmit(self, tpdu: bytes) -> bytes:
        self.seen.append(tpdu)
        if len(tpdu) < 5:
            return WRONG_LENGTH
        self.hold.wait()
        if self.says is not None:
            return self.says
        if tpdu[1] == self.pull_at:
            raise PulledOut
        match tpdu[1]:
            case 0xA4:
                return OK
            case 0xB0:
                return self.iccid[: tpdu[4]] + OK
            case 0x20:
                return self._verify(tpdu[5:])
            case 0xD6:
                return OK if self._verified else NOT_ALLOWED
        return NO_SUCH_INS

    def _verify(self, key: bytes) -> bytes:
        if key:
            self._verified = key == ADM
            self._tries = 3 if self._verified else self._tries - 1
        return OK if self._verified else bytes((0x63, 0xC0 + self._tries))
