"""A virtual card: power, the rules of T=0, and one command after the other (TS 102 221 §7.3, TS 51.011 §9)."""

from __future__ import annotations

from collections.abc import Callable

from sim_readers.emulator import gsm, uicc
from sim_readers.emulator.authentication import Authenticator
from sim_readers.emulator.face import EmulatedCard, PulledOut
from sim_readers.emulator.faults import Faults
from sim_readers.emulator.image import CardImage
from sim_readers.emulator.inside import Answer, Call, Inside
from sim_readers.emulator.making import lay_out
from sim_readers.emulator.memory import Memory
from sim_readers.emulator.pins import Key, Keyring
from sim_readers.emulator.refusals import Generation, No, Refusal
from sim_readers.emulator.selection import Selection
from sim_readers.path import FilePath

_HEADER = 5
_MOST = 256
_GSM_CLASS = 0xA0
_UICC_CLASSES = (0x00, 0x80)
_CHANNELS = ((0x01, 0x03), (0x81, 0x83), (0x40, 0x7F), (0xC0, 0xFE))
_GET_RESPONSE = 0xC0
_ANSWERING = (0xB0, 0xB2, 0xF2)  # their P3 is the length of what they want back
_DONE = 0x9000
_WAITING = {Generation.UICC: 0x61, Generation.GSM: 0x9F}

Handler = Callable[[Inside, Call], Answer]


class VirtualCard(EmulatedCard):
    """A card in software. Make one with ``blank``; it is not meant for two threads at once.

    ``tpdus`` counts the TPDUs it was sent; ``heard`` holds them when ``record`` is set, secrets and all, so only in
    tests. ``keep`` is called before an answer leaves when something lasting has changed.
    """

    def __init__(
        self,
        image: CardImage,
        keys: dict[str, Key],
        *,
        faults: Faults | None = None,
        record: bool = False,
    ) -> None:
        self.image = image
        self.tpdus = 0
        self.heard: list[bytes] = []
        self.keep: Callable[[VirtualCard], None] | None = None
        self._faults = faults or Faults()
        self._record = record
        self._powered = False
        self._waiting: tuple[Generation, bytes] | None = None
        memory = Memory(self._faults)
        tree = lay_out(image, memory)
        ring = Keyring(keys, memory)
        self.inside = Inside(image, memory, tree, ring, Selection(tree), Authenticator(image, tree, memory))

    def power_on(self) -> bytes:
        """Reset: nothing is verified, the MF is selected. Returns the ATR, empty from a mute card."""
        self._forget()
        self._powered = not self._faults.mute
        return bytes.fromhex(self.image.atr) if self._powered else b""

    def power_off(self) -> None:
        """Take the power away; files, counters and sequence numbers stay."""
        self._forget()
        self._powered = False

    def transmit(self, tpdu: bytes) -> bytes:
        """Carry out one TPDU. Raises PulledOut as the faults say, and whenever there is no power."""
        if not self._powered:
            raise PulledOut
        self.tpdus += 1
        if self._record:
            self.heard.append(tpdu)
        leaves = self.tpdus == self._faults.pull_out_at
        try:
            if leaves and self._faults.pull_out == "before":
                raise PulledOut
            answer = self._answer(tpdu)
            if leaves:
                raise PulledOut
        except PulledOut:
            self.power_off()
            raise
        finally:
            self._settle()
        return answer

    def content(self, path: FilePath | str) -> bytes:
        """Return what is really in a file, whoever may read it. Raises KeyError when there is no such file."""
        return bytes(self.inside.tree.file(_path(path)).body)

    def record(self, path: FilePath | str, number: int) -> bytes:
        """Return what is really in a record, counted from 1. Raises KeyError, and Refusal beyond the last."""
        return self.inside.tree.file(_path(path)).record(number)

    def tries(self, reference: int, *, puk: bool = False) -> int:
        """Return the tries left of a key, or of its PUK. Raises Refusal when the card has no such key."""
        key = self.inside.keys.by_reference(reference)
        return key.puk_tries if puk else key.tries

    def _forget(self) -> None:
        self._waiting = None
        self.inside.keys.forget()
        self.inside.selection.reset()

    def _settle(self) -> None:
        if self.inside.memory.settled() and self.keep:
            self.keep(self)

    def _answer(self, tpdu: bytes) -> bytes:
        generation = Generation.GSM if tpdu[:1] == bytes((_GSM_CLASS,)) else Generation.UICC
        try:
            answer = self._carry_out(generation, tpdu)
        except Refusal as no:
            return no.word(generation).to_bytes(2, "big")
        if not answer.later:
            return answer.data + (self._rest() or _DONE.to_bytes(2, "big"))
        self._waiting = (generation, answer.data)
        return self._rest()

    def _rest(self) -> bytes:
        """61XX or 9FXX while something waits to be fetched, else nothing."""
        if self._waiting is None:
            return b""
        generation, data = self._waiting
        return bytes((_WAITING[generation], len(data) & 0xFF))

    def _carry_out(self, generation: Generation, tpdu: bytes) -> Answer:
        if len(tpdu) < _HEADER:
            raise Refusal(No.LENGTH)
        cla, ins, p1, p2, p3 = tpdu[:_HEADER]
        self._check_class(cla)
        waiting, self._waiting = self._waiting, None
        if ins == _GET_RESPONSE:
            return self._get_response(generation, tpdu, waiting)
        handler = self._handler(generation, cla, ins)
        body = tpdu[_HEADER:]
        if len(body) != (0 if ins in _ANSWERING else p3):
            raise Refusal(No.LENGTH)
        return handler(self.inside, Call(cla, ins, p1, p2, body, p3 or _MOST))

    def _check_class(self, cla: int) -> None:
        if cla == _GSM_CLASS and "gsm" in self.image.generations:
            return
        if "uicc" not in self.image.generations or cla == _GSM_CLASS:
            raise Refusal(No.CLASS)
        if cla in _UICC_CLASSES:
            return
        if any(first <= cla <= last for first, last in _CHANNELS):
            raise Refusal(No.CHANNEL)
        raise Refusal(No.SECURE_MESSAGING if cla & 0x7F in (0x04, 0x08, 0x0C) else No.CLASS)

    def _handler(self, generation: Generation, cla: int, ins: int) -> Handler:
        found = gsm.COMMANDS.get(ins) if generation is Generation.GSM else uicc.COMMANDS.get((cla, ins))
        if found is None:
            raise Refusal(No.INSTRUCTION)
        return found

    def _get_response(self, generation: Generation, tpdu: bytes, waiting: tuple[Generation, bytes] | None) -> Answer:
        """TS 102 221 §7.3.1.1.4: only right after 61XX or 9FXX, in the same class; a UICC takes P3 = 00 for all."""
        if len(tpdu) != _HEADER:
            raise Refusal(No.LENGTH)
        if tpdu[2] or tpdu[3]:
            raise Refusal(No.PARAMETERS)
        if waiting is None or waiting[0] is not generation:
            raise Refusal(No.CONDITIONS)
        data, wanted = waiting[1], tpdu[4] or _MOST
        if not tpdu[4] and generation is Generation.UICC:
            wanted = len(data)
        if wanted > len(data):
            self._waiting = waiting
            raise Refusal(No.EXACT_LENGTH, len(data))
        self._waiting = (generation, data[wanted:]) if wanted < len(data) else None
        return Answer(data[:wanted])


def _path(path: FilePath | str) -> FilePath:
    return FilePath.parse(path) if isinstance(path, str) else path
