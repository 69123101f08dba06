"""Limits of use over a line: each holds for itself, and only its own end lifts it."""

from __future__ import annotations

import copy
import tomllib
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.subscription import Iccid, Imsi, Msisdn, PacketBar
from gateway.contract.action import Lane, Refusal, Wish
from gateway.contract.actions import every, lift_limit, limit_use
from gateway.contract.line import LIMITS, Kind, Life, Line, Reason, Restriction
from gateway.contract.projection import project
from gateway.contract.rules import read_rules
from gateway.contract.table import ConfigError
from gateway.contract.usage import AtLimit, Until
from gateway.settings import config_directory
from tests.gateway.contract.strategies import NOW, RULES, lines

FILE = "contracts/technicophone.toml"
DATA: dict[str, Any] = tomllib.loads((config_directory(None) / FILE).read_text("utf-8"))
WISH = Wish(rules=RULES, now=NOW)
NOBODY = Line(Msisdn(""), Imsi(""), Iccid(""), RULES.name, "orange", "unlimited", life=Life.ACTIVE)
kinds = st.sampled_from(sorted(LIMITS & set(RULES.restrictions)))


def limited(line: Line, kind: Kind, reference: str | None) -> Line:
    result = every()["limit_use"].apply(line, limit_use.Details(kind, reference), WISH)  # type: ignore[arg-type]  # drawn
    assert isinstance(result, Line)
    return result


def lifted(line: Line, kind: Kind, reference: str | None) -> Line | Refusal:
    return every()["lift_limit"].apply(line, lift_limit.Details(kind, reference), WISH)  # type: ignore[arg-type]  # drawn


@given(lines(), kinds)
def test_a_limit_is_laid_over_the_line_once_and_lifted_alone(line: Line, kind: Kind) -> None:
    once = limited(line, kind, "one 2026-03")
    assert limited(once, kind, "one 2026-03") == once
    both = limited(once, kind, "other 2026-03")
    assert len(both.restrictions) == len(line.restrictions) + 2
    assert lifted(both, kind, "one 2026-03") == limited(line, kind, "other 2026-03")
    assert lifted(once, kind, "one 2026-03") == line
    assert lifted(line, kind, "one 2026-03") == line  # it has ended already: nothing is wrong with that


@given(lines(), kinds)
def test_without_a_reference_all_of_that_effect_ends(line: Line, kind: Kind) -> None:
    both = limited(limited(line, kind, "one"), kind, "other")
    ended = lifted(both, kind, None)
    assert isinstance(ended, Line)
    assert ended.restrictions == tuple(r for r in line.restrictions if r.kind is not kind)
    assert isinstance(lifted(ended, kind, None), Refusal)


@given(lines())
def test_of_bars_only_those_for_the_credit_limit_are_lifted(line: Line) -> None:
    kept = tuple(r for r in line.restrictions if (r.kind, r.reason) != (Kind.BARRED_OUTGOING, Reason.CREDIT_LIMIT))
    result = lifted(line, Kind.BARRED_OUTGOING, None)
    assert (
        isinstance(result, Refusal)
        if kept == line.restrictions
        else result == Line.lifted(line, lambda r: r not in kept)
    )


@given(lines())
def test_what_a_cut_and_the_end_of_unlimited_close(line: Line) -> None:
    bare = project(line, RULES)
    assert bare is not None
    assert project(limited(line, Kind.UNLIMITED_OFF, "x"), RULES) == bare
    cut = project(limited(line, Kind.ROAMING_DATA_CUT, "x"), RULES)
    assert cut is not None
    assert cut.packet is (PacketBar.ALL if bare.packet is PacketBar.ALL else PacketBar.WHEN_ROAMING)
    assert (cut.outgoing, cut.incoming, cut.locked, cut.cap_kbit_s) == (
        bare.outgoing,
        bare.incoming,
        bare.locked,
        bare.cap_kbit_s,
    )


def test_a_limit_goes_ahead_of_everything_and_a_lift_follows_the_line() -> None:
    assert every()["limit_use"].lane is Lane.EMERGENCY
    assert every()["lift_limit"].follows_line


def test_a_reactivation_of_a_line_under_a_limit_names_the_way_out() -> None:
    reactivate = every()["reactivate"]
    line = replace(NOBODY, restrictions=(Restriction(Kind.FAIR_USE, Reason.FAIR_USE, NOW),))
    result = reactivate.apply(line, reactivate.details(), WISH)
    assert isinstance(result, Refusal)
    assert "lift_limit" in result.detail


