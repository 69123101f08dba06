"""Where a contract's customers are at home, and what they are told on arriving elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from gateway.contract.table import Table
from gateway.texts.countries import country_names

_ALWAYS = datetime.min.replace(tzinfo=UTC)
_LONGEST_LATE_H = 24 * 90


@dataclass(frozen=True, slots=True)
class Zone:
    """Countries with one tariff, from a day on: treaties gain members, and a zone of theirs is added then."""

    countries: frozenset[str]
    welcome: str
    since: datetime = _ALWAYS


@dataclass(frozen=True, slots=True)
class Roaming:
    """``home``: countries that are no journey; ``otherwise`` welcomes where no zone does.

    Whoever was seen abroad more than ``late_h`` ago is welcomed no more: the news comes too late to be of use.
    """

    home: frozenset[str] = frozenset()
    otherwise: str | None = None
    zones: Mapping[str, Zone] = field(default_factory=dict)
    late_h: int = 6

    def welcome(self, country: str, at: datetime) -> str | None:
        """Name the template that welcomes to a country; ``None``: nobody is welcomed there."""
        begun = [zone for zone in self.zones.values() if country in zone.countries and zone.since <= at]
        return max(begun, key=lambda zone: zone.since).welcome if begun else self.otherwise


def read_roaming(table: Table) -> Roaming:
    """Read ``[roaming]``; a contract may have none."""
    if not table.names():
        return Roaming()
    return Roaming(
        home=_countries(table, "home"),
        otherwise=table.optional_text("otherwise"),
        zones={name: _zone(zone) for name, zone in table.tables("zones", optional=True).items()},
        late_h=table.number("late_h", Roaming().late_h, least=1, most=_LONGEST_LATE_H),
    )


def _zone(table: Table) -> Zone:
    since = table.moment("since") if "since" in table.names() else _ALWAYS
    return Zone(_countries(table, "countries"), table.text("welcome"), since)


def _countries(table: Table, key: str) -> frozenset[str]:
    codes = table.texts(key)
    unknown = [code for code in codes if code not in country_names()]
    if unknown:
        table.wrong(key, f"{', '.join(unknown)}: no ISO 3166-1 alpha-2 code of a country, as FR")
    return frozenset(codes)
