"""Importing into, exporting from and labelling out of a real gateway's stock."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.stock.vendor import parse
from tests.cli.card.delivered import Delivery
from tests.cli.card.gateways import NUMBER, Gateway, gateway_up
from tests.cli.conftest import Linegate, Start


@pytest.fixture
def delivery(tmp_path: Path) -> Delivery:
    return Delivery.into(tmp_path)


@pytest.fixture
def gateway(start: Start, monkeypatch: pytest.MonkeyPatch, linegate: Linegate) -> Iterator[Gateway]:
    del linegate  # it has cleared the environment, which is filled here
    with gateway_up(start, monkeypatch, "") as up:
        yield up


def swapped(digits: str) -> str:
    even = digits + "F" * (len(digits) % 2)
    return "".join(even[at + 1] + even[at] for at in range(0, len(even), 2))


def test_a_pysim_list_goes_into_stock_and_out_again(
    linegate: Linegate, gateway: Gateway, delivery: Delivery, tmp_path: Path
) -> None:
    made = tmp_path / "cards.csv"
    assert linegate("card", "export", "--cards", delivery.file, "--format", "pysim-csv", "-o", str(made)).code == 0
    lines = made.read_text().splitlines()
    made.write_text(
        "\n".join(
            (*lines[:-1], lines[-1].replace(delivery.cards[2].opc, "").replace(delivery.cards[2].opc.lower(), ""))
        )
    )
    first = linegate("card", "import", str(made), "--json")
    item = first.document["items"][0]
    assert (first.code, item["imported"], item["problems"]) == (0, 3, [])
    assert item["sha256"] == hashlib.sha256(made.read_bytes()).hexdigest()
    again = linegate("card", "import", str(made), "--json").document["items"][0]
    assert (again["imported"], again["already_there"]) == (0, 3)
    one = delivery.cards[0]
    assert gateway.get(f"/v1/sims/{one.iccid}")["imsi"] == one.imsi
    export = ("card", "export", one.iccid, "--format", "vendor-out", "--station", str(tmp_path / "station"))
    silent = linegate(*export, "-o", str(tmp_path / "x"))
    assert (silent.code, "--why" in silent.err) == (2, True)
    assert linegate(*export, "-o", str(tmp_path / "x"), "--why", "for the other AuC").code == 0
    found = parse((tmp_path / "x").read_text()).sims[0]
    assert (found.secrets["ki"], found.secrets["adm1"]) == (one.ki, one.adm1)
    assert gateway.trail(one.iccid)["keys.disclosed"]["why"] == "for the other AuC"


def test_a_vendors_profile_reads_what_plain_reading_cannot(
    linegate: Linegate, gateway: Gateway, delivery: Delivery, tmp_path: Path
) -> None:
    one, file = delivery.cards[0], tmp_path / "swapped.out"
    imsi = f"08{swapped('9' + one.imsi)}"
    file.write_text(f"Quantity: 1\nvar_Out: ICC/IMSI/EKEY\n{swapped(one.iccid)} {imsi} {one.ki}\n")
    assert linegate("card", "import", str(file)).code == 1
    ended = linegate("card", "import", str(file), "--profile", "swapped", "--json")
    assert (ended.code, ended.document["imported"]) == (0, 1), ended.err
    assert gateway.get(f"/v1/sims/{one.iccid}")["imsi"] == one.imsi
    unknown = linegate("card", "import", str(file), "--profile", "acme")
    assert (unknown.code, "swapped" in unknown.err) == (2, True)


def test_a_file_that_lost_cards_is_not_taken_and_a_bad_row_keeps_no_other_back(
    linegate: Linegate, gateway: Gateway, delivery: Delivery
) -> None:
    file = Path(delivery.file)
    text = file.read_text()
    file.write_text(text.replace("Quantity : 3", "Quantity : 4"))
    short = linegate("card", "import", delivery.file, "--json")
    assert (short.code, short.document["imported"], "announces 4" in short.out) == (1, 0, True)
    assert gateway.http.get(f"/v1/sims/{delivery.cards[0].iccid}").status_code == 404
    file.write_text(text.replace(delivery.cards[1].ki, "none"))
    ended = linegate("card", "import", delivery.file)
    assert (ended.code, "KI" in ended.out) == (1, True)
    assert gateway.get(f"/v1/sims/{delivery.cards[2].iccid}")["imsi"] == delivery.cards[2].imsi
    assert not [secret for secret in delivery.secrets if secret in ended.out + ended.err]


def test_a_label_has_the_number_its_line_has(
    linegate: Linegate, gateway: Gateway, delivery: Delivery, tmp_path: Path
) -> None:
    assert linegate("card", "import", delivery.file).code == 0
    one, file = delivery.cards[0], tmp_path / "one.zpl"
    gateway.activate(one.iccid)
    ended = linegate("card", "label", one.iccid, "--format", "zpl", "--msisdn", "-o", str(file))
    zpl = file.read_text()
    assert (ended.code, NUMBER in zpl, one.imsi in zpl, "2026010501" in zpl) == (0, True, True, True)
    assert not [secret for secret in delivery.secrets if secret in zpl]
