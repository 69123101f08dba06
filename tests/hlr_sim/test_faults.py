"""The plan: which command is struck, how often, in which order."""

from __future__ import annotations

import pytest

from drivers.commands import (
    AssignMsisdn,
    ChangeImsi,
    Command,
    KeepAlive,
    ListSubscribers,
    Login,
    ReadKeys,
    ReadSubscriber,
    ReleaseMsisdn,
    Why,
)
from drivers.subscription import Imsi, Msisdn
from hlr_sim.faults import Fault, FaultPlan, Kind

READ = ReadSubscriber(Imsi("208010000000001"))
SWAP = ChangeImsi(Imsi("208010000000001"), Imsi("208010000000002"))


def struck(plan: FaultPlan, *commands: Command, element: str = "orange") -> list[Kind | None]:
    return [None if (fault := plan.strike(element, command)) is None else fault.kind for command in commands]


def planned(*faults: Fault) -> FaultPlan:
    plan = FaultPlan()
    for fault in faults:
        plan.add(fault)
    return plan


def test_a_fault_strikes_once_its_own_command_at_its_own_element() -> None:
    plan = planned(Fault("orange", Kind.BUSY, match="ChangeImsi"))
    assert struck(plan, SWAP, element="sfr") == [None]
    assert struck(plan, READ, SWAP, SWAP) == [None, Kind.BUSY, None]


def test_after_and_count_make_a_window() -> None:
    plan = planned(Fault("orange", Kind.SILENT, after=2, count=2))
    assert struck(plan, READ, SWAP, READ, READ, READ) == [None, None, Kind.SILENT, Kind.SILENT, None]


def test_no_count_strikes_until_cleared() -> None:
    plan = planned(Fault("orange", Kind.LOST, count=None))
    assert struck(plan, *[READ] * 50) == [Kind.LOST] * 50
    plan.clear()
    assert struck(plan, READ) == [None]
    assert plan.listed() == []


def test_faults_strike_in_the_order_of_the_script() -> None:
    plan = planned(Fault("orange", Kind.BUSY), Fault("orange", Kind.SILENT))
    assert struck(plan, READ, READ, READ) == [Kind.BUSY, Kind.SILENT, None]
    assert [(fault.kind, fault.spent) for fault in plan.listed()] == [(Kind.BUSY, True), (Kind.SILENT, True)]


def test_any_command_leaves_login_and_keep_alive_alone() -> None:
    plan = planned(Fault("orange", Kind.BUSY), Fault("orange", Kind.LOST, match="KeepAlive"))
    assert struck(plan, Login("a", "b"), KeepAlive(), READ) == [None, Kind.LOST, Kind.BUSY]


def test_refused_connections_are_counted_apart_from_commands() -> None:
    plan = planned(Fault("orange", Kind.REFUSE_CONNECT, after=1, count=2))
    assert struck(plan, READ, READ, READ) == [None] * 3
    assert [plan.refuses_connection("orange") for _ in range(4)] == [False, True, True, False]
    assert not plan.refuses_connection("sfr")


def test_a_refusal_without_a_reason_has_one() -> None:
    assert Fault("orange", Kind.REFUSE).why is Why.OTHER


@pytest.mark.parametrize(
    ("kind", "parts", "named"),
    [
        (Kind.BUSY, {"match": "FlyToTheMoon"}, "match"),
        (Kind.BUSY, {"after": -1}, "after"),
        (Kind.BUSY, {"count": 0}, "count"),
        (Kind.BUSY, {"delay_s": 1.0}, "delay_s"),
        (Kind.LATE, {}, "delay_s"),
        (Kind.FREEZE, {"delay_s": float("nan")}, "delay_s"),
        (Kind.BUSY, {"why": Why.OTHER}, "why"),
    ],
)
def test_parts_that_do_not_fit_are_named(kind: Kind, parts: dict[str, object], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        Fault("orange", kind, **parts)  # type: ignore[arg-type]  # wrong parts are the point


@pytest.mark.parametrize(
    "command",
    [
        ReadKeys(Imsi("208010000000001")),
        AssignMsisdn(Imsi("208010000000001"), Msisdn("+33612345678")),
        ReleaseMsisdn(Imsi("208010000000001"), Msisdn("+33612345678")),
        ListSubscribers("208"),
    ],
)
def test_every_command_may_be_matched_by_name_and_by_any(command: Command) -> None:
    for match in (type(command).__name__, "*"):
        plan = planned(Fault("orange", Kind.BUSY, match=match))
        assert struck(plan, KeepAlive(), command, command) == [None, Kind.BUSY, None]
