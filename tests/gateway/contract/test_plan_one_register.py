"""Plans for a register whose keys hang on the subscriber and whose IMSIs cannot change, as OsmoHLR's."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.commands import (
    ChangeImsi,
    Command,
    Credentials,
    Held,
    Provide,
    PutKeys,
    Refused,
    RemoveSubscriber,
)
from drivers.dialects import osmo_ctrl, osmo_vty
from drivers.subscription import NetworkAccess, Subscription
from gateway.contract.plan import Picture, Step, diff, heard_at_once, is_so, mend
from hlr_sim.behaviour import Hlr
from hlr_sim.sealing import Sealer
from hlr_sim.store import HlrStore
from hlr_sim.translation import as_told
from tests.gateway.contract.strategies import cards, msisdns

BOTH_DOORS = osmo_ctrl.CAPABILITIES.and_(osmo_vty.CAPABILITIES)
_KEYS = Credentials("0" * 32, "0" * 32)
State = dict[str, Subscription]


@st.composite
def pictures(draw: st.DrawFn) -> Picture:
    sim = draw(cards)
    access = draw(st.sampled_from(NetworkAccess))
    return Picture("osmo", sim.iccid, Subscription(sim.imsi, draw(msisdns), access=access), BOTH_DOORS)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Picture | None, Picture | None]:
    """A line's picture and what an order may make of it."""
    before, other = draw(pictures()), draw(pictures())
    sub = before.subscription
    match draw(st.sampled_from(["services", "number", "sim", "end", "birth"])):
        case "services":
            return before, replace(before, subscription=replace(sub, access=other.subscription.access))
        case "number":
            return before, replace(before, subscription=replace(sub, msisdn=other.subscription.msisdn))
        case "sim":
            swapped = replace(other, subscription=replace(other.subscription, msisdn=sub.msisdn))
            return before, swapped
        case "end":
            return before, None
        case _:
            return None, before


class Register:
    """The simulated HLR behind such a door, without a conversation around it."""

    def __init__(self, directory: Path) -> None:
        self.hlr = Hlr(HlrStore(directory / "hlr.sqlite", Sealer(directory)))

    def does(self, command: Command) -> None:
        reply = self.hlr.answer(command, _KEYS if isinstance(command, PutKeys) else None, BOTH_DOORS)
        assert not isinstance(reply, Refused), (command, reply)

    def held(self) -> State:
        store = self.hlr.store
        assert store._with_keys <= set(store._subscribers)
        return {imsi: as_told(found) for imsi, found in store._subscribers.items()}

    def serving(self) -> set[str]:
        """IMSIs of phones that would be let in."""
        return {i for i, sub in self.held().items() if self.hlr.store.has_keys(i) and sub.access != NetworkAccess.NONE}


@contextmanager
def register(before: Picture | None) -> Iterator[Register]:
    with tempfile.TemporaryDirectory() as directory:
        made = Register(Path(directory))
        for step in diff(None, before):
            made.does(step.command)
        yield made
        made.hlr.close()


def shows(wished: Picture | None) -> State:
    return {} if wished is None else {wished.subscription.imsi: wished.subscription}


@settings(max_examples=60)
@given(pairs())
def test_carried_out_the_plan_makes_what_was_wished(pair: tuple[Picture | None, Picture | None]) -> None:
    before, after = pair
    with register(before) as there:
        assert there.held() == shows(before)
        for step in diff(before, after):
            assert BOTH_DOORS.speaks(step.command), step.command
            there.does(step.command)
        assert there.held() == shows(after)


@settings(max_examples=60)
@given(pairs(), st.data())
def test_taken_back_from_any_step_it_is_as_it_was(
    pair: tuple[Picture | None, Picture | None], data: st.DataObject
) -> None:
    before, after = pair
    steps = diff(before, after)
    done = steps[: data.draw(st.integers(0, len(steps)))]
    with register(before) as there:
        for step in done:
            there.does(step.command)
        for command in _back(done):
            assert BOTH_DOORS.speaks(command), command
            there.does(command)
        assert there.held() == shows(before)
        assert there.serving() == {i for i, sub in shows(before).items() if sub.access is not NetworkAccess.NONE}


def _back(steps: tuple[Step, ...]) -> Iterator[Command]:
    for step in reversed(steps):
        yield from step.undo


@given(pictures(), pictures())
def test_a_swap_is_at_no_moment_without_a_working_sim(old: Picture, new: Picture) -> None:
    open_ = {"msisdn": old.subscription.msisdn, "access": NetworkAccess.BOTH}
    old = replace(old, subscription=replace(old.subscription, **open_))  # type: ignore[arg-type]  # two fields
    new = replace(new, subscription=replace(new.subscription, **open_))  # type: ignore[arg-type]  # two fields
    if old.subscription.imsi == new.subscription.imsi:
        return
    with register(old) as there:
        for step in diff(old, new):
            assert not isinstance(step.command, ChangeImsi)
            there.does(step.command)
            assert there.serving()
        assert there.serving() == {new.subscription.imsi}


@given(pictures())
def test_a_phone_hears_of_its_end(line: Picture) -> None:
    steps = diff(line, None)
    assert heard_at_once(steps, lambda _: BOTH_DOORS)
    assert isinstance(steps[-1].command, RemoveSubscriber)
    if line.subscription.access is not NetworkAccess.NONE:
        assert steps[0].command == Provide(line.subscription.imsi, NetworkAccess.NONE)


@settings(max_examples=60)
@given(wanted=pictures(), other=pictures(), keys=st.booleans())
def test_what_another_hand_made_is_mended(wanted: Picture, other: Picture, *, keys: bool) -> None:
    made = replace(other.subscription, imsi=wanted.subscription.imsi)
    with register(replace(wanted, subscription=made)) as there:
        if not keys:
            there.hlr.store.remove_keys(made.imsi)
        found = Held(made, keys)
        steps = mend(wanted, found)
        assert is_so(wanted, found) == (not steps)
        for step in steps:
            there.does(step.command)
        assert (there.held(), there.hlr.store.has_keys(made.imsi)) == (shows(wanted), True)
    with register(None) as there:
        for step in mend(wanted, None):
            there.does(step.command)
        assert there.held() == shows(wanted)
