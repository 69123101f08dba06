from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from sim_readers.apdu import Command
from sim_readers.card_data import CardData
from sim_readers.emulator.card import VirtualCard
from sim_readers.guard import Origin
from sim_readers.job.journal import Step
from sim_readers.job.outcome import Outcome
from sim_readers.job.runner import NotOurs, Workshop
from sim_readers.path import FilePath
from sim_readers.reader import Transmission
from sim_readers.secret import Secret
from tests.sim_readers.direct import Direct
from tests.sim_readers.job.one_card import (
    DATA,
    OTHER,
    Inserted,
    apply,
    card,
    put,
    workshop,
    writes,
)

UPDATES = (0xD6, 0xDC)
UST = FilePath.parse("ADF.USIM/6F38")
FRESH = replace(DATA, imsi="208019900000009")


@dataclass
class Deaf(Direct):
    """Says that it wrote, and did not."""

    def transmit(self, command: bytes) -> bytes:
        return b"\x90\x00" if command[1] in UPDATES else super().transmit(command)


@dataclass
class OverT1(Direct):
    """A reader that speaks T=1 and fetches what the card has to say."""

    transmission: Transmission = Transmission.T1

    def transmit(self, command: bytes) -> bytes:
        parsed = Command.parse(command)
        if len(command) == 4 or parsed.case != 4:
            return super().transmit(command if len(command) > 4 else command + b"\x00")
        answer = super().transmit(command[:-1])
        while answer[-2] == 0x61:
            answer = answer[:-2] + super().transmit(bytes((parsed.cla, 0xC0, 0, 0, answer[-1])))
        return answer


@dataclass
class Interrupted(Direct):
    """Somebody presses Ctrl-C at the n-th command."""

    at: int = 0
    heard: int = field(default=0, init=False)

    def transmit(self, command: bytes) -> bytes:
        self.heard += 1
        if self.heard == self.at:
            raise KeyboardInterrupt
        return super().transmit(command)


@dataclass
class Swapped(Direct):
    """From the n-th command on another card is there, and the reader did not notice."""

    at: int = 0
    other: VirtualCard | None = None
    heard: int = field(default=0, init=False)

    def transmit(self, command: bytes) -> bytes:
        self.heard += 1
        if self.heard == self.at and self.other is not None:
            self.card = self.other
            self.card.power_on()
        return super().transmit(command)


def _everything(on: VirtualCard) -> dict[str, bytes]:
    return {path: bytes(body) for path, body in on.inside.memory.bodies.items()}


MODELS_OF_CARDS = ["sja2", "sja5", "sjs1", "uicc", "gsm"]


@pytest.mark.parametrize("name", MODELS_OF_CARDS)
def test_every_model_is_written_once_proven_and_then_as_wished(tmp_path: Path, name: str) -> None:
    one = card(name)
    station = workshop(tmp_path)
    first = apply(station, one)
    written = writes(one)
    second = apply(station, one)
    assert (first.outcome, second.outcome) == (Outcome.WRITTEN, Outcome.AS_WISHED)
    assert first.to_json()["proven"]
    assert writes(one) == written


def test_a_card_that_lies_about_writing_fails_before_its_keys_are_written(tmp_path: Path) -> None:
    liar = card()
    station = workshop(tmp_path)
    result = station.apply(Inserted(Deaf(liar)))
    assert result.outcome is Outcome.FAILED
    assert "does not hold what was written: this card is faulty" in result.reasons[0]
    assert station.bench.journal.step("one", DATA.iccid) is Step.FAILED


def test_a_card_pulled_by_ctrl_c_at_any_command_is_finished_the_next_time(tmp_path: Path) -> None:
    commands = 0
    while True:
        commands += 1
        station, one = workshop(tmp_path / str(commands)), card()
        try:
            done = station.apply(Inserted(Interrupted(one, at=commands)))
        except KeyboardInterrupt:
            assert apply(workshop(tmp_path / str(commands)), one).well
            assert one.tries(0x0A) == 3
            continue
        assert done.well
        break
    assert commands > 30


def _only_the_first(iccid: str) -> CardData:
    if iccid != DATA.iccid:
        raise NotOurs(iccid)
    return DATA


@pytest.mark.parametrize("name", ["sja5", "sjs1", "gsm"])
def test_a_card_swapped_unnoticed_is_never_given_the_first_one_s_identity(tmp_path: Path, name: str) -> None:
    undisturbed = card(name, FRESH)
    apply(workshop(tmp_path / "undisturbed"), undisturbed)
    for at in range(1, undisturbed.tpdus + 1):
        other = card(name, OTHER)
        before = _everything(other)
        swapped = Swapped(card(name, FRESH), at=at, other=other)
        station = workshop(tmp_path / str(at))
        station.source = _only_the_first
        result = station.apply(Inserted(swapped))
        assert not result.well, f"swapped at command {at}"
        assert _everything(other) == before, f"swapped at command {at}"


