import sys
from pathlib import Path

from sim_readers.job.batch import Batch
from sim_readers.job.events import Ended
from sim_readers.job.outcome import Outcome
from sim_readers.proof import Proven
from sim_readers.readers.pcsc import open_reader
from tests.gateway.cards import ORANGE, SFR
from tests.sim_readers.job.feeder import Feeder
from tests.sim_readers.job.hand import always
from tests.sim_readers.pcscd import Pcscd
from tests.sim_readers.slots import Slots
from tests.sim_readers.workbench import ADM1_REFERENCE, blank_cards, card_data, delivery, verifies, workshop


def test_two_hundred_cards_of_two_vendor_files_through_pcscd_are_each_proven(
    tmp_path: Path, pcscd: Pcscd, slots: Slots
) -> None:
    data = card_data(delivery(100, ORANGE, pin1="0000")) + card_data(delivery(100, SFR))
    cards = blank_cards(data, record=True)
    taken = [slots.take() for _ in pcscd.reader_names]
    doors = {f"pcsc:{slot.reader_name}": slot.door for slot in taken}
    readers = [open_reader(slot.reader_name) for slot in taken]
    with Feeder(doors, cards) as feeder:
        report = Batch(
            workshop(tmp_path, data),
            readers,
            observe=feeder.observe,
            confirm_canary=always,
            wanted=200,
            stop=feeder.stop,
        ).run()
    sys.stdout.write(f"median {report.median_s} s, p95 {report.p95_s} s, {report.median_apdus} APDUs a card\n")
    assert report.counts == {Outcome.WRITTEN: 200}
    assert all(isinstance(result.proof, Proven) for result in report.results)
    assert [event.done for event in feeder.events if isinstance(event, Ended)] == list(range(1, 201))
    assert {result.reader for result in report.results} == set(doors)
    assert verifies(cards) == 200
    assert all(card.tries(ADM1_REFERENCE) == 3 for card in cards)
