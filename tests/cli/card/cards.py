"""Virtual cards in files, the vendor file they came with, and a job: what is on a technician's table in these tests."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from sim_readers.card_data import CardData
from sim_readers.emulator.blank import blank
from sim_readers.emulator.card import VirtualCard
from sim_readers.emulator.image import CardImage, read_image
from sim_readers.emulator.state import load, save
from sim_readers.secret import Secret

CONFIG = Path(__file__).parents[3] / "config"
ICCIDS = ("8933019000000000011", "8933019000000000029", "8933019000000000037")
STRANGER = "8933019000000000045"  # a card no vendor file has, unless a test writes one
PIN, ADM, PUK, KI, OPC = "1234", "12345678", "00000001", "0" * 31 + "1", "0" * 28 + "1001"
#: what must never be seen; a PIN of four digits is in too many numbers to look for
SECRETS = (ADM, KI, OPC, ADM.encode().hex())
JOB = """
spec = "1"
name = "test"
mnc_length = 2
keys = "{keys}"

[files]
"EF.SPN" = {{ name = "Technicophone", with_network = true }}
"EF.SMSP" = {{ service_centre = "+33609001390" }}
"""


def image(name: str = "sja2") -> CardImage:
    return read_image(CONFIG / "card_images" / f"{name}.toml")


def data_of(iccid: str) -> CardData:
    """A card's data, as the vendor file has them."""
    return CardData(
        iccid=iccid,
        imsi=f"20801990000000{(*ICCIDS, STRANGER).index(iccid) + 1}",
        ki=Secret.from_hex(KI),
        opc=Secret.from_hex(OPC),
        pin1=Secret.from_digits(PIN),
        puk1=Secret.from_digits(PUK),
        adm1=Secret.from_digits(ADM),
    )


def vendor_text(iccids: Iterable[str] = ICCIDS, quantity: int | None = None) -> str:
    """A vendor's output file."""
    cards = [data_of(iccid) for iccid in iccids]
    head = f"Customer: TEST\nQuantity: {len(cards) if quantity is None else quantity}\n"
    lines = "".join(f"{card.iccid} {card.imsi} {PIN} {PUK} {ADM} {KI} {OPC}\n" for card in cards)
    return f"{head}var_Out: ICCID/IMSI/PIN1/PUK1/ADM1/KI/OPC\n{lines}"


@dataclass(frozen=True, slots=True)
class Table:
    """A directory with cards, a vendor file and a job."""

    directory: Path

    @classmethod
    def laid(cls, directory: Path) -> Table:
        (directory / "cards.out").write_text(vendor_text())
        (directory / "job.toml").write_text(JOB.format(keys="write"))
        return cls(directory)

    @property
    def cards(self) -> str:
        return str(self.directory / "cards.out")

    @property
    def job(self) -> str:
        return str(self.directory / "job.toml")

    def file(self, iccid: str) -> Path:
        return self.directory / f"{iccid}.json"

    def put(self, iccid: str = ICCIDS[0], model: str = "sja2", adm: str = ADM, *, inside: bool = False) -> str:
        """Put a blank card on the table; return the name of a reader with it."""
        data = replace(data_of(iccid), adm1=Secret.from_digits(adm))
        save(blank(image(model), data, keys_inside=inside), self.file(iccid))
        return f"virtual:{self.file(iccid)}?image={CONFIG / 'card_images' / model}.toml"

    def card(self, iccid: str = ICCIDS[0], model: str = "sja2") -> VirtualCard:
        """Look into a card, whatever it lets others read."""
        return load(self.file(iccid), image(model))

    def spoil(self, iccid: str, tries: int, model: str = "sja2") -> None:
        """Leave a card's ADM1 only so many tries."""
        card = self.card(iccid, model)
        card.inside.keys.by_name["adm1"].tries = tries
        save(card, self.file(iccid))
