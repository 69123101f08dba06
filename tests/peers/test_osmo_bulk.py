"""Ten thousand lines opened on a real OsmoHLR from one file; 37 rows changed by another hand; found, and only those."""

from __future__ import annotations

import json
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.gateway.cards import card
from tests.peers.osmo_hlr import osmo_hlr
from tests.peers.osmo_site import PLMN, OsmoSite, osmo_site

LINES, CHANGED = 10_000, 37
MINUTES = 60


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[OsmoSite]:
    async with osmo_hlr() as hlr, osmo_site(tmp_path, hlr) as opened:
        await opened.stock(card(n, PLMN) for n in range(1, LINES + 1))
        yield opened


def number(n: int) -> str:
    return f"+4917{n:08d}"


def changed_by_hand(site: OsmoSite) -> set[tuple[str, str]]:
    """Change rows behind everybody's back; return what an audit must find."""
    chosen = random.Random(37).sample(range(1, LINES + 1), CHANGED)
    changes = ("nam_cs = 0", "nam_ps = 0", "nam_cs = 0, nam_ps = 0", "msisdn = NULL")
    found = set()
    for place, n in enumerate(chosen):
        imsi = card(n, PLMN).imsi
        if place % 5 == 4:
            site.hlr.query("DELETE FROM subscriber WHERE imsi = ?", imsi)
        else:
            site.hlr.query(f"UPDATE subscriber SET {changes[place % 5]} WHERE imsi = ?", imsi)
        found.add((number(n), "missing" if place % 5 == 4 else "different"))
    return found


@pytest.mark.timeout(10 * MINUTES)
async def test_ten_thousand_lines_and_the_37_that_drifted(site: OsmoSite, tmp_path: Path) -> None:
    file, results = tmp_path / "lines.csv", tmp_path / "results.jsonl"
    rows = (f"{number(n)},village,{card(n, PLMN).iccid},village,data" for n in range(1, LINES + 1))
    file.write_text("\n".join(("msisdn,contract,iccid,plan,options", *rows)) + "\n")
    posted = await site.linegate("order", "bulk", str(file), "--wait", "--json", "--results", str(results))
    assert posted.code == 0, posted
    assert json.loads(posted.out)["states"] == {"completed": LINES}
    assert len(results.read_text().splitlines()) == LINES
    assert site.hlr.query("SELECT count(*), sum(nam_cs), sum(nam_ps), count(msisdn) FROM subscriber") == [(LINES,) * 4]

    again = await site.linegate("order", "bulk", str(file), "--wait", "--json")
    assert json.loads(again.out)["states"] == {"completed": LINES}
    assert (await site.web.get("/v1/orders?action=activate&state=rejected")).json()["items"] == []

    clean = await site.linegate("audit", "--json")
    assert (clean.code, json.loads(clean.out)["counts"]["equal"]) == (0, LINES), clean
    wrong = changed_by_hand(site)
    found = await site.linegate("audit", "--limit", "1000", "--json")
    shown = json.loads(found.out)
    assert found.code == 4, found
    assert {(f["msisdn"], f["kind"]) for f in shown["findings"]} == wrong
    assert (shown["counts"]["equal"], len(shown["findings"])) == (LINES - CHANGED, CHANGED)


async def test_a_register_that_was_there_before_becomes_lines(site: OsmoSite) -> None:
    """Subscribers somebody else made: 200 of them, some without data, some shut, one whose SIM nobody knows."""
    nam = {0: (1, 1), 1: (1, 0), 2: (0, 0)}
    for n in range(1, 201):
        cs, ps = nam[n % 3]
        values = (card(n, PLMN).imsi, number(n).removeprefix("+"), cs, ps)
        site.hlr.query("INSERT INTO subscriber (imsi, msisdn, nam_cs, nam_ps) VALUES (?, ?, ?, ?)", *values)
    milenage = "INSERT INTO auc_3g (subscriber_id, algo_id_3g, k, opc) SELECT id, 5, ?, ? FROM subscriber"
    site.hlr.query(milenage, "0" * 31 + "1", "0" * 31 + "2")
    site.hlr.query("INSERT INTO subscriber (imsi, msisdn) VALUES (?, ?)", f"{PLMN}9999999999", "491799999999")
    told = ("--contract", "village", "--plan", "village", "--suspended-as", "unpaid", "--limit", "1000", "--json")
    adopted = await site.linegate("import-element", "osmo", *told)
    shown = json.loads(adopted.out)
    assert shown["counts"]["extra"] == 201, adopted
    left = [f for f in shown["findings"] if f["outcome"] == "left"]
    assert [f["imsi"] for f in left] == [f"{PLMN}9999999999"]
    await site.settled()
    lines = [await site.line(number(n)) for n in range(1, 201)]
    assert {line["state"] for n, line in enumerate(lines, 1) if n % 3 == 2} == {"suspended"}
    assert {(line["state"], "data" in line["options"]) for n, line in enumerate(lines, 1) if n % 3 == 0} == {
        ("active", True)
    }
    assert {(line["state"], "data" in line["options"]) for n, line in enumerate(lines, 1) if n % 3 == 1} == {
        ("active", False)
    }
    assert [line["imsi"] for line in lines] == [card(n, PLMN).imsi for n in range(1, 201)]
    after = json.loads((await site.linegate("audit", "--json")).out)
    assert {f["imsi"]: f["kind"] for f in after["findings"] if f["kind"] != "different"} == {
        f"{PLMN}9999999999": "extra"
    }
