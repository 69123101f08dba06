"""What is stored survives, and keys are never found in clear on the disk."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag

from drivers.commands import Credentials
from hlr_sim.sealing import Sealer, kept_secret
from hlr_sim.store import HlrStore
from hlr_sim.subscribers import OdbOutgoing, Radio, Subscriber

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


def reopened(path: Path) -> HlrStore:
    return HlrStore(path / "orange.sqlite", Sealer(path))


def test_everything_is_there_after_reopening_without_a_close(tmp_path: Path) -> None:
    first = reopened(tmp_path)
    first.put(ANNA)
    first.put_keys(ANNA.imsi, Credentials(KI, OPC))
    second = reopened(tmp_path)
    assert second.find(ANNA.imsi) == ANNA
    assert second.owner(ANNA.msisdn) == ANNA.imsi
    assert second.keys(ANNA.imsi) == Credentials(KI, OPC)
    assert len(second) == 1
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
