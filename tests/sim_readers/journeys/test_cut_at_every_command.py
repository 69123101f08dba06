"""A card whose line is cut at every single command of its personalisation, by real readers: it always converges."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from queue import SimpleQueue
from typing import Literal

import pytest

from sim_readers.card_data import CardData
from sim_readers.emulator.card import VirtualCard
from sim_readers.emulator.faults import Faults
from sim_readers.emulator.vpcd_door import VpcdDoor
from sim_readers.job.outcome import Outcome
from sim_readers.job.runner import CardResult
from sim_readers.reader import Reader, open_reader
from sim_readers.readers import vpcd
from sim_readers.readers.virtual import VirtualReader
from tests.sim_readers.conftest import READERS
from tests.sim_readers.emulator.cards import DATA
from tests.sim_readers.journeys.people import PLAIN, SOON_S, everything, keys_heard, made, station
from tests.sim_readers.slots import Slots
from tests.sim_readers.workbench import wrong_adm

When = Literal["before", "after"]
Place = tuple[VpcdDoor, Reader]
WRONG_FILE = wrong_adm(DATA)
ADM1 = 0x0A
FIRST = {Outcome.TORN}
AGAIN = {Outcome.KEY_REFUSED, Outcome.REFUSED}


class Places:
    """Readers side by side, each with the door to its slot; whatever is to be done is done at whichever is free."""

    def __init__(self, places: list[Place]) -> None:
        self._count = len(places)
        self._free: SimpleQueue[Place] = SimpleQueue()
        for place in places:
            self._free.put(place)

    def at_every(self, command: range, do: Callable[[int, Place], None]) -> None:
        """Do something for every number of a command, in as many threads as there are places."""

        def do_at_one(k: int) -> None:
            place = self._free.get()
            try:
                do(k, place)
            finally:
                self._free.put(place)

        with ThreadPoolExecutor(self._count) as threads:
            list(threads.map(do_at_one, command))


@pytest.fixture
def places(request: pytest.FixtureRequest, slots: Slots) -> Iterator[Places]:
    """Those of the pcscd, or as many of our own for cards that call."""
    with ExitStack() as stack:
        made_places: list[Place] = []
        for _ in range(READERS):
            if request.param == "pcsc":
                slot = slots.take()
                door, reader = slot.door, open_reader(f"pcsc:{slot.reader_name}")
            else:
                listening = vpcd.open_reader(":0")
                door, reader = VpcdDoor(made("sja5"), "127.0.0.1", listening.port, empty_s=0.0), listening
            stack.callback(reader.close)
            stack.callback(door.pull_out)
            made_places.append((door, reader))
        yield Places(made_places)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> VirtualCard:
    """The card that nobody pulled out."""
    card = made("sja5")
    assert _apply(tmp_path_factory.mktemp("undisturbed"), VirtualReader("here", card)).outcome is Outcome.WRITTEN
    return card


def _apply(directory: Path, reader: Reader, data: CardData = DATA, accept_tries: int | None = None) -> CardResult:
    return station(directory, PLAIN, data, accept_tries).apply(reader)


def _seated(
    place: Place, card: VirtualCard, directory: Path, data: CardData = DATA, accept_tries: int | None = None
) -> CardResult:
    """Put a card in, have it treated by a station that has just been started, take it out."""
    door, reader = place
    door.insert(card)
    assert reader.wait_for_card(SOON_S)
    result = _apply(directory, reader, data, accept_tries)
    door.pull_out()
    assert reader.wait_for_removal(SOON_S)
    return result


def _wrong_adm_heard(card: VirtualCard) -> int:
    return sum(key[3] == ADM1 for key in keys_heard(card))


@pytest.mark.parametrize(
    ("places", "when"), [("pcsc", "before"), ("vpcd", "before"), ("vpcd", "after")], indirect=["places"]
)
def test_wherever_its_line_is_cut_it_converges_after_it_is_seated_again(
    places: Places, when: When, undisturbed: VirtualCard, tmp_path: Path
) -> None:
    def cut(k: int, place: Place) -> None:
        card, where = made("sja5", Faults(pull_out_at=k, pull_out=when)), f"cut {when} command {k}"
        torn = _seated(place, card, tmp_path / str(k))
        assert torn.outcome is Outcome.TORN, f"{where}: {torn}"
        mended = _seated(place, card, tmp_path / str(k))
        assert mended.well, f"{where}: {mended.reasons}"
        assert everything(card) == everything(undisturbed), where
        assert (card.tries(0x01), card.tries(ADM1)) == (3, 3), where

    places.at_every(range(1, undisturbed.tpdus + 1), cut)


@pytest.mark.parametrize(("places", "when"), [("vpcd", "before"), ("vpcd", "after")], indirect=["places"])
def test_with_the_wrong_file_one_try_is_lost_at_most_wherever_its_line_is_cut(
    places: Places, when: When, tmp_path: Path
) -> None:
    whole = made("sja5")
    assert _apply(tmp_path / "whole", VirtualReader("here", whole), WRONG_FILE).outcome is Outcome.KEY_REFUSED

    def cut(k: int, place: Place) -> None:
        card, where = made("sja5", Faults(pull_out_at=k, pull_out=when)), f"cut {when} command {k}"
        # at last an operator insists who has seen that two tries are left
        for accepted, expected in ((None, FIRST), (None, AGAIN), (2, {Outcome.REFUSED})):
            assert _seated(place, card, tmp_path / str(k), WRONG_FILE, accepted).outcome in expected, where
        assert card.tries(ADM1) == 2, f"{where}: {card.tries(ADM1)} tries left"
        assert _wrong_adm_heard(card) <= 2, where

    places.at_every(range(1, whole.tpdus + 1), cut)
