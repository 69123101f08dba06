"""Commands between two pictures: carried out they make the second, taken back from anywhere they make the first."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.commands import Command, Credentials, PutKeys, Refused
from drivers.dialects import mml_h
from drivers.subscription import Subscription
from gateway.contract.line import Line
from gateway.contract.plan import Picture, Step, diff
from gateway.contract.projection import project
from hlr_sim.behaviour import Hlr
from hlr_sim.sealing import Sealer
from hlr_sim.store import HlrStore
from hlr_sim.translation import as_told
from tests.gateway.contract.strategies import RULES, cards, lines, msisdns

_KEYS = Credentials("0" * 32)
Held = tuple[dict[str, Subscription], frozenset[str]]


def picture(line: Line) -> Picture:
    projected = project(line, RULES)
    assert projected is not None
    return Picture(line.host, line.iccid, projected, mml_h.CAPABILITIES)


pictures = lines().map(picture)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Picture | None, Picture | None]:
    """A line's picture and what an order may make of it: other services, another number, another SIM, nothing."""
    before = draw(lines())
    after = replace(draw(lines()), msisdn=before.msisdn, imsi=before.imsi, iccid=before.iccid)
    match draw(st.sampled_from(["services", "number", "sim", "end", "birth"])):
        case "number":
            after = replace(after, msisdn=draw(msisdns))
        case "sim":
            sim = draw(cards)
            after = replace(after, imsi=sim.imsi, iccid=sim.iccid)
        case "end":
            return picture(before), None
        case "birth":
            return None, picture(after)
    return picture(before), picture(after)


class Network:
    """The simulated HLR, without a conversation around it."""

    def __init__(self, directory: Path) -> None:
        self.hlr = Hlr(HlrStore(directory / "hlr.sqlite", Sealer(directory)))

    def does(self, command: Command) -> None:
        reply = self.hlr.answer(command, _KEYS if isinstance(command, PutKeys) else None)
        assert not isinstance(reply, Refused), (command, reply)

    def held(self) -> Held:
        store = self.hlr.store
        return {imsi: as_told(s) for imsi, s in store._subscribers.items()}, frozenset(store._with_keys)

    def make(self, wished: Picture | None) -> None:
        for step in diff(None, wished):
            self.does(step.command)


@contextmanager
def network() -> Iterator[Network]:
    with tempfile.TemporaryDirectory() as directory:
        made = Network(Path(directory))
        yield made
        made.hlr.close()


def shows(wished: Picture | None) -> Held:
    if wished is None:
        return {}, frozenset()
    return {wished.subscription.imsi: wished.subscription}, frozenset({wished.subscription.imsi})


def back(steps: tuple[Step, ...]) -> Iterator[Command]:
    for step in reversed(steps):
        yield from step.undo


@given(pictures)
def test_nothing_differs_from_itself(one: Picture) -> None:
    assert diff(one, one) == diff(None, None) == ()


@settings(max_examples=60)
@given(pairs())
def test_carried_out_the_plan_makes_what_was_wished(pair: tuple[Picture | None, Picture | None]) -> None:
    before, after = pair
    with network() as there:
        there.make(before)
        assert there.held() == shows(before)
        for step in diff(before, after):
            there.does(step.command)
        assert there.held() == shows(after)
        for step in diff(after, before):
            there.does(step.command)
        assert there.held() == shows(before)


@settings(max_examples=60)
@given(pairs(), st.data())
def test_taken_back_from_any_step_it_is_as_it_was(
    pair: tuple[Picture | None, Picture | None], data: st.DataObject
) -> None:
    before, after = pair
    steps = diff(before, after)
    done = steps[: data.draw(st.integers(0, len(steps)))]
    with network() as there:
        there.make(before)
        for step in done:
            there.does(step.command)
        for command in back(done):
            there.does(command)
        assert there.held() == shows(before)


@settings(max_examples=60)
@given(pairs())
def test_each_command_may_be_repeated_or_was_refused_as_already_so(
    pair: tuple[Picture | None, Picture | None],
) -> None:
    before, after = pair
    with network() as there:
        there.make(before)
        for step in diff(before, after):
            there.does(step.command)
            now = there.held()
            there.hlr.answer(step.command, _KEYS if isinstance(step.command, PutKeys) else None)
            assert there.held() == now


@given(pairs())
def test_credentials_come_first_and_go_last(pair: tuple[Picture | None, Picture | None]) -> None:
    words = [type(step.command).__name__ for step in diff(*pair)]
    assert "PutKeys" not in words[1:]
    assert "RemoveKeys" not in words[:-1]


@given(lines(), st.sampled_from(["sfr"]))
def test_to_another_host_the_new_works_before_the_old_ends(line: Line, host: str) -> None:
    before = picture(line)
    after = replace(before, element=host)
    hosts = [step.element for step in diff(before, after)]
    assert hosts == sorted(hosts, key=lambda name: name != host)
    assert set(hosts) == {"orange", "sfr"}


@given(pairs())
def test_a_change_in_service_tells_the_serving_node_at_its_end(pair: tuple[Picture | None, Picture | None]) -> None:
    before, after = pair
    words = [type(step.command).__name__ for step in diff(before, after)]
    in_service = before is not None and after is not None and before.subscription.imsi == after.subscription.imsi
    assert words.count("CancelLocation") == (1 if in_service and words else 0)
    assert "CancelLocation" not in words[:-1]
