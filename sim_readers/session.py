"""A conversation with one powered card: fetches answers, asks again with the right length, selects only what it must.

What is learned of files' sizes and places is kept in a ``Layout``, which cards of the same model may share: with it a
file is read by two commands and written by two or three more: what one writes is measured on the card itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from sim_readers.apdu import Command, Ins, Response
from sim_readers.errors import Garbled, Refused
from sim_readers.fcp import FileInfo, parse_fcp, parse_gsm
from sim_readers.path import ADF, MF, FilePath
from sim_readers.reader import Connection, Transmission
from sim_readers.status import OK, Generation, explain, succeeded

_AIDS = {"ADF.USIM": bytes.fromhex("A0000000871002"), "ADF.ISIM": bytes.fromhex("A0000000871004")}  # TS 101 220 annex E
_CLA = {Generation.UICC: 0x00, Generation.GSM: 0xA0}
_MORE = (0x61, 0x9F)  # data waits for GET RESPONSE: TS 102 221 §7.3.1.1.4, TS 51.011 §9.4.1
_OTHER_LENGTH = 0x6C
_WARNING = 0x62  # of a command with data and an answer: the answer waits too, TS 102 221 §7.3.1.1.4
_WRONG_P1_P2 = 0x6A86
_DEACTIVATED = 0x6283
_NO_SUCH_CLASS = 0x6E00
_NO_SUCH_INS = 0x6D
_ICCID = MF / 0x2FE2
_MOST_AT_ONCE = 255
_BY_FID, _BY_AID, _BY_PATH = 0x00, 0x04, 0x08
_WITH_FCP, _SILENTLY = 0x04, 0x0C
_ABSOLUTE = 0x04
_UNTIL_SETTLED = 4


@dataclass(slots=True)
class Layout:
    """What cards of one model have in common: their files, as the first of them described them."""

    files: dict[FilePath, FileInfo] = field(default_factory=dict)
    rules: dict[tuple[FilePath, int], bytes | None] = field(default_factory=dict)  # records of EF.ARR, if readable


class CardSession:
    """One card between its power-up and its end. Every call may raise CardGone, Garbled or NoReader."""

    def __init__(
        self, connection: Connection, generation: Generation = Generation.UICC, layout: Layout | None = None
    ) -> None:
        self.connection = connection
        self.generation = generation
        self.layout = layout or Layout()
        self.apdus = 0
        self._selected: FilePath | None = None
        self._looked_at: set[FilePath] = set()
        self._application: str | None = None
        self._deactivated: set[FilePath] = set()
        self._silently = True

    def find_generation(self) -> None:
        """Find out, right after a reset, whether this is a UICC, as assumed, or a GSM SIM, which knows no class 00.

        A GSM SIM says that it knows no such class, or no such instruction in it: then class A0 is tried. What is
        selected to find out is EF.ICCID, because that is what everybody reads next.
        """
        answer = self.send(self.command(Ins.SELECT, _BY_PATH, _SILENTLY, _fids(_ICCID.steps[1:])))
        if succeeded(Ins.SELECT, answer.status, Generation.UICC):
            self._selected = _ICCID
        elif answer.sw1 == _NO_SUCH_CLASS >> 8 or (answer.sw1 == _NO_SUCH_INS and self._answers_in_class_a0()):
            self.generation = Generation.GSM

    def _answers_in_class_a0(self) -> bool:
        select = Command(_CLA[Generation.GSM], Ins.SELECT, 0, 0, _fids(MF.steps))
        return succeeded(Ins.SELECT, self.send(select).status, Generation.GSM)

    def command(self, ins: Ins, p1: int, p2: int, data: bytes = b"", expects: int | None = None) -> Command:
        """Make a command in this card's class."""
        return Command(_CLA[self.generation], ins, p1, p2, data, expects)

    def send(self, command: Command) -> Response:
        """Send one command and return the whole of its answer, whatever its status word."""
        asked, response, data, warning = command, self._exchange(command), b"", None
        for _ in range(_UNTIL_SETTLED):
            data += response.data
            if command.expects is None:
                return response  # whatever it says, a command that only carries data (a key!) is never sent again
            if response.sw1 == _OTHER_LENGTH:
                asked = replace(asked, expects=response.sw2 or 256)
            elif response.sw1 in _MORE:
                asked = Command(command.cla, Ins.GET_RESPONSE, 0, 0, expects=response.sw2 or 256)
            elif self._keeps_an_answer_back(asked, response):
                warning, asked = response.status, Command(command.cla, Ins.GET_RESPONSE, 0, 0, expects=256)
            else:
                return Response(response.status if warning is None else warning, data)
            response = self._exchange(asked)
        raise Garbled("the card keeps announcing answers it does not give: clean its contacts and begin again")

    def _keeps_an_answer_back(self, asked: Command, response: Response) -> bool:
        """Whether a warning stands where a UICC over T=0 announces an answer (TS 102 221 §7.3.1.1.4, annex C)."""
        over_t0 = self.connection.transmission is Transmission.T0 and self.generation is Generation.UICC
        return over_t0 and response.sw1 == _WARNING and bool(asked.data) and not response.data

    def must(self, command: Command, what: str) -> Response:
        """Send a command that has to succeed. Raises Refused."""
        response = self.send(command)
        if not succeeded(command.ins, response.status, self.generation):
            raise self.refusal(command.ins, response.status, what)
        return response

    def refusal(self, ins: int, status: int, what: str) -> Refused:
        """Say what the card refused, and in which words."""
        return Refused(f"{what}: the card says {status:04X}, {explain(ins, status, self.generation)}", status)

    def info(self, path: FilePath) -> FileInfo:
        """Describe a file or directory; asked of the card once. Raises Refused when there is none."""
        known = self.layout.files.get(path)
        return known if known is not None else self.look(path)

    def look(self, path: FilePath) -> FileInfo:
        """Describe a file or directory as it is at this moment: its tries left too. Raises Refused."""
        raw = self._select(path, described=True)
        found = parse_fcp(raw) if self.generation is Generation.UICC else parse_gsm(raw)
        self.layout.files[path] = found
        self._looked_at.add(path)
        if found.invalidated:
            self._deactivated.add(path)
        return found

    def exists(self, path: FilePath) -> bool:
        """Tell whether this very card has a file; others of its ATR may have it or not."""
        try:
            if path not in self._looked_at:
                self.look(path)
        except Refused as refused:
            return refused.status == _DEACTIVATED  # it is there, and does not even say what it is
        return True

    def select(self, path: FilePath) -> None:
        """Make a file or directory the current one, unless it is. Raises Refused."""
        if self._selected != path:
            self._select(path, described=False)

    def enter(self, application: FilePath) -> None:
        """Be in an application, in whichever of its directories. Raises Refused."""
        if self._selected is None or self._selected.steps[0] != application.steps[0]:
            self.select(application)

    def read(self, path: FilePath, record: int | None = None) -> bytes:
        """Read a whole transparent file, or one record (from 1). Raises Refused."""
        if record is not None:
            length = self.info(path).size
            self.select(path)
            asked = self.command(Ins.READ_RECORD, record, _ABSOLUTE, expects=length or 256)
            return self.must(asked, f"reading record {record} of {self._named(path)}").data
        size = self.info(path).size or 0
        self.select(path)
        return b"".join(self._read_piece(path, at, size) for at in range(0, size, _MOST_AT_ONCE))

    def update(self, path: FilePath, raw: bytes, record: int | None = None) -> None:
        """Write a whole transparent file, or one record (from 1). Raises Refused."""
        self._measure(path)
        self.select(path)
        if record is not None:
            asked = self.command(Ins.UPDATE_RECORD, record, _ABSOLUTE, raw)
            self.must(asked, f"writing record {record} of {self._named(path)}")
            return
        for at in range(0, len(raw), _MOST_AT_ONCE):
            piece = raw[at : at + _MOST_AT_ONCE]
            self.must(self.command(Ins.UPDATE_BINARY, at >> 8, at & 0xFF, piece), f"writing {self._named(path)}")

    def reset(self) -> None:
        """Reset the card: nothing is selected or verified any more."""
        self.connection.reset()
        self._selected = self._application = None

    def _measure(self, path: FilePath) -> None:
        """Before this card's file is written, make sure that it has the size the layout has from another card."""
        known = self.layout.files.get(path)
        if known is not None and path not in self._looked_at and (size := self.look(path).size) != known.size:
            what = f"{path} has {size} bytes here and {known.size} on the last card of this ATR"
            raise Refused(f"{what}: insert this card again", OK)

    def _read_piece(self, path: FilePath, at: int, size: int) -> bytes:
        length = min(_MOST_AT_ONCE, size - at)
        asked = self.command(Ins.READ_BINARY, at >> 8, at & 0xFF, expects=length)
        return self.must(asked, f"reading {self._named(path)}").data

    def _named(self, path: FilePath) -> str:
        return f"{path}, a file that is deactivated on this card" if path in self._deactivated else str(path)

    def _exchange(self, command: Command) -> Response:
        self.apdus += 1
        t0 = self.connection.transmission is Transmission.T0
        try:
            return Response.parse(self.connection.transmit(command.to_tpdu() if t0 else command.to_bytes()))
        except ValueError as rubbish:
            raise Garbled(f"the reader handed over no answer of a card: {rubbish}") from rubbish

    def _select(self, path: FilePath, *, described: bool) -> bytes:
        walk = self._walk_gsm if self.generation is Generation.GSM else self._walk_uicc
        try:
            raw = walk(path, described=described)
        except Refused:
            self._selected = None  # refused half-way, it may have left the card in another directory
            raise
        self._selected = path
        return raw

    def _walk_uicc(self, path: FilePath, *, described: bool) -> bytes:
        """One command for any file: by its path from the MF or from the application (TS 102 221 §8.4.2, §11.1.1)."""
        first, *rest = path.steps
        if first in ADF and self._application != first:
            raw = self._select_one(path, _BY_AID, _AIDS[first], described=described and not rest)
            self._application = first
            if not rest:
                return raw
        if first in ADF:
            return self._select_one(path, _BY_PATH, _fids(("7FFF", *rest)), described=described)
        if path == MF:
            return self._select_one(path, _BY_FID, _fids(path.steps), described=described)
        return self._select_one(path, _BY_PATH, _fids(rest), described=described)

    def _walk_gsm(self, path: FilePath, *, described: bool) -> bytes:
        """Step by step from where we are, if that is the file's directory, else from the MF (TS 51.011 §6.5)."""
        if path.steps[0] in ADF:
            raise Refused(f"{path}: a GSM SIM has no applications", _NO_SUCH_CLASS)
        here = None if self._selected is None else self._directory_of(self._selected)
        steps = path.steps[-1:] if here == path.directory and path != MF else path.steps
        raw = b""
        for number, step in enumerate(steps, start=1):
            raw = self._select_one(path, _BY_FID, _fids((step,)), described=described and number == len(steps))
        return raw

    def _directory_of(self, selected: FilePath) -> FilePath:
        """A directory is selected as itself; an EF is in its directory (identifiers: TS 102 221 §8.6)."""
        is_directory = selected == MF or selected.steps[-1][:2] in ("7F", "5F", "A5")
        return selected if is_directory else selected.directory

    def _select_one(self, path: FilePath, how: int, data: bytes, *, described: bool) -> bytes:
        what = f"selecting {path}"
        if self.generation is Generation.GSM:
            return self.must(self.command(Ins.SELECT, 0, 0, data, 256 if described else None), what).data
        if described:
            return self._described(self.must(self.command(Ins.SELECT, how, _WITH_FCP, data, 256), what), path)
        answer = self.send(self.command(Ins.SELECT, how, self._quiet_p2(), data))
        if answer.status == _WRONG_P1_P2 and self._silently:
            self._silently = False  # an older card that always describes what it selects
            answer = self.send(self.command(Ins.SELECT, how, self._quiet_p2(), data))
        if not succeeded(Ins.SELECT, answer.status, self.generation):
            raise self.refusal(Ins.SELECT, answer.status, what)
        self._note_state(answer, path)
        return b""

    def _described(self, answer: Response, path: FilePath) -> bytes:
        """The description a card gave; one that gave none with its warning has refused. Raises Refused."""
        self._note_state(answer, path)
        if answer.status >> 8 == _WARNING and not answer.data:
            raise self.refusal(Ins.SELECT, answer.status, f"selecting {path}")
        return answer.data

    def _note_state(self, answer: Response, path: FilePath) -> None:
        if answer.status == _DEACTIVATED:
            self._deactivated.add(path)

    def _quiet_p2(self) -> int:
        return _SILENTLY if self._silently else _WITH_FCP


def _fids(steps: tuple[str, ...] | list[str]) -> bytes:
    return bytes.fromhex("".join(steps))
