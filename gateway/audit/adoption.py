"""The projection read backwards: which plan, options and restrictions say what an element holds. Pure.

Every combination is projected and fitted once; what is held is then looked up, and projected again to be sure. What
the network cannot tell apart (two plans, an option that opens nothing new) is answered by what was known before, or
by as little as possible.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from drivers.dialect import Fit
from drivers.subscription import Iccid, Imsi, Msisdn, Subscription
from gateway.contract.action import Refusal
from gateway.contract.line import LIMITS, Kind, Life, Line, Reason, Restriction
from gateway.contract.projection import project
from gateway.contract.rules import Rules

MOST_COMBINATIONS = 4096

_ANYBODY = (Imsi("001010000000000"), Msisdn("+10000000"), Iccid("0" * 19))
_ANY = (Reason.CUSTOMER, datetime(1970, 1, 1, tzinfo=UTC))  # why and since when changes nothing on the network
_KINDS = (Kind.BARRED_OUTGOING, Kind.SUSPENDED)
_WORDS = {Kind.BARRED_OUTGOING: ("barred", "barred_as"), Kind.SUSPENDED: ("suspended", "suspended_as")}


@dataclass(frozen=True, slots=True)
class Saying:
    """One way to say what is held; without ``plan`` every plan says the same."""

    plan: str | None
    options: frozenset[str]
    kinds: frozenset[Kind]


@dataclass(frozen=True, slots=True)
class Sayings:
    """Everything one contract can say on one element, by what the element then holds, identities apart."""

    rules: Rules
    fit: Callable[[Subscription], Fit]
    found: Mapping[Subscription, tuple[Saying, ...]]
    options_at_most: int | None  # combinations of more options were not tried; ``None``: all were


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the line before it is adopted; the reasons are for restrictions it turns out to be under."""

    plan: str | None = None
    options: frozenset[str] = frozenset()
    restrictions: tuple[Restriction, ...] = ()
    reasons: Mapping[Kind, Reason | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Adopted:
    """What a line is found to be: the details of an order ``adopt``."""

    plan: str
    options: frozenset[str]
    barred: Reason | None
    suspended: Reason | None


def sayings(rules: Rules, fit: Callable[[Subscription], Fit], limits: frozenset[Kind] = frozenset()) -> Sayings:
    """Project every combination. ``limits``: those of use the line is under, which an adoption leaves as they are."""
    found: dict[Subscription, list[Saying]] = {}
    for tried, saying in enumerate(_every(rules, by_plan=Kind.FAIR_USE in limits)):
        if tried == MOST_COMBINATIONS:
            most = {name: tuple(all_) for name, all_ in found.items()}
            return Sayings(rules, fit, most, len(saying.options) - 1)
        held = fit(_projected(_line(rules, saying, limits), rules))
        if not held.missing:  # the element could not be told all of it, so no order could ever say it
            found.setdefault(held.held, []).append(saying)
    return Sayings(rules, fit, {name: tuple(all_) for name, all_ in found.items()}, None)


def adopt(held: Subscription, by: Sayings, known: Known) -> Adopted | Refusal:
    """Say what is held in the contract's words, as near to what is known as can be; or why that cannot be done."""
    imsi, msisdn, _ = _ANYBODY
    if held.msisdn is None:
        return Refusal("number-missing", "it has no number there: have one assigned, or have it removed")
    ways = by.found.get(replace(held, imsi=imsi, msisdn=msisdn), ())
    if not ways:
        return Refusal("inexpressible", f"no combination of the options of {by.rules.name} says this{_cut(by)}")
    reasons = {kind: _reason(kind, known) for kind in _KINDS}
    sayable = [way for way in ways if all(reasons[kind] for kind in way.kinds)]
    if not sayable:
        what, word = _WORDS[next(kind for kind in ways[0].kinds if reasons[kind] is None)]
        return Refusal("reason-missing", f"it is held {what} and nobody said why: name the reason as {word}")
    way = min(sayable, key=lambda way: _distance(way, known))
    adopted = Adopted(
        plan=way.plan or known.plan or next(iter(by.rules.plans)),
        options=way.options,
        barred=reasons[Kind.BARRED_OUTGOING] if Kind.BARRED_OUTGOING in way.kinds else None,
        suspended=reasons[Kind.SUSPENDED] if Kind.SUSPENDED in way.kinds else None,
    )
    line = replace(_line(by.rules, way), imsi=held.imsi, msisdn=held.msisdn, plan=adopted.plan)
    kept = tuple(r for r in known.restrictions if r.kind not in _KINDS)
    line = replace(line, restrictions=(*line.restrictions, *kept))
    if by.fit(_projected(line, by.rules)).held != held:
        return Refusal("inexpressible", f"the element would hold it otherwise for {held.msisdn}: repair it instead")
    return adopted


def _every(rules: Rules, *, by_plan: bool) -> Iterator[Saying]:
    """Every combination, those of few options first."""
    plans: tuple[str | None, ...] = tuple(rules.plans) if by_plan else (None,)
    names = sorted(rules.options)
    for many in range(len(names) + 1):
        for options in itertools.combinations(names, many):
            for kinds in ((), _KINDS[:1], _KINDS[1:], _KINDS):
                for plan in plans:
                    yield Saying(plan, frozenset(options), frozenset(kinds))


def limits_of(restrictions: Iterable[Restriction]) -> frozenset[Kind]:
    """Name the limits of use among restrictions."""
    return frozenset(r.kind for r in restrictions if r.kind in LIMITS)


def _line(rules: Rules, saying: Saying, limits: frozenset[Kind] = frozenset()) -> Line:
    imsi, msisdn, iccid = _ANYBODY
    restrictions = tuple(Restriction(kind, *_ANY) for kind in sorted(saying.kinds | limits))
    plan = saying.plan or next(iter(rules.plans))
    return Line(msisdn, imsi, iccid, rules.name, "", plan, saying.options, restrictions, Life.ACTIVE)


def _projected(line: Line, rules: Rules) -> Subscription:
    subscription = project(line, rules)
    if subscription is None:
        raise AssertionError("an active line always projects to something")
    return subscription


def _reason(kind: Kind, known: Known) -> Reason | None:
    """The reason it is under already, else the one given for whatever is found."""
    held = next((r.reason for r in known.restrictions if r.kind is kind), None)
    return held or known.reasons.get(kind)


def _distance(way: Saying, known: Known) -> tuple[object, ...]:
    before = {r.kind for r in known.restrictions if r.kind in _KINDS}
    return (
        len(way.options ^ known.options),
        len(way.kinds ^ before),
        len(way.options),
        way.plan != known.plan,
        sorted(way.options),
        sorted(way.kinds),
        way.plan or "",
    )


def _cut(by: Sayings) -> str:
    return "" if by.options_at_most is None else f" (combinations of up to {by.options_at_most} options were tried)"
