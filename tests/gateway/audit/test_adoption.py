"""The projection read backwards: what is found projects to exactly what was held, or is refused with the reason."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given

from drivers import dialects
from drivers.dialects import mml_h, osmo_vty
from drivers.subscription import NetworkAccess, Subscription
from gateway.audit import adoption
from gateway.audit.adoption import Adopted, Known, Sayings, adopt
from gateway.contract.action import Refusal
from gateway.contract.line import LIMITS, Kind, Life, Line, Reason, Restriction
from gateway.contract.projection import project
from gateway.contract.rulebook.services import OptionRule
from gateway.contract.rules import Rules
from tests.gateway.cards import card
from tests.gateway.contract.strategies import NOW, RULES, lines

UNPAID = {Kind.SUSPENDED: Reason.UNPAID, Kind.BARRED_OUTGOING: Reason.UNPAID}
BLANK = Known(reasons=UNPAID)


@cache
def by(dialect: str = "mml_h", limits: frozenset[Kind] = frozenset()) -> Sayings:
    module = dialects.load(dialect)
    return adoption.sayings(RULES, lambda wanted: module.fit(wanted, module.CAPABILITIES), limits)


def line(*options: str, restrictions: tuple[Restriction, ...] = (), plan: str = "metered") -> Line:
    names = ("technicophone", "orange", plan)
    one = card(1)
    return Line("+33612345678", one.imsi, one.iccid, *names, frozenset(options), restrictions, Life.ACTIVE)  # type: ignore[arg-type]  # from a test


def held(of: Line, dialect: str = "mml_h") -> Subscription:
    wanted = project(of, RULES)
    assert wanted is not None
    return dialects.load(dialect).fit(wanted, dialects.load(dialect).CAPABILITIES).held


def become(of: Line, found: Adopted) -> Line:
    """The line as an order adopt makes it of what was found: restrictions no adoption speaks of stay."""
    kept = tuple(r for r in of.restrictions if r.kind in LIMITS)
    named = ((Kind.BARRED_OUTGOING, found.barred), (Kind.SUSPENDED, found.suspended))
    said = tuple(Restriction(kind, reason, NOW) for kind, reason in named if reason is not None)
    return replace(of, plan=found.plan, options=found.options, restrictions=(*kept, *said))


@given(lines())
def test_what_is_adopted_projects_to_what_was_held(agreed: Line) -> None:
    there = held(agreed)
    kept = tuple(r for r in agreed.restrictions if r.kind in LIMITS)
    found = adopt(there, by(limits=adoption.limits_of(kept)), Known(restrictions=kept, reasons=UNPAID))
    assert isinstance(found, Adopted)
    assert project(become(agreed, found), RULES) == there


@given(lines())
def test_what_an_osmo_hlr_holds_is_adopted_as_it_would_hold_it(agreed: Line) -> None:
    wanted = project(replace(agreed, restrictions=()), RULES)
    assert wanted is not None
    fit = osmo_vty.fit(wanted, osmo_vty.CAPABILITIES)
    found = adopt(fit.held, by("osmo_vty"), BLANK)
    assert isinstance(found, Adopted)
    assert held(become(replace(agreed, restrictions=()), found), "osmo_vty") == fit.held


def test_what_cannot_be_ordered_there_is_never_what_is_found() -> None:
    """An OsmoHLR cannot bar roaming: a line without the option could not be ordered on it."""
    found = adopt(Subscription(card(1).imsi, line().msisdn), by("osmo_vty"), BLANK)
    assert isinstance(found, Adopted)
    assert found.options == {"data", "international", "roaming"}


def test_a_line_already_known_keeps_what_the_network_does_not_tell() -> None:
    agreed = line("data", "roaming_block", plan="unlimited")
    found = adopt(held(agreed), by(), Known(agreed.plan, agreed.options))
    assert found == Adopted("unlimited", agreed.options, None, None)


def test_a_new_line_is_as_little_as_says_it() -> None:
    assert adopt(held(line("data")), by(), Known("metered")) == Adopted("metered", frozenset({"data"}), None, None)


def test_a_restriction_keeps_its_own_reason() -> None:
    fraud = Restriction(Kind.SUSPENDED, Reason.FRAUD, NOW)
    agreed = line("data", restrictions=(fraud,))
    known = Known(agreed.plan, agreed.options, agreed.restrictions, UNPAID)
    assert adopt(held(agreed), by(), known) == Adopted("metered", agreed.options, None, Reason.FRAUD)


@pytest.mark.parametrize(("kind", "word"), [(Kind.SUSPENDED, "suspended_as"), (Kind.BARRED_OUTGOING, "barred_as")])
def test_a_restriction_nobody_knows_the_reason_of_is_refused(kind: Kind, word: str) -> None:
    barred = line(restrictions=(Restriction(kind, Reason.UNPAID, NOW),))
    refused = adopt(held(barred), by(), Known())
    assert isinstance(refused, Refusal)
    assert word in refused.detail
    assert isinstance(adopt(held(barred), by(), BLANK), Adopted)


@pytest.mark.parametrize(
    "there",
    [
        replace(held(line("data")), premium_barred=True),
        replace(held(line("data")), apns=frozenset({"somebody.else"})),
        replace(held(line("data")), access=NetworkAccess.CS_ONLY),
        replace(held(line("data")), cap_kbit_s=64),
        held(line("data")).found(held(line("data")).outgoing, "9"),
        replace(held(line("data")), msisdn=None),
    ],
)
def test_what_no_combination_says_is_refused(there: Subscription) -> None:
    assert isinstance(adopt(there, by(), BLANK), Refusal)


def test_fair_use_says_which_plan_it_is() -> None:
    agreed = line("data", restrictions=(Restriction(Kind.FAIR_USE, Reason.ABUSE, NOW),), plan="unlimited")
    found = adopt(
        held(agreed), by(limits=frozenset({Kind.FAIR_USE})), Known("metered", restrictions=agreed.restrictions)
    )
    assert isinstance(found, Adopted)
    assert found.plan == "unlimited"


def test_so_many_options_that_not_every_combination_is_tried_are_told() -> None:
    more = {f"apn{n}": OptionRule(False, False, False, frozenset(), frozenset({f"a{n}"}), "") for n in range(20)}  # noqa: FBT003 - as read
    rules: Rules = replace(RULES, options={**RULES.options, **more})
    ways = adoption.sayings(rules, lambda wanted: mml_h.fit(wanted, mml_h.CAPABILITIES))
    assert ways.options_at_most == 2
    few, many = (replace(held(line()), apns=frozenset(f"a{n}" for n in range(count))) for count in (2, 9))
    assert isinstance(adopt(few, ways, BLANK), Adopted)
    refused = adopt(many, ways, BLANK)
    assert isinstance(refused, Refusal)
    assert "up to 2 options" in refused.detail
