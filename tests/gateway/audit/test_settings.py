"""The table ``[audit]`` of linegate.toml: what it means, what it may leave out, and its mistakes by file and key."""

from __future__ import annotations

import re
import shutil
from datetime import time
from pathlib import Path

import pytest

from gateway.contract.table import ConfigError
from gateway.settings import AuditSettings, Nightly, config_directory, read_settings


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return Path(shutil.copytree(config_directory(None), tmp_path / "config"))


def _table(directory: Path, lines: str) -> None:
    file = directory / "linegate.toml"
    file.write_text(re.sub(r"\[audit\]\n(?:[^\[]*\n)*?\n", lines, file.read_text("utf-8")), "utf-8")


def test_as_shipped_no_night_is_kept(directory: Path) -> None:
    assert read_settings(directory, directory).audit == AuditSettings()


def test_a_configuration_without_the_table_has_the_same(directory: Path) -> None:
    _table(directory, "")
    assert "audit" not in (directory / "linegate.toml").read_text("utf-8")
    assert read_settings(directory, directory).audit == AuditSettings()


def test_everything_may_be_said(directory: Path) -> None:
    _table(directory, '[audit]\nper_s = 40\nat_once = 2\npage = 50\nnightly = "23:05"\npolicy = "adopt"\n\n')
    night = Nightly(time(23, 5), "UTC", "adopt")
    assert read_settings(directory, directory).audit == AuditSettings(40, 2, 50, night)


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("per_s = -1", "per_s"),
        ("at_once = 0", "at_once"),
        ("page = 0", "page"),
        ("page = 100000", "page"),
        ('nightly = "25:00"', "nightly"),
        ('nightly = "2:30"', "nightly"),
        ('nightly = "02:30:00"', "nightly"),
        ("nightly = 2", "nightly"),
        ('time_zone = "Mars/Olympus"', "time_zone"),
        ('policy = "shout"', "policy"),
        ("colour = 1", "colour"),
    ],
)
def test_a_mistake_is_told_with_file_and_key(directory: Path, line: str, key: str) -> None:
    _table(directory, f"[audit]\n{line}\n\n")
    with pytest.raises(ConfigError) as wrong:
        read_settings(directory, directory)
    assert any(mistake.startswith(f"linegate.toml: audit.{key}: ") for mistake in wrong.value.mistakes)
