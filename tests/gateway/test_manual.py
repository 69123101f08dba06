"""The manual's page on elements: its examples are one file that reads, and it names every key there is."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from gateway.contract.table import ConfigError
from gateway.settings import config_directory, read_settings

MANUAL = (Path(__file__).parents[2] / "docs" / "elements.md").read_text("utf-8")
EXAMPLE = "\n".join(re.findall(r"^```toml\n(.*?)^```$", MANUAL, re.MULTILINE | re.DOTALL))
_TABLES = (
    "elements.orange", "elements.village.also", "elements.east.pace", "elements.east.breaker", "elements.east.retry",
    "elements.east.maintenance.release_12", "groups.west", "routes.orange_numbers",
    "routes.orange_numbers.ranges.overseas",
)  # fmt: skip


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    copied = Path(shutil.copytree(config_directory(None), tmp_path / "config"))
    (copied / "elements.toml").write_text(EXAMPLE, "utf-8")
    for other in set((copied / "contracts").glob("*.toml")) - {copied / "contracts" / "technicophone.toml"}:
        other.unlink()  # the examples have no elements for their hosts
    return copied


def test_the_examples_are_one_file_that_reads(directory: Path) -> None:
    topology = read_settings(directory, directory / "data").topology
    assert set(topology.elements) == {"orange", "sfr", "village", "east", "west_a", "west_b", "smsc"}
    assert (topology.elements["sfr"].sessions, topology.elements["sfr"].limits.window) == (8, 1)
    village = topology.elements["village"]
    assert (village.dialect, village.also and village.also.dialect) == ("osmo_ctrl", "osmo_vty")
    assert (topology.groups["west"], topology.routes["orange_numbers"].otherwise) == (("west_a", "west_b"), "orange")
    east = topology.elements["east"]
    assert (east.manners.pace.per_s, east.readings["3010"], len(east.maintenance)) == (50, "already_so", 1)


@pytest.mark.parametrize("table", _TABLES)
def test_every_key_is_told(directory: Path, table: str) -> None:
    """A key nobody knows is refused with the list of those there are."""
    text = EXAMPLE.replace(f"[{table}]\n", f"[{table}]\nunheard_of = 1\n")
    (directory / "elements.toml").write_text(text, "utf-8")
    with pytest.raises(ConfigError) as wrong:
        read_settings(directory, directory / "data")
    (mistake,) = wrong.value.mistakes
    assert mistake.startswith(f"elements.toml: {table}.unheard_of: unknown key; this table knows: ")
    known = mistake.rpartition(": ")[2].split(", ")
    told = {word for quoted in re.findall(r"`([^`\n]+)`", MANUAL) for word in re.findall(r"\w+", quoted)}
    told |= {word for named in re.findall(r"^\[(.+)\]$", EXAMPLE, re.MULTILINE) for word in named.split(".")}
    untold = [key for key in known if key not in told]
    assert known
    assert untold == []
