"""What is stored survives, and keys are never found in clear on the disk."""

from __future__ import annotations

import json
import sqlite3
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag

from drivers.commands import Credentials
from hlr_sim.sealing import Sealer, kept_secret
from hlr_sim.store import HlrStore
from hlr_sim.subscribers import NetworkAccessMode, OdbOutgoing, Radio, Subscriber

KI, OPC = "00112233445566778899aabbccddeeff", "ffeeddccbbaa99887766554433221100"
ANNA = Subscriber(
    "208010000000001",
    "+33612345678",
    odb_outgoing=OdbOutgoing.BAOC,
    odb_hplmn=frozenset({1, 3}),
    access_restriction=frozenset({Radio.NR}),
    apns=frozenset({"internet"}),
    ambr_dl_kbit_s=512,
)
BORIS = Subscriber(
    "208010000000002",
    "+33612345679",
    ss_baoc_speech=True,
    ss_baic_speech=True,
    ss_baoc_sms=True,
    cug_no_outgoing_access=True,
    clir_permanent=True,
    cf_conditional="577",
)
#: what the first edition did not know of a subscriber
UNKNOWN_AT_FIRST = (
    "network_access_mode", "ss_baoc_speech", "ss_baic_speech", "ss_baoc_sms", "cug_no_outgoing_access",
    "clir_permanent", "cf_conditional",
)  # fmt: skip

#: how the first edition made its file; written down here because files made by it must open for ever
FIRST_EDITION = """
CREATE TABLE subscriber (
    imsi TEXT PRIMARY KEY, msisdn TEXT NOT NULL UNIQUE, data TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE auc (imsi TEXT PRIMARY KEY, sealed BLOB NOT NULL) STRICT, WITHOUT ROWID;
"""


def reopened(path: Path) -> HlrStore:
    return HlrStore(path / "orange.sqlite", Sealer(path))


def test_everything_is_there_after_reopening_without_a_close(tmp_path: Path) -> None:
    first = reopened(tmp_path)
    first.put(ANNA)
    first.put(BORIS)
    first.put_keys(ANNA.imsi, Credentials(KI, OPC))
    second = reopened(tmp_path)
    assert second.find(ANNA.imsi) == ANNA
    assert second.find(BORIS.imsi) == BORIS
    assert second.owner(ANNA.msisdn) == ANNA.imsi
    assert second.keys(ANNA.imsi) == Credentials(KI, OPC)
    assert len(second) == 2
    first.close()
    second.close()


def test_a_change_of_imsi_is_one_row_moved(tmp_path: Path) -> None:
    store = reopened(tmp_path)
    store.put(ANNA)
    moved = Subscriber("208010000000002", ANNA.msisdn)
    store.put(moved, instead_of=ANNA)
    again = reopened(tmp_path)
    for held in (store, again):
        assert held.find(ANNA.imsi) is None
        assert held.find(moved.imsi) == moved
        assert held.owner(moved.msisdn) == moved.imsi
        held.close()


def test_what_was_removed_stays_removed(tmp_path: Path) -> None:
    store = reopened(tmp_path)
    store.put(ANNA)
    store.put_keys(ANNA.imsi, Credentials(KI))
    store.remove(ANNA)
    assert store.has_keys(ANNA.imsi)
    store.remove_keys(ANNA.imsi)
    store.close()
    store = reopened(tmp_path)
    assert (len(store), store.owner(ANNA.msisdn), store.has_keys(ANNA.imsi)) == (0, None, False)
    store.close()


def test_keys_are_nowhere_in_clear(tmp_path: Path) -> None:
    store = reopened(tmp_path)
    store.put_keys(ANNA.imsi, Credentials(KI, OPC))
    written = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    store.close()
    for secret in (KI, OPC):
        assert secret.encode() not in written
        assert bytes.fromhex(secret) not in written


def test_sealed_keys_open_for_their_own_imsi_only(tmp_path: Path) -> None:
    sealer = Sealer(tmp_path)
    sealed = sealer.seal(ANNA.imsi, Credentials(KI))
    assert sealer.open(ANNA.imsi, sealed) == Credentials(KI)
    with pytest.raises(InvalidTag):
        sealer.open("208010000000002", sealed)


