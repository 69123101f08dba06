"""An AT modem with a virtual card in it: what it answers to which line (V.250, TS 27.007). No line, no threads."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType

from sim_readers.emulator.face import EmulatedCard, PulledOut

_CSIM = re.compile(r'\+CSIM=(\d+),"?([0-9A-F]+)"?')
_CRSM = re.compile(r"\+CRSM=(176|178|192|214|220|242),(\d+)(?:,(\d+),(\d+),(\d+))?(?:,\"?([0-9A-F]*)\"?)?")
_CFUN = re.compile(r"\+CFUN=([014])(?:,[01])?")
_WORDS = MappingProxyType({10: "SIM not inserted", 13: "SIM failure", 100: "unknown", 50: "Incorrect parameters"})
_NOT_INSERTED, _UNKNOWN, _BAD = 10, 100, 50
_GET_RESPONSE, _SELECT, _STATUS_BYTES = 0xC0, 0xA4, 2
_MASTER_FILE = bytes.fromhex("00A40004023F00")
_WRITES = frozenset({214, 220})
_WAITING = frozenset({0x61, 0x9F})
_NOISE = "\r\n+CREG: 1\r\n"


@dataclass(frozen=True, slots=True)
class ModemHabits:
    """What modems differ in."""

    fetches_answers: bool = False
    chatty: bool = False
    echo: bool = True
    offers_csim: bool = True


class Refused(Exception):
    """The modem says +CME ERROR with this number."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Modem:
    """Feed it what the host sends; it returns what it says."""

    def __init__(self, card: EmulatedCard, habits: ModemHabits) -> None:
        self.present = True
        self.log: list[str] = []  # names of the commands, no arguments: they may hold keys
        self._card = card
        self._habits = habits
        self._echo = habits.echo
        self._errors = 0
        self._function = 1
        self._heard = ""
        card.power_on()

    def insert(self) -> None:
        """Put the card in; a modem starts it by itself."""
        self.present = True
        if self._function:
            self._card.power_on()

    def pull_out(self) -> None:
        """Take the card out."""
        self.present = False
        self._card.power_off()

    def hear(self, data: bytes) -> bytes:
        """Take what the host sends; return what to send back."""
        said = ""
        for sign in data.decode("ascii", "replace"):
            said += sign if self._echo else ""
            if sign != "\r":
                self._heard += sign
                continue
            line, self._heard = self._heard.strip().upper(), ""
            said += self._answer(line) if line else ""
        return said.encode("ascii")

    def _answer(self, line: str) -> str:
        self.log.append(re.split(r"(?<=.)[=]", line)[0])
        noise = _NOISE if self._habits.chatty else ""
        try:
            lines = self._obey(line)
        except PulledOut:
            self.pull_out()
            return noise + self._refusal(_NOT_INSERTED)
        except Refused as refused:
            return noise + self._refusal(refused.code)
        return noise + "".join(f"\r\n{each}\r\n" for each in (*lines, "OK"))

    def _refusal(self, code: int) -> str:
        match self._errors:
            case 0:
                return "\r\nERROR\r\n"
            case 1:
                return f"\r\n+CME ERROR: {code}\r\n"
            case _:
                return f"\r\n+CME ERROR: {_WORDS[code]}\r\n"

    def _obey(self, line: str) -> tuple[str, ...]:
        match line.removeprefix("AT"):
            case "":
                return ()
            case "E0" | "E1" | "E":
                self._echo = line == "ATE1"
                return ()
            case "I":
                return ("Linegate virtual modem",)
            case "+CMEE=0" | "+CMEE=1" | "+CMEE=2":
                self._errors = int(line[-1])
                return ()
            case "+CPIN?":
                self._need_card()
                return ("+CPIN: READY",)
            case rest:
                return self._obey_more(rest)

    def _obey_more(self, rest: str) -> tuple[str, ...]:
        taken: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], tuple[str, ...]]], ...] = (
            (_CFUN, self._set_function),
            (_CSIM, self._csim),
            (_CRSM, self._crsm),
        )
        for pattern, obey in taken:
            if found := pattern.fullmatch(rest):
                return obey(found)
        raise Refused(_UNKNOWN)

    def _set_function(self, found: re.Match[str]) -> tuple[str, ...]:
        before, self._function = self._function, int(found[1])
        if self._function == 0:
            self._card.power_off()
        elif before == 0 and self.present:
            self._card.power_on()
        return ()

    def _csim(self, found: re.Match[str]) -> tuple[str, ...]:
        if not self._habits.offers_csim:
            raise Refused(_UNKNOWN)
        if int(found[1]) != len(found[2]) or len(found[2]) % 2:
            raise Refused(_BAD)
        self._need_card()
        answer = self._transmit(bytes.fromhex(found[2]))
        return (f'+CSIM: {2 * len(answer)},"{answer.hex().upper()}"',)

    def _crsm(self, found: re.Match[str]) -> tuple[str, ...]:
        """Restricted access (§8.18): select a file under the MF by its number, then read, write or describe it."""
        self._need_card()
        ins, fid = int(found[1]), int(found[2]).to_bytes(_STATUS_BYTES, "big")
        p1, p2, length = (int(each or 0) for each in found.group(3, 4, 5))
        self._card.transmit(_MASTER_FILE)
        answer = self._card.transmit(bytes((0, _SELECT, 0, 4, 2)) + fid)
        if ins != _GET_RESPONSE and answer[0] in {*_WAITING, 0x90}:
            body = bytes.fromhex(found[6] or "") if ins in _WRITES else b""
            answer = self._card.transmit(bytes((0, ins, p1, p2, length)) + body)
        elif answer[0] in _WAITING:
            answer = self._fetched(0, answer)
        data, status = answer[:-_STATUS_BYTES], answer[-_STATUS_BYTES:]
        tail = f',"{data.hex().upper()}"' if data else ""
        return (f"+CRSM: {status[0]},{status[1]}{tail}",)

    def _transmit(self, tpdu: bytes) -> bytes:
        answer = self._card.transmit(tpdu)
        if self._habits.fetches_answers and len(answer) == _STATUS_BYTES and answer[0] in _WAITING:
            return self._fetched(tpdu[0], answer)
        return answer

    def _fetched(self, cla: int, answer: bytes) -> bytes:
        return self._card.transmit(bytes((cla, _GET_RESPONSE, 0, 0, answer[1])))

    def _need_card(self) -> None:
        if not self.present or self._function == 0:
            raise Refused(_NOT_INSERTED)
