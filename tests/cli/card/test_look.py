"""Looking at readers, cards and the station: nothing is written, no try is spent."""

from __future__ import annotations

import contextlib
import socket
from pathlib import Path

import pytest

from tests.cli.card.cards import ADM, ICCIDS, KI, Table
from tests.cli.card.conftest import Card


def test_every_reader_tells_its_card_or_why_not(card: Card, table: Table) -> None:
    ended = card("readers", "--reader", table.put(), "--reader", "vpcd:127.0.0.1:0", "--json")
    full, empty = ended.document["items"]
    assert (ended.code, full["card"], full["model"]) == (0, True, "sja2")
    assert full["atr"].startswith("3B")
    assert (empty["card"], empty["model"], "no card" in empty["why"]) == (False, None, True)


def test_readers_are_taken_from_the_environment_too(card: Card, table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    readers = (table.put(ICCIDS[0]), table.put(ICCIDS[1], "sjs1"))
    monkeypatch.setenv("LINEGATE_READER", ";".join(readers))
    assert [one["model"] for one in card("readers", "--json").document["items"]] == ["sja2", "sjs1"]
    several = card("info")
    assert (several.code, "--reader" in several.err) == (2, True)


def test_info_tells_numbers_counters_and_files_and_spends_nothing(card: Card, table: Table) -> None:
    reader = table.put()
    told = card("info", "--reader", reader, "--json").document
    assert (told["iccid"], told["imsi"], told["model"]) == (ICCIDS[0], None, "sja2")
    assert told["counters"]["ADM1"] == {"tries": 3, "satisfied": False}
    assert told["counters"]["PUK1"]["tries"] == 10
    contents = {one["path"]: one for one in told["contents"]}
    assert contents["3F00/2FE2"]["hex"] == "983310090000000010F1"
    assert "PIN1" in contents["ADF.USIM/6F07"]["why"]
    assert [table.card().tries(key) for key in (0x01, 0x81, 0x0A)] == [3, 3, 3]


def test_info_with_the_pin_gives_files_a_job_takes(card: Card, table: Table) -> None:
    reader = table.put()
    assert card("apply", table.job, "--cards", table.cards, "--reader", reader).code == 0
    told = card("info", "--pin", "--cards", table.cards, "--reader", reader, "--json").document
    assert told["imsi"] == "208019900000001"
    assert told["files"]["EF.SPN"]["name"] == "Technicophone"
    assert told["files"]["EF.SMSP"] == {"service_centre": "+33609001390"}
    assert not {"EF.IMSI", "EF.ICCID", "EF.Keys"} & set(told["files"])


def test_session_keys_are_never_shown(card: Card, table: Table) -> None:
    told = card("info", "--pin", "--cards", table.cards, "--reader", table.put(), "--json").document
    keys = [one for one in told["contents"] if one["file"] in ("EF.Keys", "EF.KeysPS", "EF.Kc")]
    assert keys
    assert all(set(one["hex"]) == {"*"} for one in keys)


def test_people_see_info_as_tables(card: Card, table: Table) -> None:
    ended = card("info", "--reader", table.put())
    assert ended.code == 0
    for word in ("tries left", "ADM1", "EF.ICCID", ICCIDS[0], "asks for PIN1: say --pin"):
        assert word in ended.out


def test_doctor_says_what_is_wrong_with_a_station(card: Card, station: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINEGATE_READER", "virtual:a.json?image=b.toml")
    well = card("doctor", "--json")
    assert (well.code, well.document["healthy"]) == (0, True)
    checks = {one["check"] for one in well.document["findings"]}
    assert {"station", "attempt ledger", "outbox", "card profiles", "core files", "readers"} <= checks
    station.chmod(0o755)
    (station / "station.key").write_bytes(b"short")
    ill = card("doctor", "--json")
    wrong = {one["check"] for one in ill.document["findings"] if one["verdict"] == "fail"}
    assert (ill.code, wrong) == (1, {"station", "attempt ledger"})


def test_a_ledger_that_cannot_be_used_keeps_every_key_back(card: Card, table: Table, station: Path) -> None:
    station.mkdir()
    (station / "station.key").write_bytes(b"short")
    ended = card("apply", table.job, "--cards", table.cards, "--reader", table.put())
    assert (ended.code, "station.key" in ended.err) == (2, True)


def test_traffic_is_shown_live_without_any_secret(card: Card, table: Table) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(0.2)
        live = f"127.0.0.1:{listener.getsockname()[1]}"
        apply = ("apply", table.job, "--cards", table.cards, "--reader", table.put(), "--gsmtap")
        assert card(*apply, live).code == 0
        packets = []
        with contextlib.suppress(TimeoutError):
            while True:
                packets.append(listener.recv(4096))
        assert len(packets) > 20
        assert all(packet[:3] == bytes((2, 4, 4)) for packet in packets)
        assert not any(ADM.encode() in packet or bytes.fromhex(KI) in packet for packet in packets)
        wrong = card(*apply, "nowhere:0")
        assert (wrong.code, "--gsmtap" in wrong.err) == (2, True)


def test_the_trace_of_the_day_is_kept_for_its_owner_alone(card: Card, table: Table, station: Path) -> None:
    assert card("apply", table.job, "--cards", table.cards, "--reader", table.put()).code == 0
    (trace,) = (station / "trace").iterdir()
    assert trace.stat().st_mode & 0o777 == 0o600
    assert '"masking": "a PIN, PUK or ADM"' in trace.read_text()
    assert station.stat().st_mode & 0o777 == 0o700
