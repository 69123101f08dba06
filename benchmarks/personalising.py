"""Cards written, read back and proven: one beside bare PC/SC, and four readers at once beside one."""

from __future__ import annotations

import math
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks.bare_card import replay, without_a_plan
from benchmarks.card_places import LineCard, Pile, QuickPlace, Stack
from sim_readers.card_data import CardData
from sim_readers.emulator.face import EmulatedCard
from sim_readers.emulator.vpcd_door import VpcdDoor
from sim_readers.job.batch import Batch
from sim_readers.job.events import BatchEvent, Ended
from sim_readers.job.outcome import Outcome
from sim_readers.job.runner import CardResult
from sim_readers.reader import Reader
from sim_readers.readers.pcsc import open_reader
from sim_readers.readers.virtual import VirtualReader
from tests.sim_readers.pcscd import SOCKET, private_pcscd
from tests.sim_readers.workbench import blank_cards, invented, workshop

READERS = 4
_CARDS = 40
_SEEN_S = 5.0

Place = tuple[Reader, Callable[[EmulatedCard], object]]


def measure(rounds: int) -> dict[str, dict[str, float]]:
    """Return the figures of both measurements."""
    with _slots() as slots:
        one = _one_card(slots[0], _CARDS * rounds)
        virtual = [(reader, reader.insert) for reader in (VirtualReader(str(n)) for n in range(READERS))]
        return {
            "a card through pcscd": one,
            "four readers in one process": _scaling(virtual, rounds),
            "four readers at pcscd": _scaling(slots, rounds),
        }


@contextmanager
def _slots() -> Iterator[list[Place]]:
    """Readers of a pcscd of our own; each has a card from now on, which becomes another one as often as one likes."""
    with ExitStack() as held:
        pcscd = held.enter_context(private_pcscd(READERS))
        os.environ[SOCKET] = str(pcscd.socket)  # libpcsclite looks once, when it is first called
        places: list[Place] = []
        for name, port, card in zip(pcscd.reader_names, pcscd.ports, blank_cards(invented(READERS)), strict=True):
            stack = Stack(card)
            held.enter_context(VpcdDoor(stack, "127.0.0.1", port))
            reader = open_reader(name)
            assert reader.wait_for_card(_SEEN_S)
            places.append((reader, stack.put))
        yield places


def _one_card(place: Place, count: int) -> dict[str, float]:
    """Ours, the same commands bare, and the job without a plan, card by card in turns."""
    reader, put = place
    name = reader.name.removeprefix("pcsc:")
    data = invented(count + 1)
    ours: list[CardResult] = []
    bare: list[float] = []
    naive: list[float] = []
    naive_apdus: list[int] = []
    with tempfile.TemporaryDirectory() as directory:
        station = workshop(Path(directory), data)
        for each in data:
            card, same, third = blank_cards([each] * 3, record=True)
            put(card)
            ours.append(station.apply(reader))
            assert ours[-1].outcome is Outcome.WRITTEN, ours[-1].reasons
            put(same)
            bare.append(replay(name, card.heard))
            put(third)
            naive.append(without_a_plan(name, each))
            naive_apdus.append(third.tpdus)
            for path in ("ADF.USIM/6F07", "ADF.USIM/6F46", "ADF.USIM/AF20"):
                assert card.content(path) == same.content(path) == third.content(path)
    seconds = [result.duration_s for result in ours[1:]]  # the first teaches the model's layout
    return {
        "ms a card": 1000 * statistics.median(seconds),
        "p95 ms a card": 1000 * _percentile(seconds, 0.95),
        "bare ms, same APDUs": 1000 * statistics.median(bare[1:]),
        "ratio": statistics.median(bare[1:]) / statistics.median(seconds),
        "APDUs a card": statistics.median(result.apdus for result in ours[1:]),
        "APDUs of the first card": ours[0].apdus,
        "APDUs without a plan": statistics.median(naive_apdus),
        "ms without a plan": 1000 * statistics.median(naive[1:]),
        "APDUs saved": statistics.median(naive_apdus) / statistics.median(result.apdus for result in ours[1:]),
    }


def _scaling(places: Sequence[Place], rounds: int) -> dict[str, float]:
    """Cards a second of one reader and of all, with cards at the pace of real ones and with cards that take no time."""
    figures: dict[str, list[float]] = {}
    for _ in range(rounds):
        for pace, cards in (("", _CARDS // 4), (" without line time", _CARDS)):
            for readers in (1, len(places)):
                rate = _batch(places[:readers], cards * readers, real=not pace)
                figures.setdefault(f"cards/s, {readers} reader{'s'[: readers - 1]}{pace}", []).append(rate)
    medians = {name: statistics.median(values) for name, values in figures.items()}
    one, four, one_quick, four_quick = medians.values()
    return medians | {"scaling": four / one, "scaling without line time": four_quick / one_quick}


def _batch(places: Sequence[Place], count: int, *, real: bool) -> float:
    """Run a batch; return cards per second from the canary's confirmation to the last card's end."""
    data: list[CardData] = invented(count + 1)
    blank: list[EmulatedCard] = [LineCard(card) if real else card for card in blank_cards(data)]
    pile = Pile(blank)
    began = ended = 0.0

    def confirm(_canary: CardResult) -> bool:
        nonlocal began
        began = time.perf_counter()
        return True

    def observe(event: BatchEvent) -> None:
        nonlocal ended
        if isinstance(event, Ended):
            ended = time.perf_counter()

    with tempfile.TemporaryDirectory() as directory:
        report = Batch(
            workshop(Path(directory), data),
            [QuickPlace(reader, put, pile) for reader, put in places],
            observe=observe,
            confirm_canary=confirm,
            wanted=count + 1,
            stop=threading.Event(),
        ).run()
    assert report.counts == {Outcome.WRITTEN: count + 1}, report.why
    return count / (ended - began)


def _percentile(values: Sequence[float], share: float) -> float:
    return sorted(values)[math.ceil(share * len(values)) - 1]
