"""A card pulled out at every single command of its personalisation, before and after the card carried it out."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import pytest

from sim_readers.card_data import CardData
from sim_readers.emulator.blank import blank
from sim_readers.emulator.card import VirtualCard
from sim_readers.emulator.faults import Faults
from sim_readers.emulator.image import read_image
from sim_readers.guard import Guard
from sim_readers.job.apply import Bench
from sim_readers.job.journal import CardJournal, Step
from sim_readers.job.outcome import Outcome
from sim_readers.job.runner import CardResult, Workshop
from sim_readers.job.wish import Job
from sim_readers.ledger import Ledger
from sim_readers.models.profile import read_models
from sim_readers.secret import Secret
from tests.sim_readers.direct import DirectReader

CONFIG = Path(__file__).parents[3] / "config"
MODELS = read_models(CONFIG / "card_profiles")
ICCID, IMSI = "8933019000000000011", "208019900000001"
KI, OPC = Secret(bytes(15) + b"\x01"), Secret(bytes(15) + b"\x02")
DATA = CardData(
    ICCID, IMSI, KI, OPC, pin1=Secret(b"1234"), puk1=Secret(b"11111111"), adm1=Secret(b"12345678")
)  # fmt: skip
WRONG_FILE = CardData(ICCID, IMSI, KI, OPC, pin1=DATA.pin1, puk1=DATA.puk1, adm1=Secret(b"87654321"))
FILES = {
    "EF.SPN": {"name": "Technicophone", "with_network": True},
    "EF.SMSP": {"service_centre": "+33609001390"},
}
When = Literal["before", "after"]


def _workshop(station: Path, data: CardData = DATA, accept_tries: int | None = None) -> Workshop:
    """A station as a process finds it at its start: only its files are left of what was before."""
    guard = Guard(Ledger(station, lambda: datetime(2026, 12, 1, tzinfo=UTC), "anna"))
    journal = CardJournal(station, lambda: datetime(2026, 12, 1, tzinfo=UTC))
    job = Job.model_validate({"spec": "1", "name": "torn", "mnc_length": 2, "files": FILES})
    return Workshop(MODELS, lambda _iccid: data, Bench(job, guard, journal, lambda n: bytes(range(n)), accept_tries))


def _card(image: str, pull_out_at: int | None = None, when: When = "before") -> VirtualCard:
    faults = Faults(pull_out_at=pull_out_at, pull_out=when)
    inside = image in ("uicc", "gsm")
    return blank(
        read_image(CONFIG / "card_images" / f"{image}.toml"), DATA, faults=faults, record=True, keys_inside=inside
    )


def _apply(station: Path, card: VirtualCard, data: CardData = DATA, accept_tries: int | None = None) -> CardResult:
    return _workshop(station, data, accept_tries).apply(DirectReader("direct:1", card))


def _keys_heard(card: VirtualCard) -> list[bytes]:
    return [tpdu for tpdu in card.heard if tpdu[1] == 0x20 and len(tpdu) > 5]


def _everything(card: VirtualCard) -> dict[str, bytes]:
    return {path: bytes(body) for path, body in card.inside.memory.bodies.items()}


def _commands(tmp_path: Path, image: str, data: CardData = DATA) -> int:
    card = _card(image)
    _apply(tmp_path / "undisturbed", card, data)
    return card.tpdus


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("image", ["sja5", "sjs1", "uicc"])
def test_whenever_it_is_pulled_out_it_converges_after_it_is_inserted_again(
    tmp_path: Path, image: str, when: When
) -> None:
    undisturbed = _card(image)
    assert _apply(tmp_path / "undisturbed", undisturbed).outcome is Outcome.WRITTEN
    for k in range(1, undisturbed.tpdus + 1):
        station, card = tmp_path / str(k), _card(image, k, when)
        torn = _apply(station, card)
        assert torn.outcome is Outcome.TORN, f"pulled out {when} command {k}"
        mended = _apply(station, card)
        assert mended.well, f"pulled out {when} command {k}: {mended.reasons}"
        assert _everything(card) == _everything(undisturbed), f"pulled out {when} command {k}"
        assert (card.tries(0x01), card.tries(0x0A)) == (3, 3), f"pulled out {when} command {k}"


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_gsm_sim_converges_too_but_asks_the_operator_where_its_key_was_cut_off(tmp_path: Path, when: When) -> None:
    undisturbed = _card("gsm")
    assert _apply(tmp_path / "undisturbed", undisturbed).well
    asked = []
    for k in range(1, undisturbed.tpdus + 1):
        station, card = tmp_path / str(k), _card("gsm", k, when)
        assert _apply(station, card).outcome is Outcome.TORN
        mended = _apply(station, card)
        if not mended.well:
            assert "--accept-tries 1" in mended.reasons[0]
            asked.append(k)
            mended = _apply(station, card, accept_tries=1)
        assert mended.well, f"pulled out {when} command {k}: {mended.reasons}"
        assert _everything(card) == _everything(undisturbed)
    assert [undisturbed.heard[k - 1][1] for k in asked] == [0x20]


@pytest.mark.parametrize("when", ["before", "after"])
def test_before_the_last_write_a_torn_card_never_looks_finished(tmp_path: Path, when: When) -> None:
    for k in range(1, _commands(tmp_path, "sja5")):
        card = _card("sja5", k, when)
        _apply(tmp_path / str(k), card)
        finished = card.content("ADF.USIM/6F07") == bytes.fromhex("082980109900000010")
        if finished:
            assert card.content("ADF.USIM/AF20") == b"\x14" + KI.reveal() + OPC.reveal(), f"command {k}"
            assert card.content("ADF.USIM/6F78") == b"\x00\x02", f"command {k}"


@pytest.mark.parametrize("when", ["before", "after"])
def test_with_the_wrong_file_no_wrong_key_is_spent_twice_wherever_it_is_pulled_out(tmp_path: Path, when: When) -> None:
    for k in range(1, _commands(tmp_path, "sja5", WRONG_FILE) + 1):
        station, card = tmp_path / str(k), _card("sja5", k, when)
        for _ in range(4):
            result = _apply(station, card, WRONG_FILE)
            assert not result.well
        wrong = [tpdu for tpdu in _keys_heard(card) if tpdu[3] == 0x0A]
        lost = card.tries(0x0A)
        assert lost == 2, f"pulled out {when} command {k}: {lost} tries left"
        # one may have been cut off before the card counted it: then, and only then, it was said once more
        assert len(wrong) <= 2, f"pulled out {when} command {k}"


def test_a_finished_card_is_known_and_nothing_is_written_on_it_again(tmp_path: Path) -> None:
    card = _card("sja5")
    assert _apply(tmp_path, card).outcome is Outcome.WRITTEN
    card.heard.clear()
    again = _apply(tmp_path, card)
    assert again.outcome is Outcome.AS_WISHED
    assert not [tpdu for tpdu in card.heard if tpdu[1] in (0xD6, 0xDC)]
    assert _workshop(tmp_path).bench.journal.step("torn", ICCID) is Step.DONE


def test_a_write_that_the_memory_refuses_fails_the_card_and_the_next_time_it_is_done(tmp_path: Path) -> None:
    card = blank(
        read_image(CONFIG / "card_images" / "sja5.toml"), DATA, faults=Faults(write_fails_at=2), record=True
    )  # fmt: skip
    failed = _apply(tmp_path, card)
    assert failed.outcome is Outcome.FAILED
    assert "6581" in failed.reasons[0]
    assert _apply(tmp_path, card).well
