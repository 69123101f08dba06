"""What a contract's file says about a topic: every table that concerns it, with its values and its clause."""

from __future__ import annotations

import pytest

from gateway.contract.explaining import Clause, about, clauses
from tests.gateway.contract.files import DATA, NAMES

CMI = clauses(DATA["cmi"])


def rules(topic: str, name: str = "cmi") -> set[str]:
    return {clause.rule for clause in about(clauses(DATA[name]), topic)}


def test_roaming_is_an_option_a_delay_a_cap_and_what_is_done_at_it() -> None:
    assert rules("roaming") == {
        "options.roaming",
        "options.roaming_block",
        "restrictions.roaming_data_cut",
        "effects.roaming_opening",
        "counters.roaming_data_spend",
        "thresholds.roaming_data",
    }
    (effect,) = (clause for clause in CMI if clause.rule == "effects.roaming_opening")
    assert effect == Clause(
        "effects.roaming_opening",
        {"action": "change_options", "option": "roaming", "after": "48 working hours"},
        "002 mobile 8.2.1",
    )


@pytest.mark.parametrize("topic", ["roaming data", "Roaming_Data", "DATA   roaming", "roaming-data"])
def test_words_are_found_however_they_are_written(topic: str) -> None:
    assert rules(topic) >= {"restrictions.roaming_data_cut", "thresholds.roaming_data"}
    assert "options.roaming" not in rules(topic)


@pytest.mark.parametrize(
    ("topic", "name", "rule"),
    [
        ("48", "cmi", "effects.roaming_opening"),  # a value
        ("incoming abroad", "opt-nc", "defaults"),  # a key
        ("letter", "cmi", None),  # a comment is not looked at
        ("577", "opt-nc", "defaults"),
        ("numbers", "technicophone", "thresholds.unlimited_numbers"),
        ("8.2.1", "cmi", "options.roaming"),  # the clause's own number
        ("001:6192", "technicophone", "rights.customer-area"),
        ("9.9.9", "cmi", None),
    ],
)
def test_a_topic_is_a_place_a_key_or_a_value(topic: str, name: str, rule: str | None) -> None:
    assert rule in rules(topic, name) if rule is not None else not rules(topic, name)


@pytest.mark.parametrize("name", NAMES)
def test_without_a_topic_everything_is_told_once(name: str) -> None:
    every = clauses(DATA[name])
    assert about(every, "") == every
    assert len({clause.rule for clause in every}) == len(every)
    heads = {key for key, value in DATA[name].items() if isinstance(value, dict)}
    assert {clause.rule.split(".")[0] for clause in every} == heads
    sourceless = {clause.rule.split(".")[0] for clause in every if clause.source is None}
    assert sourceless == {"calendar", "sms", "numbering", "defaults", "reactivation", "counters"}


def test_a_table_inside_a_rule_belongs_to_it() -> None:
    limit = {"unlimited": "50 GB", "metered": "1 GB"}
    (clause,) = clauses({"thresholds": {"fair_use": {"counter": "data", "limit": limit, "source": "§ 1"}}})
    assert clause.says == {"counter": "data", "limit.unlimited": "50 GB", "limit.metered": "1 GB"}
    assert (clause.rule, clause.source) == ("thresholds.fair_use", "§ 1")
