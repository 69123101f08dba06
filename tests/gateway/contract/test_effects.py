"""When an order begins by the contract, by when it is promised, and until when it may be cancelled."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gateway.contract.actions import activate, change_bars, change_options, change_plan, suspend, terminate
from gateway.contract.effects import begins_at, cancellable_until, promised_by
from gateway.contract.identity import Name
from gateway.contract.line import Bar, Reason
from tests.gateway.cards import card
from tests.gateway.contract.island import ISLAND
from tests.gateway.contract.strategies import NOW, RULES

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # 20:00 in Nouméa
ROAMING = change_options.Details(add=(Name("roaming"),))
CLOSING = change_options.Details(remove=(Name("roaming"),))
BOTH = change_options.Details(add=(Name("slow"),), remove=(Name("roaming"),))
SLOW = change_options.Details(add=(Name("slow"),))
OTHER = change_options.Details(add=(Name("4g"),), remove=(Name("data"),))


@pytest.mark.parametrize(
    ("details", "begins"),
    [
        (ROAMING, datetime(2026, 3, 4, 9, 0, tzinfo=UTC)),
        (CLOSING, datetime(2026, 3, 4, 9, 0, tzinfo=UTC)),
        (SLOW, datetime(2026, 3, 4, 9, 0, tzinfo=UTC)),
        (OTHER, None),
    ],
    ids=["opens", "closes", "slow", "other"],
)
def test_an_option_may_have_a_delay_of_its_own(details: change_options.Details, begins: datetime | None) -> None:
    assert begins_at(ISLAND, "change_options", details, MONDAY) == begins


def test_hours_that_nobody_works_do_not_count() -> None:
    friday = datetime(2026, 3, 6, 9, 0, tzinfo=UTC)
    assert begins_at(ISLAND, "change_options", ROAMING, friday) == datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
    assert begins_at(ISLAND, "change_options", SLOW, friday) == datetime(2026, 3, 8, 9, 0, tzinfo=UTC)


def test_of_two_delays_the_longer_holds_for_all_of_it() -> None:
    friday = datetime(2026, 3, 6, 9, 0, tzinfo=UTC)
    assert begins_at(ISLAND, "change_options", BOTH, friday) == datetime(2026, 3, 10, 9, 0, tzinfo=UTC)


def test_what_is_only_promised_begins_at_once() -> None:
    bars, plan = change_bars.Details(add=(Bar.NO_DATA,)), change_plan.Details(Name("talk"))
    assert begins_at(ISLAND, "change_bars", bars, MONDAY) is None
    assert promised_by(ISLAND, "change_bars", bars, MONDAY) == datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
    assert promised_by(ISLAND, "change_plan", plan, MONDAY) == datetime(2026, 3, 11, 9, 0, tzinfo=UTC)


def test_what_has_a_delay_is_promised_for_its_end() -> None:
    assert promised_by(ISLAND, "change_options", ROAMING, MONDAY) == datetime(2026, 3, 4, 9, 0, tzinfo=UTC)
    assert promised_by(ISLAND, "change_options", OTHER, MONDAY) is None


def test_an_action_without_a_word_begins_at_once_and_is_promised_for_no_day() -> None:
    asked = suspend.Details(Reason.UNPAID)
    assert begins_at(ISLAND, "suspend", asked, MONDAY) is None
    assert promised_by(ISLAND, "suspend", asked, MONDAY) is None


def test_a_delay_of_one_action_is_none_of_another() -> None:
    opening = activate.Details(Name("island"), card(2).iccid, Name("talk"), (Name("roaming"),))
    assert begins_at(ISLAND, "activate", opening, MONDAY) is None


def test_a_contract_without_delays_has_none() -> None:
    assert begins_at(RULES, "change_options", ROAMING, NOW) is None
    assert begins_at(RULES, "terminate", terminate.Details(), NOW) is None


def test_it_may_be_cancelled_until_so_long_before() -> None:
    due = begins_at(ISLAND, "terminate", terminate.Details(), MONDAY)
    assert due == datetime(2026, 3, 12, 9, 0, tzinfo=UTC)
    assert cancellable_until(ISLAND, "terminate", due) == datetime(2026, 3, 9, 9, 0, tzinfo=UTC)


def test_a_weekend_gives_no_time_to_think_it_over() -> None:
    monday_after = datetime(2026, 3, 9, 9, 0, tzinfo=UTC)
    assert cancellable_until(ISLAND, "terminate", monday_after) == datetime(2026, 3, 4, 9, 0, tzinfo=UTC)


def test_without_a_window_it_may_be_cancelled_until_it_begins() -> None:
    assert cancellable_until(ISLAND, "change_options", MONDAY) is None
