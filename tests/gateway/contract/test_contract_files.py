"""The five contracts as they are shipped: figures, words and texts as the operators' conditions have them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from drivers.subscription import Imsi, Msisdn, OutgoingBar, PacketBar, ServiceBar
from gateway.contract.calendar import Span, Unit
from gateway.contract.line import Bar, Kind, Reason
from gateway.contract.rulebook.timing import ClockRule, How
from gateway.contract.rules import Rules, read_rules
from gateway.settings import Settings, config_directory, packaged_directory, read_settings
from tests.gateway.contract.files import DATA, FOLDER, NAMES, PLACES

ALL_REASONS = {
    "unpaid",
    "credit_limit",
    "customer",
    "fraud",
    "abuse",
    "network_harm",
    "numbering_breach",
    "authority",
} | {
    "missing_papers",
    "stolen_handset",
    "inactivity",
}
NEW = tuple(name for name in NAMES if name != "technicophone")


def rules_of(name: str) -> Rules:
    return read_rules(f"contracts/{name}.toml", DATA[name])


def clock(rules: Rules, name: str) -> ClockRule:
    return next(c for c in rules.timing.clocks if c.name == name)


@pytest.fixture(scope="module")
def settings() -> Settings:
    return read_settings(packaged_directory(), Path("data"))


def test_every_file_of_the_folder_is_one_of_the_five() -> None:
    assert {file.stem for file in FOLDER.glob("*.toml")} == set(NAMES)
    assert [rules_of(name).name for name in NAMES] == list(NAMES)
    assert (config_directory(None) / "contracts") == FOLDER


def test_every_rule_names_its_clause() -> None:
    def lacking(path: str, table: dict[str, Any]) -> Iterator[str]:
        for name, inner in table.items():
            if not isinstance(inner, dict) or path == "counters":
                continue
            if any(not isinstance(value, dict) for value in inner.values()) and not inner.get("source"):
                yield f"{path}.{name}"
            yield from lacking(f"{path}.{name}", {k: v for k, v in inner.items() if k != "limit"})

    heads = {"calendar", "sms", "numbering", "defaults", "reactivation"}
    for data in DATA.values():
        found = [p for p in lacking("", data) if p.removeprefix(".").split(".")[0] not in heads | {"counters"}]
        assert not found


@pytest.mark.parametrize(
    ("name", "host_of", "number", "plans", "defaults"),
    [
        ("cmi", "20811", "+33612345678", {"unlimited", "metered"}, {"international", "data"}),
        (
            "opt-nc",
            "54601",
            "+687751234",
            {"forfait_m", "horaire", "data_only", "blocked"},
            {"international", "roaming"},
        ),
        ("orange-mayotte", "64700", "+262639123456", {"standard", "blocked"}, {"international", "roaming", "data"}),
        ("monaco-telecom", "21210", "+37760612345", {"standard"}, {"international", "data"}),
    ],
)
def test_host_numbers_plans_and_defaults(
    name: str, host_of: str, number: str, plans: set[str], defaults: set[str]
) -> None:
    rules = rules_of(name)
    assert (set(rules.hosts), rules.host_of(Imsi(f"{host_of}0000000001"))) == ({name}, name)
    assert rules.hosts[name].element == name
    assert rules.owns_number(Msisdn(number))
    assert (set(rules.plans), set(rules.defaults.options)) == (plans, defaults)


def test_hosts_of_all_contracts_are_apart(settings: Settings) -> None:
    elements = [host.element for rules in settings.contracts.values() for host in rules.hosts.values()]
    assert len(elements) == len(set(elements)) == 6
    assert all(settings.topology.holds_subscribers(element) for element in elements)


@pytest.mark.parametrize(
    ("name", "zone", "holiday", "working"),
    [
        ("cmi", "Europe/Paris", date(2026, 7, 14), date(2026, 9, 24)),
        ("opt-nc", "Pacific/Noumea", date(2026, 9, 24), date(2026, 4, 27)),
        ("orange-mayotte", "Indian/Mayotte", date(2026, 4, 27), date(2026, 9, 24)),
        ("monaco-telecom", "Europe/Monaco", date(2026, 11, 19), date(2026, 7, 14)),
    ],
)
def test_each_has_its_own_holidays(name: str, zone: str, holiday: date, working: date) -> None:
    calendar = rules_of(name).timing.calendar
    assert calendar.time_zone == rules_of(name).time_zone == zone
    assert (calendar.is_working_day(holiday), calendar.is_working_day(working)) == (False, True)


@pytest.mark.parametrize("name", NEW)
def test_restrictions_take_every_reason_that_is_in_the_words_of_rest(name: str) -> None:
    restrictions = rules_of(name).restrictions
    barred, suspended = restrictions[Kind.BARRED_OUTGOING], restrictions[Kind.SUSPENDED]
    credit = {"credit_used"} if name in ("opt-nc", "orange-mayotte") else set()
    assert barred.reasons == ALL_REASONS | credit
    assert suspended.reasons == ALL_REASONS | {"lost", "stolen", "other_debts"}
    assert suspended.closed.locked
    assert rules_of(name).kept_by_reactivation == {"lost", "stolen", "fraud", "authority"}


def test_what_an_outgoing_bar_closes_is_different_everywhere() -> None:
    closed = {name: rules_of(name).restrictions[Kind.BARRED_OUTGOING].closed for name in NEW}
    assert {name: (c.outgoing, c.packet, c.services) for name, c in closed.items()} == {
        "cmi": (OutgoingBar.ALL, PacketBar.NONE, frozenset()),
        "monaco-telecom": (OutgoingBar.ALL, PacketBar.NONE, frozenset()),
        "orange-mayotte": (OutgoingBar.ALL, PacketBar.ALL, frozenset()),
        "opt-nc": (OutgoingBar.NONE, PacketBar.NONE, frozenset({ServiceBar.SPEECH_OUT})),
    }


@pytest.mark.parametrize("name", NEW)
def test_customers_may_close_everything_that_has_a_name(name: str) -> None:
    bars = rules_of(name).bars
    assert set(bars) == set(Bar)
    assert [bar for bar, rule in bars.items() if rule.top_ups] == [Bar.NO_TOPUP]
    assert bars[Bar.FLEET_ONLY].closed.services == {ServiceBar.OUTSIDE_GROUP}
    assert bars[Bar.NATIONAL_ONLY].closed.outgoing is OutgoingBar.INTERNATIONAL


@pytest.mark.parametrize("name", ["cmi", "monaco-telecom"])
def test_roaming_opens_and_closes_48_working_hours_after_it_was_asked_for(name: str) -> None:
    (effect,) = rules_of(name).timing.effects
    assert (effect.action, effect.option, effect.after) == ("change_options", "roaming", Span(48, Unit.WORKING_HOURS))
    assert rules_of(name).timing.windows["terminate"].before == Span(72, Unit.WORKING_HOURS)


def test_cmi_s_clocks() -> None:
    rules = rules_of("cmi")
    assert {c.name: (str(c.after), c.action, c.how) for c in rules.timing.clocks} == {
        "unpaid_suspend": ("8 days", "suspend", How.PROPOSED),
        "suspended_too_long": ("2 months", "terminate", How.PROPOSED),
        "never_activated": ("3 months", "terminate", How.PROPOSED),
    }
    assert (rules.timing.automatic_activation, rules.timing.automatic_activation_source) == (
        Span(30, Unit.DAYS),
        "002 mobile 2.1",
    )
    assert rules_of("opt-nc").timing.automatic_activation is None


def test_opt_nc_s_own_ways() -> None:
    rules = rules_of("opt-nc")
    assert (rules.defaults.pin, rules.defaults.diverts_to, rules.defaults.incoming_abroad) == ("0000", "577", False)
    assert rules.timing.billing_day == 15
    assert {rules.thresholds[n].limits["horaire"] for n in ("sms_a_day", "sms_recipients")} == {500, 250}
    ladder = rules.timing.ladders["sms_abuse"]
    assert ([str(span) for span in ladder.spans], ladder.from_next_period) == (["1 month", "6 months", "1 year"], True)
    caps = {o.cap_kbit_s for n, o in rules.options.items() if n.startswith("speed_")}
    assert (caps, rules.plans["forfait_m"].fair_use_cap_kbit_s) == ({512, 10000, 30000}, 512)
    assert rules.bounds.top_ups is not None
    assert rules.bounds.top_ups.lifts == {Reason.FAIR_USE, Reason.CREDIT_USED}
    assert rules.bounds.plan_changes is not None
    assert rules.bounds.twin is not None
    assert not rules.plans["data_only"].voice
    assert rules.at_activation("data_only") == rules.at_activation("forfait_m") == rules.defaults.options | {"data"}


def test_orange_mayotte_s_own_ways() -> None:
    rules = rules_of("orange-mayotte")
    debts, unpaid = clock(rules, "suspended_other_debts"), clock(rules, "suspended_unpaid")
    assert [(str(c.after), c.how, c.action) for c in (debts, unpaid)] == [
        ("10 days", How.AUTOMATIC, "terminate"),
        ("15 days", How.AUTOMATIC, "terminate"),
    ]
    assert debts.reasons == {Reason.OTHER_DEBTS}
    assert not unpaid.reasons & {Reason.CUSTOMER, Reason.LOST, Reason.STOLEN, Reason.AUTHORITY, Reason.OTHER_DEBTS}
    lines = rules.bounds.lines
    assert lines is not None
    assert (lines.most, lines.at_once, str(lines.then_one_every)) == (5, 3, "1 month")
    assert rules.plans["blocked"].ends_options
    assert rules.timing.windows["terminate"].before == Span(24, Unit.HOURS)
    limits = {name: set(t.limits.values()) for name, t in rules.thresholds.items()}
    assert (limits["numbers_called"], limits["recipients"]) == ({150}, {100})
    assert rules.thresholds["spending"].percents == (15, 80, 100)


def test_ports_are_cancelled_until_the_day_each_contract_names() -> None:
    ports = {name: rules_of(name).bounds.portability for name in NAMES}
    assert {name: str(port.cancel_before) for name, port in ports.items() if port is not None} == {
        "technicophone": "2 working days",
        "cmi": "3 working days",
        "orange-mayotte": "3 working days",
    }
    mayotte = ports["orange-mayotte"]
    assert mayotte is not None
    assert mayotte.temporary_after == Span(15, Unit.DAYS)


@pytest.mark.parametrize("name", NAMES)
def test_every_contract_has_texts_for_what_it_counts_sells_and_does(settings: Settings, name: str) -> None:
    rules, texts = settings.contracts[name], settings.texts[name]
    for threshold in rules.thresholds.values():
        wanted = {f"{threshold.template}_{percent}" for percent in threshold.percents}
        assert threshold.template in texts.templates or wanted <= set(texts.templates)
    for language in texts.languages:
        assert set(rules.plans) | set(rules.counters) <= set(texts.names[language])
        told = texts.confirm[language]
        assert "report_lost" in told
        assert ("change_bars" in told, "top_up" in told) == (bool(rules.bars), rules.bounds.top_ups is not None)
        assert ("add_twin" in told) == (rules.bounds.twin is not None)
        assert all(text.startswith(told["activate"].split(":")[0]) for text in told.values())


def test_the_manual_explains_every_key_of_every_contract() -> None:
    manual = (packaged_directory().parent / "docs" / "contracts.md").read_text("utf-8").split("```")
    words = {
        word for quoted in re.findall(r"`([^`]+)`", "".join(manual[::2])) for word in re.findall(r"[a-z_0-9]+", quoted)
    }
    keys = {place.path[-1] for place in PLACES if not isinstance(place.value, dict)}
    assert sorted(keys - words - {plan for data in DATA.values() for plan in data["plans"]}) == []
    sections = {place.path[0] for place in PLACES if isinstance(place.value, dict)}
    assert [section for section in sections if f"`[{section}" not in manual[-1]] == []
