"""The station's trace, shown, converted and sent on: which card it was, what was meant, and never a key."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import struct
import time
from pathlib import Path

import pytest

from tests.cli.card.delivered import Delivery, told_by, typed
from tests.cli.conftest import Ended, Linegate, Start

PCAP_HEADER = 24


@pytest.fixture
def delivery(tmp_path: Path) -> Delivery:
    return Delivery.into(tmp_path)


@pytest.fixture
def worked(linegate: Linegate, delivery: Delivery, tmp_path: Path) -> Path:
    """A station at which two cards were treated."""
    station = tmp_path / "station"
    for number in (1, 2):
        ended = linegate(
            *("card", "pin", "verify", "--reader", delivery.put(number)),
            *("--cards", delivery.file, "--station", str(station)),
        )
        assert ended.code == 0
    with typed(delivery.cards[0].puk1, "4321"):
        arguments = ("--typed-puk-fd", "0", "--new-pin-fd", "0", "--station", str(station))
        assert linegate("card", "pin", "unblock", "--reader", delivery.put(1), *arguments).code == 0
    return station


def trace(linegate: Linegate, station: Path, *arguments: str) -> Ended:
    return linegate("card", "trace", "--station", str(station), *arguments)


def test_every_exchange_is_told_in_words_with_its_card(linegate: Linegate, worked: Path, delivery: Delivery) -> None:
    told = trace(linegate, worked, "--json").document["exchanges"]
    assert {one["iccid"] for one in told} == {one.iccid for one in delivery.cards[:2]}
    meanings = [one["meaning"] for one in told]
    assert "VERIFY PIN1, asking only: 3 tries left" in meanings
    assert "UNBLOCK PIN1: done" in meanings
    only = trace(linegate, worked, "--iccid", delivery.cards[1].iccid, "--last", "4", "--json").document["exchanges"]
    assert ([one["iccid"] for one in only], only[-1]["meaning"]) == ([delivery.cards[1].iccid] * 4, "VERIFY PIN1: done")
    drawn = trace(linegate, worked, "--reader", "CARD2")
    assert (drawn.code, "VERIFY PIN1" in drawn.out, delivery.cards[0].iccid in drawn.out) == (0, True, False)


def test_no_key_is_in_anything_that_is_shown_or_kept(linegate: Linegate, worked: Path, delivery: Delivery) -> None:
    shown = trace(linegate, worked, "--json").out + trace(linegate, worked).out + told_by(worked.rglob("*"))
    pins = [one.pin1.encode().hex().upper() + "FFFFFFFF" for one in delivery.cards]
    for secret in (*delivery.secrets, *pins):
        assert secret not in shown
        assert secret not in shown.upper()
    assert re.search(r"0020000108(\*\*){8}", shown)
    assert re.search(r"002C000110(\*\*){16}", shown)


def test_a_pcap_file_has_every_exchange_and_no_key(
    linegate: Linegate, worked: Path, delivery: Delivery, tmp_path: Path
) -> None:
    file = tmp_path / "cards.pcap"
    ended = trace(linegate, worked, "--pcap", str(file), "--json")
    content, count, at = file.read_bytes(), 0, PCAP_HEADER
    while at < len(content):
        at += 16 + struct.unpack_from("<I", content, at + 8)[0]
        count += 1
    assert (ended.code, count, at) == (0, len(ended.document["exchanges"]), len(content))
    for one in delivery.cards:
        for secret in (one.puk1, one.pin1):
            assert secret.encode().ljust(8, b"\xff") not in content
    again = trace(linegate, worked, "--pcap", str(file))
    assert (again.code, file.read_bytes()) == (2, content)


def test_gsmtap_goes_to_who_listens(linegate: Linegate, worked: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(5)
        address = f"127.0.0.1:{listener.getsockname()[1]}"
        ended = trace(linegate, worked, "--gsmtap", address, "--last", "5", "--json")
        packets = [listener.recv(4096) for _ in range(5)]
    assert ended.code == 0
    sent = [bytes.fromhex(one["command"].replace("*", "2")[:8]) for one in ended.document["exchanges"]]
    assert [packet[16:20] for packet in packets] == sent


def test_it_follows_what_is_written_meanwhile(
    start: Start, linegate: Linegate, worked: Path, delivery: Delivery
) -> None:
    before = len(trace(linegate, worked, "--json").document["exchanges"])
    process = start(("card", "trace", "--follow", "--json", "--station", str(worked)))
    assert process.stdout is not None
    for _ in range(before):
        process.stdout.readline()
    status = ("card", "pin", "status", "--reader", delivery.put(3), "--station", str(worked))
    assert linegate(*status).code == 0
    until = time.monotonic() + 20
    told: dict[str, str] = {}
    while "UNBLOCK PIN2" not in told.get("meaning", "") and time.monotonic() < until:
        told = json.loads(process.stdout.readline())
    assert told["iccid"] == delivery.cards[2].iccid
    os.kill(process.pid, signal.SIGINT)
    assert process.wait(20) == 130


def test_without_a_trace_it_says_so(linegate: Linegate, worked: Path, tmp_path: Path) -> None:
    nothing = trace(linegate, tmp_path / "other")
    assert (nothing.code, "there is no trace" in nothing.err) == (4, True)
    other = trace(linegate, worked, "--date", "2001-01-01")
    assert (other.code, "there is one of" in other.err) == (4, True)
    wrong = trace(linegate, worked, "--date", "yesterday")
    assert (wrong.code, "2026-01-31" in wrong.err) == (2, True)
    next(worked.glob("trace/*.jsonl")).write_text("no trace\n")
    broken = trace(linegate, worked)
    assert (broken.code, "line 1" in broken.err) == (2, True)
