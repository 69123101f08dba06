"""What of a card's traffic may be seen: hidden unless it is known to be harmless.

Keys' commands and AUTHENTICATE are always hidden; a file is shown only if it is known, certainly selected and holds no
key. A GET RESPONSE is treated as the command whose answer it fetches. Hidden bytes keep their number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from sim_readers.apdu import Command, Ins, Response
from sim_readers.errors import Garbled
from sim_readers.fcp import FileInfo, FileKind, parse_fcp, parse_gsm
from sim_readers.path import MF, FilePath
from sim_readers.status import Generation, succeeded
from sim_readers.trace.selection import STANDARD_SFIS, Selection, described, moved, shown_files

_HEADER, _WITH_LENGTH, _STATUS = 4, 5, 2
_GSM = 0xA0
_STAR = b"*"
_KEYS = frozenset({Ins.VERIFY, Ins.CHANGE_PIN, Ins.DISABLE_PIN, Ins.ENABLE_PIN, Ins.UNBLOCK_PIN})
_AUTHENTICATE = frozenset({Ins.AUTHENTICATE, Ins.AUTHENTICATE | 1})
_BINARY = frozenset({Ins.READ_BINARY, Ins.UPDATE_BINARY})
_RECORD = frozenset({Ins.READ_RECORD, Ins.UPDATE_RECORD, Ins.SEARCH_RECORD})
_CONTENT = _BINARY | _RECORD
_BY_SFI = 0x80


class Masking(StrEnum):
    """Why something is hidden, or that nothing is."""

    SHOWN = "shown"
    KEY = "a PIN, PUK or ADM"
    AUTHENTICATION = "authentication"
    FILE = "a file that is secret or not known"
    COMMAND = "a command that is not known to be harmless"


@dataclass(frozen=True, slots=True)
class Masked:
    """Bytes as they may be seen: ``raw`` has an asterisk (2A) for each hidden byte from ``start`` up to ``stop``."""

    raw: bytes
    start: int = 0
    stop: int = 0

    @classmethod
    def of(cls, raw: bytes, start: int = 0, stop: int = 0) -> Masked:
        """Hide a part of some bytes."""
        stop = max(start, stop)
        return cls(raw[:start] + _STAR * (stop - start) + raw[stop:], start, stop)

    def __str__(self) -> str:
        """Hexadecimal digits, ``**`` for a hidden byte."""
        hidden = "**" * (self.stop - self.start)
        return self.raw[: self.start].hex().upper() + hidden + self.raw[self.stop :].hex().upper()

    @classmethod
    def parse(cls, text: str) -> Masked:
        """Read what ``str`` wrote. Raises ValueError."""
        start = text.find("*") // 2 if "*" in text else 0
        hidden = text.count("*") // 2
        return cls(bytes.fromhex(text.replace("**", _STAR.hex())), start, start + hidden)


def generation_of(command: Command) -> Generation:
    """The rules the class byte stands for."""
    return Generation.GSM if command.cla == _GSM else Generation.UICC


class Masker:
    """Follows one card's conversation from its reset on and says what of each exchange may be seen."""

    def __init__(self) -> None:
        self._channels: dict[int, Selection] = {0: Selection(MF)}
        self._sfis: dict[tuple[FilePath, int], FilePath] = {}
        self._last = Masking.COMMAND
        self._selecting = False

    def target(self, command: Command) -> Selection:
        """Return what a command is about, were it carried out."""
        here = self._channels.get(_channel(command.cla), Selection())
        if command.ins == Ins.SELECT:
            return moved(here, command)
        sfi = _sfi(command)
        if sfi is None:
            return here
        place = (here.directory, sfi) if here.directory is not None else None
        known: Mapping[tuple[FilePath, int], FilePath] = {**STANDARD_SFIS, **self._sfis}
        return replace(here, file=known.get(place) if place else None)

    def mask(self, command: Command | None, sent: bytes, received: bytes) -> tuple[Masked, Masked, Masking]:
        """Hide what must be of one exchange; ``command`` is what ``sent`` says, if it can be read."""
        if command is None:
            self.lose()
            return Masked.of(sent, _HEADER, len(sent)), _hidden(received), Masking.COMMAND
        masking = self._masking(command)
        self._follow(command, received)
        self._last = masking
        if masking is Masking.SHOWN:
            return Masked(sent), Masked(received), masking
        data_ends = _WITH_LENGTH + len(command.data)
        shown = Masked.of(sent, _WITH_LENGTH, data_ends) if command.data else Masked(sent)
        return shown, _hidden(received), masking

    def lose(self) -> None:
        """Be certain of nothing until something is selected from the MF or by its AID."""
        self._channels = {}
        self._last, self._selecting = Masking.COMMAND, False

    def _masking(self, command: Command) -> Masking:
        if command.ins in _KEYS:
            return Masking.KEY
        if command.ins in _AUTHENTICATE:
            return Masking.AUTHENTICATION
        if not _is_plain(command):
            return Masking.COMMAND
        if command.ins == Ins.GET_RESPONSE:
            return self._last
        if command.ins in _CONTENT:
            return Masking.SHOWN if self.target(command).file in shown_files() else Masking.FILE
        return Masking.SHOWN if command.ins in (Ins.SELECT, Ins.STATUS) else Masking.COMMAND

    def _follow(self, command: Command, received: bytes) -> None:
        channel = _channel(command.cla)
        response = Response.parse(received) if len(received) >= _STATUS else Response(0)
        done = succeeded(command.ins, response.status, generation_of(command))
        here = self._channels.get(channel, Selection())
        fetches = command.ins == Ins.GET_RESPONSE and self._selecting
        if command.ins == Ins.SELECT:
            # after a refusal the old file is still selected, but what comes next was meant for another one
            here = self.target(command) if done else replace(here, file=None)
        elif command.ins in _CONTENT and _sfi(command) is not None:
            here = self.target(command) if done else replace(here, file=None)
        elif not _is_plain(command) or self._unsettles(command):
            self._channels, here = {}, Selection()
        if command.ins == Ins.SELECT or fetches:
            here = self._learn(here, command, response)
        self._channels[channel] = here
        self._selecting = command.ins == Ins.SELECT or fetches

    def _unsettles(self, command: Command) -> bool:
        """Whether a command may change what is selected in ways nobody here knows."""
        harmless = {Ins.STATUS, Ins.GET_RESPONSE, Ins.INCREASE, Ins.DEACTIVATE_FILE, Ins.ACTIVATE_FILE}
        return command.ins not in (_KEYS | _AUTHENTICATE | _CONTENT | harmless)

    def _learn(self, here: Selection, command: Command, response: Response) -> Selection:
        info = _described(command, response.data)
        if info is None:
            return here
        here = described(here, info)
        if info.kind is FileKind.EF and info.sfi is not None and here.directory and here.file:
            self._sfis[(here.directory, info.sfi)] = here.file
        return here


