"""Vendors' ways are told by profiles; whatever the way, the cards are the same."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from gateway.contract.table import ConfigError
from gateway.stock.vendor import parse
from gateway.stock.vendor_profile import VendorProfile, read_profile, read_profiles

SHIPPED = Path(__file__).resolve().parents[3] / "config" / "sim_vendors"
KI = "00000000000000000000000000000001"
SWAPPED = f"""*HEADER DESCRIPTION
Type  : EX_USIM
Batch : 2026010501
Quantity : 1
Var_In_List:
*OUTPUT VARIABLES
var_out:ICC/IMSI/CHV1/UNBLOCK_CHV1/CHV2/UNBLOCK_CHV2/ADM/eKey
98331000000000000001 082980390000000010 1234 12345678 5678 87654321 12345678 {KI}
""".replace("98331000000000000001", "983310000000000010F0")
GEMALTO = f"""B0017 20260105 2 EX_USIM 1 0 0
8933010000000000010F 208930000000001 1234 12345678 5678 87654321 12345678 {KI}
8933010000000000028F 208930000000002 1234 12345678 5678 87654321 12345678 {KI}
"""


def shipped(name: str) -> VendorProfile:
    return read_profiles(SHIPPED)[name]


def test_nibble_swapped_files_with_other_names() -> None:
    found = parse(SWAPPED, shipped("swapped"))
    assert found.problems == []
    assert (found.profile, found.batch, found.quantity) == ("EX_USIM", "2026010501", 1)
    assert [(sim.iccid, sim.imsi) for sim in found.sims] == [("8933010000000000010", "208930000000001")]
    assert set(found.sims[0].secrets) == {"pin1", "puk1", "pin2", "puk2", "adm1", "ki"}


def test_a_header_of_one_line_and_no_names_of_columns() -> None:
    found = parse(GEMALTO, shipped("gemalto"))
    assert (found.problems, found.rows, found.quantity) == ([], 2, 2)
    assert (found.batch, found.order_date, found.profile) == ("B0017", "20260105", "EX_USIM")
    assert [sim.iccid for sim in found.sims] == ["8933010000000000010", "8933010000000000028"]


@pytest.mark.parametrize(
    ("text", "profile"),
    [
        (GEMALTO.replace(" 1 0 0", " 1 3 0"), "gemalto"),
        (SWAPPED.replace("Quantity", "Transport_key : 3\nQuantity"), "swapped"),
    ],
)
def test_a_file_whose_keys_are_encrypted_gives_no_cards(text: str, profile: str) -> None:
    found = parse(text, shipped(profile))
    assert found.sims == []
    assert found.encrypted
    assert [(problem.line, problem.column) for problem in found.problems] == [(0, "KI")]


@pytest.mark.parametrize("value", ["", "0", "None"])
def test_a_transport_key_that_is_none_is_no_obstacle(value: str) -> None:
    found = parse(SWAPPED.replace("Quantity", f"Transport_key : {value}\nQuantity"), shipped("swapped"))
    assert (found.problems, len(found.sims)) == ([], 1)


def test_without_its_header_nothing_is_read_for_its_keys_may_be_encrypted() -> None:
    found = parse(GEMALTO.replace(" 1 0 0", " 1 0"), shipped("gemalto"))
    assert found.sims == []
    assert [(problem.line, problem.column) for problem in found.problems] == [(1, "header")]


@pytest.mark.parametrize(
    ("before", "after", "column"),
    [
        ("983310000000000010F0", "983310000000000010F", "ICCID"),
        ("983310000000000010F0", "98331000000000001xF0", "ICCID"),
        ("983310000000000010F0", "983310000000000020F0", "ICCID"),
        ("082980390000000010", "0829803900000000", "IMSI"),
        ("082980390000000010", "092980390000000010", "IMSI"),
        ("082980390000000010", "081080390000000010", "IMSI"),
        ("082980390000000010", "FFFFFFFFFFFFFFFFFF", "IMSI"),
        ("082980390000000010", "208930000000001", "IMSI"),
    ],
)
def test_a_value_that_is_not_in_its_coding_is_named_and_not_repeated(before: str, after: str, column: str) -> None:
    found = parse(SWAPPED.replace(before, after), shipped("swapped"))
    assert found.sims == []
    assert (8, column) in {(problem.line, problem.column) for problem in found.problems}
    assert after not in "".join(problem.detail for problem in found.problems)


def test_separators_and_columns_the_file_does_not_name() -> None:
    profile = read_profile(
        "x.toml", {"spec": "1", "name": "x", "separator": "semicolon", "columns": ["ICCID", "IMSI", "KI"]}
    )
    found = parse(f"var_Out:\n8933010000000000010 ; 208930000000001;{KI}\n", profile)
    assert (found.problems, len(found.sims)) == ([], 1)


def test_the_digest_tells_files_apart() -> None:
    assert parse(SWAPPED).digest == hashlib.sha256(SWAPPED.encode()).hexdigest()
    assert parse(SWAPPED + " ").digest != parse(SWAPPED).digest


def test_what_ships_can_be_read_and_is_named_like_its_file() -> None:
    assert set(read_profiles(SHIPPED)) == {"gemalto", "swapped"}


def test_every_mistake_of_a_profile_is_named_by_file_and_key(tmp_path: Path) -> None:
    folder = tmp_path / "sim_vendors"
    folder.mkdir()
    (folder / "a.toml").write_text(
        'spec = "2"\nname = "b"\none_line_header = ["batch", "colour"]\nseparator = "x"\nshape = 1\n'
        '[codings]\niccid = "reversed"\n[headers]\n"Batch" = "number"\n',
        "utf-8",
    )
    (folder / "broken.toml").write_text("= nothing", "utf-8")
    (folder / "c.toml").write_text('spec = "1"\nname = "d"\n', "utf-8")
    with pytest.raises(ConfigError) as wrong:
        read_profiles(folder)
    told = "\n".join(wrong.value.mistakes)
    keys = ("a.toml: spec", "one_line_header", "separator", "codings.iccid", "headers.Batch", "shape", "columns")
    assert [key for key in (*keys, "broken.toml: cannot be read", "c.toml: name: must be 'c'") if key not in told] == []
