"""How long what has ended stays: read from the configuration, every mistake named."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.contract.table import ConfigError, Table
from gateway.retention import RetentionSettings, read_retention
from gateway.settings import config_directory, read_settings


def test_what_is_shipped_is_what_is_usual() -> None:
    assert read_settings(config_directory(None), Path("unused")).retention == RetentionSettings(400, 90)


def test_nothing_said_is_what_is_usual() -> None:
    assert read_retention(Table("linegate.toml", {})) == RetentionSettings()


def test_days_are_read() -> None:
    said = read_retention(Table("linegate.toml", {"orders_days": 0, "keys_days": 7}))
    assert said == RetentionSettings(orders_days=0, keys_days=7)


@pytest.mark.parametrize("name", ["orders_days", "keys_days"])
@pytest.mark.parametrize("wrong", [-1, 40_000, "long"])
def test_no_number_of_days_is_told_by_name(name: str, wrong: object) -> None:
    table = Table("linegate.toml", {name: wrong})
    read_retention(table)
    with pytest.raises(ConfigError, match=name):
        table.finish()
