"""A station beside a real gateway: keys from the vault, findings reported, cards swapped, nothing lost meanwhile."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.cli.card.cards import ADM, ICCIDS, SECRETS, STRANGER, Table, vendor_text
from tests.cli.conftest import Ended, Start

TOKEN, NUMBER = "station-token", "+33699000001"
NOBODY = "http://127.0.0.1:1"
SWAP = ("swap", "--msisdn", NUMBER, "--reason", "lost")


@dataclass(frozen=True, slots=True)
class Gateway:
    url: str
    http: httpx.Client

    def get(self, path: str) -> Any:  # noqa: ANN401 - any JSON
        return self.http.get(path).raise_for_status().json()

    def events(self, iccid: str) -> list[str]:
        return [event["type"] for event in self.get(f"/v1/sims/{iccid}/history")["items"]]


@pytest.fixture
def gateway(start: Start, table: Table) -> Iterator[Gateway]:
    """A gateway with the vendor file in stock and a line that has the first of its cards."""
    process = start(("up", "--port", "0", "--sim-port", "0", "--data", "data"), {"LINEGATE_TOKEN": TOKEN})
    assert process.stdout is not None
    url = process.stdout.readline().split()[1]
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {TOKEN}"}) as http:
        stock = http.post(
            "/v1/sims/import", content=Path(table.cards).read_text(), headers={"Content-Type": "text/plain"}
        )
        assert stock.json()["imported"] == 3
        yield Gateway(url, http)


Station = Callable[..., Ended]


@pytest.fixture
def station(start: Start, gateway: Gateway) -> Station:
    def run(*arguments: str, url: str = "") -> Ended:
        environment = {"LINEGATE_URL": url or gateway.url, "LINEGATE_TOKEN": TOKEN, "LINEGATE_STATION": "station"}
        process = start(("card", *arguments), environment)
        out, err = process.communicate(timeout=100)
        assert not any(secret in out + err for secret in (*SECRETS, TOKEN))
        return Ended(process.returncode, out, err)

    return run


def activate(gateway: Gateway, iccid: str) -> None:
    details = {"contract": "technicophone", "iccid": iccid, "plan": "unlimited", "options": ["data"]}
    order = {"action": "activate", "line": {"msisdn": NUMBER}, "details": details, "requested_start": "now"}
    order_id = gateway.http.post("/v1/orders", json=order).raise_for_status().json()["id"]
    for _ in range(1000):
        if gateway.get(f"/v1/orders/{order_id}")["state"] == "completed":
            return
    pytest.fail("the line was not activated")


def test_keys_come_from_the_vault_and_findings_go_to_the_gateway(
    station: Station, gateway: Gateway, table: Table
) -> None:
    reader = table.put()
    ended = station("apply", table.job, "--reader", reader, "--why", "counter 3", "--json")
    assert (ended.code, ended.err, ended.document["outcome"]) == (0, "", "written")
    assert ended.document["reported"] == {"sent": 1, "waiting": 0, "why": None}
    assert gateway.get(f"/v1/sims/{ICCIDS[0]}")["card"] == "personalised"
    items = gateway.get(f"/v1/sims/{ICCIDS[0]}/history")["items"]
    told = {event["type"]: event["data"] for event in items}
    assert told["keys.disclosed"]["why"] == "counter 3"
    assert told["keys.disclosed"]["requested_by"]["channel"] == "card"
    assert told["card.personalised"]["sqn"] == ended.document["sqn"]


def test_what_happened_offline_is_reported_later_and_once(station: Station, gateway: Gateway, table: Table) -> None:
    readers = [word for iccid in ICCIDS for word in ("--reader", table.put(iccid))]
    batch = station("batch", table.job, "--cards", table.cards, "--once", "--yes", *readers, url=NOBODY)
    assert (batch.code, "3 facts were not reported" in batch.err, NOBODY in batch.err) == (0, True, True)
    away = station("report", "--json", url=NOBODY)
    assert (away.code, away.out) == (3, "")
    sent = station("report", "--json")
    assert (sent.code, sent.document["facts"]["sent"], sent.document["orders"]) == (0, 3, [])
    assert [gateway.get(f"/v1/sims/{iccid}")["card"] for iccid in ICCIDS] == ["personalised"] * 3
    assert station("report", "--json").document["facts"] == {"sent": 0, "waiting": 0, "why": None}
    assert gateway.events(ICCIDS[0]) == ["card.personalised"]


def test_a_batch_reports_while_it_runs(station: Station, gateway: Gateway, table: Table) -> None:
    readers = [word for iccid in ICCIDS for word in ("--reader", table.put(iccid))]
    ended = station("batch", table.job, "--once", "--yes", "--json", *readers)
    assert (ended.code, ended.err) == (0, "")
    assert json.loads(ended.out.splitlines()[-1])["reported"]["sent"] == 3
    assert all(gateway.get(f"/v1/sims/{iccid}")["card"] == "personalised" for iccid in ICCIDS)


def test_a_key_a_card_refused_is_not_given_out_again(station: Station, table: Table) -> None:
    first = station("apply", table.job, "--reader", table.put(adm="87654321"), "--json")
    assert (first.code, first.document["reported"]["waiting"]) == (5, 0)
    again = station("apply", table.job, "--reader", table.put(adm="87654321"), "--json", "--station", "other")
    assert (again.code, again.document["outcome"], "refused the ADM1" in again.err) == (1, "unknown", True)
    assert table.card().tries(0x0A) == 3


def test_a_card_the_gateway_does_not_know_is_told_as_such(station: Station, gateway: Gateway, table: Table) -> None:
    (table.directory / "cards.out").write_text(vendor_text((STRANGER,)))
    ended = station("apply", table.job, "--cards", table.cards, "--reader", table.put(STRANGER), "--json")
    assert (ended.code, ended.document["outcome"], "not in stock" in ended.err) == (0, "written", True)
    assert gateway.http.get(f"/v1/sims/{STRANGER}").status_code == 404
    assert station("apply", table.job, "--reader", table.put()).code == 0
    report = station("report", "--json")
    assert (report.code, report.document["facts"]["waiting"]) == (1, 1)


def test_a_fact_the_gateway_cannot_read_keeps_no_other_back(station: Station, gateway: Gateway, table: Table) -> None:
    readers = [word for iccid in ICCIDS for word in ("--reader", table.put(iccid))]
    batch = ("batch", table.job, "--cards", table.cards, "--once", "--yes", *readers)
    assert station(*batch, url=NOBODY).code == 0
    kept = table.directory / "station" / "facts.jsonl"
    kept.write_text(kept.read_text().replace(ICCIDS[1], "none"))
    report = station("report", "--json")
    assert (report.code, report.document["facts"]["sent"], report.document["facts"]["waiting"]) == (1, 2, 1)
    assert "card none" in report.err
    assert gateway.get(f"/v1/sims/{ICCIDS[2]}")["card"] == "personalised"


def test_a_swap_personalises_the_card_and_gives_it_to_the_line(
    station: Station, gateway: Gateway, table: Table
) -> None:
    activate(gateway, ICCIDS[1])
    swap = (*SWAP[:1], table.job, *SWAP[1:], "--reader", table.put(), "--json")
    first = station(*swap)
    assert (first.code, first.err) == (0, "")
    order = first.document["order"]
    assert (order["state"], order["effective"] is not None, first.document["card"]["proven"]) == (
        "completed",
        True,
        True,
    )
    assert gateway.get(f"/v1/lines/{NUMBER}")["iccid"] == ICCIDS[0]
    again = station(*swap)
    assert (again.code, again.document["order"]["id"]) == (0, order["id"])


def test_a_swap_without_a_job_wants_a_card_that_is_proven(station: Station, gateway: Gateway, table: Table) -> None:
    activate(gateway, ICCIDS[1])
    reader = table.put(inside=True)
    ended = station(*SWAP, "--reader", reader)
    assert (ended.code, "keys proven" in ended.out, "completed" in ended.out) == (0, True, True)
    blank = station(*SWAP, "--reader", table.put(ICCIDS[2]), "--json")
    assert (blank.code, blank.document["order"], "nothing was ordered" in blank.err) == (1, None, True)
    assert gateway.get(f"/v1/lines/{NUMBER}")["iccid"] == ICCIDS[0]
    assert "card.checked" in gateway.events(ICCIDS[0])
    assert "card.failed" in gateway.events(ICCIDS[2])


def test_a_swap_the_gateway_cannot_hear_of_is_kept_and_posted_later(
    station: Station, gateway: Gateway, table: Table
) -> None:
    activate(gateway, ICCIDS[1])
    swap = (*SWAP[:1], table.job, *SWAP[1:], "--cards", table.cards, "--reader", table.put(), "--json")
    away = station(*swap, url=NOBODY)
    assert (away.code, "kept here" in away.err, "linegate card report" in away.err) == (3, True, True)
    told = station("report", "--json").document
    assert [(one["msisdn"], one["new_iccid"], one["why"]) for one in told["orders"]] == [(NUMBER, ICCIDS[0], None)]
    assert told["facts"]["sent"] == 1
    seen = station(*swap)
    assert (seen.code, seen.document["order"]["id"]) == (0, told["orders"][0]["id"])
    assert station("report", "--json").document["orders"] == []


def test_a_swap_that_is_refused_says_why_and_is_not_kept(station: Station, table: Table) -> None:
    ended = station(*SWAP[:1], table.job, *SWAP[1:], "--reader", table.put())
    assert (ended.code, NUMBER in ended.err, "kept" in ended.err) == (1, True, False)
    assert station("report", "--json").document["orders"] == []


def test_with_a_wrong_token_nothing_is_lost(start: Start, station: Station, gateway: Gateway, table: Table) -> None:
    apply = ("card", "apply", table.job, "--cards", table.cards, "--reader", table.put(), "--station", "station")
    process = start(apply, {"LINEGATE_URL": gateway.url, "LINEGATE_TOKEN": "wrong"})
    _, err = process.communicate(timeout=60)
    assert (process.returncode, "LINEGATE_TOKEN" in err, ADM in err) == (0, True, False)
    assert station("report", "--json").document["facts"]["sent"] == 1
