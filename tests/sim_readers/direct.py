"""An emulated card without any reader in between: what the card hears is exactly what was transmitted."""

from dataclasses import dataclass

from sim_readers.emulator.card import VirtualCard
from sim_readers.emulator.face import PulledOut
from sim_readers.errors import CardGone
from sim_readers.reader import Transmission


@dataclass
class Direct:
    """A connection to a card that is powered on by making it."""

    card: VirtualCard
    transmission: Transmission = Transmission.T0

    def __post_init__(self) -> None:
        self.atr = self.card.power_on()

    def transmit(self, command: bytes) -> bytes:
        try:
            return self.card.transmit(command)
        except PulledOut:
            raise CardGone("the card was pulled out") from None

    def reset(self) -> bytes:
        self.atr = self.card.power_on()
        return self.atr

    def close(self) -> None:
        self.card.power_off()


@dataclass
class DirectReader:
    """A reader that always holds the same card."""

    name: str
    card: VirtualCard

    def connect(self) -> Direct:
        return Direct(self.card)

    def wait_for_card(self, timeout_s: float) -> bool:
        return timeout_s >= 0

    def wait_for_removal(self, timeout_s: float) -> bool:
        return timeout_s < 0

    def close(self) -> None:
        self.card.power_off()
