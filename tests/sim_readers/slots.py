"""The slots of a pcscd, taken in turn: the one that has been empty the longest needs no waiting."""

from dataclasses import dataclass

from sim_readers.emulator.face import EmulatedCard
from sim_readers.emulator.vpcd_door import VpcdDoor
from tests.sim_readers.pcscd import Pcscd


@dataclass(frozen=True)
class Slot:
    """A reader's name at PC/SC, where its cards go in, and the door that puts them there."""

    reader_name: str
    port: int
    door: VpcdDoor


class Slots:
    """One door per slot for a pcscd's whole life: a door knows when its slot may be used again."""

    def __init__(self, pcscd: Pcscd, nobody: EmulatedCard) -> None:
        self._free = [
            Slot(name, port, VpcdDoor(nobody, "127.0.0.1", port))
            for name, port in zip(pcscd.reader_names, pcscd.ports, strict=True)
        ]
        self._used: list[Slot] = []

    def insert(self, card: EmulatedCard) -> Slot:
        """Put a card into a free reader and return at once: pcscd sees it within half a second."""
        slot = self.take()
        slot.door.insert(card)
        return slot

    def take(self) -> Slot:
        """Keep an empty reader to oneself until ``empty``."""
        slot = self._free.pop(0)
        self._used.append(slot)
        return slot

    def empty(self) -> None:
        """Pull every card out and give every slot back."""
        for slot in self._used:
            slot.door.pull_out()
        self._free += self._used
        self._used.clear()
