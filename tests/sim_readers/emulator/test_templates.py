"""What a card tells of its files in FCP and EF.ARR is what it does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sim_readers.emulator.access import allows, read_rule
from sim_readers.emulator.card import VirtualCard
from tests.sim_readers.emulator.cards import card_of, select, send, usim

REFERENCES = {0x01: "pin1", 0x81: "pin2", 0x0A: "adm1"}


def objects(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """Tag and value of each object; FF ends a record."""
    while raw and raw[0] != 0xFF:
        tag, length = raw[0], raw[1]
        yield tag, raw[2 : 2 + length]
        raw = raw[2 + length :]


def fcp(card: VirtualCard, fid: str) -> dict[int, bytes]:
    waiting = send(card, f"00A4000402{fid}")
    raw = bytes.fromhex(send(card, "00C00000" + waiting[2:]))
    assert raw[0] == 0x62
    assert raw[1] == len(raw) - 4
    return dict(objects(raw[2:-2]))


def rule(tag: int, value: bytes) -> str:
    """A security condition in the words of the images."""
    match tag:
        case 0x90:
            return "always"
        case 0x97:
            return "never"
        case 0xA4:
            return REFERENCES[dict(objects(value))[0x83][0]]
        case 0xA0:
            return " or ".join(rule(*each) for each in objects(value))
        case _:
            raise AssertionError(f"{tag:02X} is no security condition")


def rules(card: VirtualCard, reference: bytes) -> dict[int, str]:
    """Access mode to rule, of the record that tag 8B refers to."""
    assert select(card, reference[:2].hex()) == "9000"
    length = send(card, f"00B2{reference[2]:02X}0400")
    record = list(objects(bytes.fromhex(send(card, f"00B2{reference[2]:02X}04{length[2:]}"))[:-2]))
    return {mode[0]: rule(*condition) for (_, mode), condition in zip(record[::2], record[1::2], strict=True)}


@pytest.mark.parametrize("name", ["uicc", "sja5", "sjs1"])
@pytest.mark.parametrize("home", ["ADF.USIM", "3F00"])
def test_the_rules_a_card_tells_are_the_rules_of_its_image(name: str, home: str) -> None:
    card = card_of(name)
    usim(card)
    select(card, "7FFF" if home == "ADF.USIM" else "3F00")
    told = {}
    for entry in card.image.files:
        directory, _, fid = entry.path.rpartition("/")
        if directory == home and entry.structure != "directory":
            access = rules(card, fcp(card, fid)[0x8B])
            told[entry.path] = (access[0x01], access[0x02])

    assert told == {
        entry.path: (entry.read, entry.update)
        for entry in card.image.files
        if entry.path.rpartition("/")[0] == home and entry.structure != "directory"
    }


def test_files_of_a_directory_without_rules_of_its_own_refer_to_those_of_the_mf() -> None:
    card = card_of("uicc")
    select(card, "7F10")

    assert fcp(card, "6F40")[0x8B][:2].hex() == "2f06"


def test_an_fcp_tells_structure_size_and_short_identifier() -> None:
    card = card_of("uicc")
    usim(card)

    imsi, loci, spn, ecc = (fcp(card, fid) for fid in ("6F07", "6F7E", "6F46", "6FB7"))

    assert (imsi[0x82].hex(), imsi[0x80].hex(), imsi[0x83].hex(), imsi[0x8A].hex()) == ("4121", "0009", "6f07", "05")
    assert 0x88 not in imsi  # then it is the low five bits of 6F07
    assert loci[0x88] == b"\x58"  # 0B
    assert spn[0x88] == b""  # none
    assert (ecc[0x82].hex(), ecc[0x80].hex()) == ("4221000405", "0014")
    select(card, "3F00", "7F10")
    assert fcp(card, "6F44")[0x82].hex() == "4621001c05"


def test_every_application_is_in_ef_dir() -> None:
    card = card_of("uicc")
    select(card, "2F00")
    for number, (aid, label) in enumerate([("02", b"USIM"), ("04", b"ISIM")], 1):
        record = bytes.fromhex(send(card, f"00B2{number:02X}0422"))[:-2]
        ((template, inner),) = objects(record)
        parts = dict(objects(inner))

        assert template == 0x61
        assert parts == {0x4F: bytes.fromhex(f"A00000008710{aid}FF33FF018900000100"), 0x50: label}


@pytest.mark.parametrize(
    ("text", "held", "met"),
    [
        ("always", (), True),
        ("never", ("pin1", "pin2", "adm1"), False),
        ("pin1", ("adm1",), False),
        ("pin1 or adm1", ("adm1",), True),
        ("pin1 or adm1", ("pin2",), False),
    ],
)
def test_a_rule_is_met_by_its_keys(text: str, held: tuple[str, ...], met: bool) -> None:  # noqa: FBT001 - a table
    assert allows(read_rule(text), held.__contains__) is met


@pytest.mark.parametrize("text", ["", "pin1 or always", "never or pin1", "adm2", "pin1,adm1"])
def test_what_is_no_rule_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must be always"):
        read_rule(text)
