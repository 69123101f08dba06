"""The vault: what was sealed opens with its own key, for its own SIM and column, and nothing else opens it."""

from __future__ import annotations

import base64
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.subscription import Iccid
from gateway.stock.vault import KEY_BYTES, Vault, VaultError, load_key
from tests.gateway.cards import iccid

KEY, OTHER_KEY = bytes(range(32)), bytes(range(1, 33))
ONE, TWO = iccid(1), iccid(2)


@given(st.text(), st.sampled_from(["ki", "opc", "pin1", "adm1"]))
def test_what_was_sealed_opens_again(secret: str, column: str) -> None:
    vault = Vault(KEY)
    sealed = vault.seal(ONE, column, secret)
    assert vault.open(ONE, column, sealed) == secret
    assert sealed != vault.seal(ONE, column, secret)
    assert len(secret) < 4 or secret.encode() not in sealed


@pytest.mark.parametrize(
    ("key", "sim", "column"), [(OTHER_KEY, ONE, "ki"), (KEY, TWO, "ki"), (KEY, ONE, "opc"), (KEY, Iccid(""), "ki")]
)
def test_it_opens_for_nothing_else(key: bytes, sim: Iccid, column: str) -> None:
    sealed = Vault(KEY).seal(ONE, "ki", "5EC12E7" * 4)
    with pytest.raises(VaultError) as error:
        Vault(key).open(sim, column, sealed)
    assert "5EC12E7" not in str(error.value)


def test_altered_or_cut_at_any_byte_it_does_not_open() -> None:
    vault = Vault(KEY)
    sealed = vault.seal(ONE, "ki", "0123456789ABCDEF")
    for n in range(len(sealed)):
        for spoiled in (sealed[:n], sealed[:n] + bytes([sealed[n] ^ 1]) + sealed[n + 1 :]):
            with pytest.raises(VaultError):
                vault.open(ONE, "ki", spoiled)


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_key_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(VaultError, match="32 bytes"):
        Vault(bytes(length))


def test_it_shows_nothing_of_itself() -> None:
    vault = Vault(KEY)
    assert (repr(vault), str(vault)) == ("Vault(…)", "Vault(…)")
    assert not [name for name, value in vars(vault).items() if value == KEY or KEY.hex() in repr(value)]


def test_a_missing_key_file_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "data" / "vault.key"
    key = load_key(None, file)
    assert len(key) == KEY_BYTES
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert load_key(None, file) == key
    assert load_key("", file) == key


def test_two_vaults_never_get_the_same_key(tmp_path: Path) -> None:
    assert load_key(None, tmp_path / "a") != load_key(None, tmp_path / "b")


def test_the_environment_comes_before_the_file(tmp_path: Path) -> None:
    file = tmp_path / "vault.key"
    assert load_key(base64.b64encode(KEY).decode() + "\n", file) == KEY
    assert not file.exists()


@pytest.mark.parametrize("text", ["not base64!", "é", "AAA", "0123"])
def test_what_is_no_key_is_refused_without_repeating_it(tmp_path: Path, text: str) -> None:
    file = tmp_path / "vault.key"
    file.write_text(text, encoding="utf-8")
    for environment, where in ((text, file), (None, file)):
        with pytest.raises(VaultError) as error:
            Vault(load_key(environment, where))
        assert text not in str(error.value)


def test_an_empty_key_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "vault.key"
    file.write_bytes(b"")
    with pytest.raises(VaultError):
        Vault(load_key(None, file))
