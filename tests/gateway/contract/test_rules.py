"""Contracts as data: whatever is wrong in the file is told at once, each mistake with its file and key."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from drivers.subscription import Imsi, Msisdn
from gateway.contract.rules import Rules, read_rules
from gateway.contract.table import ConfigError
from gateway.settings import config_directory

FILE = "contracts/technicophone.toml"
DATA: dict[str, Any] = tomllib.loads((config_directory(None) / FILE).read_text("utf-8"))
#: left out, these have a meaning: an option opens nothing, a restriction closes nothing, a plan only meters
MAY_BE_LEFT_OUT = {"international", "roaming", "blocks_roaming", "apns", "locked", "outgoing", "incoming", "packet"} | {
    "fair_use_cap_kbit_s",
    "fair_use_keeps_roaming_data",
    "receives_sms",
}
#: the same of use: a counter counts anywhere, a threshold tells at 80 and 100 % and does nothing
USE_MAY_BE_LEFT_OUT = {"of", "where", "billing_day", "plans", "percents", "at_100", "waived", "until"}
USE = {"counters", "thresholds"}
NAMED_BY_US = {"hosts", "options", "plans"} | USE
Path_ = tuple[str, ...]


def _keys(table: dict[str, Any], path: Path_ = ()) -> Iterator[Path_]:
    for key, value in table.items():
        yield (*path, key)
        if isinstance(value, dict):
            yield from _keys(value, (*path, key))


def _may_be_left_out(path: Path_) -> bool:
    return (
        path[-1] in MAY_BE_LEFT_OUT
        or (len(path) == 2 and path[0] in NAMED_BY_US)
        or (path[-1] == "rats" and path[0] == "options")
        or (path[0] in USE and (len(path) == 1 or path[-1] in USE_MAY_BE_LEFT_OUT))
    )


def _at(data: dict[str, Any], path: Path_) -> dict[str, Any]:
    for key in path:
        data = data[key]
    return data


def _mistakes(data: dict[str, Any]) -> str:
    with pytest.raises(ConfigError) as error:
        read_rules(FILE, data)
    assert all(mistake.startswith(f"{FILE}: ") for mistake in error.value.mistakes), error.value.mistakes
    return str(error.value)


KEYS = list(_keys(DATA))
TABLES = [(), *(path for path in KEYS if isinstance(_at(DATA, path), dict))]


def test_the_contract_as_shipped_is_right() -> None:
    rules = read_rules(FILE, DATA)
    assert isinstance(rules, Rules)
    assert (rules.name, rules.sms_sender, set(rules.hosts)) == ("technicophone", "TECHNICO", {"orange", "sfr"})
    assert (rules.host_of(Imsi("208010000000001")), rules.host_of(Imsi("208990000000001"))) == ("orange", None)
    assert rules.owns_number(Msisdn("+33712345678"))
    assert not rules.owns_number(Msisdn("+33123456789"))


@pytest.mark.parametrize("path", [p for p in KEYS if not _may_be_left_out(p)], ids=".".join)
def test_a_key_left_out_is_named(path: Path_) -> None:
    data = copy.deepcopy(DATA)
    del _at(data, path[:-1])[path[-1]]
    assert ".".join(path) in _mistakes(data)


def _other_kinds(path: Path_) -> list[object]:
    """Values of every kind but the one that stands there; a table of names takes any name."""
    right = _at(DATA, path[:-1])[path[-1]]
    kinds: list[object] = [7.5, "nonsense?", True, 7, [1], [["x"]], {"x": 1}, {"x": {}}]
    return [wrong for wrong in kinds if type(wrong) is not type(right) or isinstance(right, list)]


@pytest.mark.parametrize("path", KEYS, ids=".".join)
def test_a_value_of_another_kind_is_named(path: Path_) -> None:
    for wrong in _other_kinds(path):
        data = copy.deepcopy(DATA)
        _at(data, path[:-1])[path[-1]] = wrong
        assert ".".join(path) in _mistakes(data), wrong


@pytest.mark.parametrize("path", TABLES, ids=lambda path: ".".join(path) or "root")
def test_an_unknown_key_is_named(path: Path_) -> None:
    data = copy.deepcopy(DATA)
    _at(data, path)["colour"] = "red"
    assert ".".join((*path, "colour")) in _mistakes(data)


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        (("spec",), "2"),
        (("time_zone",), "Mars/Olympus"),
        (("numbering", "msisdn_prefixes"), ["0612"]),
        (("numbering", "msisdn_prefixes"), []),
        (("numbering", "quarantine_days"), 10**9),
        (("hosts", "orange", "imsi_prefixes"), ["2080x"]),
        (("hosts", "orange", "imsi_prefixes"), ["٢٠٨٠١"]),
        (("hosts", "orange", "imsi_prefixes"), []),
        (("defaults", "options"), ["6g"]),
        (("defaults", "rats"), ["6g"]),
        (("defaults", "international_bar_type"), 5),
        (("options", "data", "apns"), ["Inter net"]),
        (("options", "4g", "rats"), ["9g"]),
        (("plans", "unlimited", "fair_use_cap_kbit_s"), 0),
        (("restrictions", "suspended", "reasons"), ["boredom"]),
        (("restrictions", "barred_outgoing", "outgoing"), "sideways"),
        (("reactivation", "keeps"), ["boredom"]),
        (("sms", "sender"), "+33612345678"),
        (("sms", "sender"), "0612345678"),
        (("sms", "sender"), "33612345678"),
        (("sms", "sender"), "06 12345678"),
        (("sms", "sender"), "MORE THAN 11 LETTERS"),
        (("sms", "sender"), "é"),
    ],
    ids=lambda value: ".".join(value) if isinstance(value, tuple) else str(value),
)
def test_a_value_that_makes_no_sense_is_named(path: Path_, wrong: object) -> None:
    data = copy.deepcopy(DATA)
    _at(data, path[:-1])[path[-1]] = wrong
    assert ".".join(path) in _mistakes(data)


def test_two_hosts_cannot_own_the_same_sims() -> None:
    data = copy.deepcopy(DATA)
    data["hosts"]["sfr"]["imsi_prefixes"] = ["208010"]
    assert "imsi_prefixes" in _mistakes(data)


def test_all_mistakes_are_told_at_once() -> None:
    data = copy.deepcopy(DATA)
    del data["language"]
    data["colour"] = "red"
    data["plans"]["metered"]["source"] = 7
    text = _mistakes(data)
    assert all(word in text for word in ("language", "colour", "plans.metered.source"))
    assert len(text.splitlines()) == 3


def test_a_restriction_nobody_knows_is_named() -> None:
    data = copy.deepcopy(DATA)
    data["restrictions"]["muted"] = data["restrictions"]["suspended"]
    assert "restrictions.muted" in _mistakes(data)


def test_the_folder_holds_contracts_of_that_kind_only() -> None:
    files = sorted(Path(config_directory(None) / "contracts").glob("*.toml"))
    assert files
    for file in files:
        assert read_rules(f"contracts/{file.name}", tomllib.loads(file.read_text("utf-8"))).name == file.stem
