"""What every journey takes along: one card's data, a job that touches much, a station, and all that a card holds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from sim_readers.card_data import CardData
from sim_readers.emulator.blank import blank
from sim_readers.emulator.card import VirtualCard
from sim_readers.emulator.faults import Faults
from sim_readers.job.runner import Workshop
from sim_readers.job.wish import Job
from tests.sim_readers.emulator.cards import DATA
from tests.sim_readers.workbench import image, workshop

SOON_S = 10.0
LOADED_WITH = "208930000000777"
"""The IMSI that cards whose keys are inside leave their factory with: the job gives them another."""

RICH = Job(
    spec="1",
    name="rich",
    mnc_length=2,
    files={
        "EF.SPN": {"name": "Linegate", "with_network": True},
        "EF.SMSP": {"service_centre": "+33609001390"},
        "EF.MSISDN": "+33612345678",
        "EF.HPLMNwAcT": [{"plmn": "208-93", "act": ["eutran", "utran"]}],
        "EF.FPLMN": ["208-01"],
        "EF.EHPLMN": ["208-93", "208-01"],
    },
)
PLAIN = Job(spec="1", name="plain", mnc_length=2, files={"EF.SPN": RICH.files["EF.SPN"]})


def made(name: str, faults: Faults | None = None) -> VirtualCard:
    """A card of a type, recorded. One whose keys nobody can write has them, and an IMSI that is not to stay."""
    inside = name in {"uicc", "gsm"}
    data = replace(DATA, imsi=LOADED_WITH) if inside else DATA
    return blank(image(name), data, keys_inside=inside, faults=faults, record=True)


def station(directory: Path, job: Job, data: CardData = DATA, accept_tries: int | None = None) -> Workshop:
    """A station as a process finds it at its start; its random numbers are always the same ones."""
    opened = workshop(directory, [data], job)
    bench = replace(opened.bench, random=lambda count: bytes(range(count)), accept_tries=accept_tries)
    return replace(opened, bench=bench)


def everything(card: VirtualCard) -> dict[str, bytes]:
    """All that a card holds, whoever may read it."""
    return {path: bytes(body) for path, body in card.inside.memory.bodies.items()}


def keys_heard(card: VirtualCard) -> list[bytes]:
    """Every PIN and ADM key that was presented, as TPDUs; questions for the tries left are not counted."""
    return [tpdu for tpdu in card.heard if tpdu[1] == 0x20 and len(tpdu) > 5]
