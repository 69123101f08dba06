from pathlib import Path

import pytest

from sim_readers.access import Condition, update_condition, writable
from sim_readers.card_data import CardData
from sim_readers.emulator.blank import blank
from sim_readers.emulator.card import VirtualCard
from sim_readers.emulator.image import read_image
from sim_readers.errors import Garbled, Refused
from sim_readers.path import GSM, MF, USIM, FilePath
from sim_readers.session import CardSession, Layout
from tests.sim_readers.direct import Direct

IMAGES = Path(__file__).parents[2] / "config" / "card_images"
DATA = CardData("8933019000000000011", "208019900000001")
READ_ALWAYS = "8001019000"


def _session(image: str, layout: Layout | None = None) -> tuple[CardSession, VirtualCard]:
    card = blank(read_image(IMAGES / f"{image}.toml"), DATA, record=True)
    session = CardSession(Direct(card), layout=layout)
    session.find_generation()
    return session, card


@pytest.mark.parametrize(
    ("path", "keys"),
    [(USIM / 0x6F07, {0x0A}), (USIM / 0x6F08, {0x01}), (USIM / 0x6F40, {0x01, 0x0A}), (MF / 0x2FE2, set())],
)
def test_a_uicc_tells_who_may_write_a_file(path: FilePath, keys: set[int]) -> None:
    session, _ = _session("uicc")
    assert writable(session, path) == Condition(frozenset(keys))


def test_rules_are_read_once_for_all_cards_of_a_layout() -> None:
    layout = Layout()
    writable(_session("uicc", layout)[0], USIM / 0x6F07)
    session, card = _session("uicc", layout)
    heard = card.tpdus
    assert writable(session, USIM / 0x6F07) == Condition(frozenset({0x0A}))
    assert card.tpdus == heard


def test_a_gsm_sim_only_tells_what_nobody_may_write() -> None:
    session, _ = _session("gsm")
    assert writable(session, MF / 0x2FE2) == Condition()
    assert writable(session, GSM / 0x6F07) is None


def test_of_a_file_that_is_not_there_nothing_is_told() -> None:
    with pytest.raises(Refused):
        writable(_session("uicc")[0], USIM / 0x6FFE)


@pytest.mark.parametrize(
    ("rules", "condition"),
    [
        (READ_ALWAYS + "8001029700", Condition()),
        (READ_ALWAYS + "8001029000", Condition(always=True)),
        ("800103A40683010A950108", Condition(frozenset({0x0A}))),
        ("800102A010A406830101950108A40683010A950108", Condition(frozenset({0x01, 0x0A}))),
        ("800102AF10A406830101950108A40683010A950108", None),  # all of several keys
        (READ_ALWAYS, None),
        ("800102", None),
        ("8001029700FFFFFF", Condition()),  # EF.ARR pads its records
    ],
)
def test_rules_of_a_record_are_read(rules: str, condition: Condition | None) -> None:
    assert update_condition(bytes.fromhex(rules)) == condition


def test_a_record_that_is_cut_short_is_no_rule() -> None:
    with pytest.raises(Garbled):
        update_condition(bytes.fromhex("800102A40683"))


def test_a_condition_is_met_by_any_one_of_its_keys_and_never_by_none() -> None:
    assert Condition(frozenset({0x01, 0x0A})).met_by(0x0A)
    assert not Condition(frozenset({0x0B})).met_by(0x01, 0x0A)
    assert not Condition().met_by(0x0A)
    assert Condition(always=True).met_by()
    assert [str(Condition()), str(Condition(frozenset({0x0A})))] == ["by nobody", "with key 0A"]
