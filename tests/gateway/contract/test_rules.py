"""Contracts as data: whatever is wrong in the file is told at once, each mistake with its file and key."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from drivers.subscription import Imsi, Msisdn
from gateway.contract.rules import Rules, read_rules
from gateway.contract.table import ConfigError
from tests.gateway.contract.files import DATA as EVERY
from tests.gateway.contract.files import PLACES, TABLES, Place, at

DATA = EVERY["technicophone"]
FILE = "contracts/x.toml"
#: whole tables a contract need not have; and those of the names it chooses
SECTIONS = {"bars", "activation", "effects", "cancellation", "clocks", "ladders", "limits", "top_ups", "twin"} | {
    "portability",
    "rights",
    "counters",
    "thresholds",
}
#: left out, these have a meaning, by the table they stand in: an option opens nothing, a restriction closes nothing, …
MAY_BE_LEFT_OUT: dict[str, set[str]] = {
    "calendar": {"subdivision", "billing_day"},
    "defaults": {"incoming_abroad", "diverts_to", "pin", "bars"},
    "options": {"international", "roaming", "blocks_roaming", "rats", "apns", "incoming_abroad", "hides_caller_id"}
    | {"cap_kbit_s"},
    "plans": {"fair_use_cap_kbit_s", "fair_use_keeps_roaming_data", "receives_sms", "voice", "options", "ends_options"},
    "restrictions": {"locked", "outgoing", "incoming", "packet", "services", "premium"},
    "bars": {"locked", "outgoing", "incoming", "packet", "services", "premium", "top_ups"},
    "effects": {"option"},
    "clocks": {"action", "reasons"},
    "ladders": {"from_next_period"},
    "twin": {"not_with_options", "not_with_plans"},
    "rights": {"actions", "lifts"},
    "sms": {"validity_h"},
    "portability": {"temporary_after", "kind"},
    "counters": {"of", "where", "billing_day"},
    "thresholds": {"agreed_from", "agreed_to", "plans", "percents", "at_100", "waived", "until"},
}
#: told at the key that says the same otherwise
TOLD_ELSEWHERE = {("effects", "within"): "after"}


def _may_be_left_out(path: tuple[str, ...]) -> bool:
    section = path[0]
    if len(path) == 1:
        return section in SECTIONS
    named = section in SECTIONS | {"hosts", "options", "plans"} and len(path) == 2 and "source" not in path
    is_table = section not in ("activation", "top_ups", "twin", "portability")
    return (named and is_table) or path[-1] in MAY_BE_LEFT_OUT.get(section, set())


def _mistakes(data: dict[str, Any]) -> str:
    with pytest.raises(ConfigError) as error:
        read_rules(FILE, data)
    assert all(mistake.startswith(f"{FILE}: ") for mistake in error.value.mistakes), error.value.mistakes
    return str(error.value)


def test_the_contract_as_shipped_is_right() -> None:
    rules = read_rules(FILE, DATA)
    assert isinstance(rules, Rules)
    assert (rules.name, rules.sms_sender, set(rules.hosts)) == ("technicophone", "TECHNICO", {"orange", "sfr"})
    assert (rules.host_of(Imsi("208010000000001")), rules.host_of(Imsi("208990000000001"))) == ("orange", None)
    assert rules.owns_number(Msisdn("+33712345678"))
    assert not rules.owns_number(Msisdn("+33123456789"))


@pytest.mark.parametrize("place", [p for p in PLACES if not _may_be_left_out(p.path)], ids=str)
def test_a_key_left_out_is_named(place: Place) -> None:
    data = place.data()
    del at(data, place.path[:-1])[place.path[-1]]
    key = TOLD_ELSEWHERE.get((place.path[0], place.path[-1]), place.path[-1])
    assert ".".join((*place.path[:-1], key)) in _mistakes(data)


@pytest.mark.parametrize(
    "place", [p for p in PLACES if p.path[-1] in MAY_BE_LEFT_OUT.get(p.path[0], ()) and len(p.path) > 1], ids=str
)
def test_a_key_with_a_meaning_of_its_own_may_be_left_out(place: Place) -> None:
    data = place.data()
    del at(data, place.path[:-1])[place.path[-1]]
    assert read_rules(FILE, data).name == place.contract


def _other_kinds(place: Place) -> list[object]:
    """Values of every kind but the one that stands there; a table of names takes any name."""
    kinds: list[object] = [7.5, "nonsense?", True, 7, [1], [["x"]], {"x": 1}, {"x": {}}]
    return [wrong for wrong in kinds if type(wrong) is not type(place.value) or isinstance(place.value, list)]


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_a_value_of_another_kind_is_named(place: Place) -> None:
    for wrong in _other_kinds(place):
        data = place.data()
        at(data, place.path[:-1])[place.path[-1]] = wrong
        assert place.told in _mistakes(data), wrong


@pytest.mark.parametrize("place", TABLES, ids=str)
def test_an_unknown_key_is_named(place: Place) -> None:
    data = place.data()
    at(data, place.path)["colour"] = "red"
    assert ".".join((*place.path, "colour")) in _mistakes(data)


NONSENSE_ELSEWHERE = [
    ("opt-nc", ("calendar", "country"), "XX"),
    ("opt-nc", ("calendar", "subdivision"), "XX"),
    ("opt-nc", ("calendar", "billing_day"), 29),
    ("opt-nc", ("calendar", "weekend"), ["caturday"]),
    ("opt-nc", ("calendar", "day_begins"), "7:30"),
    ("opt-nc", ("defaults", "diverts_to"), "voicemail"),
    ("opt-nc", ("defaults", "pin"), "000"),
    ("opt-nc", ("options", "speed_512", "cap_kbit_s"), 0),
    ("opt-nc", ("plans", "forfait_m", "options"), ["6g"]),
    ("opt-nc", ("bars", "no_data", "packet"), "sideways"),
    ("opt-nc", ("bars", "fleet_only", "services"), ["dance"]),
    ("opt-nc", ("effects", "plan_change", "within"), "soon"),
    ("opt-nc", ("effects", "roaming_end", "option"), "6g"),
    ("opt-nc", ("ladders", "sms_abuse", "spans"), []),
    ("opt-nc", ("ladders", "sms_abuse", "spans"), ["1 moon"]),
    ("opt-nc", ("limits", "plan_changes", "per_billing_period"), 2),
    ("opt-nc", ("twin", "not_with_plans"), ["unlimited"]),
    ("opt-nc", ("top_ups", "lifts"), ["boredom"]),
    ("cmi", ("activation", "automatic_after"), "30 moons"),
    ("cmi", ("cancellation", "terminate", "before"), "72"),
    ("cmi", ("clocks", "unpaid_suspend", "action"), "dance"),
    ("cmi", ("clocks", "unpaid_suspend", "how"), "perhaps"),
    ("cmi", ("clocks", "suspended_too_long", "kinds"), ["muted"]),
    ("cmi", ("portability", "operator"), "CMI"),
    ("cmi", ("portability", "outage"), "4 days"),
    ("orange-mayotte", ("limits", "lines", "then_one_every"), "month"),
    ("orange-mayotte", ("rights", "customer-area", "lifts"), ["boredom"]),
]


@pytest.mark.parametrize(("contract", "path", "wrong"), NONSENSE_ELSEWHERE, ids=str)
def test_what_makes_no_sense_in_other_contracts_is_named_too(
    contract: str, path: tuple[str, ...], wrong: object
) -> None:
    data = copy.deepcopy(EVERY[contract])
    at(data, path[:-1])[path[-1]] = wrong
    assert ".".join(path) in _mistakes(data)


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
def test_a_value_that_makes_no_sense_is_named(path: tuple[str, ...], wrong: object) -> None:
    data = copy.deepcopy(DATA)
    at(data, path[:-1])[path[-1]] = wrong
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
