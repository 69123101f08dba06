"""Milenage on the card: where its Ki and OPc are, and which sequence numbers it takes."""

from __future__ import annotations

from sim_readers.emulator.filesystem import Tree
from sim_readers.emulator.image import CardImage, KeySlot, Place, Use
from sim_readers.emulator.memory import Memory
from sim_readers.emulator.refusals import No, Refusal
from sim_readers.milenage import Milenage, opc_of
from sim_readers.path import FilePath
from sim_readers.secret import Secret

INSIDE = "keys"  # name in memory of the Ki and OPc that no file holds
_LENGTH = 16
_IND_BITS = 5  # TS 33.102 §C.3.2: 32 places
_AUTHENTICATED, _RESYNCHRONISE = 0xDB, 0xDC


class Authenticator:
    """Answers challenges. ``sqns`` holds the highest SQN taken for each IND, and outlives resets (TS 33.102 §C.2).

    Making it raises ValueError when the image puts a key where there is no room, KeyError when there is no file.
    """

    def __init__(self, image: CardImage, tree: Tree, memory: Memory) -> None:
        self._slots = image.key_slots
        self._tree = tree
        self._memory = memory
        self.sqns = [0] * (1 << _IND_BITS)
        if not self._slots:
            memory.bodies[INSIDE] = bytearray(2 * _LENGTH)
        for slot in self._slots:
            self._check(slot)

    def gsm(self, use: Use, rand: bytes) -> tuple[bytes, bytes]:
        """Return SRES and Kc. Raises Refusal when the card is set to another algorithm."""
        return self._milenage(use).gsm(rand)

    def umts(self, use: Use, rand: bytes, autn: bytes, *, with_kc: bool) -> bytes:
        """Return the answer to AUTHENTICATE (TS 31.102 §7.1.2.1): DB RES CK IK [Kc], or DC AUTS. Raises Refusal."""
        milenage = self._milenage(use)
        sqn = milenage.open_autn(rand, autn)
        if sqn is None:
            raise Refusal(No.WRONG_MAC)
        if not self._takes(sqn):
            return bytes((_RESYNCHRONISE,)) + _counted(milenage.auts(rand, max(self.sqns)))
        answer = [milenage.f2(rand), milenage.f3(rand), milenage.f4(rand)]
        if with_kc:
            answer.append(milenage.gsm(rand)[1])
        return bytes((_AUTHENTICATED,)) + b"".join(_counted(each) for each in answer)

    def load(self, ki: Secret, opc: Secret) -> None:
        """Put keys where this card has them, as a factory does that delivers finished cards."""
        if not self._slots:
            self._memory.bodies[INSIDE][:] = ki.reveal() + opc.reveal()
        for slot in self._slots:
            self._put(slot.ki, ki.reveal())
            self._put(slot.op, opc.reveal())
            self._put(slot.config, bytes((slot.config.milenage | slot.config.opc,)))

    def _takes(self, sqn: int) -> bool:
        index = sqn & (1 << _IND_BITS) - 1
        if sqn >> _IND_BITS <= self.sqns[index] >> _IND_BITS:
            return False
        self.sqns[index] = sqn
        self._memory.changed = True
        return True

    def _milenage(self, use: Use) -> Milenage:
        if not self._slots:
            inside = bytes(self._memory.bodies[INSIDE])
            return Milenage(Secret(inside[:_LENGTH]), Secret(inside[_LENGTH:]))
        for slot in self._slots:
            if use in slot.uses:
                return self._from_files(slot)
        raise Refusal(No.CONDITIONS)

    def _from_files(self, slot: KeySlot) -> Milenage:
        config = self._get(slot.config, 1)[0]
        if config & slot.config.algorithm != slot.config.milenage:
            raise Refusal(No.CONDITIONS)
        ki, operator = Secret(self._get(slot.ki, _LENGTH)), Secret(self._get(slot.op, _LENGTH))
        return Milenage(ki, operator if config & slot.config.opc else opc_of(ki, operator))

    def _check(self, slot: KeySlot) -> None:
        for place, length in ((slot.ki, _LENGTH), (slot.op, _LENGTH), (slot.config, 1)):
            if len(self._get(place, length)) != length:
                raise ValueError(f"{place.path} has no {length} bytes at {place.offset} for a key slot")

    def _get(self, place: Place, length: int) -> bytes:
        body = self._tree.file(FilePath.parse(place.path)).body
        return bytes(body[place.offset : place.offset + length])

    def _put(self, place: Place, value: bytes) -> None:
        body = self._tree.file(FilePath.parse(place.path)).body
        body[place.offset : place.offset + len(value)] = value


def _counted(value: bytes) -> bytes:
    return bytes((len(value),)) + value