def test_technicophones_limits_are_those_of_its_conditions() -> None:
    assert {(t.name, t.at_100, t.waived, t.until) for t in RULES.thresholds.values()} == {
        ("fair_use", AtLimit.FAIR_USE, False, Until.PERIOD_END),
        ("unlimited_voice", AtLimit.UNLIMITED_OFF, False, Until.PERIOD_END),
        ("unlimited_numbers", AtLimit.UNLIMITED_OFF, False, Until.PERIOD_END),
        ("unlimited_sms", AtLimit.UNLIMITED_OFF, False, Until.PERIOD_END),
        ("unlimited_sms_recipients", AtLimit.UNLIMITED_OFF, False, Until.PERIOD_END),
        ("roaming_data", AtLimit.CUT_ROAMING_DATA, True, Until.PERIOD_END),
    }
    unlimited = {t.name: t.limits.get("unlimited") for t in RULES.thresholds.values()}
    assert [unlimited[f"unlimited_{what}"] for what in ("voice", "numbers", "sms", "sms_recipients")] == [
        40 * 3600, 150, 1000, 50,
    ]  # fmt: skip
    assert RULES.thresholds["roaming_data"].limits == dict.fromkeys(RULES.plans, 50_000_000)
    assert [name for name, plan in RULES.plans.items() if not plan.receives_sms] == ["data_only"]


def test_a_contract_without_counters_is_a_contract() -> None:
    data = {key: value for key, value in DATA.items() if key not in {"counters", "thresholds"}}
    data["restrictions"] = {
        k: v for k, v in DATA["restrictions"].items() if k not in {"roaming_data_cut", "unlimited_off"}
    }
    rules = read_rules(FILE, data)
    assert (rules.counters, rules.thresholds) == ({}, {})
    details = limit_use.Details(Kind.UNLIMITED_OFF)
    refused = every()["limit_use"].apply(NOBODY, details, Wish(rules=rules, now=NOW))
    assert isinstance(refused, Refusal)
    assert refused.slug == "limit-unknown"


@pytest.mark.parametrize(
    ("path", "wrong", "named"),
    [
        (("counters", "data", "measures"), "weight", "counters.data.measures"),
        (("counters", "data", "currency"), "EUR", "counters.data.currency"),
        (("counters", "roaming_data_spend", "currency"), "euro", "counters.roaming_data_spend.currency"),
        (("counters", "data", "billing_day"), 29, "counters.data.billing_day"),
        (("counters", "voice", "billing_day"), 15, "counters.voice.billing_day"),
        (("counters", "data", "where"), "moon", "counters.data.where"),
        (("thresholds", "fair_use", "counter"), "date", "thresholds.fair_use.counter"),
        (("thresholds", "fair_use", "limit"), "50 EUR", "thresholds.fair_use.limit"),
        (("thresholds", "fair_use", "limit"), {"unlimited": "much"}, "thresholds.fair_use.limit.unlimited"),
        (("thresholds", "fair_use", "limit"), {"metered": "1 GB"}, "thresholds.fair_use.limit.unlimited"),
        (("thresholds", "fair_use", "plans"), ["gold"], "thresholds.fair_use.plans"),
        (("thresholds", "fair_use", "percents"), [80], "thresholds.fair_use.percents"),
        (("thresholds", "fair_use", "percents"), [100, 80], "thresholds.fair_use.percents"),
        (("thresholds", "fair_use", "percents"), [0, 100], "thresholds.fair_use.percents"),
        (("thresholds", "fair_use", "at_100"), "explode", "thresholds.fair_use.at_100"),
        (("counters", "Big Data"), {"measures": "volume", "period": "day"}, "counters.Big Data"),
    ],
    ids=lambda value: ".".join(value) if isinstance(value, tuple) else str(value),
)
def test_a_mistake_about_use_is_named(path: tuple[str, ...], wrong: object, named: str) -> None:
    data = copy.deepcopy(DATA)
    table = data
    for key in path[:-1]:
        table = table[key]
    table[path[-1]] = wrong
    with pytest.raises(ConfigError, match=named):
        read_rules(FILE, data)


def test_a_bar_needs_its_reason() -> None:
    data = copy.deepcopy(DATA)
    data["restrictions"]["barred_outgoing"]["reasons"] = ["unpaid"]
    data["thresholds"]["roaming_data"]["at_100"] = "bar_outgoing"
    with pytest.raises(ConfigError, match=r"thresholds\.roaming_data\.at_100"):
        read_rules(FILE, data)


def test_limits_may_differ_by_plan() -> None:
    data = copy.deepcopy(DATA)
    data["thresholds"]["roaming_data"] |= {"plans": ["unlimited", "metered"]}
    data["thresholds"]["roaming_data"]["limit"] = {"unlimited": "60 EUR", "metered": "45 EUR"}
    assert read_rules(FILE, data).thresholds["roaming_data"].limits == {"unlimited": 60_000_000, "metered": 45_000_000}
