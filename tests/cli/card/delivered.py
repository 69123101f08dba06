"""Cards of an invented vendor in files, and ways to type: what tests of PINs, PUKs and files begin with."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sim_readers.emulator.blank import blank
from sim_readers.emulator.card import VirtualCard
from sim_readers.emulator.image import CardImage, read_image
from sim_readers.emulator.state import load, save
from tests.gateway.cards import Card, card, vendor_file
from tests.sim_readers.workbench import card_data

CONFIG = Path(__file__).parents[3] / "config"
COUNT = 3


def image(model: str) -> CardImage:
    return read_image(CONFIG / "card_images" / f"{model}.toml")


@dataclass(frozen=True, slots=True)
class Delivery:
    """A directory with a vendor's file and its cards."""

    directory: Path

    @classmethod
    def into(cls, directory: Path) -> Delivery:
        (directory / "sims.out").write_text(vendor_file(cls(directory).cards))
        return cls(directory)

    @property
    def file(self) -> str:
        return str(self.directory / "sims.out")

    @property
    def cards(self) -> list[Card]:
        return [card(number) for number in range(1, COUNT + 1)]

    @property
    def secrets(self) -> tuple[str, ...]:
        """Everything nobody may see, as it is written and in hexadecimal; PINs are too short to look for."""
        written = [secret for one in self.cards for secret in one.secrets]
        return (*written, *(secret.encode().hex().upper() for secret in written))

    def put(self, number: int = 1, model: str = "sja5") -> str:
        """Put a finished card on the table; return the name of a reader with it."""
        data = card_data(vendor_file(self.cards))[number - 1]
        save(blank(image(model), data, keys_inside=True), self._kept(number))
        return f"virtual:{self._kept(number)}?image={CONFIG / 'card_images' / model}.toml"

    def look(self, number: int = 1, model: str = "sja5") -> VirtualCard:
        """Look into a card."""
        return load(self._kept(number), image(model))

    def _kept(self, number: int) -> Path:
        return self.directory / f"card{number}.json"


@contextmanager
def typed(*lines: str) -> Iterator[None]:
    """Have these lines come in at file descriptor 0."""
    ours, theirs = os.pipe()
    before = os.dup(0)
    os.write(theirs, "".join(f"{line}\n" for line in lines).encode())
    os.close(theirs)
    os.dup2(ours, 0)
    os.close(ours)
    try:
        yield
    finally:
        os.dup2(before, 0)
        os.close(before)


def told_by(files: Iterable[Path]) -> str:
    """Everything that is in files."""
    return "".join(file.read_text("utf-8", "replace") for file in files if file.is_file())
