"""The customer's own bars, defaults and plans: what is judged, and what each makes of the network's data."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest

from drivers.subscription import IncomingBar, OutgoingBar, PacketBar, RoamingBar, ServiceBar, Subscription
from gateway.contract.actions import change_bars, change_options, change_plan, reactivate
from gateway.contract.identity import Name
from gateway.contract.line import Bar, Kind, Life, Line, OptionEnd, Reason, Restriction
from gateway.contract.projection import project
from tests.gateway.contract.island import ISLAND, island, line
from tests.gateway.contract.judging import LINE, agreed, judged, refused
from tests.gateway.contract.strategies import NOW

CLOSES: dict[Bar, dict[str, object]] = {
    Bar.RECEIVE_CALLS_ONLY: {"service_bars": frozenset({ServiceBar.SPEECH_OUT})},
    Bar.MAKE_CALLS_ONLY: {"service_bars": frozenset({ServiceBar.SPEECH_IN})},
    Bar.NATIONAL_ONLY: {"outgoing": OutgoingBar.INTERNATIONAL},
    Bar.RECEIVE_SMS_ONLY: {"service_bars": frozenset({ServiceBar.SHORT_MESSAGE_OUT})},
    Bar.NO_DATA: {"packet": PacketBar.ALL},
    Bar.NO_TOPUP: {},
    Bar.NO_PREMIUM: {"premium_barred": True},
    Bar.FLEET_ONLY: {"service_bars": frozenset({ServiceBar.OUTSIDE_GROUP})},
}
BARE = line("surf", "data", "international", "roaming", "roaming_incoming")


def shown(one: Line) -> Subscription:
    projected = project(one, ISLAND)
    assert projected is not None
    return projected


def change(*, add: tuple[Bar, ...] = (), remove: tuple[Bar, ...] = ()) -> change_bars.Details:
    return change_bars.Details(add, remove)


@pytest.mark.parametrize("bar", Bar)
def test_a_bar_closes_what_its_name_says_and_nothing_else(bar: Bar) -> None:
    barred = agreed("change_bars", BARE, change(add=(bar,)))
    assert barred == replace(BARE, bars=frozenset({bar}))
    assert shown(barred) == replace(shown(BARE), **CLOSES[bar])  # type: ignore[arg-type]  # fields of Subscription
    assert agreed("change_bars", barred, change(remove=(bar,))) == BARE


@pytest.mark.parametrize(("one", "other"), list(combinations(Bar, 2)))
def test_bars_cumulate(one: Bar, other: Bar) -> None:
    both = agreed("change_bars", agreed("change_bars", BARE, change(add=(one,))), change(add=(other,)))
    assert both.bars == {one, other}
    first, second = CLOSES[one], CLOSES[other]
    services = first.get("service_bars", frozenset()) | second.get("service_bars", frozenset())  # type: ignore[operator]  # sets
    closed = {**first, **second, "service_bars": services}
    assert shown(both) == replace(shown(BARE), **closed)


def test_a_bar_twice_is_once_and_one_that_is_not_there_is_no_mistake() -> None:
    once = agreed("change_bars", BARE, change(add=(Bar.NO_DATA,)))
    assert agreed("change_bars", once, change(add=(Bar.NO_DATA,), remove=(Bar.NO_TOPUP,))) == once


def test_bars_survive_every_restriction() -> None:
    barred = agreed("change_bars", BARE, change(add=(Bar.NATIONAL_ONLY, Bar.NO_PREMIUM)))
    held = barred.restricted(Restriction(Kind.SUSPENDED, Reason.UNPAID, NOW))
    assert (held.bars, shown(held).locked) == (barred.bars, True)
    assert agreed("reactivate", held, reactivate.Details()) == barred
    assert agreed("change_plan", barred, change_plan.Details(Name("talk"))).bars == barred.bars


def test_bars_say_nothing_of_the_state_of_the_line() -> None:
    assert replace(BARE, bars=frozenset(Bar)).state == "active"
    assert project(replace(BARE, bars=frozenset(Bar), life=Life.TERMINATED), ISLAND) is None


@pytest.mark.parametrize(
    ("slug", "details"),
    [
        ("nothing-to-change", change()),
        ("contradiction", change(add=(Bar.NO_DATA,), remove=(Bar.NO_DATA,))),
    ],
)
def test_a_change_of_bars_is_refused(slug: str, details: change_bars.Details) -> None:
    assert refused(judged("change_bars", BARE, details)) == slug


def test_a_contract_bars_what_it_sells_only() -> None:
    assert refused(judged("change_bars", LINE, change(add=(Bar.NO_DATA,)))) == "unknown-bar"
    without = island(lambda text: text.replace('no_data = { packet = "all", source = "§" }', ""))
    assert refused(judged("change_bars", BARE, change(remove=(Bar.NO_DATA,)), rules=without)) == "unknown-bar"


def test_a_restriction_of_one_service_leaves_the_others() -> None:
    barred = BARE.restricted(Restriction(Kind.BARRED_OUTGOING, Reason.UNPAID, NOW))
    assert barred.state == "barred"
    assert shown(barred) == replace(shown(BARE), service_bars=frozenset({ServiceBar.SPEECH_OUT}))


def test_defaults_and_the_plan_bring_their_options() -> None:
    assert ISLAND.at_activation("talk") == {"roaming"}
    assert ISLAND.at_activation("surf") == {"roaming", "data"}
    held = shown(line("talk"))
    assert (held.diverted_to, held.roaming, held.caller_id_hidden) == ("577", RoamingBar.OUTSIDE_HPLMN, False)
    assert shown(line("talk", "discreet")).caller_id_hidden


def test_calls_reach_a_phone_abroad_only_by_its_option() -> None:
    assert shown(line("talk", "roaming")).incoming is IncomingBar.WHEN_ROAMING
    assert shown(line("talk", "roaming", "roaming_incoming")).incoming is IncomingBar.NONE


def test_a_plan_without_voice_has_messages_and_data() -> None:
    held = shown(replace(BARE, plan="silent"))
    assert held.service_bars == {ServiceBar.SPEECH_OUT, ServiceBar.SPEECH_IN}
    assert (held.outgoing, held.packet, held.apns) == (OutgoingBar.NONE, PacketBar.NONE, frozenset({"internet"}))


@pytest.mark.parametrize(
    ("options", "fair_use", "cap"),
    [
        ((), False, None),
        (("slow",), False, 512),
        (("slow", "slower"), False, 64),
        ((), True, 128),
        (("slow",), True, 128),
    ],
)
def test_the_lowest_of_all_speeds_holds(options: tuple[str, ...], fair_use: bool, cap: int | None) -> None:  # noqa: FBT001 - a case
    one = line("surf", "data", *options)
    held = one.restricted(Restriction(Kind.FAIR_USE, Reason.FAIR_USE, NOW)) if fair_use else one
    assert shown(held).cap_kbit_s == cap


def test_a_plan_that_ends_options_leaves_what_every_line_of_it_has() -> None:
    before = replace(line("surf", "data", "4g", "slow"), ends=(OptionEnd("slow", NOW), OptionEnd("4g", NOW)))
    after = agreed("change_plan", before, change_plan.Details(Name("frugal")))
    assert after.options == {"4g"}  # of the plan's defaults it had no roaming, and is given none
    assert after.ends == (OptionEnd("4g", NOW),)
    assert agreed("change_plan", before, change_plan.Details(Name("silent"))).options == before.options


def test_an_option_may_end_by_itself() -> None:
    until = NOW.replace(month=6)
    added = change_options.Details(add=(Name("4g"), Name("slow")), until=until)
    ending = agreed("change_options", BARE, added)
    assert ending.ends == (OptionEnd("4g", until), OptionEnd("slow", until))
    again = agreed("change_options", ending, change_options.Details(add=(Name("4g"),)))
    assert again.ends == (OptionEnd("slow", until),)
    removed = agreed("change_options", again, change_options.Details(remove=(Name("slow"),)))
    assert (removed.ends, removed.options) == ((), BARE.options | {"4g"})


@pytest.mark.parametrize(
    ("slug", "details"),
    [
        ("ends-in-past", change_options.Details(add=(Name("4g"),), until=NOW)),
        ("nothing-to-end", change_options.Details(remove=(Name("data"),), until=NOW.replace(year=2027))),
    ],
)
def test_an_end_without_sense_is_refused(slug: str, details: change_options.Details) -> None:
    assert refused(judged("change_options", BARE, details)) == slug
