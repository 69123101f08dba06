"""What ``GET:HLRSUB`` tells: identities, one group per parameter, and one ``PDPCONTEXT`` group per APN.

Supplementary services are told only where one is set; an element that tells none of them holds none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from drivers.dialects.cai import forwarding
from drivers.dialects.cai.forwarding import FORWARDING
from drivers.dialects.cai.syntax import Group, Sentence, parse
from drivers.dialects.cai.words import READ_BACK, SERVICES, Vocabulary, digits, nearest, numbers
from drivers.errors import Garbled, NotSpoken
from drivers.subscription import ApnAccess, Diversion, Facet, Imsi, Msisdn, Subscription

Told = dict[str, Group]


def write(subscription: Subscription, vocabulary: Vocabulary) -> tuple[Group, ...]:
    """Tell everything held for one subscriber, what another hand has left in its own words."""
    told: Told = {}
    for facet in subscription.facets():
        told |= _values(facet)
    for mark in subscription.foreign:
        told |= {name: tuple(values) for name, *values in parse(mark.partition(": ")[2]).groups}
    number = () if subscription.msisdn is None else (("MSISDN", subscription.msisdn.removeprefix("+")),)
    set_services = (names for names in (*SERVICES, FORWARDING) if any(told[name] != ("0",) for name in names))
    return (
        *number,
        ("IMSI", subscription.imsi),
        *((name, *told[name]) for names in (*READ_BACK, *set_services) for name in names),
        *(("PDPCONTEXT", "APNID", str(vocabulary.apn_id(apn))) for apn in sorted(subscription.apns)),
    )


def read(groups: Iterable[Group], vocabulary: Vocabulary) -> Subscription:
    """Read what ``write`` (or a real element) tells; unknown parameters are passed over. Raises Garbled."""
    told: Told = {}
    apns: set[str] = set()
    for first, *rest in groups:
        name, values = first.upper(), tuple(rest)
        if name == "PDPCONTEXT":
            apns.add(vocabulary.apn(_apn_id(values)))
        elif (len(values) == 1 or name in FORWARDING) and told.setdefault(name, values) != values:
            raise Garbled("GET tells two values of one parameter")
    try:
        return _assemble(told, frozenset(apns))
    except (KeyError, ValueError, NotSpoken) as problem:
        raise Garbled(f"GET lacks or misstates {problem}") from problem


def _values(facet: Facet) -> Told:
    """Put a facet into the values of its parameters; an APN has groups of its own."""
    match facet:
        case ApnAccess():
            return {}
        case Diversion():
            return forwarding.values(facet)
        case _:
            return {name: (str(number),) for name, number in numbers(facet).items()}


def _assemble(told: Told, apns: frozenset[str]) -> Subscription:
    (msisdn,), (imsi,) = told.get("MSISDN", ("",)), told["IMSI"]
    subscription = Subscription(Imsi(imsi), Msisdn("+" + msisdn) if msisdn else None, apns=apns)
    nothing = dict.fromkeys((*(name for names in SERVICES for name in names), *FORWARDING), ("0",))
    told = nothing | told
    for names in (*READ_BACK, *SERVICES):
        given = {name: _number(name, told[name]) for name in names}
        facet = nearest(given)
        subscription = _with(subscription, facet, told, names, exact=numbers(facet) == given)
    diversion, exact = forwarding.nearest(told)
    return _with(subscription, diversion, told, FORWARDING, exact=exact)


def _with(
    subscription: Subscription, facet: Facet, told: Mapping[str, Group], names: Iterable[str], *, exact: bool
) -> Subscription:
    if exact:
        return subscription.having(facet)
    return subscription.found(facet, Sentence(tuple((name, *told[name]) for name in names)).text())


def _number(name: str, values: Group) -> int:
    number = digits(values[0])
    if number is None:
        raise ValueError(name)
    return number


def _apn_id(values: Group) -> int:
    """Find the number of the APN among ``NAME,value`` words."""
    found = digits(dict(zip(values[::2], values[1::2], strict=False)).get("APNID", ""))
    if found is None:
        raise Garbled("a PDPCONTEXT has no APNID")
    return found
