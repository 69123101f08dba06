"""What ``LST SUB … DETAIL=TRUE`` prints: section names, mostly quoted, and indented ``NAME = VALUE`` lines.

The element has the sections IMSI and so on (without a name), LOCK, SABLOCK, Basic Service, ODB Data, SS Data, O-CSI,
ARD, RROption, GPRS Data, EPS Data, 5GS Data, in this order. Written are those for which something is held, read is all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from drivers.dialects.mml_h import services
from drivers.dialects.mml_h.syntax import Params
from drivers.dialects.mml_h.words import LOCKS, PREMIUM, Vocabulary
from drivers.errors import Garbled
from drivers.subscription import ApnAccess, Facet, Imsi, Msisdn, Subscription

_PAIR = re.compile(r"^\s+([A-Za-z0-9_]+) = (\S*)\s*$")
_SECTION = re.compile(r'^"(.+)"$|^(ARD|RROption)$')
_BARS = ("ODBOC", "ODBIC", "ODBROAM", "ODBPOS")
_WITH_APNS = ("GPRS Data", "EPS Data")


def write(subscription: Subscription, vocabulary: Vocabulary) -> list[str]:
    """Print one subscriber, line by line; what another hand has left in its own words."""
    sub, told = subscription, dict[str, Params]()
    for facet in sub.facets():
        if not isinstance(facet, ApnAccess):
            words, params = vocabulary.parameters(facet)
            told.setdefault(words, {}).update(params)
    for mark in sub.foreign:
        given = dict(pair.split("=") for pair in mark.partition(": ")[2].split(","))
        for params in told.values():
            params.update({name: value for name, value in given.items() if name in params})
    told["MOD ARD"].pop("PROV")
    odb = {name: told[f"MOD {name}"][name] for name in _BARS} | {name: told["MOD ODBOC"][name] for name in PREMIUM}
    identity = {"IMSI": sub.imsi, "ISDN": (sub.msisdn or "").removeprefix("+"), "CardType": "USIM"}
    return [
        *_pairs(identity | told["MOD NAM"]),
        *_section("LOCK", told["MOD LCK"]),
        *_section("Basic Service", {"TS": "TS11&TS21&TS22"}),
        *_section("ODB Data", odb | told["MOD ODBPB"]),
        *(_section("SS Data", held) if (held := services.printed(told)) else ()),
        *_section("ARD", told["MOD ARD"]),
        *_section("EPS Data", told["MOD AMBR"]),
        *(f"   APNTPLID = {vocabulary.template(apn)}" for apn in sorted(sub.apns)),
    ]


def read(body: str, vocabulary: Vocabulary) -> Subscription:
    """Read what ``write`` (or a real element) prints; unknown lines are passed over. Raises Garbled."""
    printed = _printed(body)
    try:
        subscription = _assemble(printed.sections, vocabulary)
        return replace(subscription, apns=frozenset(vocabulary.apn(t) for t in printed.apn_templates))
    except (KeyError, ValueError) as problem:
        raise Garbled(f"LST SUB lacks or misstates {problem}") from problem


@dataclass
class _Printed:
    """The pairs of each section by its name, and the APN templates of them all."""

    sections: dict[str, Params] = field(default_factory=lambda: {"": {}})
    apn_templates: list[str] = field(default_factory=list)


def _printed(body: str) -> _Printed:
    printed, current = _Printed(), ""
    for line in body.splitlines():
        if found := _SECTION.match(line):
            current = found[1] or found[2]
            printed.sections.setdefault(current, {})
        elif pair := _PAIR.match(line):
            if pair[1] == "APNTPLID" and current in _WITH_APNS:
                printed.apn_templates.append(pair[2])
            printed.sections[current][pair[1]] = pair[2]
    return printed


def _assemble(sections: dict[str, Params], vocabulary: Vocabulary) -> Subscription:
    identity, odb, locks = sections[""], sections["ODB Data"], sections["LOCK"]
    told: list[tuple[str, Params]] = [
        ("MOD LCK", {name: locks[name] for name in LOCKS if name in locks}),
        ("MOD NAM", identity),
        *((f"MOD {name}", {name: odb[name]}) for name in _BARS),
        ("MOD ODBPB", odb),
        ("MOD ODBOC", {name: odb.get(name, odb["ODBINFO"]) for name in PREMIUM}),
        ("MOD ARD", sections["ARD"]),
        ("MOD AMBR", sections["EPS Data"]),
        *services.heard(sections.get("SS Data", {})),
    ]
    subscription = Subscription(Imsi(identity["IMSI"]), Msisdn("+" + identity["ISDN"]) if identity["ISDN"] else None)
    for words, params in told:
        subscription = _with(subscription, words, params, vocabulary)
    return subscription


def _with(subscription: Subscription, words: str, params: Params, vocabulary: Vocabulary) -> Subscription:
    try:
        return subscription.having(vocabulary.facet(words, params))
    except ValueError:
        facet: Facet = vocabulary.strictest(words, params)
        return subscription.found(facet, ",".join(f"{name}={value}" for name, value in params.items()))


def _pairs(pairs: Params) -> list[str]:
    return [f"   {name} = {value}" for name, value in pairs.items()]


def _section(name: str, pairs: Params) -> list[str]:
    return [f'"{name}"', *_pairs(pairs)]
