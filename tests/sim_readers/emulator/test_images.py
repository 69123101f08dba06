"""Every image makes the card it describes, and what it tells of itself is true."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from operator import xor
from pathlib import Path

import pytest

from sim_readers.emulator.blank import blank
from sim_readers.emulator.image import read_image
from sim_readers.secret import Secret
from tests.sim_readers.emulator.cards import ADM, DATA, IMAGES, KI, NAMES, OPC, card_of, image, send, usim

SYSMOCOM = {
    "sja2": "3B9F96801F878031E073FE211B674A4C753034054BA9",
    "sja5": "3B9F96801F878031E073FE211B674A357530350251CC",
    "sjs1": "3B9F96801FC78031A073BE21136743200718000001A5",
}


def interface_bytes(atr: bytes) -> tuple[int, int]:
    """Where the historical bytes begin, and whether a protocol other than T=0 asks for TCK (ISO/IEC 7816-3 §8.2)."""
    at, wants_tck, present = 2, 0, atr[1] >> 4
    while True:
        at += (present & 0b0111).bit_count()
        if not present & 0b1000:
            return at, wants_tck
        wants_tck |= int(bool(atr[at] & 0x0F))
        present = atr[at] >> 4
        at += 1


def test_there_is_an_image_for_every_file() -> None:
    assert sorted(file.stem for file in IMAGES.glob("*.toml")) == list(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_an_answer_to_reset_is_well_formed(name: str) -> None:
    atr = card_of(name).power_on()
    historical, wants_tck = interface_bytes(atr)

    assert len(atr) == historical + (atr[1] & 0x0F) + wants_tck
    assert not wants_tck or reduce(xor, atr[1:]) == 0


def test_generic_cards_do_not_pass_for_a_makers() -> None:
    atrs = {name: image(name).atr for name in NAMES}

    assert {name: atrs[name] for name in SYSMOCOM} == SYSMOCOM
    assert len(set(atrs.values())) == len(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_blank_card_has_its_number_and_no_subscriber(name: str) -> None:
    card = card_of(name)
    imsi = "3F00/7F20/6F07"

    assert card.content("3F00/2FE2").hex() == "983310000021436587f4"
    assert card.content(imsi) == b"\xff" * 9
    assert card.tries(0x0A) == image(name).keys["adm1"].tries


def test_a_number_of_twenty_digits_has_no_filler() -> None:
    card = blank(image("uicc"), replace(DATA, iccid="89330100001234567899"))

    assert card.content("3F00/2FE2").hex() == "98331000002143658799"


def test_an_imsi_of_fourteen_digits_ends_with_a_filler() -> None:
    card = blank(image("uicc"), replace(DATA, imsi="20893000000001"), keys_inside=True)

    assert card.content("ADF.USIM/6F07").hex() == "0821803900000000f1"


def test_keys_inside_need_to_be_given() -> None:
    with pytest.raises(ValueError, match="needs Ki and OPc"):
        blank(image("uicc"), replace(DATA, ki=None), keys_inside=True)


def test_keys_inside_go_where_the_card_has_them() -> None:
    card = card_of("sja5", keys_inside=True)

    assert card.content("ADF.USIM/AF20").hex() == "14" + KI + OPC
    assert card.content("3F00/A515/6F20").hex() == "14" + KI + OPC


def test_a_key_that_is_not_given_has_the_images_value() -> None:
    card = blank(image("sja5"), replace(DATA, adm1=None))
    card.power_on()

    assert send(card, "0020000A08" + ADM) == "9000"


def test_an_adm_of_bytes_is_compared_as_bytes() -> None:
    card = blank(image("sja5"), replace(DATA, adm1=Secret.from_hex("00000000000000FE")))
    card.power_on()

    assert send(card, "0020000A0800000000000000FE") == "9000"


def test_only_one_image_lets_its_number_be_written() -> None:
    said = {}
    for name in ("uicc", "sja2", "sja5", "sjs1"):
        card = card_of(name)
        send(card, "0020000A08" + ADM, "00A4000C022FE2")
        said[name] = send(card, "00D6000001FF")

    assert said == {"uicc": "6982", "sja2": "6982", "sja5": "6982", "sjs1": "9000"}


def test_an_image_like_another_leaves_out_what_it_says() -> None:
    assert send(card_of("sjs1"), "00A4040C07A0000000871004") == "6A82"
    assert usim(card_of("sjs1")) == "9000"


WRONG = {
    "path": ('name = "x"', "Field required"),
    "rule": (
        'name = "x"\natr = "3B00"\ngenerations = ["uicc"]\n[keys]\n[[files]]\npath = "3F00"\nread = "pin3"',
        "must be always",
    ),
    "extra": (
        'name = "x"\natr = "3B00"\ngenerations = ["uicc"]\ncolour = "red"\nfiles = []\n[keys]',
        "Extra inputs are not permitted",
    ),
    "toml": ("name = ", "Invalid value"),
}


@pytest.mark.parametrize(("text", "complaint"), WRONG.values(), ids=WRONG)
def test_a_wrong_image_is_refused_with_what_is_wrong(tmp_path: Path, text: str, complaint: str) -> None:
    file = tmp_path / "image.toml"
    file.write_text(text)

    with pytest.raises(ValueError, match=complaint):
        read_image(file)


UNMAKEABLE = {
    "no directory": ('[[files]]\npath = "3F00/7F99/6F07"\nsize = 1', "no such directory"),
    "no room": ('[[files]]\npath = "3F00/6F07"\nsize = 1\ncontent = "0102"', "too few"),
    "no size": ('[[files]]\npath = "3F00/6F07"', "too few"),
    "no aid": ('[[files]]\npath = "ADF.USIM"\nstructure = "directory"', "needs the AID"),
    "small rules": (
        '[[files]]\npath = "3F00/2F06"\nstructure = "linear"\nrecord_size = 4\nrecords = 1\nmade_from = "access_rules"',
        "too small",
    ),
}


@pytest.mark.parametrize(("files", "complaint"), UNMAKEABLE.values(), ids=UNMAKEABLE)
def test_an_image_that_makes_no_card_is_refused(tmp_path: Path, files: str, complaint: str) -> None:
    file = tmp_path / "image.toml"
    file.write_text(f'name = "x"\natr = "3B00"\ngenerations = ["uicc"]\n[keys]\n{files}\n')

    with pytest.raises(ValueError, match=complaint):
        blank(read_image(file), DATA)


def test_keys_must_have_room_where_an_image_puts_them(tmp_path: Path) -> None:
    file = tmp_path / "image.toml"
    place = 'path = "3F00/6F20"'
    file.write_text(
        'name = "x"\natr = "3B00"\ngenerations = ["uicc"]\n[keys]\n[[files]]\npath = "3F00/6F20"\nsize = 20\n'
        f'[[key_slots]]\nuses = ["usim"]\nki = {{ {place} }}\nop = {{ {place}, offset = 16 }}\n'
        f"config = {{ {place}, opc = 1 }}\n"
    )

    with pytest.raises(ValueError, match="no 16 bytes at 16"):
        blank(read_image(file), DATA)
