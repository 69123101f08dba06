"""What is bought on top of a plan: it ends a limit, or waits for its turn; and how often what may be asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gateway.contract.actions import activate, change_plan, limit_use, top_up
from gateway.contract.identity import Name
from gateway.contract.line import Bar, Kind, Line, Reason, Restriction, TopUp
from tests.gateway.cards import card
from tests.gateway.contract.island import island, line
from tests.gateway.contract.judging import LINE, agreed, judged, kinds, refused
from tests.gateway.contract.strategies import NOW

SURFING = line("surf", "data")
BOUGHT = top_up.Details(volume="5 GB")
CREDIT = top_up.Details(amount="10 EUR")
LIMIT = limit_use.Details(Kind.FAIR_USE, "fair_use 2026-03")
SLOW = SURFING.restricted(Restriction(Kind.FAIR_USE, Reason.FAIR_USE, NOW))


def test_it_ends_what_the_end_of_the_plan_had_closed() -> None:
    bought = agreed("top_up", SLOW, BOUGHT)
    assert bought == replace(SURFING, top_ups=(TopUp("volume 5 GB", NOW, NOW),))
    used_up = SURFING.restricted(Restriction(Kind.BARRED_OUTGOING, Reason.CREDIT_USED, NOW))
    assert agreed("top_up", used_up, CREDIT) == replace(SURFING, top_ups=(TopUp("amount 10 EUR", NOW, NOW),))


def test_it_ends_nothing_else() -> None:
    unpaid = SLOW.restricted(Restriction(Kind.BARRED_OUTGOING, Reason.UNPAID, NOW))
    fraud = unpaid.restricted(Restriction(Kind.SUSPENDED, Reason.FRAUD, NOW))
    assert kinds(judged("top_up", fraud, BOUGHT)) == [
        (Kind.BARRED_OUTGOING, Reason.UNPAID),
        (Kind.SUSPENDED, Reason.FRAUD),
    ]


def test_what_is_not_needed_yet_waits_and_is_used_up_one_after_the_other() -> None:
    one = agreed("top_up", SURFING, BOUGHT)
    two = agreed("top_up", one, CREDIT, now=NOW + timedelta(hours=1))
    assert [t.begun_at for t in two.top_ups] == [None, None]
    later = NOW + timedelta(days=1)
    first = agreed("limit_use", two, LIMIT, now=later)
    assert ([t.begun_at for t in first.top_ups], first.restrictions) == ([later, None], ())
    second = agreed("limit_use", first, LIMIT, now=later)
    assert ([t.begun_at for t in second.top_ups], second.restrictions) == ([later, later], ())
    assert kinds(judged("limit_use", second, LIMIT)) == [(Kind.FAIR_USE, Reason.FAIR_USE)]


def test_a_limit_that_holds_already_uses_nothing_up() -> None:
    held = agreed("limit_use", SURFING, LIMIT)
    waiting = replace(held, top_ups=(TopUp("volume 5 GB", NOW),))
    assert agreed("limit_use", waiting, LIMIT) == waiting


def test_what_ends_no_limit_of_that_kind_is_not_used_up_for_it() -> None:
    waiting = replace(SURFING, top_ups=(TopUp("volume 5 GB", NOW),))
    abused = agreed("limit_use", waiting, limit_use.Details(Kind.SMS_OFF, "sms 2026-03"))
    assert (abused.top_ups, kinds(abused)) == (waiting.top_ups, [(Kind.SMS_OFF, Reason.ABUSE)])


@pytest.mark.parametrize(
    "details",
    [
        top_up.Details(),
        top_up.Details("5 GB", "10 EUR"),
        top_up.Details(0),
        top_up.Details(amount=-1),
        top_up.Details(amount="0 EUR"),
        top_up.Details("-5 GB"),
        top_up.Details("5 GB;RMV SUB"),
        top_up.Details(10**400),
        top_up.Details(amount=float("inf")),
        top_up.Details(amount=float("nan")),
    ],
    ids=str,
)
def test_nothing_and_two_things_cannot_be_bought(details: top_up.Details) -> None:
    assert refused(judged("top_up", SURFING, details)) == "top-up-unclear"


def test_who_has_barred_top_ups_gets_none() -> None:
    barred = replace(SLOW, bars=frozenset({Bar.NO_TOPUP, Bar.NO_DATA}))
    assert refused(judged("top_up", barred, BOUGHT)) == "top-ups-barred"
    assert isinstance(judged("top_up", replace(SLOW, bars=frozenset({Bar.NO_DATA})), BOUGHT), Line)


def test_a_contract_may_sell_none() -> None:
    without = island(lambda text: text.replace('top_ups = { lifts = ["fair_use", "credit_used"], source = "§" }', ""))
    assert refused(judged("top_up", SURFING, BOUGHT, rules=without)) == "no-top-ups"
    assert refused(judged("top_up", LINE, BOUGHT)) == "no-top-ups"


def plan(name: str) -> change_plan.Details:
    return change_plan.Details(Name(name))


@pytest.mark.parametrize(
    ("changed", "now", "allowed"),
    [
        # a billing period begins on the 15th at midnight in Nouméa, 11 hours before UTC
        (datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 14, 12, 59, tzinfo=UTC), False),
        (datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 14, 13, 0, tzinfo=UTC), True),
        (datetime(2026, 3, 14, 13, 0, tzinfo=UTC), datetime(2026, 4, 14, 12, 59, tzinfo=UTC), False),
        (datetime(2026, 3, 14, 12, 59, tzinfo=UTC), datetime(2026, 3, 14, 13, 0, tzinfo=UTC), True),
        (datetime(2025, 3, 20, tzinfo=UTC), datetime(2026, 3, 20, tzinfo=UTC), True),
    ],
)
def test_a_plan_is_changed_once_in_a_billing_period(changed: datetime, now: datetime, allowed: bool) -> None:  # noqa: FBT001 - a case
    before = replace(SURFING, plan_since=changed)
    if allowed:
        assert agreed("change_plan", before, plan("talk"), now=now).plan_since == now
    else:
        assert refused(judged("change_plan", before, plan("talk"), now=now)) == "plan-changed-already"


def test_a_line_just_opened_may_change_its_plan_and_the_same_plan_is_no_change() -> None:
    opened = replace(SURFING, opened_at=NOW)
    assert agreed("change_plan", opened, plan("talk")).plan_since == NOW
    changed = replace(SURFING, plan_since=NOW)
    assert agreed("change_plan", changed, plan("surf")) == changed


OPENING = activate.Details(Name("island"), card(2).iccid, Name("talk"), customer="C-1")


def ago(*days: int) -> tuple[datetime, ...]:
    return tuple(NOW - timedelta(days=n) for n in days)


@pytest.mark.parametrize(
    ("lines", "allowed"),
    [
        (ago(), True),
        (ago(0, 0), True),
        (ago(0, 0, 0), False),
        (ago(400, 90, 20), False),
        (ago(400, 90, 29), True),
        (ago(400, 90, 40, 35), True),
        (ago(500, 400, 300, 200, 100), False),
    ],
)
def test_a_customer_has_so_many_lines(lines: tuple[datetime, ...], allowed: bool) -> None:  # noqa: FBT001 - a case
    result = judged("activate", None, OPENING, rules=island(), customer_lines=lines)
    assert result.state == "active" if isinstance(result, Line) else refused(result) == "too-many-lines"
    assert isinstance(result, Line) is allowed


def test_lines_of_nobody_are_not_counted() -> None:
    opened = judged(
        "activate", None, replace(OPENING, customer=None), rules=island(), customer_lines=ago(0, 0, 0, 0, 0)
    )
    assert isinstance(opened, Line)
    assert opened.customer is None
