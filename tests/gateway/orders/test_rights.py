"""What a channel may ask for under a contract: what is not named there is refused, the gateway's own never is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from drivers.subscription import Msisdn
from gateway.contract.action import Refusal
from gateway.contract.line import Reason
from gateway.contract.rulebook.bounds import OWN_CHANNELS, RightRule
from gateway.contract.rules import Rules
from gateway.orders import rights
from gateway.orders.bodies import details_from, details_model
from gateway.orders.codec import dump
from gateway.orders.order import LineRef, NewOrder

NARROW = RightRule(frozenset({"reactivate", "report_lost"}), frozenset({Reason.CUSTOMER, Reason.LOST}), "a test")


def ask(action: str, channel: str | None, **details: Any) -> NewOrder:  # noqa: ANN401 - as posted
    checked = details_from(action, details_model(action).model_validate_json(dump(details)))
    by = None if channel is None else {"who": "somebody", "channel": channel}
    return NewOrder(action, LineRef(msisdn=Msisdn("+33612345678")), checked, "{}", requested_by=by)


@pytest.fixture
def narrowed(rules: Rules) -> Rules:
    return replace(rules, bounds=replace(rules.bounds, rights={"customer-area": NARROW}))


def refusal(rules: Rules, new: NewOrder) -> str | None:
    found = rights.refused(rules, new)
    assert found is None or (found.slug, found.timeless) == ("not-allowed", True)
    return None if found is None else found.detail


def test_what_is_named_may_be_asked_and_nothing_else(narrowed: Rules) -> None:
    assert refusal(narrowed, ask("report_lost", "customer-area", reason="lost")) is None
    for action, details in (
        ("terminate", {}),
        ("suspend", {"reason": "customer"}),
        ("change_plan", {"plan": "metered"}),
    ):
        said = refusal(narrowed, ask(action, "customer-area", **details))
        assert said is not None
        assert "reactivate, report_lost" in said


def test_only_what_is_named_may_be_lifted(narrowed: Rules) -> None:
    assert refusal(narrowed, ask("reactivate", "customer-area", reason="customer")) is None
    for details in ({"reason": "unpaid"}, {"reason": "stolen"}, {}):  # none named would lift what others laid
        said = refusal(narrowed, ask("reactivate", "customer-area", **details))
        assert said is not None
        assert "customer, lost" in said


@pytest.mark.parametrize("channel", [None, "shop", "Customer-area", *sorted(OWN_CHANNELS)])
def test_channels_the_contract_does_not_name_may_ask_for_everything(narrowed: Rules, channel: str | None) -> None:
    assert refusal(narrowed, ask("terminate", channel)) is None
    assert refusal(narrowed, ask("reactivate", channel)) is None


def test_a_rule_that_names_nothing_narrows_nothing(rules: Rules) -> None:
    open_ = replace(rules, bounds=replace(rules.bounds, rights={"shop": RightRule(frozenset(), frozenset(), "a test")}))
    assert refusal(open_, ask("terminate", "shop")) is None
    assert refusal(open_, ask("reactivate", "shop")) is None


def test_a_refusal_by_right_is_not_one_another_order_could_change(narrowed: Rules) -> None:
    found = rights.refused(narrowed, ask("terminate", "customer-area"))
    assert isinstance(found, Refusal)
    assert found.timeless
