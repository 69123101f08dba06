from pathlib import Path

import pytest

from sim_readers.card_data import CardData
from sim_readers.emulator.blank import blank
from sim_readers.emulator.image import CardImage, read_image
from sim_readers.models.profile import KeyFile, ProfileError, read_models
from sim_readers.models.recognition import Recognised, UnknownCard, recognise
from sim_readers.secret import Secret
from sim_readers.session import CardSession
from tests.sim_readers.direct import Direct

CONFIG = Path(__file__).parents[3] / "config"
MODELS = read_models(CONFIG / "card_profiles")
DATA = CardData("8933019000000000011", "208019900000001")
SJA2, SJS1 = (MODELS[name].atrs[0] for name in ("sja2", "sjs1"))
PROFILE = """
spec = "1"
name = "own"
title = "Own"
generation = "uicc"
[adm]
reference = 0x0A
tries = 3
"""


def _recognised(image: CardImage, *, tells_atr: bool = True) -> Recognised:
    connection = Direct(blank(image, DATA))
    connection.atr = connection.atr if tells_atr else b""
    session = CardSession(connection)
    session.find_generation()
    return recognise(session, MODELS.values())


def _image(name: str, atr: str | None = None) -> CardImage:
    image = read_image(CONFIG / "card_images" / f"{name}.toml")
    return image if atr is None else image.model_copy(update={"atr": atr})


@pytest.mark.parametrize("name", sorted(MODELS))
def test_every_model_is_known_by_the_card_that_is_like_it(name: str) -> None:
    found = _recognised(_image(name))
    assert (found.model.name, found.doubts) == (name, ())


@pytest.mark.parametrize("atr", [SJA2, SJS1])
def test_an_atr_alone_makes_no_model_and_the_doubt_is_told(atr: str) -> None:
    found = _recognised(_image("uicc", atr))
    assert found.model.name == "uicc"
    assert "it has no file" in found.doubts[0]


def test_a_probe_of_another_size_is_no_proof() -> None:
    image = _image("sjs1")
    keys = tuple(
        file.model_copy(update={"size": 17}) if file.path == "3F00/7F20/00FF" else file for file in image.files
    )
    found = _recognised(image.model_copy(update={"files": keys}))
    assert found.model.name == "uicc"
    assert "has 17 bytes, not 16" in found.doubts[0]


def test_without_an_atr_only_files_no_other_card_has_speak_for_a_model() -> None:
    assert _recognised(_image("sjs1"), tells_atr=False).model.name == "sjs1"
    assert _recognised(_image("uicc"), tells_atr=False).model.name == "uicc"


def test_a_card_that_fits_no_profile_is_refused_with_what_was_tried() -> None:
    session = CardSession(Direct(blank(_image("uicc"), DATA)))
    with pytest.raises(UnknownCard, match="ATR 3B9E96801FC78031E073FE2100664C4755494343DC, uicc"):
        recognise(session, [MODELS["sja2"], MODELS["gsm"]])


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ('[[key_files]]\npath = "7F20/00FF"\nformat = "14 ki op"', "key_files.0.format: Value error, must be made of"),
        ('[[key_files]]\npath = "7F20"\nformat = "ki"\nki = "00000000000000000000000000000001"', "key_files.0.ki"),
        ("unlock = true", "adm.unlock: Extra inputs are not permitted"),
        ('[[probes]]\npath = "ADF.CSIM/6F07"', "probes.0.path"),
    ],
)
def test_a_mistake_in_a_profile_is_named_by_file_and_key_and_never_by_its_value(
    tmp_path: Path, more: str, why: str
) -> None:
    (tmp_path / "own.toml").write_text(PROFILE + more)
    with pytest.raises(ProfileError) as raised:
        read_models(tmp_path)
    assert str(raised.value).startswith(f"own.toml: {why}")
    assert "0000000001" not in str(raised.value)


def test_a_key_file_is_composed_only_of_keys_that_are_known() -> None:
    file = KeyFile.model_validate({"path": "ADF.USIM/AF20", "format": "14 ki opc"})
    keys = CardData("1", "2", Secret(b"\x01" * 16), Secret(b"\x02" * 16))
    assert file.compose(keys) == Secret(b"\x14" + b"\x01" * 16 + b"\x02" * 16)
    assert file.compose(CardData("1", "2", Secret(b"\x01" * 16))) is None
