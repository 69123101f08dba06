"""Exports: read back as what they were, for their owner alone, never over another file."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from gateway.stock.vendor import parse
from sim_readers.pysim.csv_rows import read_cards
from sim_readers.secret import Secret
from sim_readers.transport_key import TransportAlgorithm, unwrap_ki
from tests.cli.card.cards import JOB
from tests.cli.card.delivered import Delivery, typed
from tests.cli.conftest import Ended, Linegate
from tests.sim_readers.workbench import card_data

K4 = "00112233445566778899aabbccddeeff"


@pytest.fixture
def delivery(tmp_path: Path) -> Delivery:
    return Delivery.into(tmp_path)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "made"


def export(linegate: Linegate, delivery: Delivery, out: Path, *arguments: str) -> Ended:
    ended = linegate("card", "export", "--cards", delivery.file, "-o", str(out), *arguments)
    assert not [secret for secret in (*delivery.secrets, K4) if secret in ended.out + ended.err]
    return ended


@pytest.mark.parametrize("columns", [(), ("--provider",)])
def test_a_pysim_list_goes_round(linegate: Linegate, delivery: Delivery, out: Path, columns: tuple[str, ...]) -> None:
    ended = export(linegate, delivery, out, "--format", "pysim-csv", "--json", *columns)
    assert (ended.code, ended.document["cards"]) == (0, 3)
    assert ended.document["sha256"] == hashlib.sha256(out.read_bytes()).hexdigest()
    assert out.stat().st_mode & 0o777 == 0o600
    assert [one.card for one in read_cards(out.read_text()).cards] == card_data(Path(delivery.file).read_text())
    back = linegate("card", "export", "--cards", str(out), "--format", "vendor-out", "-o", f"{out}.out")
    assert (back.code, card_data(Path(f"{out}.out").read_text())) == (0, card_data(Path(delivery.file).read_text()))


def test_a_vendor_file_has_the_cards_that_are_named(linegate: Linegate, delivery: Delivery, out: Path) -> None:
    named = [one.iccid for one in delivery.cards[1:]]
    ended = export(linegate, delivery, out, *named, "--format", "vendor-out", "--customer", "ACME", "--batch", "77")
    assert ended.code == 0
    found = parse(out.read_text())
    assert ([sim.iccid for sim in found.sims], found.customer, found.batch, found.quantity) == (named, "ACME", "77", 2)
    stranger = export(linegate, delivery, out, "8933019000000000011", "--format", "vendor-out", "--force")
    assert (stranger.code, "not in sims.out" in stranger.err) == (2, True)


def test_an_order_to_a_vendor_holds_no_key(linegate: Linegate, delivery: Delivery, out: Path) -> None:
    assert export(linegate, delivery, out, "--format", "vendor-in").code == 0
    text = out.read_text()
    assert f"ICCID: {delivery.cards[0].iccid}" in text
    assert re.search(r"Quantity +: 3", text)
    assert not [secret for secret in delivery.secrets if secret in text]


@pytest.mark.parametrize("algorithm", ["aes128", "tdes2"])
def test_an_hlr_gets_keys_under_k4_and_nothing_in_clear(
    linegate: Linegate, delivery: Delivery, out: Path, algorithm: str
) -> None:
    arguments = ("--format", "hlr", "--k4-fd", "0", "--k4-index", "3", "--op-index", "1", "--algorithm", algorithm)
    with typed(K4):
        ended = export(linegate, delivery, out, *arguments, "--json")
    assert (ended.code, ended.document["cards"], ended.document["k4_index"]) == (0, 3, 3)
    if algorithm == "aes128":
        assert ended.document["kcv"] == "FDE4FB"
    lines = [line for line in out.read_text().splitlines() if line and not line.startswith("#")]
    head, *rows = (line.split(";") for line in lines)
    assert not [secret for secret in delivery.secrets if secret in out.read_text()]
    wrapped = bytes.fromhex(rows[0][head.index("eki")])
    key = unwrap_ki(wrapped, Secret.from_hex(K4), TransportAlgorithm(algorithm))
    assert key == Secret.from_hex(delivery.cards[0].ki)


def test_k4_that_is_none_is_refused_without_being_shown(linegate: Linegate, delivery: Delivery, out: Path) -> None:
    for wrong in ("0011", "zz" * 16):
        with typed(wrong):
            ended = export(linegate, delivery, out, "--format", "hlr", "--k4-fd", "0", "--k4-index", "3")
        assert (ended.code, wrong in ended.err, out.exists()) == (2, False, False)


def test_a_script_writes_what_the_job_wants_and_no_key(linegate: Linegate, delivery: Delivery, out: Path) -> None:
    job = delivery.directory / "job.toml"
    job.write_text(JOB.format(keys="write"))
    arguments = ("--format", "pysim-script", "--job", str(job))
    ended = export(linegate, delivery, out, delivery.cards[0].iccid, *arguments)
    script = out.read_text()
    assert ended.code == 0
    assert all(word in script for word in ("verify_adm", "select MF/ADF.USIM/EF.IMSI", "Technicophone"))
    assert not [secret for secret in delivery.secrets if secret.lower() in script.lower()]
    several = export(linegate, delivery, out, *arguments, "--force")
    assert (several.code, "one card" in several.err) == (2, True)


def test_a_file_that_is_there_stays_as_it_is(linegate: Linegate, delivery: Delivery, out: Path) -> None:
    out.write_text("mine")
    refused = export(linegate, delivery, out, "--format", "vendor-out")
    assert (refused.code, out.read_text()) == (2, "mine")
    assert export(linegate, delivery, out, "--format", "vendor-out", "--force").code == 0
    assert parse(out.read_text()).quantity == 3
    assert out.stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in out.parent.glob(".*")) == []


def test_nothing_is_left_where_writing_is_not_possible(linegate: Linegate, delivery: Delivery, tmp_path: Path) -> None:
    ended = export(linegate, delivery, tmp_path / "nowhere" / "f", "--format", "vendor-out")
    assert (ended.code, "no directory" in ended.err) == (2, True)


@pytest.mark.parametrize("form", ["vendor-out", "vendor-in"])
def test_a_card_without_imsi_is_no_card_of_a_vendor(linegate: Linegate, tmp_path: Path, out: Path, form: str) -> None:
    one = Delivery.into(tmp_path).cards[0]
    (tmp_path / "cards.csv").write_text(f"iccid,imsi,ki\n{one.iccid},,{one.ki}\n")
    ended = linegate("card", "export", "--cards", str(tmp_path / "cards.csv"), "--format", form, "-o", str(out))
    assert (ended.code, "no IMSI" in ended.err, out.exists()) == (1, True, False)
