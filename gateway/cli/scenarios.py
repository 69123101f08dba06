"""Which simulated network is meant: a file, or the name of one."""

from __future__ import annotations

import tomllib
from pathlib import Path

from gateway.cli.failure import WrongUse
from gateway.settings import config_directory, packaged_directory


def scenario_file(wanted: str, config: Path | None) -> Path:
    """Find a scenario: a file, or the name of one beside the configuration or that came with the program.

    Raises WrongUse with the names there are.
    """
    if wanted.endswith(".toml") or "/" in wanted:
        if not Path(wanted).is_file():
            raise WrongUse(f"there is no scenario file {wanted}")
        return Path(wanted)
    folders = [directory / "scenarios" for directory in (packaged_directory(), config_directory(config))]
    found = {file.stem: file for folder in folders for file in folder.glob("*.toml")}
    if wanted not in found:
        raise WrongUse(f"there is no scenario {wanted!r}; there are: {', '.join(sorted(found))}")
    return found[wanted]


def elements_in(scenario: Path) -> tuple[str, ...]:
    """Name the elements of a scenario; of one that cannot be read, none: the simulator says what is wrong with it."""
    try:
        return tuple(tomllib.loads(scenario.read_text("utf-8"))["elements"])
    except (OSError, ValueError, KeyError, TypeError):
        return ()
