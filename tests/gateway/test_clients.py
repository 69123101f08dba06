"""Clients, rights and bulk orders in the configuration: what is wrong is named with file and key."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gateway.clients import Right
from gateway.contract.table import ConfigError
from gateway.settings import Settings, config_directory, read_settings

SHOP = '[api_tokens.clients.shop]\ntoken_env = "LINEGATE_SHOP"\nchannels = ["shop"]\nmay = ["order", "read"]\n'


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return Path(shutil.copytree(config_directory(None), tmp_path / "config"))


def _with(directory: Path, text: str, file: str = "linegate.toml") -> Settings:
    path = directory / file
    path.write_text(f"{path.read_text('utf-8')}\n{text}", "utf-8")
    return read_settings(directory, directory / "data")


def _mistakes(directory: Path, text: str, file: str = "linegate.toml") -> str:
    with pytest.raises(ConfigError) as error:
        _with(directory, text, file)
    return str(error.value)


def test_a_client_has_its_token_from_the_environment(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINEGATE_SHOP", "fake-shop-token")
    settings = _with(directory, SHOP)
    (client,) = settings.clients
    assert (client.name, client.channels) == ("shop", ("shop",))
    assert client.may == {Right.ORDER, Right.READ}
    assert client.token == "fake-shop-token"
    assert "fake-shop-token" not in repr(settings)


@pytest.mark.parametrize("value", [None, ""])
def test_a_missing_or_empty_token_is_no_token(
    directory: Path, monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    monkeypatch.delenv("LINEGATE_SHOP", raising=False)
    if value is not None:
        monkeypatch.setenv("LINEGATE_SHOP", value)
    assert [client.token for client in _with(directory, SHOP).clients] == [None]


def test_what_is_shipped_names_no_client_and_keeps_terminations_for_two(directory: Path) -> None:
    settings = read_settings(directory, directory / "data")
    assert settings.clients == ()
    assert settings.bulk.needs_second_person == {"terminate"}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (('channels = ["shop"]', "channels = []"), "api_tokens.clients.shop.channels"),
        (('channels = ["shop"]', 'channels = ["clock"]'), "api_tokens.clients.shop.channels"),
        (('may = ["order", "read"]', 'may = ["everything"]'), "api_tokens.clients.shop.may"),
        (('token_env = "LINEGATE_SHOP"', ""), "api_tokens.clients.shop.token_env"),
        (('token_env = "LINEGATE_SHOP"', 'token = "oops"'), "api_tokens.clients.shop.token"),
    ],
)
def test_a_mistake_in_a_client_is_named(directory: Path, change: tuple[str, str], named: str) -> None:
    said = _mistakes(directory, SHOP.replace(*change))
    assert f"linegate.toml: {named}:" in said
    assert "oops" not in said


def test_one_token_is_not_for_two(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINEGATE_SHOP", "fake-shop-token")
    said = _mistakes(directory, SHOP + SHOP.replace("clients.shop", "clients.other"))
    assert "linegate.toml: api_tokens.clients.other.token_env: holds the same token as shop's" in said
    assert "fake-shop-token" not in said


def test_no_client_has_the_administrators_token(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LINEGATE_SHOP", "LINEGATE_TOKEN"):
        monkeypatch.setenv(name, "fake-token")
    assert "as the administrator's" in _mistakes(directory, SHOP)


def test_a_second_person_is_needed_for_actions_there_are(directory: Path) -> None:
    path = directory / "linegate.toml"
    path.write_text(
        path.read_text("utf-8").replace('needs_second_person = ["terminate"]', 'needs_second_person = ["fly"]')
    )
    assert "linegate.toml: bulk.needs_second_person: 'fly' is not one of" in _mistakes(directory, "")


@pytest.mark.parametrize(
    ("rule", "named"),
    [
        ('[rights.x]\nactions = ["fly"]\nsource = "s"', "rights.x.actions: 'fly'"),
        ('[rights.x]\nactions = ["suspend"]\nlifts = ["customer"]\nsource = "s"', "rights.x.lifts"),
        ('[rights.x]\nlifts = ["weather"]\nsource = "s"', "rights.x.lifts"),
        ('[rights.clock]\nactions = ["suspend"]\nsource = "s"', "rights.clock.actions"),
        ('[rights.x]\nactions = ["suspend"]', "rights.x.source"),
    ],
)
def test_a_mistake_in_a_right_is_named(directory: Path, rule: str, named: str) -> None:
    assert f"contracts/technicophone.toml: {named}" in _mistakes(directory, rule, "contracts/technicophone.toml")
