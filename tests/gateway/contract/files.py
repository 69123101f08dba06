"""The contracts as they are shipped: their data, and one key of each kind that stands in any of them."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gateway.settings import config_directory

FOLDER = config_directory(None) / "contracts"
NAMES = ("technicophone", "cmi", "opt-nc", "orange-mayotte", "monaco-telecom")
DATA: dict[str, dict[str, Any]] = {name: tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8")) for name in NAMES}
#: tables of tables whose names are ours to choose
NAMED = frozenset(
    {"hosts", "options", "plans", "effects", "cancellation", "clocks", "ladders", "rights", "counters", "thresholds"}
)


@dataclass(frozen=True, slots=True)
class Place:
    """A key in one of the contracts."""

    contract: str
    path: tuple[str, ...]

    @property
    def told(self) -> str:
        """As a mistake names it."""
        return ".".join(self.path)

    @property
    def shape(self) -> tuple[str, ...]:
        """What it is, whatever it is called: of ``options.roaming.source`` that is ``options.*.source``."""
        return tuple("*" if n == 1 and self.path[0] in NAMED else part for n, part in enumerate(self.path))

    @property
    def value(self) -> Any:  # noqa: ANN401 - whatever stands there
        """What stands there."""
        return at(DATA[self.contract], self.path)

    def data(self) -> dict[str, Any]:
        """A copy of the contract, to spoil."""
        return copy.deepcopy(DATA[self.contract])

    def __str__(self) -> str:
        return f"{self.contract}:{self.told or 'root'}"


def at(data: dict[str, Any], path: tuple[str, ...]) -> Any:  # noqa: ANN401 - whatever stands there
    """What stands at a path."""
    found: Any = data
    for key in path:
        found = found[key]
    return found


def _keys(table: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for key, value in table.items():
        yield (*path, key)
        if isinstance(value, dict):
            yield from _keys(value, (*path, key))


def _one_of_each_kind() -> list[Place]:
    found: dict[tuple[str, ...], Place] = {}
    for name, data in DATA.items():
        for place in (Place(name, path) for path in _keys(data)):
            found.setdefault(place.shape, place)
    return list(found.values())


PLACES = _one_of_each_kind()
TABLES = [Place(NAMES[0], ()), *(place for place in PLACES if isinstance(place.value, dict))]
