"""What goes into the journal comes out the same: lines, steps with every command and every facet."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers import commands as c
from drivers import subscription as s
from drivers.equipment import EquipmentCommand
from drivers.porting import PortCommand
from gateway.contract.line import Life, Line
from gateway.contract.plan import Step
from gateway.orders.codec import (
    dump,
    line_from_json,
    line_to_json,
    step_from_json,
    step_to_json,
    subscription_to_json,
)
from gateway.orders.plan import Plan
from tests.gateway.contract.strategies import lines

imsis = st.text("0123456789", min_size=15, max_size=15).map(s.Imsi)
msisdns = st.text("0123456789", min_size=7, max_size=15).map(lambda digits: s.Msisdn(f"+{digits}"))
iccids = st.text("0123456789", min_size=18, max_size=20).map(s.Iccid)
bars: list[st.SearchStrategy[s.Facet]] = [
    st.sampled_from(bar) for bar in (s.NetworkAccess, s.OutgoingBar, s.IncomingBar, s.RoamingBar, s.PacketBar)
]
facets: st.SearchStrategy[s.Facet] = st.one_of(
    *bars,
    st.builds(s.ServiceLock, st.booleans()),
    st.builds(s.PremiumBar, st.booleans()),
    st.builds(s.HomeBar, st.frozensets(st.integers(1, 4))),
    st.builds(s.RatAccess, st.frozensets(st.sampled_from(s.Rat))),
    st.builds(s.ApnAccess, st.text(min_size=1, max_size=20), st.booleans()),
    st.builds(s.SpeedCap, st.none() | st.integers(1, 10**7)),
    st.builds(s.ServiceBars, st.frozensets(st.sampled_from(s.ServiceBar))),
    st.builds(s.CallerId, st.booleans()),
    st.builds(s.Diversion, st.none() | st.text("0123456789", min_size=1, max_size=15)),
)
COMMANDS: Mapping[type, st.SearchStrategy[c.Command]] = {
    c.PutKeys: st.builds(c.PutKeys, imsis, iccids),
    c.RemoveKeys: st.builds(c.RemoveKeys, imsis, iccids),
    c.CreateSubscriber: st.builds(c.CreateSubscriber, imsis, st.none() | msisdns),
    c.RemoveSubscriber: st.builds(c.RemoveSubscriber, imsis),
    c.ChangeImsi: st.builds(c.ChangeImsi, imsis, imsis),
    c.ChangeMsisdn: st.builds(c.ChangeMsisdn, imsis, msisdns),
    c.AssignMsisdn: st.builds(c.AssignMsisdn, imsis, msisdns),
    c.ReleaseMsisdn: st.builds(c.ReleaseMsisdn, imsis, msisdns),
    c.CancelLocation: st.builds(c.CancelLocation, imsis),
    c.Provide: st.builds(c.Provide, imsis, facets),
}
#: said by sessions, by reads and by the outbox, never as a step of an order
NO_STEPS = {c.Login, c.KeepAlive, c.ReadSubscriber, c.ReadKeys, c.ListSubscribers, c.SendSms}
#: said to other elements than those that hold subscribers
TO_OTHERS = {*get_args(EquipmentCommand), *get_args(PortCommand)}
commands = st.one_of(*COMMANDS.values())
steps = st.builds(Step, st.sampled_from(["orange", "sfr"]), commands, st.lists(commands, max_size=4).map(tuple))
anything = st.one_of(lines(Life.ORDERED), lines(Life.ACTIVE), lines(Life.TERMINATED))


def there_and_back(value: object) -> object:
    return json.loads(dump(value))


def test_every_command_that_can_be_a_step_is_tried() -> None:
    assert set(COMMANDS) | NO_STEPS | TO_OTHERS == set(get_args(c.Command))


def test_every_facet_is_tried() -> None:
    seen: set[type] = set()

    @given(facets)
    def look(facet: s.Facet) -> None:
        seen.add(type(facet))

    look()
    assert seen == set(get_args(s.Facet))


@given(anything)
def test_lines(line: Line) -> None:
    assert line_from_json(there_and_back(line_to_json(line))) == line  # type: ignore[arg-type]  # it is a dictionary


@given(steps)
def test_steps(step: Step) -> None:
    read = step_from_json(there_and_back(step_to_json(step)))  # type: ignore[arg-type]  # it is a dictionary
    assert read == step
    assert [type(command) for command in (read.command, *read.undo)] == [
        type(command) for command in (step.command, *step.undo)
    ]


@given(st.none() | anything, anything, st.lists(steps, max_size=5).map(tuple))
def test_plans(before: Line | None, after: Line, todo: tuple[Step, ...]) -> None:
    plan = Plan(before, after, todo)
    assert Plan.from_json(plan.to_json()) == plan


@pytest.mark.parametrize("name", sorted(s.Subscription.__dataclass_fields__))
def test_no_part_of_a_subscription_is_left_out(name: str) -> None:
    plain = s.Subscription(s.Imsi("1"), s.Msisdn("+1"))
    other = {
        "imsi": s.Imsi("2"), "msisdn": s.Msisdn("+2"), "locked": True,
        "access": s.NetworkAccess.NONE, "foreign": frozenset({"ServiceLock: IC"}), "outgoing": s.OutgoingBar.ALL,
        "incoming": s.IncomingBar.ALL, "roaming": s.RoamingBar.OUTSIDE_HPLMN, "packet": s.PacketBar.ALL,
        "home_bars": frozenset({1}), "premium_barred": True, "rats": frozenset({s.Rat.NR}), "apns": frozenset({"x"}),
        "cap_kbit_s": 64, "service_bars": frozenset({s.ServiceBar.SPEECH_IN}), "caller_id_hidden": True,
        "diverted_to": "577",
    }  # fmt: skip
    changed = dataclasses.replace(plain, **{name: other[name]})  # type: ignore[arg-type]  # each field its own type
    one, two = subscription_to_json(plain), subscription_to_json(changed)
    assert one is not None
    assert two is not None
    assert sum(one[key] != two[key] for key in one) == 1


def test_nothing_is_nothing() -> None:
    assert subscription_to_json(None) is None
