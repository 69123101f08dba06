"""``linegate loss``, ``linegate bulk`` and ``linegate handset`` from a terminal: bodies as REST takes them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Linegate
from tests.cli.scripted import Scripted, serving

NUMBER, ID, IMEI = "+33699000001", "0" * 31 + "1", "353879234252633"
TAKEN = {"id": ID, "external_id": None, "state": "awaiting_approval", "total": 2, "href": f"/v1/bulk-orders/{ID}"}
BY = {"who": "anna", "channel": "cli"}
BULK = {
    "id": ID,
    "external_id": None,
    "action": "terminate",
    "details": {},
    "state": "ended",
    "total": 2,
    "counts": {"completed": 1, "refused": 1},
    "requested_by": BY,
    "accepted_at": "2026-11-22T12:00:00+00:00",
    "decided_by": {"who": "bert", "channel": "cli"},
    "decided_at": "2026-11-22T12:05:00+00:00",
    "placed_at": "2026-11-22T12:05:01+00:00",
}
ITEMS = [
    {"n": 0, "line": {"msisdn": NUMBER}, "state": "completed", "order_id": ID, "href": "/v1/…", "problem": None},
    {
        "n": 1,
        "line": {"imsi": "208010000000001"},
        "state": "refused",
        "order_id": None,
        "href": None,
        "problem": {"detail": "there is no line"},
    },
]
HANDSET = {
    "imei": IMEI,
    "state": "blocking",
    "reason": "stolen",
    "reference": None,
    "requested_by": BY,
    "asked_at": "2026-11-22T12:00:00+00:00",
    "confirmed_at": None,
    "elements": [{"element": "eir", "state": "open", "code": None, "text": None, "at": None}],
}


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch, linegate: Linegate) -> Iterator[Scripted]:
    del linegate  # first: it clears the environment
    scripted = Scripted()
    with serving(scripted) as url:
        monkeypatch.setenv("LINEGATE_URL", url)
        yield scripted


def test_lost_lines_are_reported_in_one_body(linegate: Linegate, gateway: Scripted) -> None:
    answer = {"id": ID, "items": [{"line": {"msisdn": NUMBER}, "id": ID, "state": "acknowledged", "href": "/v1/…"}]}
    gateway.on("POST /v1/loss-reports", answer, status=202)
    told = linegate(
        "loss", "stolen", "--msisdn", NUMBER, "--imsi", "208010000000001", "--external-id", "TEL-1", "--json"
    )
    assert (told.code, told.document) == (0, answer)
    body = gateway.asked[0][1]
    assert body.pop("requested_by")["channel"] == "cli"
    assert body == {
        "reason": "stolen",
        "lines": [{"msisdn": NUMBER}, {"imsi": "208010000000001"}],
        "external_id": "TEL-1",
    }


def test_a_line_that_was_not_taken_is_told_to_scripts(linegate: Linegate, gateway: Scripted) -> None:
    item = {"line": {"msisdn": NUMBER}, "problem": {"detail": "there is no line with that number"}}
    gateway.on("POST /v1/loss-reports", {"id": ID, "items": [item]}, status=202)
    told = linegate("loss", "lost", "--msisdn", NUMBER)
    assert told.code == 1
    assert f"msisdn {NUMBER}: there is no line with that number" in told.err


@pytest.mark.parametrize(
    "words",
    [
        ("gone", "--msisdn", NUMBER),
        ("lost",),
        ("lost", "--msisdn", NUMBER, "--msisdn", "+33699000002", "--imei", IMEI),
    ],
)
def test_wrong_use_is_said_before_anything_is_sent(
    linegate: Linegate, gateway: Scripted, words: tuple[str, ...]
) -> None:
    assert linegate("loss", *words).code == 2
    assert gateway.asked == []


def test_a_handset_goes_with_its_line(linegate: Linegate, gateway: Scripted) -> None:
    gateway.on("POST /v1/loss-reports", {"id": ID, "items": []}, status=202)
    linegate("loss", "stolen", "--msisdn", NUMBER, "--imei", IMEI)
    assert gateway.asked[0][1]["lines"] == [{"msisdn": NUMBER, "imei": IMEI}]


def test_a_list_is_one_bulk_order(linegate: Linegate, gateway: Scripted, tmp_path: Path) -> None:
    gateway.on("POST /v1/bulk-orders", TAKEN, status=202)
    rows = tmp_path / "lines.txt"
    rows.write_text(f"{NUMBER}\n\n  +33699000002  \n", "utf-8")
    told = linegate("bulk", "submit", "suspend", str(rows), "--details", '{"reason": "fraud"}', "--note", "case 9")
    assert (told.code, ID in told.out, "awaiting_approval" in told.out) == (0, True, True)
    body = gateway.asked[0][1]
    assert body.pop("requested_by")["channel"] == "cli"
    lines = [{"msisdn": NUMBER}, {"msisdn": "+33699000002"}]
    assert body == {"action": "suspend", "details": {"reason": "fraud"}, "lines": lines, "note": "case 9"}


def test_lists_that_name_nothing_are_wrong_use(linegate: Linegate, gateway: Scripted, tmp_path: Path) -> None:
    rows = tmp_path / "lines.txt"
    rows.write_text("\n", "utf-8")
    codes = [
        linegate("bulk", "submit", "suspend", str(rows)).code,
        linegate("bulk", "submit", "suspend", str(tmp_path / "absent")).code,
        linegate("bulk", "submit", "suspend", str(rows), "--details", "{").code,
        linegate("bulk", "submit", "suspend", str(rows), "--by", "name").code,
    ]
    assert (codes, gateway.asked) == ([2, 2, 2, 2], [])


def test_a_bulk_order_is_shown_with_its_lines(linegate: Linegate, gateway: Scripted) -> None:
    gateway.on(f"GET /v1/bulk-orders/{ID}?limit=20", {**BULK, "items": ITEMS, "next": "1"})
    told = linegate("bulk", "show", ID)
    assert told.code == 0
    for word in (NUMBER, "there is no line", "ended", "bert", "--cursor 1"):
        assert word in told.out


def test_the_second_person_decides(linegate: Linegate, gateway: Scripted) -> None:
    for verb in ("approve", "reject"):
        gateway.on(f"POST /v1/bulk-orders/{ID}/{verb}", BULK)
        assert linegate("bulk", verb, ID).code == 0
    assert [body["requested_by"]["channel"] for _, body in gateway.asked] == ["cli", "cli"]


def test_those_that_wait_are_listed(linegate: Linegate, gateway: Scripted) -> None:
    gateway.on("GET /v1/bulk-orders?state=awaiting_approval", {"items": [BULK], "next": None})
    told = linegate("bulk", "list", "--state", "awaiting_approval")
    assert (told.code, ID in told.out) == (0, True)


def test_handsets_are_kept_out_and_let_in(linegate: Linegate, gateway: Scripted) -> None:
    for verb in ("block", "unblock"):
        gateway.on(f"POST /v1/handsets/{IMEI}/{verb}", HANDSET, status=202)
    gateway.on(f"GET /v1/handsets/{IMEI}", HANDSET)
    gateway.on("GET /v1/handsets?limit=200", {"items": [HANDSET], "next": None})
    outputs = [
        linegate("handset", "block", IMEI, "--reason", "stolen", "--reference", "PV 12"),
        linegate("handset", "unblock", IMEI),
        linegate("handset", "show", IMEI),
        linegate("handset", "list"),
    ]
    assert [(told.code, IMEI in told.out) for told in outputs] == [(0, True)] * 4
    assert (gateway.asked[0][1]["reason"], gateway.asked[0][1]["reference"]) == ("stolen", "PV 12")
