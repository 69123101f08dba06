"""What ``GET:HLRSUB`` tells: identities, one group per parameter, and one ``PDPCONTEXT`` group per APN."""

from __future__ import annotations

from collections.abc import Iterable

from drivers.dialects.cai.syntax import Group, Sentence, parse
from drivers.dialects.cai.words import READ_BACK, Numbers, Vocabulary, digits, nearest, numbers
from drivers.errors import Garbled
from drivers.subscription import ApnAccess, Imsi, Msisdn, Subscription


def write(subscription: Subscription, vocabulary: Vocabulary) -> tuple[Group, ...]:
    """Tell everything held for one subscriber, what another hand has left in its own words."""
    told: Numbers = {}
    for facet in subscription.facets():
        if not isinstance(facet, ApnAccess):
            told |= numbers(facet)
    for mark in subscription.foreign:
        told |= {name: int(number) for name, number in parse(mark.partition(": ")[2]).groups}
    number = () if subscription.msisdn is None else (("MSISDN", subscription.msisdn.removeprefix("+")),)
    return (
        *number,
        ("IMSI", subscription.imsi),
        *((name, str(told[name])) for names in READ_BACK for name in names),
        *(("PDPCONTEXT", "APNID", str(vocabulary.apn_id(apn))) for apn in sorted(subscription.apns)),
    )


def read(groups: Iterable[Group], vocabulary: Vocabulary) -> Subscription:
    """Read what ``write`` (or a real element) tells; unknown parameters are passed over. Raises Garbled."""
    told: dict[str, str] = {}
    apns: set[str] = set()
    for first, *values in groups:
        name = first.upper()
        if name == "PDPCONTEXT":
            apns.add(vocabulary.apn(_apn_id(values)))
        elif len(values) == 1 and told.setdefault(name, values[0]) != values[0]:
            raise Garbled("GET tells two values of one parameter")
    try:
        return _assemble(told, frozenset(apns))
    except (KeyError, ValueError) as problem:
        raise Garbled(f"GET lacks or misstates {problem}") from problem


def _assemble(told: dict[str, str], apns: frozenset[str]) -> Subscription:
    msisdn = Msisdn("+" + told["MSISDN"]) if told.get("MSISDN") else None
    subscription = Subscription(Imsi(told["IMSI"]), msisdn, apns=apns)
    for names in READ_BACK:
        given = {name: _number(name, told[name]) for name in names}
        facet = nearest(given)
        if numbers(facet) == given:
            subscription = subscription.having(facet)
        else:
            words = Sentence(tuple((name, str(number)) for name, number in given.items())).text()
            subscription = subscription.found(facet, words)
    return subscription


def _number(name: str, word: str) -> int:
    number = digits(word)
    if number is None:
        raise ValueError(name)
    return number


def _apn_id(values: list[str]) -> int:
    """Find the number of the APN among ``NAME,value`` words."""
    found = digits(dict(zip(values[::2], values[1::2], strict=False)).get("APNID", ""))
    if found is None:
        raise Garbled("a PDPCONTEXT has no APNID")
    return found