def test_secret_files_are_made_once_and_private(tmp_path: Path) -> None:
    (tmp_path / "a.new").write_bytes(b"left by a crash")
    assert kept_secret(tmp_path / "a", lambda: b"first") == b"first"
    assert kept_secret(tmp_path / "a", lambda: b"second") == b"first"
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o600


def an_old_file(path: Path) -> None:
    """Anna and her keys as the first edition kept them."""
    old = {name: value for name, value in ANNA.as_json().items() if name not in UNKNOWN_AT_FIRST}
    database = sqlite3.connect(path / "orange.sqlite")
    database.executescript(FIRST_EDITION)
    database.execute("INSERT INTO subscriber VALUES (?, ?, ?)", (ANNA.imsi, ANNA.msisdn, json.dumps(old)))
    database.execute("INSERT INTO auc VALUES (?, ?)", (ANNA.imsi, Sealer(path).seal(ANNA.imsi, Credentials(KI, OPC))))
    database.commit()
    database.close()


def test_a_file_of_the_first_edition_goes_on_where_it_was(tmp_path: Path) -> None:
    an_old_file(tmp_path)
    store = reopened(tmp_path)
    assert store.find(ANNA.imsi) == ANNA
    assert ANNA.network_access_mode is NetworkAccessMode.PACKET_AND_CIRCUIT
    assert store.keys(ANNA.imsi) == Credentials(KI, OPC)
    numberless = [Subscriber(f"20801000000000{n}", None) for n in (5, 6)]
    for one in numberless:
        store.put(one)
    store.close()
    store = reopened(tmp_path)  # and once more: it is of the last edition now
    assert store.imsis("") == [ANNA.imsi, *(one.imsi for one in numberless)]
    assert store.owner(ANNA.msisdn) == ANNA.imsi
    store.close()


def test_an_old_file_that_cannot_be_brought_on_is_left_as_it_was(tmp_path: Path) -> None:
    an_old_file(tmp_path)
    other = sqlite3.connect(tmp_path / "orange.sqlite")
    other.execute("CREATE TABLE numbered (x)")  # in the way of the second edition
    other.commit()
    with pytest.raises(sqlite3.OperationalError):
        reopened(tmp_path)
    other.execute("DROP TABLE numbered")
    other.commit()
    other.close()
    store = reopened(tmp_path)
    assert store.find(ANNA.imsi) == ANNA
    store.close()


def test_many_may_be_without_a_number_but_no_two_have_the_same(tmp_path: Path) -> None:
    store = reopened(tmp_path)
    anna, boris = Subscriber("208010000000001", None), Subscriber("208010000000002", None)
    store.put(anna)
    store.put(boris)
    assert store.owner(None) is None
    numbered = replace(anna, msisdn=ANNA.msisdn)
    store.put(numbered, instead_of=anna)
    with pytest.raises(sqlite3.IntegrityError):
        store.put(replace(boris, msisdn=ANNA.msisdn), instead_of=boris)
    store.put(replace(numbered, msisdn=None), instead_of=numbered)
    assert store.owner(ANNA.msisdn) is None
    store.put(replace(boris, msisdn=ANNA.msisdn), instead_of=boris)
    store.close()
    again = reopened(tmp_path)
    assert again.owner(ANNA.msisdn) == boris.imsi
    again.close()


def test_a_subscriber_and_its_keys_go_together_or_not_at_all(tmp_path: Path) -> None:
    store = reopened(tmp_path)
    store.put(ANNA)
    store.put_keys(ANNA.imsi, Credentials(KI))
    other = sqlite3.connect(tmp_path / "orange.sqlite")
    other.execute("CREATE TRIGGER no BEFORE DELETE ON auc BEGIN SELECT RAISE(ABORT, 'no'); END")
    other.commit()
    with pytest.raises(sqlite3.IntegrityError):
        store.remove_with_keys(ANNA)
    assert (store.find(ANNA.imsi), store.has_keys(ANNA.imsi)) == (ANNA, True)
    again = reopened(tmp_path)
    assert (again.find(ANNA.imsi), again.has_keys(ANNA.imsi)) == (ANNA, True)
    again.close()
    other.execute("DROP TRIGGER no")
    other.commit()
    other.close()
    store.remove_with_keys(ANNA)
    assert (store.find(ANNA.imsi), store.has_keys(ANNA.imsi)) == (None, False)
    store.close()
