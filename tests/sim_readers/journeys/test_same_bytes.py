"""One job by every way there is to a card: the same bytes on it afterwards, the same keys tried, the keys proven."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from sim_readers.emulator.card import VirtualCard
from sim_readers.emulator.phoenix_door import PhoenixDoor
from sim_readers.files.imsi import Imsi
from sim_readers.job.outcome import Outcome
from sim_readers.job.runner import CardResult
from sim_readers.path import GSM, USIM
from sim_readers.proof import Proven
from sim_readers.reader import open_reader
from tests.sim_readers.emulator.cards import DATA, KI, OPC
from tests.sim_readers.journeys.doors import FETCHING_MODEMS, MODEMS, READERS, Way, in_process
from tests.sim_readers.journeys.people import RICH, everything, keys_heard, made, station
from tests.sim_readers.slots import Slots

IMAGES = ("sja5", "uicc", "gsm")
WAYS = {**READERS, **MODEMS, **FETCHING_MODEMS}
SPEEDS = {"sja5": 223_200, "uicc": 223_200, "gsm": 55_800}  # what TA1 of their ATRs, 96 and 94, makes of 3.5712 MHz


@dataclass(frozen=True)
class Treated:
    """A card after the job, and what was said of it."""

    card: VirtualCard
    result: CardResult

    @property
    def heard(self) -> Counter[bytes]:
        """How often the card heard each command."""
        return Counter(self.card.heard)


def _treated(name: str, way: Way, slots: Slots, directory: Path) -> Treated:
    card = made(name)
    with way(card, slots) as reader:
        return Treated(card, station(directory, RICH).apply(reader))


@pytest.fixture(params=IMAGES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def in_memory(name: str, slots: Slots, tmp_path: Path) -> Treated:
    """The card that was treated without any reader in between."""
    return _treated(name, in_process, slots, tmp_path / "in process")


def _commands(*tpdus: str) -> list[bytes]:
    return [bytes.fromhex(tpdu) for tpdu in tpdus]


def test_the_job_touches_what_it_is_meant_to(name: str, in_memory: Treated) -> None:
    plan, delivered = in_memory.result.plan, made(name)
    assert plan is not None
    written = {difference.name for difference in plan.differences}
    wished = {"EF.SPN", "EF.SMSP", "EF.MSISDN", "EF.HPLMNwAcT", "EF.FPLMN", "EF.ACC", "EF.AD", "EF.IMSI"}
    assert written == (wished if name == "gsm" else wished | {"EF.EHPLMN"})
    home = GSM if name == "gsm" else USIM
    assert Imsi.decode(in_memory.card.content(home / 0x6F07)) == DATA.imsi
    assert not [d for d in plan.differences if delivered.content(d.path) == in_memory.card.content(d.path)]
    if name == "sja5":
        assert in_memory.card.content(USIM / 0xAF20).hex() == f"14{KI}{OPC}"


@pytest.mark.parametrize("way", WAYS)
def test_the_same_job_by_any_way_leaves_the_same_bytes(
    name: str, way: str, in_memory: Treated, slots: Slots, tmp_path: Path
) -> None:
    there = _treated(name, WAYS[way], slots, tmp_path / way)
    assert there.result.outcome is Outcome.WRITTEN, there.result.reasons
    assert isinstance(there.result.proof, Proven)
    assert everything(there.card) == everything(in_memory.card)
    assert keys_heard(there.card) == keys_heard(in_memory.card)
    assert [key[3] for key in keys_heard(there.card)] == [0x01, 0x0A]
    assert (there.card.tries(0x01), there.card.tries(0x0A)) == (3, 3)


@pytest.mark.parametrize("way", READERS)
def test_a_reader_adds_no_command_of_its_own(
    name: str, way: str, in_memory: Treated, slots: Slots, tmp_path: Path
) -> None:
    there = _treated(name, READERS[way], slots, tmp_path / way)
    assert there.card.heard == in_memory.card.heard
    assert there.result.apdus == len(there.card.heard)


@pytest.mark.parametrize("way", [*MODEMS, *FETCHING_MODEMS])
def test_behind_a_modem_more_is_heard_only_for_want_of_an_atr_or_because_it_fetches_answers(
    name: str, way: str, in_memory: Treated, slots: Slots, tmp_path: Path
) -> None:
    there = _treated(name, WAYS[way], slots, tmp_path / way)
    added = there.heard - in_memory.heard
    assert not in_memory.heard - there.heard
    fetching, probes, fetches = way in FETCHING_MODEMS, set(), set()
    if name == "uicc":  # no ATR: whether it is one of the models with key files is found out by looking for those
        probes = set(_commands("00A40804047FFFAF20", "00A40804047F2000FF"))
    if name == "gsm" and fetching:  # a GSM SIM describes whatever is selected, wanted or not
        fetches = set(_commands("A0C0000017", "A0C000000F"))
    assert set(added) == probes | fetches
    asked = sum(tpdu[1] != 0xC0 for tpdu in there.card.heard)
    assert there.result.apdus == (asked if fetching else len(there.card.heard))


def test_by_rfc_2217_it_is_reset_by_rts_at_8e2_and_spoken_to_at_the_agreed_speed(name: str, tmp_path: Path) -> None:
    with ExitStack() as stack:
        door = stack.enter_context(PhoenixDoor(made(name)))
        reader = open_reader(f"serial_t0:{door.url}")
        stack.callback(reader.close)
        assert station(tmp_path, RICH).apply(reader).well
    log = door.log
    assert {value for what, value in log if what == "parity"} == {"E"}
    assert {value for what, value in log if what == "stopbits"} == {2}
    held, released = log.index(("rts", True)), log.index(("rts", False))
    assert held < released
    assert [value for what, value in log[:released] if what == "baudrate"] == [9600]
    assert log[released + 1 : released + 3] == [("card speed", SPEEDS[name]), ("baudrate", SPEEDS[name])]
    assert log[-1] == ("rts", True)
