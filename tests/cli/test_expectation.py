"""What counts as "ended as the file says"."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from gateway.cli.expectation import Case, Outcome, differences

EXPECT: dict[str, Any] = {
    "state": "completed",
    "line_state": "active",
    "msisdn": "+33699000001",
    "imsi": "208019900000001",
    "home": {"attach": "accepted", "data.allowed": True, "voice_out.national": True, "rats": ["2g", "3g"]},
    "abroad": {"attach": "refused"},
    "dead_imsi": "208019900000002",
}
ORDER = {"state": "completed"}
LINE = {"state": "active", "msisdn": "+33699000001", "imsi": "208019900000001"}
HOME = {"attach": "accepted", "data": {"allowed": True}, "voice_out": {"national": True}, "rats": ["2g", "3g"]}
PROBES: dict[str, Any] = {
    "home": HOME,
    "abroad": {"attach": "refused:roaming"},
    "dead_imsi": {"attach": "refused:unknown"},
}


def case(expect: dict[str, Any]) -> Case:
    return Case.read("orders.jsonl", 1, {"order": {}, "expect": expect})


def outcome(**changed: dict[str, Any]) -> Outcome:
    came: dict[str, Any] = {"order": ORDER, "line": LINE, "probes": PROBES, **changed}
    return Outcome(**came)


def test_what_came_as_expected_has_no_differences() -> None:
    assert differences(case(EXPECT), outcome()) == []


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (
            {"order": {"state": "failed", "error": {"detail": "no room"}}},
            "state: expected completed, got failed (no room)",
        ),
        ({"line": {**LINE, "state": "barred"}}, "line_state: expected active, got barred"),
        ({"line": {**LINE, "msisdn": "+33699000009"}}, "msisdn: expected +33699000001, got +33699000009"),
        ({"line": {**LINE, "imsi": "208019900000009"}}, "imsi: expected 208019900000001, got 208019900000009"),
    ],
)
def test_order_and_line_are_compared(changed: dict[str, Any], told: str) -> None:
    assert differences(case(EXPECT), outcome(**changed)) == [told]


def test_options_and_bars_have_no_order_and_sims_a_state() -> None:
    expect = {"state": "completed", "options": ["data", "4g"], "bars": [], "sims": {"893301": "active"}}
    line = {**LINE, "options": ["4g", "data"], "bars": []}
    assert differences(case(expect), outcome(line=line, sims={"893301": "active"})) == []
    assert differences(case(expect), outcome(line={**line, "bars": ["no_data"]}, sims={"893301": "stock"})) == [
        "bars: expected none, got no_data",
        "SIM 893301: expected active, got stock",
    ]


@pytest.mark.parametrize(
    ("place", "probe", "told"),
    [
        ("home", {**HOME, "data": {"allowed": False}}, "home data.allowed: expected yes, got no"),
        ("home", {**HOME, "data": {}}, "home data.allowed: expected yes, got nothing"),
        ("home", {**HOME, "data": {"allowed": 1}}, "home data.allowed: expected yes, got 1"),
        ("home", {**HOME, "rats": ["2g"]}, "home rats: expected 2g 3g, got 2g"),
        ("abroad", {"attach": "accepted"}, "abroad attach: expected refused, got accepted"),
        ("dead_imsi", {"attach": "accepted"}, "208019900000002 attach: expected refused:unknown, got accepted"),
        (
            "dead_imsi",
            {"attach": "refused:roaming"},
            "208019900000002 attach: expected refused:unknown, got refused:roaming",
        ),
    ],
)
def test_both_probes_and_the_dead_card_are_compared(place: str, probe: dict[str, Any], told: str) -> None:
    probes = deepcopy(PROBES) | {place: probe}
    assert differences(case(EXPECT), outcome(probes=probes)) == [told]


def test_a_refusal_nobody_expected_is_told_in_its_own_words() -> None:
    assert differences(case(EXPECT), Outcome(problem={"detail": "no such line"})) == ["refused: no such line"]


@pytest.mark.parametrize(
    "came",
    [Outcome(problem={"detail": "no"}), Outcome(order={"state": "rejected", "error": {"detail": "no"}})],
)
def test_a_refusal_may_come_at_once_or_in_its_turn(came: Outcome) -> None:
    assert differences(case({"refused": True}), came) == []


@pytest.mark.parametrize(
    ("came", "told"),
    [
        (Outcome(order={"state": "completed"}), "state: expected a refusal, got completed"),
        (Outcome(order={"state": "failed", "error": {"detail": "no"}}), "state: expected a refusal, got failed"),
        (Outcome(problem={"title": "No"}), "detail: the refusal does not say why"),
        (Outcome(order={"state": "rejected"}), "detail: the refusal does not say why"),
    ],
)
def test_an_expected_refusal_must_be_one_and_say_why(came: Outcome, told: str) -> None:
    assert differences(case({"refused": True}), came) == [told]
