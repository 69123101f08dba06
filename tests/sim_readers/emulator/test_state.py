"""A card that is kept in a file is the same card after a restart."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sim_readers.emulator.blank import blank
from sim_readers.emulator.card import VirtualCard
from sim_readers.emulator.state import load, resume, save
from tests.sim_readers.emulator.cards import ADM, AUTN, DATA, NEW, PIN, RAND, WRONG, image, send, usim


def made() -> VirtualCard:
    return blank(image("uicc"), DATA, keys_inside=True)


def started(file: Path) -> VirtualCard:
    card = resume(file, image("uicc"), made)
    card.power_on()
    return card


def test_what_changed_on_a_card_is_there_after_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "card.json"
    card = started(file)
    usim(card)
    send(card, "0024000110" + PIN + NEW, "0020000A08" + ADM, "0020008108" + WRONG)
    assert send(card, "00D686000200FF") == "9000"
    assert send(card, "0088008122" + "10" + RAND + "10" + AUTN) == "6135"

    again = started(file)

    assert again.content("ADF.USIM/6F78").hex() == "00ff"
    assert again.tries(0x81) == 2
    usim(again)
    assert send(again, "00D6860002FFFF") == "6982"  # no key survives the power
    assert send(again, "0020000108" + NEW) == "9000"
    assert send(again, "0088008122" + "10" + RAND + "10" + AUTN) == "6110"  # the challenge was used: AUTS


def test_a_disabled_pin_stays_disabled(tmp_path: Path) -> None:
    file = tmp_path / "card.json"
    assert send(started(file), "0026000108" + PIN) == "9000"

    assert send(started(file), "0028000108" + PIN) == "9000"


def test_files_that_are_one_stay_one(tmp_path: Path) -> None:
    file = tmp_path / "card.json"
    started(file)
    card = started(file)
    usim(card)
    send(card, "0020000A08" + ADM, "00D686000200FF")

    assert card.content("3F00/7F20/6F78") == card.content("ADF.USIM/6F78") == b"\x00\xff"


def test_the_file_is_for_its_owner_alone_and_nothing_lies_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "card.json"
    started(file)
    file.chmod(0o644)
    send(started(file), "0020000108" + WRONG)

    assert file.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_left_by_a_broken_save_does_not_stop_the_next(tmp_path: Path) -> None:
    file = tmp_path / "card.json"
    (tmp_path / ".card.json.new").write_text("half of a c")

    save(made(), file)

    assert load(file, image("uicc")).content("3F00/2FE2").hex() == "983310000021436587f4"


def test_a_card_of_another_type_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "card.json"
    started(file)

    with pytest.raises(ValueError, match="holds a card of type Generic UICC"):
        load(file, image("sja5"))


def test_what_is_no_card_is_refused_without_its_content(tmp_path: Path) -> None:
    file = tmp_path / "card.json"
    started(file)
    state = json.loads(file.read_text())
    state["keys"]["pin1"]["tries"] = "three"
    file.write_text(json.dumps(state))

    with pytest.raises(ValueError, match="does not hold a virtual card") as refused:
        load(file, image("uicc"))
    assert "31323334" not in str(refused.value)


@pytest.mark.parametrize(
    ("part", "value", "text"),
    [("sqns", [0], "sequence numbers"), ("bodies", {"3F00/2FE2": "00"}, "another version")],
)
def test_a_card_of_another_version_of_its_image_is_refused(tmp_path: Path, part: str, value: object, text: str) -> None:
    file = tmp_path / "card.json"
    started(file)
    state = json.loads(file.read_text())
    state[part] = value
    file.write_text(json.dumps(state))

    with pytest.raises(ValueError, match=text):
        load(file, image("uicc"))
