import json
from dataclasses import replace
from pathlib import Path

import pytest

from sim_readers.card_data import CardData
from sim_readers.emulator.blank import blank
from sim_readers.emulator.image import read_image
from sim_readers.job.outcome import Outcome
from sim_readers.proof import Proven
from sim_readers.secret import Secret
from tests.sim_readers.job.one_card import (
    CONFIG,
    DATA,
    KEYS,
    LOCI,
    MODELS,
    OTHER,
    apply,
    card,
    keys_heard,
    plan,
    put,
    workshop,
    writes,
)

OLD_KEYS = "03" + "AB" * 32


def test_a_plan_writes_nothing_and_presents_no_adm(tmp_path: Path) -> None:
    fresh = card()
    result = plan(workshop(tmp_path), fresh)
    assert result.outcome is Outcome.WRITTEN
    assert writes(fresh) == 0
    assert not [tpdu for tpdu in fresh.heard if tpdu[1] == 0x20 and tpdu[3] == 0x0A and len(tpdu) > 5]


def test_a_plan_for_a_finished_card_asks_it_for_the_proof_and_finds_nothing_to_write(tmp_path: Path) -> None:
    finished = card()
    assert apply(workshop(tmp_path), finished).outcome is Outcome.WRITTEN
    written = writes(finished)
    result = plan(workshop(tmp_path), finished)
    assert (result.outcome, result.plan and result.plan.key_files) == (Outcome.AS_WISHED, ())
    assert isinstance(result.proof, Proven)
    other_keys = replace(DATA, ki=Secret(bytes(15) + b"\x09"))
    wanting = plan(workshop(tmp_path, other_keys), finished)
    assert (wanting.outcome, bool(wanting.plan and wanting.plan.key_files)) == (Outcome.WRITTEN, True)
    assert writes(finished) == written


def test_the_imsi_comes_last_and_what_is_as_wished_is_not_written(tmp_path: Path) -> None:
    fresh = card()
    put(fresh, "ADF.USIM/6F78", "0002")
    made = plan(workshop(tmp_path), fresh).plan
    assert made is not None
    assert made.differences[-1].name == "EF.IMSI"
    assert made.imsi_before is None
    assert "EF.ACC" in made.same


@pytest.mark.parametrize("gsm_files", ["shared", "own"])
def test_another_imsi_resets_what_the_phone_remembers_also_on_the_gsm_side(tmp_path: Path, gsm_files: str) -> None:
    used = card("uicc")
    put(used, "ADF.USIM/6F07", "082980109900000020")
    put(used, LOCI, "1234567802F8391234FF00")
    put(used, KEYS, OLD_KEYS)
    model = MODELS["uicc"].model_copy(update={"gsm_files": gsm_files})
    made = plan(workshop(tmp_path, models={"uicc": model}), used).plan
    assert made is not None
    assert made.imsi_before == "208019900000002"
    found = {str(difference.path) for difference in made.differences}
    assert {LOCI, KEYS} <= found
    assert ("3F00/7F20/6F7E" in found) is (gsm_files == "own")
    loci = next(d for d in made.differences if str(d.path) == LOCI)
    assert loci.after == bytes.fromhex("FFFFFFFFFFFFFF0000FF01")


def test_session_keys_are_in_no_plan_that_is_shown(tmp_path: Path) -> None:
    used = card("uicc")
    put(used, "ADF.USIM/6F07", "082980109900000020")
    put(used, KEYS, OLD_KEYS)
    result = plan(workshop(tmp_path), used)
    assert result.plan is not None
    shown = json.dumps(result.to_json()) + repr(result)
    assert KEYS in shown
    assert "ABABAB" not in shown.upper()
    assert "\\XAB" not in shown.upper()
    assert "0" * 31 + "1" not in shown


def test_tries_that_are_missing_forbid_to_begin_until_the_operator_says_their_number(tmp_path: Path) -> None:
    tried = card()
    tried.inside.keys.by_name["adm1"].tries = 2
    refused = apply(workshop(tmp_path), tried)
    assert refused.outcome is Outcome.REFUSED
    assert "--accept-tries 2" in refused.reasons[0]
    assert writes(tried) == 0
    assert apply(workshop(tmp_path, accept_tries=2), tried).well


