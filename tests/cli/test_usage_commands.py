"""``linegate usage`` from a terminal: files in parts, what is kept out named by its place, standings drawn in words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Linegate
from tests.cli.scripted import Scripted, serving

NUMBER = "+33699000001"
RECORD = {"id": "r", "msisdn": NUMBER, "counter": "data", "amount": 1, "unit": "GB", "at": "2026-11-22T12:00:00+01:00"}
COUNTED: dict[str, Any] = {"accepted": 1, "duplicates": 0, "late": 0, "rejected": 0, "problems": [], "crossings": []}
CROSSING = {
    "msisdn": NUMBER,
    "threshold": "fair_use",
    "percent": 80,
    "period": "2026-11",
    "outcome": "alerted",
    "action": None,
}
STANDING = {
    "msisdn": NUMBER,
    "counters": [
        {
            "counter": "data",
            "used": 1_200_000_000,
            "unit": "B",
            "period": "2026-11",
            "ends": "2026-11-30T23:00:00+00:00",
        },
        {
            "counter": "spend",
            "used": "45.50",
            "unit": "EUR",
            "period": "2026-11",
            "ends": "2026-11-30T23:00:00+00:00",
        },
    ],
    "thresholds": [
        {
            "threshold": "roaming_data",
            "limit": "50.00",
            "unit": "EUR",
            "percent": 91,
            "at_100": "cut_roaming_data",
            "waived": True,
            "action": None,
            "crossings": [{"percent": 80, "outcome": "alerted", "crossed_at": "2026-11-22T12:00:00+00:00"}],
        }
    ],
}


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch, linegate: Linegate) -> Iterator[Scripted]:
    del linegate  # first: it clears the environment
    scripted = Scripted()
    with serving(scripted) as url:
        monkeypatch.setenv("LINEGATE_URL", url)
        yield scripted


@pytest.mark.parametrize(
    "text", [json.dumps(RECORD), json.dumps([RECORD]), f"{json.dumps(RECORD)}\n\n", f"\n{json.dumps(RECORD)}"]
)
def test_records_are_posted_however_they_are_written(
    linegate: Linegate, gateway: Scripted, tmp_path: Path, text: str
) -> None:
    gateway.on("POST /v1/usage", {**COUNTED, "crossings": [CROSSING]})
    file = tmp_path / "usage"
    file.write_text(text, "utf-8")
    told = linegate("usage", "post", str(file))
    assert (told.code, "fair_use" in told.out, "alerted" in told.out) == (0, True, True)
    assert gateway.asked == [("POST /v1/usage", [RECORD])]


def test_a_long_file_goes_in_parts_and_places_are_those_of_the_file(
    linegate: Linegate, gateway: Scripted, tmp_path: Path
) -> None:
    problem = {"index": 4, "id": "r", "type": "/problems/line-unknown", "detail": "there is no such line"}
    gateway.on("POST /v1/usage", COUNTED, {**COUNTED, "rejected": 1, "problems": [problem]})
    file = tmp_path / "usage.jsonl"
    file.write_text("\n".join([json.dumps(RECORD)] * 1500), "utf-8")
    told = linegate("usage", "post", str(file), "--json")
    assert (told.code, [len(body) for _, body in gateway.asked]) == (1, [1000, 500])
    assert (told.document["accepted"], told.document["rejected"]) == (2, 1)
    assert told.document["problems"][0] == {
        "record": 1005,
        "id": "r",
        "type": "/problems/line-unknown",
        "detail": "there is no such line",
    }
    assert "1 of 1500 records were kept out" in told.err


def test_a_part_nobody_can_read_keeps_no_other_out(linegate: Linegate, gateway: Scripted, tmp_path: Path) -> None:
    errors = [{"field": "index 0", "detail": "id: Field required"}]
    gateway.on("POST /v1/usage", {"type": "/problems/nothing-readable", "detail": "…", "errors": errors}, status=422)
    file = tmp_path / "usage.jsonl"
    file.write_text("{}\n{}", "utf-8")
    told = linegate("usage", "post", str(file), "--json")
    details = [problem["detail"] for problem in told.document["problems"]]
    assert (told.code, details[0], "/docs" in details[1]) == (1, "id: Field required", True)


@pytest.mark.parametrize(("text", "word"), [("", "has no record"), ("[]", "has no record"), ("{}\n{", "line 2")])
def test_a_file_without_records_is_wrong_use(linegate: Linegate, tmp_path: Path, text: str, word: str) -> None:
    file = tmp_path / "usage.jsonl"
    file.write_text(text, "utf-8")
    told = linegate("usage", "post", str(file))
    assert (told.code, word in told.err) == (2, True)


def test_an_absent_gateway_is_exit_3_and_says_how_to_go_on(
    linegate: Linegate, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LINEGATE_URL", "http://127.0.0.1:1")
    file = tmp_path / "usage.json"
    file.write_text(json.dumps(RECORD), "utf-8")
    told = linegate("usage", "post", str(file))
    assert (told.code, "nothing counts twice" in told.err) == (3, True)


def test_a_standing_is_drawn_in_words(linegate: Linegate, gateway: Scripted) -> None:
    gateway.on(f"GET /v1/lines/{NUMBER}/usage?period=2026-11", STANDING)
    told = linegate("usage", "show", NUMBER, "--period", "2026-11")
    assert told.code == 0
    for word in ("1.2 GB", "45.50 EUR", "91 %", "cut_roaming_data (waived)", "80 %: alerted"):
        assert word in told.out, told.out


def test_agreements_are_shown_and_replaced(linegate: Linegate, gateway: Scripted, tmp_path: Path) -> None:
    holds = [{**STANDING["thresholds"][0], "percents": [80, 100], "muted": False}]  # type: ignore[dict-item]  # JSON
    document = {"msisdn": NUMBER, "agreed": {}, "language": "en", "holds": holds}
    gateway.on(f"GET /v1/lines/{NUMBER}/alerting", document)
    gateway.on(f"PUT /v1/lines/{NUMBER}/alerting", document)
    shown = linegate("usage", "alerting", NUMBER)
    assert (shown.code, "50.00 EUR" in shown.out, "80 %, 100 %" in shown.out) == (0, True, True)
    file = tmp_path / "agreed.json"
    file.write_text('{"language": "en"}', "utf-8")
    assert linegate("usage", "alerting", NUMBER, str(file), "--json").document == document
    assert gateway.asked[-1] == (f"PUT /v1/lines/{NUMBER}/alerting", {"language": "en"})