def _described(command: Command, data: bytes) -> FileInfo | None:
    if not data:
        return None
    try:
        return parse_gsm(data) if command.cla == _GSM else parse_fcp(data)
    except Garbled:
        return None


def _hidden(received: bytes) -> Masked:
    """Hide all but the status word; what is too short to have one is hidden."""
    return Masked.of(received, 0, len(received) - _STATUS if len(received) >= _STATUS else len(received))


def _channel(cla: int) -> int:
    """TS 102 221 §10.1.1: two bits, or four of them from channel 4 on."""
    return (cla & 0x0F) + 4 if cla & 0x40 else cla & 0x03


def _is_plain(command: Command) -> bool:
    """Whether class and instruction go together as in TS 102 221 table 10.5, without secure messaging."""
    cla, ins = command.cla, command.ins
    if cla == _GSM:
        return True
    if ins == Ins.STATUS:
        return cla & 0xFC == 0x80 or cla & 0xF0 == 0xC0  # noqa: PLR2004 - class bytes 8X and CX
    return cla & 0xFC == 0x00 or cla & 0xF0 == 0x40  # noqa: PLR2004 - class bytes 0X and 4X


def _sfi(command: Command) -> int | None:
    """The short file identifier a command names (TS 102 221 §11.1.3.2, §11.1.5.2); a GSM SIM has none."""
    if command.cla == _GSM:
        return None
    if command.ins in _BINARY:
        return command.p1 & 0x1F if command.p1 & _BY_SFI else None
    if command.ins in _RECORD:
        return command.p2 >> 3 or None
    return None
