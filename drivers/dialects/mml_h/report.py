"""What ``LST SUB … DETAIL=TRUE`` prints: quoted section names, indented ``NAME = VALUE`` lines."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from drivers.dialects.mml_h.words import (
    ACCESS,
    HOME_BARS,
    INCOMING,
    LOCKS,
    NOT_ALLOWED,
    OUTGOING,
    PACKET,
    ROAMING,
    Params,
    Vocabulary,
    flag,
)
from drivers.errors import Garbled
from drivers.subscription import Facet, Imsi, Msisdn, Subscription

_PAIR = re.compile(r"^\s+([A-Za-z0-9_]+) = (\S*)\s*$")
_SECTION = re.compile(r'^"(.+)"$')


def write(subscription: Subscription, vocabulary: Vocabulary) -> str:
    """Print one subscriber in the order of sections the element uses."""
    sub = subscription
    lock = flag(value=sub.locked)
    lines = [
        *_pairs(
            {
                "IMSI": sub.imsi,
                "ISDN": (sub.msisdn or "").removeprefix("+"),
                "CardType": "USIM",
                "NAM": ACCESS[sub.access],
            }
        ),
        *_section("LOCK", dict.fromkeys(LOCKS, lock)),
        *_section("Basic Service", {"TS": "TS11&TS21&TS22"}),
        *_section(
            "ODB Data",
            {
                "ODBOC": OUTGOING[sub.outgoing],
                "ODBIC": INCOMING[sub.incoming],
                "ODBROAM": ROAMING[sub.roaming],
                "ODBPOS": PACKET[sub.packet],
                "ODBINFO": flag(value=sub.premium_barred),
                "ODBENTE": flag(value=sub.premium_barred),
            }
            | {word: flag(value=n in sub.home_bars) for n, word in HOME_BARS.items()},
        ),
        *_section("ARD", {word: flag(value=rat not in sub.rats) for rat, word in NOT_ALLOWED.items()}),
        *_section("EPS Data", {"AMBRMAXREQBWDL": str(sub.cap_kbit_s or 0)}),
        *(f"   APNTPLID = {vocabulary.template(apn)}" for apn in sorted(sub.apns)),
    ]
    return "\n".join(lines)


def read(body: str, vocabulary: Vocabulary) -> Subscription:
    """Read what ``write`` (or a real element) prints; unknown lines are passed over. Raises Garbled."""
    sections: dict[str, Params] = {"": {}}
    apn_templates: list[str] = []
    current = ""
    for line in body.splitlines():
        if found := _SECTION.match(line):
            current = found.group(1)
            sections.setdefault(current, {})
        elif pair := _PAIR.match(line):
            if pair.group(1) == "APNTPLID":
                apn_templates.append(pair.group(2))
            sections[current][pair.group(1)] = pair.group(2)
    try:
        return _assemble(sections, apn_templates, vocabulary)
    except (KeyError, ValueError) as problem:
        raise Garbled(f"LST SUB lacks or misstates {problem}") from problem


def _assemble(sections: dict[str, Params], templates: Iterable[str], vocabulary: Vocabulary) -> Subscription:
    identity, odb = sections[""], sections["ODB Data"]
    facets: list[Facet] = [
        vocabulary.facet("MOD LCK", sections["LOCK"]),
        vocabulary.facet("MOD NAM", identity),
        *(vocabulary.facet(f"MOD {name}", {name: odb[name]}) for name in ("ODBOC", "ODBIC", "ODBROAM", "ODBPOS")),
        vocabulary.facet("MOD ODBPB", odb),
        vocabulary.facet("MOD ODBOC", {"ODBINFO": odb["ODBINFO"]}),
        vocabulary.facet("MOD ARD", sections["ARD"]),
        vocabulary.facet("MOD AMBR", sections["EPS Data"]),
    ]
    subscription = Subscription(Imsi(identity["IMSI"]), Msisdn("+" + identity["ISDN"]) if identity["ISDN"] else None)
    for facet in facets:
        subscription = subscription.having(facet)
    return replace(subscription, apns=frozenset(vocabulary.apn(t) for t in templates))


def _pairs(pairs: Params) -> list[str]:
    return [f"   {name} = {value}" for name, value in pairs.items()]


def _section(name: str, pairs: Params) -> list[str]:
    return [f'"{name}"', *_pairs(pairs)]
