"""Deadlines follow from the line and its contract, whatever they are."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.subscription import Iccid, Imsi, Msisdn
from gateway.contract.action import Refusal, Wish
from gateway.contract.actions import every
from gateway.contract.deadlines import deadlines
from gateway.contract.effects import begins_at
from gateway.contract.line import Kind, Life, Line, Notice, OptionEnd, Reason, Restriction
from gateway.contract.rulebook.timing import ClockRule, How, Since
from gateway.contract.rules import Rules
from gateway.settings import config_directory, read_settings

CONTRACTS = read_settings(config_directory(None), Path("unused")).contracts
NOW = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)
moments = st.datetimes(
    datetime(2026, 1, 1),  # noqa: DTZ001 - the strategy adds the zone
    datetime(2028, 12, 31),  # noqa: DTZ001 - as above
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=11))]),
)
restrictions = st.builds(
    Restriction,
    kind=st.sampled_from([Kind.SUSPENDED, Kind.BARRED_OUTGOING, Kind.SMS_OFF]),
    reason=st.sampled_from(Reason),
    since=moments,
    reference=st.none() | st.just("x"),
    until=st.none() | moments,
)
letters = sorted({c.notice for rules in CONTRACTS.values() for c in rules.timing.clocks if c.notice})
notices = st.builds(Notice, st.sampled_from(letters), moments, st.none() | moments)
lines = st.builds(
    Line,
    msisdn=st.just(Msisdn("+33612345678")),
    imsi=st.just(Imsi("208010000000001")),
    iccid=st.just(Iccid("8933010000000000017")),
    contract=st.sampled_from(sorted(CONTRACTS)),
    host=st.just("orange"),
    plan=st.just("standard"),
    restrictions=st.lists(restrictions, max_size=4).map(tuple),
    life=st.sampled_from(Life),
    ends=st.lists(st.builds(OptionEnd, st.sampled_from(["roaming", "4g"]), moments), max_size=2).map(tuple),
    opened_at=st.none() | moments,
    notices=st.lists(notices, max_size=3, unique_by=lambda n: n.name).map(tuple),
)


def of(line: Line) -> Rules:
    return CONTRACTS[line.contract]


@given(lines)
def test_they_are_in_order_in_utc_and_ended_lines_have_none(line: Line) -> None:
    due = deadlines(line, of(line))
    assert [d.due_at for d in due] == sorted(d.due_at for d in due)
    assert all(d.due_at.tzinfo is UTC for d in due)
    assert not deadlines(replace(line, life=Life.TERMINATED), of(line))


@given(lines)
def test_nothing_is_due_before_what_it_counts_from(line: Line) -> None:
    earliest = [r.since for r in line.restrictions] + [n.at for n in line.notices] + [line.opened_at or NOW]
    earliest += [end.at for end in line.ends] + [r.until for r in line.restrictions if r.until]
    assert all(d.due_at >= min(earliest) for d in deadlines(line, of(line)))


@given(lines)
def test_what_is_lifted_is_not_due(line: Line) -> None:
    bare = replace(line, restrictions=(), notices=(), ends=(), life=Life.ACTIVE)
    since = {c.name for c in of(line).timing.clocks if c.since is Since.ACTIVATED}
    assert {d.clock for d in deadlines(bare, of(line))} <= since


@given(lines, moments)
def test_more_time_is_never_less(line: Line, until: datetime) -> None:
    """Granting time moves only the clock it was granted on, and only later."""
    clocks = [c.name for c in of(line).timing.clocks]
    before = {d.name: d.due_at for d in deadlines(line, of(line))}
    for name in clocks:
        granted = replace(line, notices=(*line.notices, Notice(name, datetime(2029, 1, 1, tzinfo=UTC), until)))
        after = {d.name: d.due_at for d in deadlines(granted, of(line))}
        assert after.keys() == before.keys()
        for due, at in after.items():
            mine = due.startswith(f"clock {name} since")
            assert at == (max(before[due], until) if mine else before[due])


@given(lines)
def test_every_automatic_one_is_an_order_its_contract_takes(line: Line) -> None:
    """What the clocks order, done, is not due any more."""
    living = replace(line, life=Life.ACTIVE)
    wish = Wish(rules=of(line), now=NOW)
    for due in deadlines(living, of(line)):
        if due.how is How.PROPOSED or due.action != "change_options":
            continue
        action = every()[due.action]
        after = action.apply(living, action.details(remove=tuple(due.details["remove"])), wish)
        assert not isinstance(after, Refusal)
        assert due.name not in {d.name for d in deadlines(after, of(line))}


def test_the_five_contracts_clocks_are_those_of_their_conditions() -> None:
    def said(clock: ClockRule) -> tuple[str, str, str, str]:
        return clock.name, str(clock.after), clock.action, clock.how.value

    assert {name: [said(c) for c in rules.timing.clocks] for name, rules in CONTRACTS.items() if name != "cmi"} == {
        "technicophone": [
            ("unpaid_restrict", "8 days", "bar_outgoing", "proposed"),
            ("unpaid_terminate", "10 days", "terminate", "proposed"),
        ],
        "opt-nc": [],
        "orange-mayotte": [
            ("suspended_unpaid", "15 days", "terminate", "automatic"),
            ("suspended_other_debts", "10 days", "terminate", "automatic"),
            ("papers_suspend", "15 days", "suspend", "automatic"),
            ("papers_terminate", "8 days", "terminate", "automatic"),
        ],
        "monaco-telecom": [said(c) for c in CONTRACTS["cmi"].timing.clocks],
    }


@pytest.mark.parametrize(
    ("delivered", "begins"),
    [
        (None, None),
        (datetime(2026, 6, 1, 8, tzinfo=UTC), datetime(2026, 7, 1, 8, tzinfo=UTC)),
        (datetime(2026, 10, 1, 8, tzinfo=UTC), datetime(2026, 10, 31, 9, tzinfo=UTC)),  # ten in the morning in Paris
    ],
)
def test_a_delivered_sim_is_activated_by_itself(delivered: datetime | None, begins: datetime | None) -> None:
    activate = every()["activate"]
    details = activate.details(contract="cmi", iccid="8933208110000000016", plan="metered", delivered_at=delivered)
    assert begins_at(CONTRACTS["cmi"], "activate", details, NOW) == begins
    assert begins_at(CONTRACTS["technicophone"], "activate", details, NOW) is None


def test_a_letter_is_recorded_granted_time_and_settled() -> None:
    rules, notice = CONTRACTS["orange-mayotte"], every()["record_notice"]
    line = Line(
        Msisdn("+262639000001"), Imsi("647000000000001"), Iccid("8933647000000000015"), rules.name, "m", "standard",
        life=Life.ACTIVE,
    )  # fmt: skip

    def recorded(before: Line, **said: object) -> Line:
        result = notice.apply(before, notice.details(**said), Wish(rules=rules, now=NOW))
        assert isinstance(result, Line)
        return result

    sent = recorded(line, notice="papers_requested", sent_at=NOW - timedelta(days=3))
    granted = recorded(sent, notice="papers_requested", until=NOW + timedelta(days=60))
    assert granted.notices == (Notice("papers_requested", NOW - timedelta(days=3), NOW + timedelta(days=60)),)
    assert [d.due_at for d in deadlines(granted, rules)] == [NOW + timedelta(days=60)]
    assert recorded(granted, notice="papers_requested", settled=True) == line
    for said in ({"notice": "suspended_unpaid"}, {"notice": "nobody", "until": NOW + timedelta(days=1)}):
        refused = notice.apply(line, notice.details(**said), Wish(rules=rules, now=NOW))
        assert isinstance(refused, Refusal)
        assert refused.slug == "unknown-notice"
