"""One card and its data at a station, for tests of plans and of what becomes of them."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from sim_readers.card_data import CardData
from sim_readers.emulator.blank import blank
from sim_readers.emulator.card import VirtualCard
from sim_readers.emulator.image import read_image
from sim_readers.guard import Guard
from sim_readers.job.apply import Bench
from sim_readers.job.journal import CardJournal
from sim_readers.job.runner import CardResult, Workshop
from sim_readers.job.wish import Job
from sim_readers.ledger import Ledger
from sim_readers.models.profile import CardModel, read_models
from sim_readers.reader import Connection
from sim_readers.secret import Secret
from tests.sim_readers.direct import Direct, DirectReader

CONFIG = Path(__file__).parents[3] / "config"
MODELS = read_models(CONFIG / "card_profiles")
KI, OPC = Secret(bytes(15) + b"\x01"), Secret(bytes(15) + b"\x02")
DATA = CardData(
    "8933019000000000011",
    "208019900000001",
    KI,
    OPC,
    pin1=Secret(b"1234"),
    puk1=Secret(b"11111111"),
    adm1=Secret(b"12345678"),
)
OTHER = replace(DATA, iccid="8933019000000000029", imsi="208019900000002")
SPN = {"EF.SPN": {"name": "Linegate", "with_network": True}}
LOCI, KEYS = "ADF.USIM/6F7E", "ADF.USIM/6F08"


def card(name: str = "sja5", data: CardData = DATA) -> VirtualCard:
    return blank(
        read_image(CONFIG / "card_images" / f"{name}.toml"), data, record=True, keys_inside=name in ("uicc", "gsm")
    )


def put(card: VirtualCard, path: str, content: str) -> None:
    """Have something in a file already."""
    body = card.inside.memory.bodies[path]
    body[:] = bytes.fromhex(content).ljust(len(body), b"\xff")


def workshop(
    station: Path,
    data: CardData = DATA,
    *,
    accept_tries: int | None = None,
    models: dict[str, CardModel] | None = None,
    **wished: object,
) -> Workshop:
    def clock() -> datetime:
        return datetime(2026, 12, 1, tzinfo=UTC)

    job = Job.model_validate({"spec": "1", "name": "one", "mnc_length": 2, "files": SPN, **wished})
    bench = Bench(job, Guard(Ledger(station, clock, "anna")), CardJournal(station, clock), bytes, accept_tries)
    return Workshop(models or MODELS, lambda _iccid: data, bench)


@dataclass
class Inserted:
    """A reader whose card is reached in a way of the test's own."""

    connection: Direct
    name: str = "direct:1"

    def connect(self) -> Connection:
        self.connection.reset()
        return self.connection

    def wait_for_card(self, timeout_s: float) -> bool:
        return timeout_s >= 0

    def wait_for_removal(self, timeout_s: float) -> bool:
        return timeout_s < 0

    def close(self) -> None:
        self.connection.close()


def apply(station: Workshop, card: VirtualCard) -> CardResult:
    return station.apply(DirectReader("direct:1", card))


def plan(station: Workshop, card: VirtualCard) -> CardResult:
    return station.plan(DirectReader("direct:1", card))


def writes(card: VirtualCard) -> int:
    """How often something was written on it."""
    return sum(tpdu[1] in (0xD6, 0xDC) for tpdu in card.heard)


def keys_heard(card: VirtualCard) -> int:
    """How often a key was presented to it."""
    return sum(tpdu[1] in (0x20, 0x24, 0x26, 0x28, 0x2C) and len(tpdu) > 5 for tpdu in card.heard)
