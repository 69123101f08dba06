"""Configuration as a whole: every file's mistakes with file and key, secrets from their places and never shown."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from gateway.contract.table import ConfigError
from gateway.settings import config_directory, read_settings

SECRETS = {
    "LINEGATE_TOKEN": "fake-admin-token",
    "LINEGATE_VAULT_KEY": "ZmFrZSBrZXkgZmFrZSBrZXkgZmFrZSBrZXkgZmFrZTA=",
    "LINEGATE_ORANGE_PASSWORD": "fake-orange",
    "LINEGATE_ORANGE_SSH_PASSWORD": "fake-ssh",
    "LINEGATE_SFR_PASSWORD": "fake-sfr",
    "LINEGATE_SMSC_PASSWORD": "fakesmsc",
}


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return Path(shutil.copytree(config_directory(None), tmp_path / "config"))


def _change(file: Path, pattern: str, new: str) -> None:
    text, count = re.subn(pattern, new, file.read_text("utf-8"), count=1, flags=re.MULTILINE)
    assert count == 1, pattern
    file.write_text(text, "utf-8")


def _mistakes(directory: Path) -> str:
    with pytest.raises(ConfigError) as error:
        read_settings(directory, directory / "data")
    return str(error.value)


def test_the_configuration_as_shipped_is_right(directory: Path) -> None:
    settings = read_settings(directory, directory / "data")
    hosts = {"orange", "sfr", "cmi", "opt-nc", "orange-mayotte", "monaco-telecom"}
    assert set(settings.topology.elements) == hosts | {"npc", "eir", "smsc"}
    orange = settings.topology.elements["orange"]
    assert (orange.transport, orange.limits.window, orange.manners.pace.window) == ("ssh", 32, 32)
    assert settings.vault_key_file == directory / "data" / "vault.key"


@pytest.mark.parametrize(("written", "needed"), [("true", True), ("false", False), (None, False)])
def test_a_puk_needs_a_second_person_only_if_told_so(directory: Path, written: str | None, *, needed: bool) -> None:
    new = "" if written is None else f"puk_needs_second_person = {written}"
    _change(directory / "linegate.toml", r"^puk_needs_second_person = false.*", new)
    assert read_settings(directory, directory / "data").sims.puk_needs_second_person is needed


def test_secrets_come_from_the_environment_and_are_never_shown(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    settings = read_settings(directory, directory / "data")
    found = [settings.admin_token, settings.vault_key, settings.topology.elements["orange"].password]
    assert found == ["fake-admin-token", SECRETS["LINEGATE_VAULT_KEY"], "fake-orange"]
    assert settings.topology.elements["orange"].ssh_password == "fake-ssh"
    assert not [value for value in SECRETS.values() if value in repr(settings) + str(settings)]


@pytest.mark.parametrize(
    ("file", "pattern", "new", "named"),
    [
        ("linegate.toml", r'^spec = "1"', 'spec = "9"', "spec"),
        ("linegate.toml", r'^spec = "1"', "", "spec"),
        ("linegate.toml", r"^max_body_bytes = 65536", "max_body_bytes = 10", "api.max_body_bytes"),
        ("linegate.toml", r"^max_body_bytes = 65536", 'max_body_bytes = "big"', "api.max_body_bytes"),
        ("linegate.toml", r"^lines_at_once = 64", "lines_at_once = 0", "engine.lines_at_once"),
        ("linegate.toml", r"^lines_at_once = 64", "lines_at_once = true", "engine.lines_at_once"),
        ("elements.toml", r"^window = 32", "window = 32\nretry.busy.min_s = 0", "elements.orange.retry.busy.min_s"),
        ("elements.toml", r"^window = 32", "window = 32\nretry.busy.min_s = 60", "elements.orange.retry.busy.min_s"),
        ("elements.toml", r"^window = 10", "window = 10\nretry.busy.min_s = 1", "elements.smsc.retry"),
        ("elements.toml", r"^window = 10", 'window = 10\nesme.binding = "telex"', "elements.smsc.esme.binding"),
        (
            "elements.toml",
            r"^window = 10",
            "window = 10\nesme.reconnect_min_s = 99",
            "elements.smsc.esme.reconnect_min_s",
        ),
        ("elements.toml", r"^window = 10", 'window = 10\nesme.throttling = ["88"]', "elements.smsc.esme.throttling"),
        ("elements.toml", r"^window = 10", 'window = 10\nesme.vendor_tlvs.x = "y"', "elements.smsc.esme.vendor_tlvs.x"),
        ("elements.toml", r'^dialect = "smpp"', 'dialect = "cai"', "elements.smsc.dialect"),
        ("linegate.toml", r"^\[engine\]", "[engine]\ncolour = 1", "engine.colour"),
        (
            "linegate.toml",
            r"^puk_needs_second_person = false",
            "puk_needs_second_person = 1",
            "sims.puk_needs_second_person",
        ),
        ("linegate.toml", r"^max_reports_bytes = 1048576", "max_reports_bytes = 9", "sims.max_reports_bytes"),
        ("linegate.toml", r"^max_reports_bytes = 1048576", "colour = 1", "sims.colour"),
        ("linegate.toml", r"^admin_env = .*", "", "api_tokens.admin_env"),
        ("linegate.toml", r"^\[vault\]", "[cellar]", "vault"),
        ("elements.toml", r'^spec = "1"', 'spec = "9"', "spec"),
        ("elements.toml", r'^dialect = "mml_h"', 'dialect = "klingon"', "elements.orange.dialect"),
        ("elements.toml", r'^transport = "ssh"', 'transport = "pigeon"', "elements.orange.transport"),
        ("elements.toml", r"^port = 7776", "port = 0", "elements.orange.port"),
        ("elements.toml", r"^port = 7776", "port = 70000", "elements.orange.port"),
        ("elements.toml", r'^user = "linegate"', "", "elements.orange.user"),
        ("elements.toml", r"^window = 32", "window = 65", "elements.orange.window"),
        ("elements.toml", r"^window = 32", "window = 0", "elements.orange.window"),
        ("elements.toml", r"^sessions = 1", "sessions = 0", "elements.orange.sessions"),
        ("elements.toml", r"^answer_timeout_s = 3", "answer_timeout_s = -1", "elements.orange.answer_timeout_s"),
        ("elements.toml", r"^hlr_sn = 1", 'hlr_sn = "x"', "elements.orange.dialect_options"),
        ("elements.toml", r"^hlr_sn = 1", "colour = 1", "elements.orange.dialect_options"),
        ("elements.toml", r'^role = "hlr"', 'role = "oracle"', "elements.orange.role"),
        (
            "elements.toml",
            r'^ssh_user = "linegate"',
            'ssh_user = "linegate"\nssh_pass = "x"',
            "elements.orange.ssh_pass",
        ),
        ("contracts/technicophone.toml", r'^element = "orange"', 'element = "telex"', "hosts.orange.element"),
        ("contracts/technicophone.toml", r'^element = "orange"', 'element = "smsc"', "hosts.orange.element"),
        ("alerts/technicophone.toml", r'^spec = "1"', 'spec = "9"', "spec"),
        ("alerts/technicophone.toml", r"^suspend = ", "dance = ", "confirm.fr.dance"),
        ("alerts/technicophone.toml", r"^suspend = .*", "suspend = 7", "confirm.fr.suspend"),
        ("alerts/technicophone.toml", r"^suspend = .*", f'suspend = "{"x" * 161}"', "confirm.fr.suspend"),
        ("alerts/technicophone.toml", r"^suspend = .*", f'suspend = "{"ê" * 71}"', "confirm.fr.suspend"),
        ("alerts/technicophone.toml", r"^suspend = .*", f'suspend = "{"[" * 81}"', "confirm.fr.suspend"),
    ],
)
def test_a_mistake_is_told_with_file_and_key(directory: Path, file: str, pattern: str, new: str, named: str) -> None:
    _change(directory / file, pattern, new)
    text = _mistakes(directory)
    assert Path(file).name in text
    assert named in text


@pytest.mark.parametrize("file", ["linegate.toml", "elements.toml", "contracts/technicophone.toml"])
@pytest.mark.parametrize("content", [b"spec = ", b"\xff\xfe"])
def test_a_file_that_is_no_toml_is_named(directory: Path, file: str, content: bytes) -> None:
    (directory / file).write_bytes(content)
    assert f"{Path(file).name}: is not TOML" in _mistakes(directory)


@pytest.mark.parametrize("file", ["linegate.toml", "elements.toml"])
def test_a_missing_file_is_named(directory: Path, file: str) -> None:
    (directory / file).unlink()
    assert f"{file}: cannot be read" in _mistakes(directory)


def test_a_file_named_unlike_its_contract_is_no_second_contract(directory: Path) -> None:
    contracts = directory / "contracts"
    shutil.copy(contracts / "technicophone.toml", contracts / "technicophone-old.toml")
    assert "technicophone-old.toml" in _mistakes(directory)


def test_contracts_may_live_elsewhere(directory: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    (directory / "contracts").rename(elsewhere)
    assert "technicophone" in read_settings(directory, tmp_path, contracts=elsewhere).contracts
    assert not read_settings(directory, tmp_path).contracts


def test_the_directory_is_the_one_given_else_the_one_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINEGATE_CONFIG", str(tmp_path))
    assert config_directory(None) == tmp_path
    assert config_directory(tmp_path / "other") == tmp_path / "other"
    monkeypatch.delenv("LINEGATE_CONFIG")
    assert (config_directory(None) / "linegate.toml").is_file()