def test_a_card_whose_adm_is_blocked_is_left_alone(tmp_path: Path) -> None:
    dead = card()
    dead.inside.keys.by_name["adm1"].tries = 0
    result = apply(workshop(tmp_path), dead)
    assert result.outcome is Outcome.REFUSED
    assert "never be personalised again" in result.reasons[0]
    assert writes(dead) == 0


def test_a_pin_with_fewer_tries_is_presented_on_the_operator_s_word(tmp_path: Path) -> None:
    tried = card()
    tried.inside.keys.by_name["pin1"].tries = 2
    refused = plan(workshop(tmp_path), tried)
    assert any("PIN1 was not sent" in reason and "--accept-tries 2" in reason for reason in refused.reasons)
    assert keys_heard(tried) == 0
    assert apply(workshop(tmp_path, accept_tries=2), tried).well
    assert tried.tries(0x01) == 3


def test_a_wrong_pin_is_presented_once_and_nothing_is_written(tmp_path: Path) -> None:
    subscriber_s = card()
    result = apply(workshop(tmp_path, replace(DATA, pin1=Secret(b"9999"))), subscriber_s)
    assert result.outcome is Outcome.REFUSED
    assert result.reasons[0].startswith("the card refused PIN1; 2 tries left")
    assert len(result.reasons) == 1
    assert (keys_heard(subscriber_s), subscriber_s.tries(0x01), writes(subscriber_s)) == (1, 2, 0)


def test_a_blocked_pin_is_said_to_need_its_puk(tmp_path: Path) -> None:
    blocked = card()
    blocked.inside.keys.by_name["pin1"].tries = 0
    result = apply(workshop(tmp_path), blocked)
    assert "unblock it with its PUK" in result.reasons[0]
    assert keys_heard(blocked) == 0


def test_a_disabled_pin_is_not_presented(tmp_path: Path) -> None:
    open_card = card()
    open_card.inside.keys.by_name["pin1"].enabled = False
    assert apply(workshop(tmp_path, replace(DATA, pin1=None)), open_card).well
    assert keys_heard(open_card) == 1  # ADM1


@pytest.mark.parametrize(
    "data", [replace(DATA, adm1=None), replace(DATA, ki=None), replace(DATA, opc=None), replace(DATA, pin1=None)]
)
def test_a_key_that_is_not_known_forbids_to_begin(tmp_path: Path, data: CardData) -> None:
    fresh = card()
    result = apply(workshop(tmp_path, data), fresh)
    assert result.outcome is Outcome.REFUSED
    assert "import its vendor file" in " ".join(result.reasons)
    assert writes(fresh) == 0


def test_a_file_the_card_has_not_forbids_to_begin(tmp_path: Path) -> None:
    without = card("sjs1")
    result = apply(workshop(tmp_path, files={"EF.IMPI": "208019900000001@ims.example"}), without)
    assert result.outcome is Outcome.REFUSED
    assert "EF.IMPI" in result.reasons[0]
    assert writes(without) == 0


def test_a_file_that_nobody_may_write_forbids_to_begin(tmp_path: Path) -> None:
    image = read_image(CONFIG / "card_images" / "uicc.toml")
    files = tuple(
        file.model_copy(update={"update": "never"}) if file.path == "ADF.USIM/6F46" else file for file in image.files
    )
    fixed = blank(image.model_copy(update={"files": files}), DATA, record=True, keys_inside=True)
    result = apply(workshop(tmp_path), fixed)
    assert result.outcome is Outcome.REFUSED
    assert "ADF.USIM/6F46: the card lets it be written by nobody" in result.reasons[-1]
    assert writes(fixed) == 0


def test_the_data_of_another_card_are_never_used(tmp_path: Path) -> None:
    other = card("sja5", OTHER)
    result = apply(workshop(tmp_path), other)
    assert result.outcome is Outcome.UNKNOWN
    assert (keys_heard(other), writes(other)) == (0, 0)


@pytest.mark.parametrize("number", ["", "00FF00FF00FF00FF00FF"])
def test_a_card_without_a_readable_number_is_unknown(tmp_path: Path, number: str) -> None:
    nameless = card()
    put(nameless, "3F00/2FE2", number)
    assert apply(workshop(tmp_path), nameless).outcome is Outcome.UNKNOWN