def test_a_card_without_isim_is_done_after_one_with_it(tmp_path: Path) -> None:
    station = workshop(tmp_path)
    assert apply(station, card()).well
    station.source = lambda _: OTHER
    without = card("sja5", OTHER)
    del without.inside.tree.applications["ADF.ISIM"]
    assert apply(station, without).well


def test_a_bigger_file_on_the_next_card_of_an_atr_is_not_half_written(tmp_path: Path) -> None:
    station = workshop(tmp_path, files={"EF.UST": [1, 2]})
    assert apply(station, card("uicc")).well
    station.source = lambda _: OTHER
    bigger = card("uicc", OTHER)
    body = bigger.inside.tree.file(UST).body
    body += b"\xff" * 4
    torn = apply(station, bigger)
    assert torn.outcome is Outcome.FAILED
    assert "insert this card again" in torn.reasons[0]
    assert apply(station, bigger).well
    assert bytes(body) == b"\x03" + bytes(len(body) - 1)


def test_a_smaller_file_on_the_next_card_of_an_atr_is_written_whole(tmp_path: Path) -> None:
    station = workshop(tmp_path, files={"EF.UST": [1, 2]})
    assert apply(station, card("uicc")).well
    station.source = lambda _: OTHER
    smaller = card("uicc", OTHER)
    body = smaller.inside.tree.file(UST).body
    del body[-3:]
    apply(station, smaller)
    assert apply(station, smaller).well
    assert bytes(body) == b"\x03" + bytes(len(body) - 1)


def test_a_file_that_takes_pin1_to_write_and_nothing_to_read_is_written(tmp_path: Path) -> None:
    station, one = workshop(tmp_path, files={"EF.PL": ["fr"]}), card("uicc")
    assert apply(station, one).well
    one_more = workshop(tmp_path, files={"EF.PL": ["de"]})
    assert apply(one_more, one).well


def test_keys_that_are_only_checked_are_never_written(tmp_path: Path) -> None:
    fresh = card()
    before = fresh.content("ADF.USIM/AF20")
    result = apply(workshop(tmp_path, keys="check"), fresh)
    assert result.outcome is Outcome.FAILED
    assert "keys are not proven" in result.reasons[0]
    assert fresh.content("ADF.USIM/AF20") == before


def test_a_wrong_adm_is_said_to_be_a_refused_key_and_nothing_is_written(tmp_path: Path) -> None:
    fresh = card()
    station = workshop(tmp_path, replace(DATA, adm1=Secret(b"87654321")))
    result = apply(station, fresh)
    assert (result.outcome, writes(fresh), fresh.tries(0x0A)) == (Outcome.KEY_REFUSED, 0, 2)
    assert station.bench.guard.stopped_by == DATA.iccid
    assert "87654321" not in f"{result!r} {result.to_json()}"


def test_over_t1_the_same_comes_out(tmp_path: Path) -> None:
    one, other = card(), card()
    assert workshop(tmp_path / "T1").apply(Inserted(OverT1(one))).well
    assert apply(workshop(tmp_path / "T0"), other).well
    assert _everything(one) == _everything(other)


def test_a_card_whose_imsi_was_another_s_forgets_its_last_network(tmp_path: Path) -> None:
    used = card("uicc")
    put(used, "ADF.USIM/6F07", "082980109900000020")
    put(used, "ADF.USIM/6F7E", "1234567802F8391234FF00")
    put(used, "ADF.USIM/6F08", "03" + "AB" * 32)
    put(used, "ADF.USIM/6FE4", "A0348001018120" + "AB" * 32 + "820400000005830400000007840112")
    assert apply(workshop(tmp_path), used).well
    assert used.content("ADF.USIM/6F7E") == bytes.fromhex("FFFFFFFFFFFFFF0000FF01")
    assert used.content("ADF.USIM/6F08") == b"\x07" + b"\xff" * 32
    assert used.content("ADF.USIM/6FE4") == b"\xff" * 54
    assert used.content("ADF.USIM/6F07") == bytes.fromhex("082980109900000010")


def test_a_workshop_keeps_no_layout_of_a_card_whose_atr_is_not_told(tmp_path: Path) -> None:
    station: Workshop = workshop(tmp_path)
    silent = Inserted(Direct(card()))
    silent.connection.reset = lambda: b""  # type: ignore[method-assign]  # a modem tells no ATR
    silent.connection.atr = b""
    assert station.apply(silent).well
    assert b"" not in station.layouts


def test_a_typed_adm_is_not_sent_to_a_card_that_hides_its_counter(tmp_path: Path) -> None:
    sim = card("gsm")
    station = workshop(tmp_path)
    station.bench = replace(station.bench, adm_origin=Origin.TYPED)
    result = apply(station, sim)
    assert (result.outcome, writes(sim)) == (Outcome.REFUSED, 0)
    assert "only a key from the vault" in result.reasons[0]
    assert apply(workshop(tmp_path), sim).well
